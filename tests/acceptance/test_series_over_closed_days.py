"""What comes again keeps to its days: once a day, and never on one it was not meant for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from gateway import recurrence
from gateway.calendar import holidays_of
from gateway.clock import LoopClock
from gateway.hours import DEFAULTS, Hours
from gateway.model import Urgency
from tests.acceptance.test_what_leaves_later import PARIS, at, draft, one_modem, since_start
from tests.harness import Town, running

INFORMATION = DEFAULTS[Urgency.INFORMATION]
SHORT_SATURDAY = Hours({d: (600, 1080 if d == 5 else 1200) for d in range(6)})


def seen(town: Town) -> list[str]:
    """Return when each text came to the first telephone, in the town."""
    clock, loop = town.daemon.clock, since_start().total_seconds()
    return [
        f"{datetime.fromtimestamp(clock.now() - loop + sms.at, PARIS):%a %d %H:%M}"
        for sms in town.phone("+33639980001").inbox
    ]


async def shown(town: Town, ends: datetime) -> list[str]:
    days = await town.services.agenda.days(town.actor)
    return [f"{one.at:%a %d %H:%M}" for day in days for one in day.entries if one.at < ends]


@pytest.mark.parametrize(
    ("rhythm", "begins", "ends", "expected", "left_out"),
    [
        # Sunday has no hours: held to Monday at ten it came again at half past
        ("daily", at(29, 10, 30), at(30, 11), ["Mon 30 10:30"], 1),
        # Christmas is a Friday: the menu of the canteen came on Saturday
        ("weekdays", at(25, 11, month=12), at(26, 11, month=12), [], 1),
        # once a week is worth the day after
        ("weekly", at(29, 11), at(30, 11), ["Mon 30 10:00"], 0),
    ],
)
async def test_what_comes_every_day_is_left_out_where_its_day_has_no_hours(
    tmp_path: Path, rhythm: str, begins: datetime, ends: datetime, expected: list[str],
    left_out: int,
) -> None:  # fmt: skip
    """The calendar shows what is lived, the register what was left out."""
    network, start = one_modem(), begins.replace(hour=9)
    async with running(tmp_path, network, clock=LoopClock(start - since_start())) as town:
        message = await draft(town, "Info du jour.", urgency="information", at=begins)
        await town.services.agenda.repeat(town.actor, message, rhythm)
        foreseen = await shown(town, ends)
        await town.sleep_through((ends - start).total_seconds())
        lived = seen(town)
        events = await town.daemon.store.read(
            lambda db: [
                row["kind"]
                for row in db.execute("SELECT kind FROM event WHERE kind = 'series.skipped'")
            ]
        )

    assert expected == lived
    assert expected == foreseen
    assert left_out == len(events)


async def test_what_says_its_day_does_not_leave_the_day_after(tmp_path: Path) -> None:
    """« Aujourd'hui », due on Sunday: on Monday it is not so, and the calendar says why."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(28, 21) - since_start())) as town:
        message = await draft(town, "Marché aujourd'hui.", urgency="information", at=at(29, 11))
        await town.services.agenda.repeat(town.actor, message, "weekly")
        await town.sleep_through(40 * 3600)
        lived = seen(town)
        days = await town.services.agenda.days(town.actor)

    assert [] == lived
    assert "le texte dit « aujourd'hui »" in days[0].entries[0].problem


@pytest.mark.parametrize(
    ("line", "due", "hours", "leaves"),
    [
        ("30 10 * * *", at(28, 10, 30), INFORMATION, at(28, 10, 30)),
        ("30 10 * * *", at(29, 10, 30), INFORMATION, None),
        ("0 9 * * *", at(28, 9), INFORMATION, at(28, 10)),
        # in the evening, it leaves the next morning each time
        ("0 21 * * *", at(24, 21), INFORMATION, at(25, 10)),
        ("0 21 * * *", at(28, 21), INFORMATION, at(30, 10)),
        ("0 21 * * *", at(29, 21), INFORMATION, None),
        # Saturday's, held, would come on the day of Monday's
        ("0 19 * * *", at(28, 19), SHORT_SATURDAY, None),
        ("0 11 * * 0", at(29, 11), INFORMATION, at(30, 10)),
        ("30 10 * * *", at(29, 10, 30), None, at(29, 10, 30)),
        # nothing of it would ever leave: it waits for the hours there are
        ("30 10 * * 1-5", at(27, 10, 30), Hours({6: (600, 720)}), at(29, 10)),
    ],
)  # fmt: skip
def test_when_one_of_many_leaves(
    line: str, due: datetime, hours: Hours | None, leaves: datetime | None
) -> None:
    """By its rhythm, its hours and the one that follows it."""
    found = recurrence.leaves(line, due, hours, holidays_of("Europe/Paris"))
    assert leaves == found


def test_one_that_is_late_is_left_out_where_the_next_comes_the_same_day() -> None:
    """Due on Saturday at 19:50, the box off until 20:30: Monday's is enough."""
    due, now = at(28, 19, 50), at(28, 20, 30).timestamp()
    line, calendar = "50 19 * * *", holidays_of("Europe/Paris")
    assert recurrence.leaves(line, due, INFORMATION, calendar, now) is None
    assert recurrence.leaves(line, due, INFORMATION, calendar) == due
