"""Piper with a voice file the site brings, in a child process. Piper itself is GPL-3.0-or-later.

No French Piper voice is in a package, so the town's technician brings ``fr_FR-….onnx`` with its
``.onnx.json`` beside it, and answers for its licence.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tts.checks import check_speech
from tts.child import ask, module
from tts.errors import SpeechError
from tts.reading import language_of
from tts.wav import read_wav

_LIMIT: Final = 60.0
_NATURAL_RATE: Final = 165


@dataclass(frozen=True, slots=True)
class PiperEngine:
    """One Piper voice file."""

    voice_file: Path
    command: tuple[str, ...] = field(default_factory=lambda: module("tts.piper_child"))

    @property
    def identity(self) -> str:
        """Name of the voice file."""
        return f"piper {self.voice_file.stem}"

    def speak(self, text: str, out: Path, *, voice: str, rate: int) -> str:
        """See `tts.engine.Engine.speak`; the file is the voice, and speaks its language only."""
        about = self.voice_file.with_suffix(self.voice_file.suffix + ".json")
        missing = [path.name for path in (self.voice_file, about) if not path.is_file()]
        if missing:
            raise SpeechError(f"missing beside {self.voice_file.parent}: {', '.join(missing)}")
        if (speaks := _language(about)) not in ("", language_of(voice)):
            raise SpeechError(f"{self.voice_file.name} speaks {speaks}, not {voice}")
        request = {
            "model": str(self.voice_file.resolve()), "text": text, "out": str(out),
            "length_scale": _NATURAL_RATE / rate,
        }  # fmt: skip
        ask(self.command, request, _LIMIT)
        check_speech(read_wav(out), text, rate)
        return self.identity


def _language(about: Path) -> str:
    """Return the language a voice file says it speaks (``fr``), or nothing."""
    try:
        said = json.loads(about.read_text("utf-8")).get("espeak", {}).get("voice", "")
    except (OSError, ValueError, AttributeError) as error:
        raise SpeechError(f"{about.name} cannot be read: {error}") from error
    return language_of(str(said))
