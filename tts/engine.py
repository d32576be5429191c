"""The speech engine as its caller sees it: a sentence in, a checked WAV file out.

Job: start the one-shot child, limit its time, check what it wrote, try once more. Not its job:
how French is read (`tts.reading`), how a telephone wants it (`tts.chain`). Imported by
`tts.studio`.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from tts.checks import check_speech
from tts.child import ask, module
from tts.errors import SpeechError
from tts.wav import read_wav


class Engine(Protocol):
    """Whatever turns words into sound."""

    @property
    def identity(self) -> str:
        """Name and version: speech of another identity is other speech."""

    def speak(self, text: str, out: Path, *, voice: str, rate: int) -> str:
        """Write ``text`` as a mono 16-bit WAV to ``out``; return the engine's name in full.

        Raises `SpeechError` when no usable speech came out.
        """


@runtime_checkable
class SpeaksAll(Protocol):
    """An ability some engines have: several sentences in one child, loaded once."""

    def speak_all(
        self, texts: Sequence[str], outs: Sequence[Path], *, voice: str, rate: int
    ) -> str:
        """Write each text to its file; return the engine's name in full, or raise."""


@dataclass(frozen=True, slots=True)
class Pyttsx3Engine:
    """espeak-ng through pyttsx3, one process for each utterance."""

    command: tuple[str, ...] = field(default_factory=lambda: module("tts.speak"))
    limit: float = 20.0  # seconds; an utterance needs a hundredth of it
    library: str = "auto"

    @property
    def identity(self) -> str:
        """Name and version of the package, and which library was asked for."""
        return f"pyttsx3 {importlib.metadata.version('pyttsx3')} {self.library}"

    def speak(self, text: str, out: Path, *, voice: str, rate: int) -> str:
        """See `Engine.speak`; ``voice`` is a language of espeak-ng (``fr``)."""
        try:
            return self._speak_once(text, out, voice, rate)
        except SpeechError:
            return self._speak_once(text, out, voice, rate)

    def _speak_once(self, text: str, out: Path, voice: str, rate: int) -> str:
        out.unlink(missing_ok=True)  # a file of before must not pass for this one
        request = {
            "text": text, "voice": voice, "rate": rate, "out": str(out), "library": self.library,
        }  # fmt: skip
        reply = ask(self.command, request, self.limit)
        spoke = str(reply.get("voice", "")).rpartition("/")[2].lower()
        if spoke != voice.rpartition("/")[2].lower():
            raise SpeechError(f"the voice {voice!r} is not installed (got {spoke!r})")
        if (at := reply.get("rate")) != rate:
            raise SpeechError(f"spoken at {at} words a minute, not {rate}")
        check_speech(read_wav(out), text, rate)
        return f"pyttsx3 / {reply.get('library', 'espeak-ng')}"
