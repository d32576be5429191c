"""What somebody records reaches the telephone at the same level as the voice, or is refused."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

import tts
from tts.level import active_level


def voice(seconds: float, rate: int, level: float = 0.05) -> np.ndarray:
    """Return something like speech: syllables of a rich tone with gaps between them."""
    time = np.arange(round(seconds * rate)) / rate
    tone = sum(np.sin(2 * np.pi * 180 * n * time) / n for n in range(1, 12))
    return level * tone * (np.sin(2 * np.pi * 1.7 * time) > -0.3)


def recorded(kind: str, *, seconds: float = 4.0, rate: int = 44100, level: float = 0.05) -> bytes:
    buffer = io.BytesIO()
    stereo = np.column_stack([voice(seconds, rate, level)] * 2)
    soundfile.write(buffer, stereo, rate, format=kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["WAV", "MP3", "OGG", "FLAC"])
def test_a_recording_becomes_telephone_sound_at_the_voices_level(tmp_path: Path, kind: str) -> None:
    """A mayor recorded too softly is as loud as the machine."""
    kept = tts.take_in(recorded(kind), tmp_path)
    samples = np.frombuffer(tts.read_pcm(kept.path), "<i2") / 32768

    assert pytest.approx(4.0, abs=0.15) == kept.seconds
    assert pytest.approx(-18.0, abs=1.0) == active_level(samples, 8000)
    assert np.abs(samples).max() <= 10 ** (-0.9 / 20)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not_sound"),
        (b"RIFF and nothing more", "not_sound"),
        (recorded("WAV", seconds=0.2), "too_short"),
        (recorded("WAV", seconds=121, rate=8000), "too_long"),
        (recorded("WAV", level=0.0), "silent"),
    ],
)
def test_what_is_no_voice_is_refused_with_the_reason(tmp_path: Path, data: bytes, why: str) -> None:
    """Found at compose time, not while the phones ring."""
    with pytest.raises(tts.SpeechError, match=why):
        tts.take_in(data, tmp_path)

    assert [] == list(tmp_path.glob("*.wav"))


def test_the_same_recording_is_kept_once(tmp_path: Path) -> None:
    """A weekly exercise must not fill the disk."""
    data = recorded("OGG")

    assert tts.take_in(data, tmp_path) == tts.take_in(data, tmp_path)
    assert 1 == len(list(tmp_path.iterdir()))


def test_the_preview_is_the_sound_after_the_codec(tmp_path: Path) -> None:
    """What one hears before sending is what the handset will play, losses and all."""
    kept = tts.take_in(recorded("WAV"), tmp_path)
    with wave.open(io.BytesIO(tts.heard(kept.path))) as file:
        lossy = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    clean = np.frombuffer(tts.read_pcm(kept.path), "<i2").astype(float)

    assert len(clean) == len(lossy)
    assert 0.8 < np.corrcoef(clean, lossy)[0, 1] < 0.9999
