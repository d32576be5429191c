"""The neural voice: Kokoro-82M (int8) speaking French (``ff_siwis``) and English (``bf_emma``).

Job: all sentences of a text in one child process, for loading the model costs half a second.
Licences: model and voices Apache-2.0, the library kokoro-onnx MIT; espeak-ng (GPL-3), which turns
letters into sounds, runs in that child only. Not its job: bringing the files (`tts.voices`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tts.checks import check_speech
from tts.child import ask, module
from tts.errors import SpeechError
from tts.reading import language_of
from tts.wav import read_wav

MODEL: Final = "model.onnx"
VOICES: Final = "voices.npz"
MODEL_HASH: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"


@dataclass(frozen=True, slots=True)
class Speaker:
    """One voice of the model; ``letters`` is how espeak-ng reads for it, ``digest`` its SHA-256."""

    name: str
    letters: str
    digest: str


SPEAKERS: Final = {
    "fr": Speaker("ff_siwis", "fr-fr",
                  "a35f5675ad08948e326ae75fd0ea16ba5d0042e4f76b5f3d1df77d0a48c54861"),
    "en": Speaker("bf_emma", "en-gb",
                  "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73"),
}  # fmt: skip
#: Seconds one character may take to render (two cores need 0.03), and what loading may.
_PER_CHARACTER: Final = 0.08
_LOADING: Final = 10.0
#: Words a minute this voice speaks at speed 1; slower than 0.7 it drags its vowels.
_NATURAL_RATE: Final = 165
_SLOWEST, _FASTEST = 0.7, 1.2


def check_file(path: Path, digest: str) -> None:
    """Raise `SpeechError` when ``path`` is not there or is not the file with this SHA-256."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SpeechError(f"{path.name} cannot be read: {error.strerror}") from error
    if found != digest:
        raise SpeechError(f"{path.name} is not the file we know: {found}")


@dataclass(frozen=True, slots=True)
class KokoroEngine:
    """Kokoro from ``directory``, as `tts.voices.install_kokoro` leaves it.

    ``limit`` is the time (seconds) a text may take at least; a long one gets more. ``digest`` is
    the SHA-256 the model must have.
    """

    directory: Path
    command: tuple[str, ...] = field(default_factory=lambda: module("tts.kokoro_child"))
    limit: float = _LOADING
    digest: str = MODEL_HASH

    @property
    def identity(self) -> str:
        """Name of the model."""
        return "kokoro-82m-int8"

    def speak(self, text: str, out: Path, *, voice: str, rate: int) -> str:
        """See `tts.engine.Engine.speak`."""
        return self.speak_all([text], [out], voice=voice, rate=rate)

    def speak_all(
        self, texts: Sequence[str], outs: Sequence[Path], *, voice: str, rate: int
    ) -> str:
        """See `tts.engine.SpeaksAll.speak_all`; ``voice`` must be French or English."""
        speaker = SPEAKERS.get(language_of(voice))
        if speaker is None:
            raise SpeechError(f"this voice speaks {' and '.join(SPEAKERS)}, not {voice}")
        for path in (self.directory / MODEL, self.directory / VOICES):
            if not path.is_file():
                raise SpeechError(f"no {path.name} in {self.directory}: install the voice again")
        check_file(self.directory / MODEL, self.digest)
        request = {
            "model": str(self.directory / MODEL), "voices": str(self.directory / VOICES),
            "voice": speaker.name, "digest": speaker.digest, "language": speaker.letters,
            "texts": list(texts), "outs": [str(out) for out in outs],
            "speed": min(max(rate / _NATURAL_RATE, _SLOWEST), _FASTEST),
        }  # fmt: skip
        ask(self.command, request, self.limit + _PER_CHARACTER * sum(map(len, texts)))
        for text, out in zip(texts, outs, strict=True):
            check_speech(read_wav(out), text, rate)
        return f"{self.identity} {speaker.name}"
