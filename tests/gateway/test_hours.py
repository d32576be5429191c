"""When a message may leave: hours, Sundays, holidays, and the nights the clock jumps."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.calendar import holidays_of
from gateway.departure import depart
from gateway.errors import Refused
from gateway.hours import (
    DEFAULTS,
    Hours,
    check,
    closes_at,
    done_by,
    every_day,
    from_json,
    never,
    next_open,
    to_json,
)
from gateway.model import Door, Reason, Urgency

PARIS = "Europe/Paris"
SERVICE, INFORMATION = DEFAULTS[Urgency.SERVICE], DEFAULTS[Urgency.INFORMATION]


def at(text: str, zone: str = PARIS) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def shown(moment: float | None, zone: str = PARIS) -> str:
    assert moment is not None
    return datetime.fromtimestamp(moment, ZoneInfo(zone)).isoformat(" ", "minutes")[:16]


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-24 03:00", "2026-11-24 08:00"),
        ("2026-11-24 12:00", "2026-11-24 12:00"),
        ("2026-11-24 20:00", "2026-11-25 08:00"),
        ("2027-03-27 23:00", "2027-03-28 08:00"),  # that night has no 2:30
        ("2026-10-24 23:00", "2026-10-25 08:00"),  # and that one has it twice
        ("2028-02-28 21:00", "2028-02-29 08:00"),
    ],
)
def test_a_service_message_waits_for_the_morning(now: str, opens: str) -> None:
    """At the wall time meant, whatever the clock did in the night."""
    assert opens == shown(next_open(SERVICE, PARIS, at(now)))


def test_information_waits_for_monday_and_for_the_day_after_a_holiday() -> None:
    """Nobody reads about road works on Christmas Day."""
    calendar = holidays_of(PARIS)

    assert shown(next_open(INFORMATION, PARIS, at("2026-11-28 21:00"), calendar)) == (
        "2026-11-30 10:00"
    )
    assert shown(next_open(INFORMATION, PARIS, at("2026-12-24 21:00"), calendar)) == (
        "2026-12-26 10:00"
    )


def test_overseas_has_its_own_hours_and_holidays() -> None:
    """22 May is a holiday in Martinique and a working day in Paris."""
    there = "America/Martinique"
    calendar = holidays_of(there)
    morning = at("2027-05-22 12:00", there)

    assert shown(next_open(INFORMATION, there, morning, calendar), there) == "2027-05-24 10:00"
    assert calendar(datetime(2027, 5, 22, tzinfo=UTC).date())
    assert not holidays_of(PARIS)(datetime(2027, 5, 22, tzinfo=UTC).date())


@given(st.floats(1.7e9, 2.1e9), st.sampled_from([PARIS, "Indian/Reunion", "Pacific/Tahiti"]))
def test_hours_always_open_again_and_close_after(now: float, zone: str) -> None:
    """Nothing waits for ever, and what opens closes later the same day."""
    for hours in (SERVICE, INFORMATION):
        opens = next_open(hours, zone, now, holidays_of(zone))
        closes = closes_at(hours, zone, opens, holidays_of(zone))

        assert closes is not None
        assert now <= opens < closes <= opens + 13 * 3600
        assert next_open(hours, zone, opens, holidays_of(zone)) == opens


@pytest.mark.parametrize("hours", [SERVICE, INFORMATION, None, every_day(5, 24)])
def test_stored_hours_read_back_the_same(hours: Hours | None) -> None:
    """What the town set stays set after a restart."""
    assert from_json(to_json(hours)) == hours


@pytest.mark.parametrize(
    "hours", [Hours(), Hours({0: (600, 600)}), Hours({7: (0, 60)}), Hours({0: (0, 1441)})]
)
def test_hours_that_never_open_are_refused(hours: Hours) -> None:
    """A message would wait for ever."""
    with pytest.raises(Refused):
        check(hours)


def test_an_alert_knows_no_hours_and_no_waiting() -> None:
    """Three in the morning is when floods come."""
    night = at("2026-11-24 03:00")
    departure = depart(Urgency.VITAL, Door.PAGE, PARIS, night, hours=SERVICE)

    assert (night, Reason.NONE) == (departure.starts_at, departure.held)
    assert departure.expires_at == night + 6 * 3600


def test_what_is_sent_from_the_page_can_be_taken_back_for_twenty_seconds() -> None:
    """The typing mistake is seen the moment the button is pressed."""
    noon = at("2026-11-24 12:00")

    assert (noon + 20, Reason.TAKE_BACK) == _start(depart(
        Urgency.SERVICE, Door.PAGE, PARIS, noon, hours=SERVICE))  # fmt: skip
    assert (noon, Reason.NONE) == _start(depart(
        Urgency.SERVICE, Door.COMMAND, PARIS, noon, hours=SERVICE))  # fmt: skip


def test_what_is_written_at_night_leaves_in_the_morning_and_lives_a_day_longer() -> None:
    """It expires by the day it leaves, not by the night it was written."""
    departure = depart(Urgency.SERVICE, Door.PAGE, PARIS, at("2026-11-24 23:00"), hours=SERVICE)

    assert (at("2026-11-25 08:00"), Reason.HOURS) == _start(departure)
    assert departure.expires_at == at("2026-11-26 20:00")


@pytest.mark.parametrize(
    ("urgency", "hours", "now", "ends"),
    [
        # Friday evening, and the hours begin again on Monday
        (Urgency.SERVICE, Hours(dict.fromkeys(range(5), (480, 1080))),
         "2026-11-27 17:50", "2026-11-30 18:00"),
        # Saturday night, agents have hours of their own, and none on Sunday
        (Urgency.SERVICE, every_day(5, 22, but=frozenset({6})),
         "2026-11-28 21:50", "2026-11-30 22:00"),
        (Urgency.SERVICE, SERVICE, "2026-11-24 19:50", "2026-11-25 20:00"),
        (Urgency.SERVICE, every_day(0, 24), "2026-11-24 19:50", "2026-11-26 00:00"),
        # half an hour on Wednesday is nothing to finish in
        (Urgency.SERVICE, Hours({1: (480, 1200), 2: (480, 510), 3: (480, 1200)}),
         "2026-11-24 19:50", "2026-11-26 20:00"),
        # Thursday and three days are a Sunday; Christmas, a Saturday and a Sunday are too
        (Urgency.INFORMATION, INFORMATION, "2026-11-26 12:00", "2026-11-30 20:00"),
        (Urgency.INFORMATION, INFORMATION, "2026-11-24 12:00", "2026-11-27 20:00"),
        (Urgency.INFORMATION, Hours({4: (600, 1200)}, on_holidays=False),
         "2026-12-18 19:50", "2027-01-08 20:00"),
        (Urgency.INFORMATION, None, "2026-11-24 12:00", "2026-11-27 12:00"),
        (Urgency.SERVICE, None, "2026-11-24 23:00", "2026-11-25 20:00"),
    ],
)  # fmt: skip
def test_what_the_end_of_the_hours_catches_is_still_good_when_they_begin_again(
    urgency: Urgency, hours: Hours | None, now: str, ends: str
) -> None:
    """Half of the agents never heard of Monday's snow: it had expired on Sunday at 20 h."""
    departure = depart(
        urgency, Door.COMMAND, PARIS, at(now), hours=hours, holiday=holidays_of(PARIS)
    )

    assert ends == shown(departure.expires_at)


@given(st.floats(1.7e9, 2.1e9), st.sampled_from([Urgency.SERVICE, Urgency.INFORMATION]))
def test_no_message_expires_while_its_hours_are_closed(now: float, urgency: Urgency) -> None:
    """Whatever the day: at any end of hours before its own, it has at least an hour to come."""
    hours, calendar = Hours({0: (480, 1080), 2: (480, 500), 5: (0, 1440)}), holidays_of(PARIS)
    departure = depart(urgency, Door.COMMAND, PARIS, now, hours=hours, holiday=calendar)
    ends = departure.expires_at

    assert departure.closes_at is not None
    assert next_open(hours, PARIS, departure.closes_at, calendar) + 3600 <= ends
    assert closes_at(hours, PARIS, ends - 1, calendar) == ends


def test_work_that_does_not_fit_into_a_day_ends_on_another() -> None:
    """Ten minutes on Friday, the other ten on Monday."""
    week = Hours(dict.fromkeys(range(5), (480, 1080)))
    friday = at("2026-11-27 17:50")

    assert "2026-11-27 17:55" == shown(done_by(week, PARIS, friday, 300, never))
    assert "2026-11-30 08:10" == shown(done_by(week, PARIS, friday, 1200, never))
    assert "2026-12-01 08:10" == shown(done_by(week, PARIS, friday, 1200 + 36000, never))
    assert friday + 1200 == done_by(None, PARIS, friday, 1200, never)


def test_a_scheduled_message_keeps_its_wall_time_and_its_hours() -> None:
    """Wished for Sunday night, an information leaves on Monday at ten."""
    departure = depart(
        Urgency.INFORMATION, Door.PAGE, PARIS, at("2026-11-24 12:00"), hours=INFORMATION,
        wanted_at=at("2026-11-29 21:00"), holiday=holidays_of(PARIS),
    )  # fmt: skip

    assert departure.scheduled
    assert (at("2026-11-30 10:00"), Reason.HOURS) == _start(departure)


def _start(departure: object) -> tuple[float, Reason]:
    return departure.starts_at, departure.held  # type: ignore[attr-defined]
