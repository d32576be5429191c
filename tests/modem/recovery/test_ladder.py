"""The recovery ladder alone: which remedy is next, and how often an hour."""

from __future__ import annotations

import pytest

from modem.recovery import CLIMBS, HOUR, LIMITS, Ladder, Reach, Rung, Symptom

ALL = Reach(other_port=True, reset=True, usb=True)


def climbed(ladder: Ladder, symptom: Symptom, reach: Reach, now: float = 0.0) -> list[Rung]:
    """Climb until there is only patience left."""
    found = []
    while (step := ladder.next(symptom, reach, now)).rung is not None:
        found.append(step.rung)
    return found


def test_a_mute_modem_is_given_every_remedy_from_the_mildest_up() -> None:
    """A human is called when nothing else is left, and only then."""
    assert list(Rung) == climbed(Ladder(), Symptom.MUTE, ALL)


@pytest.mark.parametrize("symptom", list(Symptom))
def test_every_climb_goes_up_and_ends(symptom: Symptom) -> None:
    """A ladder that came back down would restart a modem all night."""
    rungs = climbed(Ladder(), symptom, ALL)

    assert list(CLIMBS[symptom]) == rungs
    assert sorted(rungs, key=list(Rung).index) == rungs


def test_no_coverage_never_calls_a_human() -> None:
    """No remedy cures a valley; the page says that the network is missing."""
    assert Rung.HUMAN not in climbed(Ladder(), Symptom.NO_SERVICE, ALL)


def test_a_rung_that_is_not_there_is_skipped_and_said() -> None:
    """The technician reads why the bus was not tried."""
    ladder = Ladder()
    for _ in range(4):
        ladder.next(Symptom.MUTE, Reach(), 0.0)
    step = ladder.next(Symptom.MUTE, Reach(), 0.0)

    assert Rung.HUMAN is step.rung
    assert "usb: not permitted" == step.skipped


def test_after_good_service_the_mildest_comes_first_again() -> None:
    """An old illness is no reason to begin with a restart."""
    ladder = Ladder()
    climbed(ladder, Symptom.MUTE, ALL)
    ladder.down()

    assert Rung.SYNC is ladder.next(Symptom.MUTE, ALL, 1.0).rung


def test_each_remedy_has_its_tries_an_hour_and_gets_them_back() -> None:
    """A stick restarted sixty times an hour is worn out by Monday."""
    ladder = Ladder()
    for _ in range(10):
        climbed(ladder, Symptom.NO_SERVICE, ALL)
        ladder.down()
    tried = ladder.tried(0.0)

    assert LIMITS[Rung.RADIO] + LIMITS[Rung.RESET] == tried
    assert ladder.next(Symptom.NO_SERVICE, ALL, HOUR - 1).rung is None
    assert Rung.RADIO is ladder.next(Symptom.NO_SERVICE, ALL, HOUR).rung
