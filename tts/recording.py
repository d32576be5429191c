"""Sound that somebody brings, and how the handset will make it sound.

Job: a recording to a file a call can play (kept by content, never forgotten by itself), and the
codec's ear. Synchronous: call it from an executor. Imported through `tts`.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tts.child import ask, module
from tts.errors import SpeechError

#: The longest recording a call plays, in seconds; said three times it is six minutes.
LONGEST_RECORDING: Final = 120.0
_LIMIT: Final = 60.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording ready to be played: ``name`` is its content's hash, ``seconds`` its length."""

    name: str
    path: Path
    seconds: float


def take_in(data: bytes, directory: Path, *, target_dbov: float = -18.0) -> Recorded:
    """Keep WAV, MP3, OGG or FLAC sound as telephone audio; the same bytes are kept once.

    Raises `SpeechError` whose text begins with ``not_sound``, ``too_short``, ``too_long`` or
    ``silent``, or says what else went wrong.
    """
    name = hashlib.sha256(data).hexdigest()[:40]
    kept = directory / f"{name}.wav"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="taking-in-", dir=directory) as work:
            source, out = Path(work, "source"), Path(work, "out.wav")
            source.write_bytes(data)
            reply = ask(
                module("tts.telephony"),
                {"do": "take_in", "source": str(source.resolve()), "out": str(out.resolve()),
                 "target": target_dbov, "longest": LONGEST_RECORDING},
                _LIMIT,
            )  # fmt: skip
            with out.open("rb") as file:
                os.fsync(file.fileno())
            out.replace(kept)
    except OSError as error:
        raise SpeechError(f"the recording could not be kept in {directory}: {error}") from error
    return Recorded(name, kept, float(reply["seconds"]))


def heard(sound: Path) -> bytes:
    """Return a WAV of what the handset makes of a call's ``sound``; raise `SpeechError`."""
    try:
        with tempfile.TemporaryDirectory(prefix="heard-") as work:
            out = Path(work, "heard.wav")
            request = {"do": "heard", "source": str(sound.resolve()), "out": str(out)}
            ask(module("tts.telephony"), request, _LIMIT)
            return out.read_bytes()
    except OSError as error:
        raise SpeechError(f"the sound could not be prepared: {error}") from error
