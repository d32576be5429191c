"""What each modem was proved to do with each SIM, and when: the results of proof runs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Final, NamedTuple

from gateway.sentences import packed, unpacked
from gateway.store import events

#: Seconds a proof holds: a SIM, a network or an antenna may have changed since.
LASTS: Final = 31 * 86400.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing tried: ``ok`` None when it was not tried; what to do about it in ``mend``."""

    step: str
    ok: bool | None
    said: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """The latest proof run of a modem with a SIM; ``voice_at``: when sound and keys were proved."""

    imei: str
    sim: str
    modem: str
    at: float
    operator: str
    technology: str
    findings: tuple[Finding, ...]
    voice_at: float | None


class Held(NamedTuple):
    """A modem by its name and IMEI, and the SIM that is in it."""

    modem: str
    imei: str
    sim: str


def keep(db: sqlite3.Connection, proof: Proof, by: str) -> None:
    """Keep a run that ``by`` asked for; a voice proved before stays so when it did not call."""
    db.execute(
        "INSERT INTO proof(imei, sim, modem, at, operator, technology, findings, voice_at)"
        " VALUES (?,?,?,?,?,?,?,?) ON CONFLICT(imei, sim) DO UPDATE SET modem = excluded.modem,"
        " at = excluded.at, operator = excluded.operator, technology = excluded.technology,"
        " findings = excluded.findings, voice_at = excluded.voice_at",
        (proof.imei, proof.sim, proof.modem, proof.at, proof.operator, proof.technology,
         _stored(proof),
         proof.voice_at),
    )  # fmt: skip
    events.record(
        db, proof.at, "modem.proved",
        {"modem": proof.modem, "steps": {f.step: f.ok for f in proof.findings}, "by": by},
    )  # fmt: skip


def latest(db: sqlite3.Connection) -> dict[tuple[str, str], Proof]:
    """Return the latest run of each modem (IMEI) with each SIM."""
    return {
        (row["imei"], row["sim"]): Proof(
            row["imei"], row["sim"], row["modem"], row["at"], row["operator"], row["technology"],
            _findings(row["findings"]), row["voice_at"],
        )
        for row in db.execute("SELECT * FROM proof")
    }  # fmt: skip


def voices_proved(
    db: sqlite3.Connection, known: Mapping[tuple[str, str], Proof], held: Iterable[Held], now: float
) -> frozenset[str]:
    """Return the modems (by name) whose sound and keys are known to work with their SIM.

    A run proved it (``known``: `latest`), or somebody heard a call of the last month and answered
    with a key.
    """
    return frozenset(
        one.modem for one in held
        if ((proof := known.get((one.imei, one.sim))) and proof.voice_at is not None)
        or _answered(db, one, now - LASTS)
    )  # fmt: skip


def _answered(db: sqlite3.Connection, held: Held, since: float) -> bool:
    # a call names its modem, not the IMEI: what is older may have been another's of that name
    return db.execute(
        "SELECT 1 FROM attempt a JOIN job j ON j.id = a.job_id WHERE a.lane = ? AND a.sim = ?"
        " AND a.ended_at > ? AND a.result IN ('acknowledged', 'declined')"  # as its index says it
        " AND j.channel = 'voice' LIMIT 1",
        (held.modem, held.sim, since),
    ).fetchone() is not None  # fmt: skip


def _stored(proof: Proof) -> str:
    """Return the findings as JSON, which a page still says in its reader's language."""
    found = [
        {key: packed(value) if isinstance(value, str) else value for key, value in told.items()}
        for told in map(asdict, proof.findings)
    ]
    return json.dumps(found, ensure_ascii=False)


def _findings(stored: str) -> tuple[Finding, ...]:
    return tuple(
        Finding(unpacked(told["step"]), told["ok"], unpacked(told["said"]), unpacked(told["mend"]))
        for told in json.loads(stored)
    )
