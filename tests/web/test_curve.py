"""The signal as a line: no line where nothing was measured."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gateway.store import modem_past
from gateway.store.modem_past import Sample
from tests.web.real import real_town
from web.curve import curve

DAY = 86400.0


def test_a_hole_in_the_measures_is_a_hole_in_the_line() -> None:
    """A modem that was unplugged had no signal in between."""
    taken = [Sample("m", at, None if at == 600 else -80.0, 1.0) for at in (0, 300, 600, 900, 1200)]
    line = curve(taken, 1200, DAY)

    assert line is not None
    assert 2 == line.path.count("M")
    assert (-80, -80, 100) == (line.weakest, line.strongest, line.ready)


def test_the_newest_is_at_the_right_and_the_strongest_on_top() -> None:
    """Whatever the modem says, the line stays within its picture."""
    line = curve([Sample("m", 0, -130.0, 1.0), Sample("m", 300, -20.0, 0.0)], 300, 600.0)

    assert line is not None
    assert line.path == "M300 80L600 0"
    assert 50 == line.ready


def test_a_young_box_does_not_speak_for_a_whole_day() -> None:
    """« Ready 100 % of 24 hours » after nine minutes would be made up."""
    young = curve([Sample("m", DAY - 540, -80.0, 1.0)], DAY, DAY)
    old = curve([Sample("m", 600, -80.0, 1.0), Sample("m", DAY, -80.0, 1.0)], DAY, DAY)

    assert young is not None
    assert old is not None
    assert (540, 0) == (young.young, old.young)


def test_nothing_measured_is_no_line() -> None:
    """A box that starts has no past."""
    assert curve([], 0, DAY) is None
    assert curve([Sample("m", 0, None, 0.0)], 0, DAY) is None


def test_what_was_drawn_from_the_same_points_is_not_drawn_again() -> None:
    """Twelve modems' month for each of twenty who watch would hold up the calls."""
    points = tuple(Sample("m", at, -80.0, 1.0) for at in (0, 300))
    other = (*points[:1], Sample("m", 300, -90.0, 1.0))
    line, again, changed = (curve(one, 300, DAY) for one in (points, points, other))

    assert line is again
    assert changed is not None
    assert changed.weakest == -90


async def test_the_curves_of_the_page_are_a_minute_old_at_most(tmp_path: Path) -> None:
    """A month of a fleet is thousands of rows; a new one is written every five minutes."""
    async with real_town(tmp_path) as town:
        status, store, clock = town.services.status, town.box.daemon.store, town.services.clock

        async def heard(signal: float) -> list[float | None]:
            one = Sample("orange-1", clock.now() - 300, signal, 1.0)
            await store.write(lambda db: modem_past.note_samples(db, [one]))
            (card,) = (await status.board(town.actor)).cards
            return [point.signal for point in card.day]

        first = await heard(-70.0)
        await asyncio.sleep(30)
        same = await heard(-90.0)
        await asyncio.sleep(31)
        fresh = await heard(-90.0)

    assert -70.0 in first
    assert same == first
    assert -90.0 in fresh
