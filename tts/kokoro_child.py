"""The child process of the neural voice: ``python -m tts.kokoro_child``, a request on stdin.

Imported by nobody. Request: ``{"model", "voices", "voice", "digest", "language", "texts", "outs",
"speed"}``; reply: ``{}`` when every file is written.
"""

from __future__ import annotations

import hashlib
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile


def _style(file: str, voice: str, digest: str) -> npt.NDArray[np.float32]:
    """Return the voice's vectors; end the process when they are missing or not those we know."""
    with np.load(file) as styles:
        if voice not in styles:
            sys.exit(f"{voice} is not in {file}: tocsin voice install kokoro")
        style: npt.NDArray[np.float32] = styles[voice]
    if hashlib.sha256(style.tobytes()).hexdigest() != digest:
        sys.exit(f"{voice} is not the voice we know: tocsin voice install kokoro")
    return style


def main() -> None:
    """Speak what stdin asks for; an exception ends the process with status 1."""
    request: dict[str, Any] = json.load(sys.stdin)
    with redirect_stdout(sys.stderr):
        style = _style(request["voices"], request["voice"], request["digest"])
        from kokoro_onnx import Kokoro

        kokoro = Kokoro(request["model"], request["voices"])
        for text, out in zip(request["texts"], request["outs"], strict=True):
            samples, rate = kokoro.create(
                text, voice=style, speed=request["speed"], lang=request["language"]
            )
            loudest = float(np.abs(samples).max(initial=1e-9))
            soundfile.write(str(Path(out)), samples * (0.7 / loudest), rate, subtype="PCM_16")
    sys.stdout.write("{}\n")


if __name__ == "__main__":
    main()
