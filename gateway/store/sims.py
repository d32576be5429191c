"""SIM cards by their ICCID, and what they received."""

from __future__ import annotations

import sqlite3

from gateway.store import events


def see(
    db: sqlite3.Connection, sim: str, imsi: str, modem: str, regime: str, now: float
) -> sqlite3.Row:
    """Write down that a SIM sits in a modem; return its row.

    The regime of the configuration is bound to the SIM first seen in that modem: another card put
    into the same stick is ordinary until somebody says otherwise.
    """
    known = db.execute("SELECT 1 FROM sim WHERE id = ?", (sim,)).fetchone()
    before = db.execute("SELECT 1 FROM sim WHERE modem = ? AND id != ?", (modem, sim)).fetchone()
    if not known:
        bound = "ordinary" if before else regime
        db.execute(
            "INSERT INTO sim(id, imsi, modem, regime, first_seen_at, seen_at) VALUES (?,?,?,?,?,?)",
            (sim, imsi, modem, bound, now, now),
        )
        events.record(db, now, "sim.first_seen", {"modem": modem, "regime": bound})
    elif not before:
        db.execute("UPDATE sim SET regime = ? WHERE id = ?", (regime, sim))
    db.execute("UPDATE sim SET modem = ?, seen_at = ? WHERE id = ?", (modem, now, sim))
    row: sqlite3.Row = db.execute("SELECT * FROM sim WHERE id = ?", (sim,)).fetchone()
    return row


def regimes(db: sqlite3.Connection) -> dict[str, str]:
    """Return the regime of each SIM."""
    return {row["id"]: row["regime"] for row in db.execute("SELECT id, regime FROM sim")}


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
    db.execute(
        "INSERT INTO received_sms(sim, sender, text, sent_at, received_at, reference, part, total)"
        " VALUES (?,?,?,?,?,?,?,?)",
        (sim, sender, text, sent_at, now, reference, part, total),
    )
    events.record(db, now, "sms.received", {"sender": sender, "text": text})
