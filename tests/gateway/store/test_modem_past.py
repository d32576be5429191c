"""What is kept of a modem: fine for two days, by the hour for a month, then nothing."""

from __future__ import annotations

from gateway.store import modem_past
from gateway.store.modem_past import DIARY, FINE, HOUR, KEPT, STEP, Sample
from tests.gateway.store.ledger import Ledger

NOON = 1_800_000_000 // HOUR * HOUR


def test_a_signal_two_days_old_is_kept_by_the_hour_with_its_mean() -> None:
    """A month of five minutes for twelve modems would be a hundred thousand rows."""
    db = Ledger().db
    taken = [Sample("orange-1", NOON + n * STEP, -80.0 - n, 1.0 if n < 6 else 0.0)
             for n in range(12)]  # fmt: skip
    modem_past.note_samples(db, taken)

    assert modem_past.fold(db, NOON + FINE) is False
    assert 12 == len(modem_past.samples(db, 0)["orange-1"])

    modem_past.fold(db, NOON + HOUR + FINE)
    assert modem_past.samples(db, 0) == {"orange-1": [Sample("orange-1", NOON, -85.5, 0.5)]}

    modem_past.fold(db, NOON + HOUR + FINE + HOUR)
    assert modem_past.samples(db, 0) == {"orange-1": [Sample("orange-1", NOON, -85.5, 0.5)]}


def test_a_long_pause_is_folded_in_slices_and_a_month_ends_it() -> None:
    """A box that was off for weeks must not hold its alerts up for housekeeping."""
    db = Ledger().db
    hours = 100
    modem_past.note_samples(
        db, [Sample("sfr-1", NOON + n * STEP, None, 1.0) for n in range(12 * hours)]
    )
    slices = 1
    while modem_past.fold(db, NOON + hours * HOUR + FINE):
        slices += 1

    assert slices == 3
    assert hours == len(modem_past.samples(db, 0)["sfr-1"])
    modem_past.fold(db, NOON + KEPT + 50 * HOUR)
    assert NOON + 50 * HOUR == modem_past.samples(db, 0)["sfr-1"][0].at


def test_the_diary_says_which_remedy_helped_and_keeps_the_last_fifty() -> None:
    """A stick that needs a restart a day is dying: one must be able to see it."""
    db = Ledger().db
    for n in range(DIARY + 10):
        modem_past.begin_remedy(db, "orange-1", float(n), "sync", "no_answer", "")
    modem_past.begin_remedy(db, "sfr-1", 1.0, "radio", "denied", "")
    modem_past.served(db, "orange-1", 99.0)
    told = modem_past.diaries(db)

    assert DIARY == len(told["orange-1"])
    assert ("served", 99.0) == (told["orange-1"][0].result, told["orange-1"][0].ended_at)
    assert {"none"} == {one.result for one in told["orange-1"][1:]}
    assert [""] == [one.result for one in told["sfr-1"]]
