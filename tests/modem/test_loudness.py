"""How loud sound is, against levels one can work out by hand."""

from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem.loudness import SILENT, dbov


def sine(peak: float, count: int = 8000) -> bytes:
    return array("h", (round(peak * math.sin(at * 0.4)) for at in range(count))).tobytes()


@pytest.mark.parametrize(
    ("pcm", "level"),
    [
        (b"", SILENT), (b"\x01", SILENT), (bytes(640), SILENT),
        (array("h", [16384] * 160).tobytes(), -6.02), (sine(32767), -3.01), (sine(3276.7), -23.01),
    ],
)  # fmt: skip
def test_known_sounds_have_their_level(pcm: bytes, level: float) -> None:
    """Half the scale is 6 dB down; a full sine 3, and a tenth of it 20 more."""
    assert level == pytest.approx(dbov(pcm), abs=0.02)


@given(st.binary(max_size=700))
def test_any_sound_has_one(pcm: bytes) -> None:
    """A driver gives what it gives."""
    assert SILENT <= dbov(pcm) <= 0.0
