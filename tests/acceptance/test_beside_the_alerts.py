"""A defect beside the dispatcher is its own part's: the alert leaves, the box stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.daemon import Daemon
from gateway.errors import StoreError
from tests.acceptance.test_one_wait_for_the_disk import CROWD, one_modem
from tests.harness import running, states

Run = Callable[[], Awaitable[None]]
#: Where each part is found in a box, and the name of what it does for ever.
PARTS: dict[str, tuple[Callable[[Daemon], Any], str]] = {
    "intake": (lambda box: box._intake, "run"),
    "outage": (lambda box: box._outage, "watch"),
    "probing": (lambda box: box._probing, "run"),
    "reception": (lambda box: box._reception, "run"),
    "launch:rendering": (lambda box: box._doors.by_call, "run"),
    "dictation": (lambda box: box.services.telephones, "run"),
    "bench": (lambda box: box.services.bench, "run"),
    "raw consoles": (lambda box: box.services.bench.console, "run"),
    "mailroom": (lambda box: box._mailroom, "run"),
    "told": (lambda box: box._told, "run"),
    "timekeeping": (lambda box: box._timekeeping, "run"),
    "correspondence": (lambda box: box._attendants.correspondence, "run"),
    "watching": (lambda box: box._attendants.watching, "run"),
    "signs": (lambda box: box._attendants._signs, "run"),
    "modem past": (lambda box: box._attendants.past, "run"),
    "call trees": (lambda box: box._attendants.trees, "run"),
    "news": (lambda box: box, "_pass_news"),
}


def fail(monkeypatch: pytest.MonkeyPatch, part: str, error: Exception, times: int) -> list[str]:
    """Have a part fail so often before it does its work; return what is written of each begin."""
    find, name = PARTS[part]
    begun: list[str] = []
    build = Daemon.__init__

    def built(self: Daemon, *args: Any, **more: Any) -> None:
        build(self, *args, **more)
        whole: Run = getattr(find(self), name)

        async def run() -> None:
            begun.append(part)
            if len(begun) <= times:
                raise error
            await whole()

        monkeypatch.setattr(find(self), name, run)

    monkeypatch.setattr(Daemon, "__init__", built)
    return begun


@pytest.mark.parametrize("part", PARTS)
async def test_a_part_that_fails_is_begun_anew_and_stops_no_alert(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """What asks after the relay once took the whole box with it, at each start."""
    begun = fail(monkeypatch, part, ValueError("defect"), times=2)
    async with running(tmp_path, one_modem()) as town:
        report = await town.finished(await town.raise_alert("Crue.", to=CROWD))
        await town.advance(10)

    assert {"received"} == set(states(report).values())
    assert [part] * 3 == begun


@pytest.mark.parametrize(
    "error",
    [StoreError("elle ne s'ouvre pas"), ExceptionGroup("", [sqlite3.OperationalError("I/O")])],
)
async def test_a_store_that_fails_ends_the_box_whoever_meets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Nothing can be written down any more: systemd starts it again."""
    fail(monkeypatch, "told", error, times=1)
    with pytest.raises(ExceptionGroup):
        async with running(tmp_path, one_modem()) as town:
            await town.advance(10)
