"""The child process of the neural voice: ``python -m tts.kokoro_child``, a request on stdin.

Imported by nobody. Request: ``{"model", "voices", "voice", "texts", "outs", "speed"}``; reply:
``{}`` when every file is written.
"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import soundfile


def main() -> None:
    """Speak what stdin asks for; an exception ends the process with status 1."""
    request: dict[str, Any] = json.load(sys.stdin)
    with redirect_stdout(sys.stderr):
        from kokoro_onnx import Kokoro

        kokoro = Kokoro(request["model"], request["voices"])
        for text, out in zip(request["texts"], request["outs"], strict=True):
            samples, rate = kokoro.create(
                text, voice=request["voice"], speed=request["speed"], lang="fr-fr"
            )
            loudest = float(np.abs(samples).max(initial=1e-9))
            soundfile.write(str(Path(out)), samples * (0.7 / loudest), rate, subtype="PCM_16")
    sys.stdout.write("{}\n")


if __name__ == "__main__":
    main()
