"""SIM cards by their ICCID: what they received, what their network does, what they refused."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from gateway.assembly import TOGETHER, ReceivedPart
from gateway.store import events
from gateway.visible import visible


@dataclass(frozen=True, slots=True)
class SimHabits:
    """What a SIM has shown: texts its network took, receipts it gave, why it was stopped."""

    regime: str
    accepted: int
    reports: int
    stopped_at: float | None
    stopped_why: str


def see(
    db: sqlite3.Connection, sim: str, imsi: str, modem: str, regime: str, now: float
) -> sqlite3.Row:
    """Write down that a SIM sits in a modem; return its row.

    The regime of the configuration is bound to the SIM first seen in that modem: another card put
    into the same stick is ordinary until somebody says otherwise.
    """
    known = db.execute("SELECT regime_by FROM sim WHERE id = ?", (sim,)).fetchone()
    before = db.execute("SELECT 1 FROM sim WHERE modem = ? AND id != ?", (modem, sim)).fetchone()
    if not known:
        bound = "ordinary" if before else regime
        db.execute(
            "INSERT INTO sim(id, imsi, modem, regime, first_seen_at, seen_at) VALUES (?,?,?,?,?,?)",
            (sim, imsi, modem, bound, now, now),
        )
        events.record(db, now, "sim.first_seen", {"modem": modem, "regime": bound})
    elif not before and not known["regime_by"]:
        db.execute("UPDATE sim SET regime = ? WHERE id = ?", (regime, sim))
    db.execute("UPDATE sim SET modem = ?, seen_at = ? WHERE id = ?", (modem, now, sim))
    row: sqlite3.Row = db.execute("SELECT * FROM sim WHERE id = ?", (sim,)).fetchone()
    return row


def regimes(db: sqlite3.Connection) -> dict[str, str]:
    """Return the regime of each SIM."""
    return {row["id"]: row["regime"] for row in db.execute("SELECT id, regime FROM sim")}


def habits(db: sqlite3.Connection) -> dict[str, SimHabits]:
    """Return what each SIM has shown."""
    return {
        row["id"]: SimHabits(
            row["regime"], row["accepted"], row["reports_seen"], row["stopped_at"],
            row["stopped_why"],
        )
        for row in db.execute("SELECT * FROM sim")
    }  # fmt: skip


def set_regime(
    db: sqlite3.Connection, sim: str, regime: str, by: str, why: str, now: float
) -> None:
    """Write down which regime a SIM is under, who says so and on what paper."""
    db.execute("UPDATE sim SET regime = ?, regime_by = ? WHERE id = ?", (regime, by, sim))
    told = {**said(db, sim), "regime": regime, "by": by, "why": why}
    events.record(db, now, "sim.regime", told)


def said(db: sqlite3.Connection, sim: str) -> dict[str, str]:
    """Return what an event says of a SIM: the end of its number, and the modem it is in."""
    row = db.execute("SELECT modem FROM sim WHERE id = ?", (sim,)).fetchone()
    return {"sim": sim[-4:], "modem": row["modem"] if row else ""}


def stop(db: sqlite3.Connection, sim: str, why: str, now: float) -> None:
    """Write down that a SIM is to send nothing but alerts until somebody has looked at it."""
    db.execute("UPDATE sim SET stopped_at = ?, stopped_why = ? WHERE id = ?", (now, why, sim))
    events.record(db, now, "sim.stopped", {**said(db, sim), "why": why})


def resume(db: sqlite3.Connection, sim: str, by: str, now: float) -> bool:
    """Write down that a SIM may send again; return whether it had been stopped."""
    changed = db.execute(
        "UPDATE sim SET stopped_at = NULL, stopped_why = '' WHERE id = ?"
        " AND stopped_at IS NOT NULL",
        (sim,),
    ).rowcount
    if changed:
        events.record(db, now, "sim.resumed", {**said(db, sim), "by": by})
    return bool(changed)


def pin_was_refused(db: sqlite3.Connection, card: str, pin_hash: str) -> bool:
    """Tell whether a card has ever refused this PIN."""
    known = db.execute(
        "SELECT 1 FROM pin_refused WHERE card = ? AND pin_hash = ?", (card, pin_hash)
    ).fetchone()
    return known is not None


def note_pin_refused(db: sqlite3.Connection, card: str, pin_hash: str, now: float) -> None:
    """Write down that a card refused this PIN: it is never entered again."""
    db.execute("INSERT OR IGNORE INTO pin_refused VALUES (?,?,?)", (card, pin_hash, now))


def keep_received(
    db: sqlite3.Connection,
    sim: str,
    sender: str,
    text: str,
    sent_at: float | None,
    reference: int | None,
    part: int,
    total: int,
    now: float,
) -> None:
    """Keep an incoming SMS; only when this is on disk may the modem forget it."""
    text = visible(text)
    same = db.execute(
        "SELECT 1 FROM received_sms WHERE sim = ? AND sender = ? AND text = ? AND sent_at = ?"
        " AND reference IS ? AND part = ? AND received_at > ?",
        (sim, sender, text, sent_at, reference, part, now - TOGETHER),
    ).fetchone()
    if same:
        return  # the network sent it twice, or a crash kept the modem from forgetting it
    db.execute(
        "INSERT INTO received_sms(sim, sender, text, sent_at, received_at, reference, part, total)"
        " VALUES (?,?,?,?,?,?,?,?)",
        (sim, sender, text, sent_at, now, reference, part, total),
    )
    events.record(db, now, "sms.received", {"sender": sender, "text": text})


def received(db: sqlite3.Connection, since: float) -> list[ReceivedPart]:
    """Return the SMS that came in since a moment, part by part."""
    rows = db.execute(
        "SELECT id, sim, sender, text, received_at, reference, part, total FROM received_sms"
        " WHERE received_at >= ? ORDER BY received_at, id",
        (since,),
    )
    return [
        ReceivedPart(
            row["sim"], row["sender"], row["text"], row["received_at"], row["reference"],
            row["part"], row["total"], row["id"],
        )
        for row in rows
    ]  # fmt: skip
