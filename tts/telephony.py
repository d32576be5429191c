"""The child process that knows sound files and the telephone's codec: ``python -m tts.telephony``.

Job: turn a recording (WAV, MP3, OGG, FLAC) into a call's sound, and let a person hear what the
handset will: the full-rate GSM codec (GSM 06.10, 3GPP 46.010), as libsndfile has it. A process
apart, since it decodes what strangers upload. Imported by tests only.

Request on stdin: ``{"do": "take_in", "source": path, "out": path, "target": dBov, "longest": s}``
or ``{"do": "heard", "source": path, "out": path}``. Reply: ``{"seconds", "level"}``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
import soxr

from tts.chain import RATE, Chain, process
from tts.errors import SpeechError
from tts.level import Signal, active_level
from tts.wav import write_wav

#: Quieter than this (dBov, active level) a recording holds nobody's voice.
_SILENCE: Final = -60.0


def _decoded(source: Path, longest: float) -> Signal:
    try:
        with soundfile.SoundFile(str(source)) as file:
            if file.frames / file.samplerate > longest:
                raise SpeechError(f"too_long {file.frames / file.samplerate:.0f}")
            samples, rate = file.read(always_2d=True), file.samplerate
    except (soundfile.SoundFileError, OSError, ValueError) as error:
        raise SpeechError(f"not_sound {error}") from error
    mono = samples.mean(axis=1)
    return np.asarray(soxr.resample(mono, rate, RATE, quality="HQ"), dtype=np.float64)


def take_in(source: Path, out: Path, target: float, longest: float) -> dict[str, float]:
    """Write a recording as a call plays it; raise `SpeechError` when it is no voice."""
    signal = _decoded(source, longest)
    if len(signal) < RATE // 2:
        raise SpeechError("too_short")
    if active_level(signal, RATE) < _SILENCE:
        raise SpeechError("silent")
    ready = process(signal, Chain(target=target))
    return _written(ready, out)


def heard(source: Path, out: Path) -> dict[str, float]:
    """Write what a handset makes of a call's sound: the codec's losses, nothing else."""
    signal, _ = soundfile.read(str(source))
    coded = out.with_suffix(".gsm.wav")
    soundfile.write(str(coded), signal, RATE, format="WAV", subtype="GSM610")
    lossy, _ = soundfile.read(str(coded))
    coded.unlink()
    return _written(np.asarray(lossy[: len(signal)], dtype=np.float64), out)


def _written(signal: Signal, out: Path) -> dict[str, float]:
    quantised = np.round(signal * 32768).clip(-32768, 32767).astype("<i2")
    write_wav(out, quantised.tobytes())
    return {"seconds": len(signal) / RATE, "level": active_level(quantised / 32768, RATE)}


def main() -> None:
    """Do what the request on stdin asks, and answer on stdout."""
    request: dict[str, Any] = json.load(sys.stdin)
    source, out = Path(request["source"]), Path(request["out"])
    try:
        if request["do"] == "take_in":
            reply = take_in(source, out, float(request["target"]), float(request["longest"]))
        else:
            reply = heard(source, out)
    except SpeechError as error:
        sys.exit(str(error))
    json.dump(reply, sys.stdout)


if __name__ == "__main__":
    main()
