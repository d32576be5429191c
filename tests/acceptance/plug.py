"""A box at all its work while the plug is pulled again and again; the outside world is the judge.

Texts, calls, mails, lists and a message for later are asked for as a program does: again, with the
same key, until the box has answered. `Trouble` finds whatever was lost, doubled in silence, or told
otherwise than it was lived.
"""

from __future__ import annotations

import base64
import itertools
import random
import shutil
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import Message
from pathlib import Path
from queue import Queue
from typing import Any
from zoneinfo import ZoneInfo

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from gateway.control import client
from gateway.control.protocol import ControlError
from tests.acceptance.box import Box, Emulated, emulated, free_port, port_of, serving, until
from tests.acceptance.nursery import nursery
from tests.faults.disk import Disk

TEXT = "Crue : gagnez la salle communale."
#: Two carry texts, the third calls: a call waits behind the texts of an alert.
ROLES = ("sms", "sms", "voice")
#: A list that is taken in whole or not at all.
HOUSEHOLDS = 30
_FARM = {"answers_after": 0.2, "hangs_up_after": 2.0}
_OPEN = {"queued", "running"}


class Post(MessageHandler):
    """A relay that counts what it takes for whom."""

    def __init__(self) -> None:
        super().__init__()
        self.copies: Counter[str] = Counter()

    def handle_message(self, message: Message) -> None:
        self.copies[str(message["To"])] += 1


@dataclass
class Errands:
    """What is asked of the box, each thing until it has been answered; the answers by name."""

    socket: Path
    asked: Queue[tuple[str, str, dict[str, Any]] | None] = field(default_factory=Queue)
    answers: dict[str, Any] = field(default_factory=dict)
    trouble: str = ""

    def send(self, key: str, to: list[str], channel: str, urgency: str, at: str = "") -> None:
        """Have a text sent to some people."""
        self.asked.put((key, "send", {
            "text": TEXT, "to": to, "channels": [channel], "urgency": urgency, "now": not at,
            "at": at, "idempotency_key": key,
        }))  # fmt: skip

    def take_in(self, key: str, lines: list[str]) -> None:
        """Have a list of contacts taken in."""
        data = base64.b64encode("\n".join(lines).encode()).decode()
        self.asked.put((key, "import", {"data": data, "file": f"{key}.csv"}))

    def run(self, limit: float) -> None:
        """Ask one after the other up to a None; ``trouble`` is what could not be had answered."""
        give_up = time.monotonic() + limit
        while (errand := self.asked.get()) is not None:
            key, op, arguments = errand
            while key not in self.answers:
                try:
                    self.answers[key] = client.ask(self.socket, op, timeout=10, **arguments)
                except ControlError as error:
                    if time.monotonic() > give_up:
                        self.trouble = f"{key}: {error}"
                        return
                    time.sleep(0.02)


@dataclass
class Run:
    """One mixed run over ``kills`` pulled plugs."""

    folder: Path
    kills: int
    seed: int
    emulator: Emulated
    post: Post
    box: Box
    errands: Errands
    disk: Disk | None = None
    people: dict[str, list[str]] = field(default_factory=dict)
    next_number: Iterator[int] = field(default_factory=itertools.count)
    #: Whose text lay between its last byte and the modem's answer when the plug was pulled.
    half_said: set[str] = field(default_factory=set)

    def _ask(self, turn: int) -> None:
        """Ask for what is to be under way when the plug is pulled the next time."""
        few = 3 if turn else 9
        self._plan(f"alert {turn}", self._numbers(few * 3), "sms", "vital")
        self._plan(f"news {turn}", self._numbers(few), "sms", "service")
        mails = [f"p{turn}-{n}@la-redorte.example" for n in range(few)]
        self._plan(f"mails {turn}", mails, "email", "vital")
        self._list(turn)
        if turn % 10 == 8:
            self._plan(f"calls {turn}", [f"+3319900{turn:04d}"], "voice", "vital")
        if turn % 10 == 0:
            soon = datetime.now(ZoneInfo("Europe/Paris")) + timedelta(
                seconds=min(8, 4 + self.kills)
            )
            at = soon.isoformat(timespec="seconds")
            self._plan(f"later {turn}", self._numbers(6), "sms", "vital", at)

    def _numbers(self, count: int) -> list[str]:
        return [f"+336399{80000 + next(self.next_number)}" for _ in range(count)]

    def _plan(self, key: str, to: list[str], channel: str, urgency: str, at: str = "") -> None:
        self.people[key] = to
        self.errands.send(key, to, channel, urgency, at)

    def _list(self, turn: int) -> None:
        names = [f"Foyer {turn}-{n};06 39 98 {turn % 100:02d} {n:02d}" for n in range(HOUSEHOLDS)]
        self.errands.take_in(f"list {turn}", ["Nom;Tél", *names])

    def live(self) -> None:
        """Do all the work while the plug is pulled, and wait until the box has come to rest."""
        chance = random.Random(self.seed)
        asking = threading.Thread(target=self.errands.run, args=(30 + 10 * self.kills,))
        asking.start()
        for turn in range(self.kills):
            self._ask(turn)
            if turn % 2:  # else it falls again while it is still coming up
                self.box.wait()
            if turn % 3 == 2:  # the worst moment there is, sought out
                self._wait_for_half_said()
            else:
                time.sleep(chance.uniform(0.0, 0.8))
            self.box.kill()
            if self.disk is not None:
                self.disk.power_cut()
            else:
                self.half_said |= self._left_half_said()
            self.box.begin()
        self.errands.asked.put(None)
        self.box.wait()
        asking.join()
        assert not self.errands.trouble, self.errands.trouble
        until(self._at_rest, "everything has had its turn", limit=60 + 2 * self.kills)
        until(self._reported, "the last report is in", limit=20)

    def _wait_for_half_said(self) -> None:
        """Return as soon as a text is with its modem, or after a while in which none was."""
        give_up = time.monotonic() + 5
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as db:
            while not _half_said(db) and time.monotonic() < give_up:
                time.sleep(0.002)

    def _left_half_said(self) -> set[str]:
        """Return whose texts the disk now shows as begun; looked at in a copy of it."""
        with tempfile.TemporaryDirectory() as folder:
            for end in ("", "-wal"):
                kept = self._database.with_name(self._database.name + end)
                if kept.exists():
                    shutil.copy(kept, folder)
            with closing(sqlite3.connect(Path(folder) / self._database.name)) as db:
                return _half_said(db)

    @property
    def _database(self) -> Path:
        return self.box.data / "tocsin.db"

    def jobs(self, key: str) -> list[dict[str, Any]]:
        """Return the jobs of what was asked for under a key."""
        return self.box.jobs(self.errands.answers[key])

    def _at_rest(self) -> bool:
        by_key = [self.jobs(key) for key in self.people]
        jobs = [job for those in by_key for job in those]
        return all(by_key) and not any(job["state"] in _OPEN and not _waits(job) for job in jobs)

    def _reported(self) -> bool:
        """Tell whether all reports are in, but for those that came while nobody listened."""
        waiting = [
            job for key in self.people for job in self.jobs(key)
            if job["channel"] == "sms" and job["state"] == "handed_over"
        ]  # fmt: skip
        return len(waiting) <= self.kills * len(ROLES)


def _half_said(db: sqlite3.Connection) -> set[str]:
    rows = db.execute(
        "SELECT j.address FROM part p JOIN job j ON j.id = p.job_id"
        " WHERE p.state = 'submitting' AND j.state = 'running'"
    )
    return {row[0] for row in rows}


def _waits(job: dict[str, Any]) -> bool:
    """Tell whether a call was interrupted so often that it waits, and says so."""
    return bool(job["state"] == "queued" and job["reason"] == "call_interrupted")


@dataclass
class Trouble:
    """What the outside world lived, against what the box tells."""

    run: Run = field(repr=False)
    doubts: Counter[str] = field(default_factory=Counter)
    extra: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def look(self) -> list[str]:
        """Return each thing that is wrong."""
        calls = Counter(record["to"] for record in self.run.emulator.records("call"))
        lived = {"sms": Counter(self.run.emulator.copies()), "email": self.run.post.copies}
        for key, people in self.run.people.items():
            jobs = {job["endpoint"]: job for job in self.run.jobs(key)}
            if set(jobs) != set(people) or len(self.run.jobs(key)) != len(people):
                self.found.append(f"{key}: {len(jobs)} are told of {len(people)}")
            for to, job in jobs.items():
                if job["channel"] == "voice":
                    self._call(to, job, calls[to])
                else:
                    self._text(to, job, lived[job["channel"]][to])
        strangers = set(lived["sms"]) | set(lived["email"]) | set(calls)
        strangers -= {to for people in self.run.people.values() for to in people}
        self.found += [f"{to} was never asked for" for to in strangers]
        self.found += self._lists()
        return self.found

    def _call(self, to: str, job: dict[str, Any], calls: int) -> None:
        if _waits(job):
            return
        if not calls or (job["state"] != "delivered" and job["outcome"] != "answered"):
            self.found.append(f"{to} was called {calls} times and is told {job['outcome']}")
        if calls > len(job["attempts"]):
            self.found.append(f"{to} was called {calls} times, {len(job['attempts'])} are told")

    def _text(self, to: str, job: dict[str, Any], copies: int) -> None:
        doubts = sum(attempt["detail"] == "in doubt" for attempt in job["attempts"])
        self.doubts[job["channel"]] += doubts
        self.extra[job["channel"]] += max(copies - 1, 0)
        if not copies and job["state"] != "uncertain":
            self.found.append(f"{to} has nothing and is told {job['state']} {job['reason']}")
        if copies > 1 + doubts:
            self.found.append(f"{to} has {copies} copies, {doubts} doubts are told")
        if to in self.run.half_said and not doubts:
            self.found.append(f"{to} was half said when the plug was pulled: no doubt is told")
        if doubts and not job["reason"]:
            self.found.append(f"{to} was in doubt, and nothing says so")
        if copies and job["state"] not in {"delivered", "handed_over", "uncertain"}:
            self.found.append(f"{to} has it and is told {job['state']} {job['reason']}")

    def _lists(self) -> Iterator[str]:
        with closing(sqlite3.connect(self.run.box.data / "tocsin.db")) as db:
            names = Counter(row[0] for row in db.execute("SELECT name FROM contact"))
        wanted = {f"Foyer {t}-{n}" for t in range(self.run.kills) for n in range(HOUSEHOLDS)}
        yield from (f"{name} is lost from its list" for name in wanted - set(names))
        yield from (f"{name} is there {names[name]} times" for name in wanted if names[name] > 1)


@contextmanager
def pulled(folder: Path, kills: int, seed: int, *, forgets: bool = False) -> Iterator[Run]:
    """Run a box, its modems and its relay, and pull the plug so often.

    ``forgets``: the disk then holds only what was synced, as after a power cut.
    """
    post = Post()
    relay = Controller(post, hostname="127.0.0.1", port=free_port())
    relay.start()
    pace = ("--modems", str(len(ROLES)), "--pace", "fast", "--sms-seconds", "0.05")
    try:
        with emulated(folder / "e", *pace, cast={"*": _FARM}) as emulator:
            modems = [
                port_of(modem, role=role)
                for modem, role in zip(emulator.modems, ROLES, strict=True)
            ]
            box = Box(folder / "box", modems, relay=relay.port)
            disk = Disk(box.data, folder / "disk", forgets=True) if forgets else None
            box.env |= disk.env if disk else {}
            with nursery(box.env) as box.nursery, serving(box):
                errands = Errands(box.data / "control.sock")
                run = Run(folder, kills, seed, emulator, post, box, errands, disk)
                run.live()
                yield run
    finally:
        relay.stop()


def look_at(run: Run) -> Trouble:
    """Return what is wrong after a run; no trouble has an empty ``found``."""
    trouble = Trouble(run)
    trouble.look()
    return trouble
