"""The nights the clocks change, zones overseas, a clock set back: once, at the wall time meant."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.clock import LoopClock
from gateway.errors import Refused
from gateway.services import Draft, at_wall_time
from modem.emulator import Network
from tests.harness import running

ANNE = "+33639980001"


async def lived(
    folder: Path, network: Network, moments: Sequence[datetime], seconds: float = 90
) -> list[int]:
    """Let the box live a while from each of these moments; return how many SMS had come by then."""
    came = []
    for moment in moments:
        began = timedelta(seconds=asyncio.get_running_loop().time())
        async with running(folder, network, clock=LoopClock(moment - began)) as town:
            await town.advance(seconds)
        came.append(len(network.handset(ANNE).inbox))
    return came


async def scheduled(folder: Path, network: Network, now: datetime, wall: str, zone: str) -> None:
    """Schedule an urgent service message at a wall time of a zone."""
    began = timedelta(seconds=asyncio.get_running_loop().time())
    async with running(folder, network, clock=LoopClock(now - began)) as town:
        draft = Draft(
            "Bonjour.", to=(ANNE,), channels=("sms",), urgency="service", at_any_hour=True,
            at=at_wall_time(wall, zone),
        )  # fmt: skip
        await town.services.sending.send(town.actor, draft)


def network() -> Network:
    made = Network(seed=1)
    made.add_modem("m1")
    return made


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("zone", "wall", "leaves"),
    [
        ("Europe/Paris", "2026-10-24 09:00", utc(2026, 10, 24, 7, 0)),  # summer's last day
        ("Europe/Paris", "2026-10-25 09:00", utc(2026, 10, 25, 8, 0)),  # winter's first
        ("Europe/Paris", "2026-10-25 02:30", utc(2026, 10, 25, 0, 30)),  # comes twice: the first
        ("Europe/Paris", "2027-03-28 03:30", utc(2027, 3, 28, 1, 30)),  # right after the gap
        ("Indian/Reunion", "2026-10-25 02:30", utc(2026, 10, 24, 22, 30)),
        ("America/Martinique", "2026-10-25 20:00", utc(2026, 10, 26, 0, 0)),
        ("Pacific/Noumea", "2028-02-29 08:00", utc(2028, 2, 28, 21, 0)),
    ],
)
async def test_a_scheduled_message_leaves_once_at_the_wall_time_meant(
    tmp_path: Path, zone: str, wall: str, leaves: datetime
) -> None:
    """Not a minute before, and not again in the hour that comes twice."""
    made = network()
    await scheduled(tmp_path, made, leaves - timedelta(hours=5), wall, zone)
    before, after = leaves - timedelta(seconds=100), leaves
    again = leaves + timedelta(hours=1)

    assert [0, 1, 1] == await lived(tmp_path, made, (before, after, again))


def test_an_hour_that_does_not_exist_is_refused_at_saving() -> None:
    """With why, while somebody is there to choose another."""
    with pytest.raises(Refused, match="heure d'été"):
        at_wall_time("2027-03-28 02:30", "Europe/Paris")
    with pytest.raises(Refused, match="Écrivez la date"):
        at_wall_time("2027-02-29 08:00", "Europe/Paris")


async def test_a_clock_set_back_sends_nothing_again(tmp_path: Path) -> None:
    """An hour back by hand, or by a time server that came late."""
    made, leaves = network(), datetime(2026, 11, 25, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))
    await scheduled(tmp_path, made, leaves - timedelta(hours=3), "2026-11-25 09:00", "Europe/Paris")
    moments = (leaves, leaves - timedelta(hours=1), leaves + timedelta(seconds=200))

    assert [1, 1, 1] == await lived(tmp_path, made, moments)
