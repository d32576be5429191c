"""The neural French voice: Kokoro-82M (int8) with the voice ``ff_siwis``, in a child process.

Job: all sentences of a text in one child, for loading the model costs half a second. Licences:
model and voice Apache-2.0, the library kokoro-onnx MIT; espeak-ng (GPL-3), which turns letters
into sounds, runs in that child only. Not its job: bringing the files (`tts.voices`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tts.checks import check_speech
from tts.child import ask, module
from tts.errors import SpeechError
from tts.wav import read_wav

MODEL: Final = "model.onnx"
VOICES: Final = "voices.npz"
VOICE: Final = "ff_siwis"
#: Seconds one character may take to render on a small machine, and what loading may.
_PER_CHARACTER: Final = 0.15
_LOADING: Final = 20.0
#: Words a minute this voice speaks at speed 1; slower than 0.7 it drags its vowels.
_NATURAL_RATE: Final = 165
_SLOWEST, _FASTEST = 0.7, 1.2


@dataclass(frozen=True, slots=True)
class KokoroEngine:
    """Kokoro from ``directory``, as `tts.voices.install` leaves it."""

    directory: Path
    command: tuple[str, ...] = field(default_factory=lambda: module("tts.kokoro_child"))

    @property
    def identity(self) -> str:
        """Name of model and voice."""
        return f"kokoro-82m-int8 {VOICE}"

    def speak(self, text: str, out: Path, *, voice: str, rate: int) -> str:
        """See `tts.engine.Engine.speak`."""
        return self.speak_all([text], [out], voice=voice, rate=rate)

    def speak_all(
        self, texts: Sequence[str], outs: Sequence[Path], *, voice: str, rate: int
    ) -> str:
        """See `tts.engine.SpeaksAll.speak_all`; ``voice`` must be French."""
        if not voice.startswith("fr"):
            raise SpeechError(f"this voice speaks French, not {voice}")
        if not (self.directory / MODEL).is_file():
            raise SpeechError(f"no model in {self.directory}: tocsin voice install kokoro")
        request = {
            "model": str(self.directory / MODEL), "voices": str(self.directory / VOICES),
            "voice": VOICE, "texts": list(texts), "outs": [str(out) for out in outs],
            "speed": min(max(rate / _NATURAL_RATE, _SLOWEST), _FASTEST),
        }  # fmt: skip
        ask(self.command, request, _LOADING + _PER_CHARACTER * sum(map(len, texts)))
        for text, out in zip(texts, outs, strict=True):
            check_speech(read_wav(out), text, rate)
        return self.identity
