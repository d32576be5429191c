"""The child process that prepares speech for the telephone: ``python -m tts.process``.

Job: resample each sentence to 8 kHz (soxr, HQ), cut its own silences, join the sentences with
one pause, run `tts.chain`, write the WAV. A process apart, so that the daemon never holds numpy.
Imported by tests only.

Request on stdin: ``{"parts": [paths], "out": path, "target": dBov, "pause": seconds}``. Reply:
``{"seconds", "level"}``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
import soxr

from tts.chain import RATE, Chain, process
from tts.errors import SpeechError
from tts.level import Signal, active_level
from tts.wav import read_wav, write_wav

#: What counts as silence at a sentence's edge (of overload), and how much of it is kept (s).
_EDGE: Final = 0.004
_KEPT: Final = 0.02


def sentence(path: Path) -> Signal:
    """Return one sentence at 8 kHz without its own silences; raise `SpeechError` when silent."""
    samples = read_wav(path)
    signal = np.frombuffer(samples.values, dtype=np.int16).astype(np.float64) / 32768
    telephone = np.asarray(soxr.resample(signal, samples.rate, RATE, quality="HQ"))
    loud = np.flatnonzero(np.abs(telephone) > _EDGE)
    if not len(loud):
        raise SpeechError(f"{path.name} is silent")
    kept = round(_KEPT * RATE)
    return telephone[max(0, loud[0] - kept) : loud[-1] + kept]


def join(parts: list[Signal], pause: float) -> Signal:
    """Return the sentences one after the other, ``pause`` seconds of silence between them."""
    silence = np.zeros(round((pause - 2 * _KEPT) * RATE))
    joined: list[Signal] = []
    for part in parts:
        joined += [silence, part]
    return np.concatenate(joined[1:])


def prepare(parts: list[Path], out: Path, target: float, pause: float) -> dict[str, float]:
    """Write the prepared speech to ``out``; return its length and active level.

    Raises `SpeechError` when a part is silent.
    """
    ready = process(join([sentence(part) for part in parts], pause), Chain(target=target))
    quantised = np.round(ready * 32768).clip(-32768, 32767).astype("<i2")
    write_wav(out, quantised.tobytes())
    return {"seconds": len(ready) / RATE, "level": active_level(quantised / 32768, RATE)}


def main() -> None:
    """Prepare what stdin asks for; an exception ends the process with status 1."""
    request: dict[str, Any] = json.load(sys.stdin)
    reply = prepare(
        [Path(part) for part in request["parts"]],
        Path(request["out"]),
        float(request["target"]),
        float(request["pause"]),
    )
    sys.stdout.write(json.dumps(reply) + "\n")


if __name__ == "__main__":
    main()
