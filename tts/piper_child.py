"""The child process of a Piper voice: ``python -m tts.piper_child``, a request on stdin.

Imported by nobody. Request: ``{"model", "text", "out", "length_scale"}``; reply: ``{}``.
"""

from __future__ import annotations

import json
import sys
import wave
from contextlib import redirect_stdout
from typing import Any


def main() -> None:
    """Speak what stdin asks for; an exception ends the process with status 1."""
    request: dict[str, Any] = json.load(sys.stdin)
    with redirect_stdout(sys.stderr):
        from piper import PiperVoice, SynthesisConfig

        voice = PiperVoice.load(request["model"])
        settings = SynthesisConfig(length_scale=request["length_scale"])
        with wave.open(request["out"], "wb") as file:
            voice.synthesize_wav(request["text"], file, syn_config=settings)
    sys.stdout.write("{}\n")


if __name__ == "__main__":
    main()
