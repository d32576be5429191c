"""A database for one test, and the few verbs its tests speak in."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from gateway import orders
from gateway.model import Address, Channel, Door, JobState, Line, Reason, Urgency
from gateway.policy import Settlement, expires_at
from gateway.store import base, broadcasts, fitting, jobs, parts, people, veil
from modem.sms import encode_submit

#: A Tuesday at three in the morning, in Paris.
NIGHT = 1_795_485_600.0
ANNE, BRUNO, CHLOE = "+33639980001", "+33639980002", "+33639980003"
HANDED_OVER = Settlement(JobState.HANDED_OVER)


@lru_cache(maxsize=1)
def _template() -> sqlite3.Connection:
    connection = _connection()
    base.migrate(connection)
    return connection


def _connection() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys=ON")
    fitting.dress(connection)
    return connection


def number_to_address(number: str) -> Address:
    """Return a number or mail address as a broadcast uses it."""
    if "@" in number:
        return Address(None, Line.EMAIL, number)
    mobile = number.startswith(("+336", "+337"))
    return Address(None, Line.MOBILE if mobile else Line.LANDLINE, number)


class Ledger:
    """A migrated database in memory, a clock that stands still, and one town."""

    def __init__(self) -> None:
        self.db = _connection()
        _template().backup(self.db)
        veil.dress(self.db)
        self.now = NIGHT
        self.entity = people.ensure_entity(self.db, "La Redorte", "Europe/Paris", self.now)

    def send(
        self, *numbers: str | Sequence[str], urgency: Urgency = Urgency.VITAL,
        channels: Sequence[Channel] = (Channel.SMS,), text: str = "Crue.", entity: int = 0,
        kind: str = "",
    ) -> int:  # fmt: skip
        """Store a broadcast; each argument is one person's number, or all of their addresses."""
        households = [(entry,) if isinstance(entry, str) else tuple(entry) for entry in numbers]
        found = [
            people.Person(None, home[0], tuple(map(number_to_address, home)))
            for home in households
        ]  # fmt: skip
        new = broadcasts.NewBroadcast(
            entity_id=entity or self.entity, title="Crue", urgency=urgency,
            plan=orders.at_once(channels), door=Door.PAGE, author="Essai",
            texts=dict.fromkeys(channels, ("Crue", text)), people=found,
            expires_at=expires_at(urgency, self.now, "Europe/Paris"), kind=kind,
        )  # fmt: skip
        return broadcasts.create(self.db, new, self.now)

    def claim(
        self, *channels: Channel, lane: str = "m1", sim: str = "sim1"
    ) -> jobs.ClaimedJob | None:
        """Let a lane take its next job."""
        return jobs.claim(self.db, channels or (Channel.SMS,), lane, sim, self.now)

    def take(self, *channels: Channel, lane: str = "m1", sim: str = "sim1") -> jobs.ClaimedJob:
        """Let a lane take a job that must be there."""
        job = self.claim(*channels, lane=lane, sim=sim)
        assert job is not None
        return job

    def settle(self, job: jobs.ClaimedJob, settlement: Settlement = HANDED_OVER) -> None:
        """End an attempt."""
        jobs.settle(self.db, job, settlement, self.now)

    def prepare(self, job: jobs.ClaimedJob, sim: str = "sim1") -> list[parts.Part]:
        """Write a job's parts down."""
        reference = parts.next_concat_reference(self.db, sim)
        pdus = encode_submit(job.address, job.body, concat_reference=reference)
        return parts.prepare(self.db, job.id, sim, job.address, reference, pdus)

    def hand_over(self, job: jobs.ClaimedJob, *references: int, sim: str = "sim1") -> None:
        """Let the network accept all parts of a job under these references, and settle it."""
        for part, reference in zip(self.prepare(job, sim), references, strict=True):
            parts.submitting(self.db, part.id, self.now)
            parts.accepted(self.db, part.id, reference, self.now)
        self.settle(job)

    def report(
        self, number: str, reference: int, *, sim: str = "sim1", status: int = 0
    ) -> int | None:
        """Take in a status report."""
        verdict = "delivered" if status < 0x20 else "still_trying" if status < 0x40 else "failed"
        return parts.report(
            self.db, parts.Report(sim, number, reference, status, verdict), self.now
        )

    def recover(self) -> int:
        """Start again after a crash."""
        return jobs.recover(self.db, self.now)

    def sweep(self, seconds: float = 0.0) -> set[int]:
        """Let time pass, then do what has fallen due."""
        self.now += seconds
        return jobs.sweep(self.db, self.now)

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """Return the rows of a query."""
        return self.db.execute(query, values).fetchall()

    def states(self, table: str = "job") -> list[str]:
        """Return the state of every job, part, recipient or broadcast, in order."""
        return [row["state"] for row in self.rows(f"SELECT state FROM {table} ORDER BY id")]  # noqa: S608

    def reasons(self, table: str = "job") -> list[Reason]:
        """Return the reason of every job or recipient, in order."""
        return [Reason(row["reason"]) for row in self.rows(f"SELECT reason FROM {table}")]  # noqa: S608
