"""The voices the speech benches compare: espeak-ng, and the neural one, installed if need be."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tts import voices
from tts.engine import Engine, Pyttsx3Engine
from tts.errors import SpeechError
from tts.kokoro import KokoroEngine

#: Where the neural voice stays between two runs.
WHERE = Path(__file__).resolve().parents[2] / "var" / "voices"
NAMES = ("espeak", "kokoro")


def engine(name: str) -> Engine:
    """Return a voice; the neural one is fetched once (180 MB), or its bench is NOT RUN."""
    if name == "espeak":
        return Pyttsx3Engine()
    library = importlib.util.find_spec("kokoro_onnx")
    if library is None or voices.trouble("kokoro", WHERE):
        try:
            voices.install_kokoro(WHERE)
        except (SpeechError, OSError) as error:
            pytest.skip(f"NOT RUN: the neural voice cannot be installed here: {error}")
    return KokoroEngine(WHERE / "kokoro")
