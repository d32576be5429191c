"""What the page says in red of modems whose network is being switched off."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.clock import NetworkClock
from gateway.services import sunset, words


@pytest.mark.parametrize(
    ("generation", "imsi", "said"),
    [
        (2, "208011234567890", "Orange arrête la 2G"), (2, "208101234567890", "SFR arrête la 2G"),
        (3, "208201234567890", "fin 2029"), (3, "208151234567890", "novembre 2025"),
        (3, "", "2028 et 2029"),
    ],
)  # fmt: skip
def test_an_ending_radio_is_told_with_its_operators_date(
    generation: int, imsi: str, said: str
) -> None:
    """The town hall buys the next stick before the old one falls silent."""
    assert said in sunset.warning(generation, imsi)
    assert "4G" in sunset.warning(generation, imsi)


@pytest.mark.parametrize("generation", [4, None])
def test_a_modem_that_lasts_or_is_unknown_is_not_warned_of(generation: int | None) -> None:
    """Red that is always there is not read."""
    assert "" == sunset.warning(generation, "208011234567890")


def test_a_remedy_is_told_in_words_with_what_came_of_it() -> None:
    """The technician reads no English and no code."""
    assert "modem redémarré (sans effet)" == words.remedy("reset", "no effect")
    assert "prise USB" in words.remedy("human", "usb: not permitted, reset: 3 times this hour")


class Fixed:
    def __init__(self, at: datetime) -> None:
        self.at = at.timestamp()

    def now(self) -> float:
        return self.at


def test_a_clock_that_was_set_is_gone_by_whatever_the_network_says() -> None:
    """A false base station must not make alerts expire; a day apart, neither is known right."""
    clock = NetworkClock(system := Fixed(datetime(2026, 11, 24, tzinfo=UTC)))
    clock.hear(datetime(2031, 1, 1, tzinfo=UTC).timestamp())

    assert (system.at, "none") == (clock.now(), clock.source)
    assert clock.apart is not None
    assert clock.apart > 86400
    clock.server = True
    assert (system.at, "system") == (clock.now(), clock.source)


def test_a_clock_that_never_was_follows_the_network_until_it_is_set() -> None:
    """The box without a battery, without the internet."""
    clock = NetworkClock(system := Fixed(datetime(1970, 1, 1, 1, tzinfo=UTC)))
    told = datetime(2026, 11, 24, 3, tzinfo=UTC).timestamp()
    assert "none" == clock.source
    clock.hear(told)
    clock.follow()
    system.at += 60

    assert (told + 60, "network") == (clock.now(), clock.source)
    system.at = told + 200
    clock.hear(told + 200)
    assert (told + 200, "system") == (clock.now(), clock.source)
