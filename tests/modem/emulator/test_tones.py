"""What the other end sounds like: keys as ITU-T Q.23 has them, through a telephone."""

from __future__ import annotations

import numpy as np
import pytest

from modem.emulator.tones import beep, greeting, key_tone

KEYS = {
    **{key: (row, column)
       for row, keys in zip((697, 770, 852, 941), ("123A", "456B", "789C", "*0#D"), strict=True)
       for key, column in zip(keys, (1209, 1336, 1477, 1633), strict=True)},
}  # fmt: skip


def _spectrum(pcm: bytes) -> tuple[np.ndarray, np.ndarray]:
    samples = np.frombuffer(pcm, "<i2").astype(float)
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 16384)) ** 2
    return np.fft.rfftfreq(16384, 1 / 8000), power


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_its_two_tones(key: str) -> None:
    """Within 1 %, the column 2 dB above the row, at -16 dBov."""
    pcm = key_tone(key, 0.2)
    frequencies, power = _spectrum(pcm)
    low, high = frequencies < 1050, frequencies > 1050
    row, column = KEYS[key]
    level = 20 * np.log10(np.std(np.frombuffer(pcm, "<i2").astype(float)) / 32768)

    assert frequencies[low][power[low].argmax()] == pytest.approx(row, rel=0.01)
    assert frequencies[high][power[high].argmax()] == pytest.approx(column, rel=0.01)
    assert 10 * np.log10(power[high].max() / power[low].max()) == pytest.approx(2, abs=0.5)
    assert level == pytest.approx(-16, abs=0.5)
    assert len(pcm) == 3200


def test_a_telephone_carries_nothing_outside_its_band() -> None:
    """300 to 3400 Hz."""
    frequencies, power = _spectrum(greeting())
    outside = (frequencies < 200) | (frequencies > 3600)

    assert power[outside].sum() < power.sum() / 300


def test_the_beep_is_one_steady_tone() -> None:
    """1000 Hz for half a second: what tells a machine."""
    frequencies, power = _spectrum(beep())

    assert frequencies[power.argmax()] == pytest.approx(1000, abs=5)
    assert len(beep()) == 8000
