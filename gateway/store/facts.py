"""What the box knows of itself: the last backup, repair, sign of life; alarms, open and over."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any, Final

#: The last backup that reached any place, and how each place has fared.
SOUND_BACKUP: Final = "backup_sound"
BACKUP_PLACES: Final = "backup_places"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something wrong with the box itself. Times are seconds since 1970."""

    id: int
    kind: str
    about: str
    sentence: str
    mend: str
    since: float
    told_at: float | None
    told_by: str
    over_at: float | None


def note(db: sqlite3.Connection, name: str, value: Any, now: float) -> None:
    """Write down the newest of a kind of fact."""
    db.execute(
        "INSERT INTO box_fact(name, at, value) VALUES (?,?,?) ON CONFLICT(name)"
        " DO UPDATE SET at = excluded.at, value = excluded.value",
        (name, now, json.dumps(value)),
    )


def known(db: sqlite3.Connection) -> dict[str, tuple[float, Any]]:
    """Return every fact by its name: when it was written down, and what it says."""
    rows = db.execute("SELECT name, at, value FROM box_fact")
    return {row["name"]: (float(row["at"]), json.loads(row["value"])) for row in rows}


def forget(db: sqlite3.Connection, name: str) -> None:
    """Forget a fact: somebody has taken note of it."""
    db.execute("DELETE FROM box_fact WHERE name = ?", (name,))


def raise_alarm(
    db: sqlite3.Connection, kind: str, about: str, sentence: str, mend: str, now: float
) -> int | None:
    """Write an alarm down; return its number, None when it stands already."""
    row = db.execute(
        "SELECT id FROM box_alarm WHERE kind = ? AND about = ? AND over_at IS NULL", (kind, about)
    ).fetchone()
    if row is not None:
        db.execute(
            "UPDATE box_alarm SET sentence = ?, mend = ? WHERE id = ?", (sentence, mend, row["id"])
        )
        return None
    done = db.execute(
        "INSERT INTO box_alarm(kind, about, sentence, mend, since) VALUES (?,?,?,?,?)",
        (kind, about, sentence, mend, now),
    )
    return int(done.lastrowid or 0)


def end_alarm(db: sqlite3.Connection, kind: str, about: str, now: float) -> bool:
    """Write down that an alarm is over; return whether there was one."""
    done = db.execute(
        "UPDATE box_alarm SET over_at = ? WHERE kind = ? AND about = ? AND over_at IS NULL",
        (now, kind, about),
    )
    return done.rowcount > 0


def told(db: sqlite3.Connection, alarm_id: int, by: str, now: float) -> None:
    """Write down that somebody was told of an alarm, and by what way."""
    db.execute("UPDATE box_alarm SET told_at = ?, told_by = ? WHERE id = ?", (now, by, alarm_id))


def alarms(db: sqlite3.Connection, *, since: float | None = None) -> list[Alarm]:
    """Return the alarms that stand, the oldest first; with ``since``, also those over since."""
    rows = db.execute(
        "SELECT * FROM box_alarm WHERE over_at IS NULL OR over_at >= ? ORDER BY since, id",
        (float("inf") if since is None else since,),
    )
    return [Alarm(*(row[field] for field in Alarm.__slots__)) for row in rows]


def is_fresh(db: sqlite3.Connection) -> bool:
    """Tell whether nobody has used this database yet: no account, no contact, no message."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM account) OR EXISTS (SELECT 1 FROM contact)"
        " OR EXISTS (SELECT 1 FROM broadcast)"
    ).fetchone()
    return not row[0]


def carried(db: sqlite3.Connection) -> list[tuple[str, int, int, float]]:
    """Return by modem the SMS segments, calls and seconds of calls its SIMs ever carried."""
    rows = db.execute(
        "SELECT coalesce(s.modem, '?') AS modem, sum(u.segments) AS segments,"
        " sum(u.calls) AS calls, sum(u.call_seconds) AS seconds FROM sim_use u"
        " LEFT JOIN sim s ON s.id = u.sim GROUP BY coalesce(s.modem, '?') ORDER BY modem"
    )
    return [(row["modem"], row["segments"], row["calls"], row["seconds"]) for row in rows]


def unheard(db: sqlite3.Connection, address: str) -> str | None:
    """Return why the box's last word to an address did not leave, None where it did, or none was.

    The box's own words alone count, whose author it is; what still waits tells nothing yet.
    """
    row = db.execute(
        "SELECT j.state, j.reason FROM job j JOIN broadcast b ON b.id = j.broadcast_id"
        " WHERE j.address = ? AND b.author = 'Tocsin' AND j.state NOT IN ('queued', 'running')"
        " ORDER BY j.broadcast_id DESC, j.id DESC LIMIT 1",
        (address,),
    ).fetchone()
    return str(row["reason"]) if row and row["state"] in {"failed", "expired"} else None
