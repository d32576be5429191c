"""A moment as a sentence says it: the year where the day alone would mean a nearer one."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.services import words

PARIS = "Europe/Paris"
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=ZoneInfo(PARIS)).timestamp()


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2026-11-29T18:30", "à 18 h 30"), ("2026-11-30T08:00", "demain à 8 h 00"),
        ("2026-12-01T08:00", "le 1er décembre à 8 h 00"),
        ("2027-09-25T08:00", "le 25 septembre à 8 h 00"),
        ("2027-09-26T08:00", "le 26 septembre 2027 à 8 h 00"),
        ("2099-01-01T08:00", "le 1er janvier 2099 à 8 h 00"),
    ],
)  # fmt: skip
def test_a_far_day_has_its_year(when: str, said: str) -> None:
    """« Le 1er janvier » of 2099 would be read as in five weeks."""
    moment = datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(PARIS)).timestamp()

    assert words.at_time(moment, PARIS, NOW) == said
