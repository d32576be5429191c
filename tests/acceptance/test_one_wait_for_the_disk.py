"""Between two SMS a modem waits for the disk once, and one message's defect stays its own."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gateway.channels import sms
from gateway.model import Reason
from gateway.policy import Settlement
from gateway.store import jobs, parts, sims
from modem.emulator import Behaviour, Network
from tests.acceptance.test_asked_by_sms import NOON, clock
from tests.harness import jobs as jobs_of
from tests.harness import running, states

CROWD = tuple(f"+336399810{n:02}" for n in range(5))


def one_modem() -> Network:
    made = Network(seed=1, sms_seconds=0.5, report_seconds=30.0)
    made.add_modem("m1")
    return made


async def alerted(folder: Path, *, stopped: bool = False) -> None:
    """Alert five people, by a SIM that was ``stopped``; raise what ends the daemon meanwhile."""
    async with running(folder, one_modem(), clock=clock(NOON)) as town:
        (lane,) = (one for one in town.daemon.dispatcher.lanes if one.modem is not None)
        if stopped:
            lane.stopped.stop(lane.sim, "essai")
        await town.raise_alert("Crue.", to=CROWD)
        await town.advance(20)


def transactions(said: list[str]) -> list[str]:
    """Return the statements of each transaction, as one text each."""
    return "\n".join(said).split("COMMIT")


async def test_the_reference_the_settlement_and_the_next_text_share_a_commit(
    tmp_path: Path,
) -> None:
    """On an SD card each wait more is a tenth of a second between two SMS of eight modems."""
    said: list[str] = []
    async with running(tmp_path, one_modem(), clock=clock(NOON)) as town:
        await town.daemon.store.write(lambda db: db.set_trace_callback(said.append))
        await town.raise_alert("Crue.", to=CROWD)
        await town.advance(20)
    marks = [
        tuple(word in each for word in ("SET state = 'accepted'", "SET state = 'submitting'"))
        for each in transactions(said)
    ]

    assert [(False, True), *[(True, True)] * 4, (True, False)] == [m for m in marks if any(m)]


async def test_a_text_that_cannot_be_begun_ends_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect in one message must not have its lane claim it again and again."""
    encode = sms.encode_submit

    def encoded(number: str, *args: Any, **more: Any) -> Any:
        if number == CROWD[2]:
            raise ValueError("defect")
        return encode(number, *args, **more)

    monkeypatch.setattr(sms, "encode_submit", encoded)
    async with running(tmp_path, one_modem(), clock=clock(NOON)) as town:
        report = await town.finished(await town.raise_alert("Crue.", to=CROWD))

    assert ["failed"] == [state for state in states(report).values() if state != "received"]
    assert 1 == [job["reason"] for job in jobs_of(report)].count("defect")


@pytest.mark.parametrize("state", ["handed_over", "queued"])
async def test_a_settlement_that_a_defect_stands_against_leaves_nothing_in_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """What is in hand for ever never ends, and nothing else goes to that number any more."""
    settle, network = jobs.settle, one_modem()
    if state == "queued":
        network.handset(CROWD[2]).behaviour = Behaviour(sms="refused")

    def stumbling(db: Any, job: Any, settlement: Settlement, *args: Any, **more: Any) -> None:
        if job.address == CROWD[2] and settlement.reason != Reason.DEFECT:
            raise ValueError("defect")
        settle(db, job, settlement, *args, **more)

    monkeypatch.setattr(jobs, "settle", stumbling)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        first = await town.finished(await town.raise_alert("Crue.", to=CROWD))
        network.handset(CROWD[2]).behaviour = Behaviour()
        monkeypatch.undo()
        second = await town.finished(await town.raise_alert("Décrue.", to=CROWD))

    lost = {"queued": "failed"}.get(state, "received")
    assert [lost] == [states(first)[name] for name in states(first) if name.endswith("02")]
    assert {"received"} == set(states(second).values())


async def test_a_claim_that_fails_beside_a_settlement_takes_nothing_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network has taken the text: that must be on the disk, whatever comes after it."""
    claim, asked = jobs.claim, list[str]()

    def stumbling(db: Any, *args: Any, **more: Any) -> Any:
        job = claim(db, *args, **more)
        if job is not None:
            asked.append(job.address)
            if len(asked) in {2, 4}:
                raise ValueError("defect")
        return job

    monkeypatch.setattr(jobs, "claim", stumbling)
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        report = await town.finished(await town.raise_alert("Crue.", to=CROWD))

    assert {"received"} == set(states(report).values())
    assert [1] * 5 == [len(network.handset(number).inbox) for number in CROWD]
    assert any(first == again for first, again in pairwise(asked)), "it was asked for once more"


async def test_nothing_leaves_by_a_modem_that_was_asked_for_while_the_disk_was_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A technician would take the port away under a text that nobody knows the end of."""
    in_hand = list[bool]()
    async with running(tmp_path, one_modem(), clock=clock(NOON)) as town:
        asking, write = set[asyncio.Task[None]](), town.daemon.store.write

        async def borrow() -> None:
            async with town.services.workshop.held("m1") as (lane, _):
                await town.advance(0.1)
                in_hand.append(lane.job is not None)

        async def written(work: Any) -> Any:
            if all(one.done() for one in asking):
                asking.add(asyncio.create_task(borrow()))
            return await write(work)

        monkeypatch.setattr(town.daemon.store, "write", written)
        await town.finished(await town.raise_alert("Crue.", to=CROWD))

    assert len(in_hand) > len(CROWD)
    assert not any(in_hand)


async def test_what_a_text_says_of_its_sim_is_written_down_after_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where that cannot be, the network has taken the text no less: it must not leave again."""

    def resume(*_: object) -> bool:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(sims, "resume", resume)
    with pytest.raises(ExceptionGroup):
        await alerted(tmp_path, stopped=True)
    with closing(sqlite3.connect(tmp_path / "tocsin.db")) as db:
        states = [row[0] for row in db.execute("SELECT state FROM part ORDER BY id")]

    assert "accepted" == states[0]


async def test_a_settlement_that_alone_finds_room_stands_where_the_next_text_finds_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network has taken the text: undone, it would be sent again at each start."""
    prepare, full = parts.prepare, sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL

    def prepared(db: Any, *args: Any) -> Any:
        made = prepare(db, *args)
        if db.execute("SELECT count(*) FROM part").fetchone()[0] > 2:
            raise full
        return made

    monkeypatch.setattr(parts, "prepare", prepared)
    with pytest.raises(ExceptionGroup):
        await alerted(tmp_path)
    with closing(sqlite3.connect(tmp_path / "tocsin.db")) as db:
        states = [row[0] for row in db.execute("SELECT state FROM part ORDER BY id")]

    assert ["accepted", "accepted"] == states
