"""WAV files with the standard library: read, write, check the telephone's format.

Job: the container. Not its job: what the samples mean (`tts.checks`, `tts.chain`). Imported by
`tts` alone; needs no numpy, so the daemon may read rendered speech cheaply.
"""

from __future__ import annotations

import array
import sys
import wave
from dataclasses import dataclass
from pathlib import Path

from tts.errors import SpeechError

#: Samples per second of a telephone call (ITU-T G.711 and every GSM codec).
TELEPHONE_RATE = 8000


@dataclass(frozen=True, slots=True)
class Samples:
    """Mono 16-bit samples at ``rate`` per second."""

    rate: int
    values: array.array[int]

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.values) / self.rate


def read_wav(path: Path) -> Samples:
    """Read a mono 16-bit WAV file; raises `SpeechError` for anything else.

    A file shorter than its header says was cut while it was written.
    """
    try:
        with wave.open(str(path), "rb") as file:
            if file.getnchannels() != 1 or file.getsampwidth() != 2:
                raise SpeechError(f"{path.name} is not mono 16-bit sound")
            rate, frames = file.getframerate(), file.readframes(file.getnframes())
            if len(frames) != 2 * file.getnframes():
                raise SpeechError(f"{path.name} was cut short")
    except (OSError, EOFError, wave.Error) as error:
        raise SpeechError(f"{path.name} is not a readable WAV file: {error}") from error
    values = array.array("h", frames)
    if sys.byteorder == "big":
        values.byteswap()
    return Samples(rate, values)


def write_wav(path: Path, pcm: bytes, rate: int = TELEPHONE_RATE) -> None:
    """Write little-endian 16-bit mono ``pcm``; raises `OSError` where the disk does."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)


def read_pcm(path: Path) -> bytes:
    """Return the s16le samples of rendered speech, 8000 a second, mono.

    Raises `SpeechError` when the file is gone or is not in the telephone's format.
    """
    samples = read_wav(path)
    if samples.rate != TELEPHONE_RATE:
        raise SpeechError(f"{path.name} has {samples.rate} samples a second, not 8000")
    values = samples.values
    if sys.byteorder == "big":
        values = array.array("h", values)
        values.byteswap()
    return values.tobytes()
