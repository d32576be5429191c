"""Dialogues that launch an alert by telephone, as rows; and the alerts they are about."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Sequence
from typing import Final

from gateway import kinds
from gateway.launching import AT_END, LIFE, MOVES, Aim, Step
from gateway.logs import masked
from gateway.model import Urgency
from gateway.states import move
from gateway.store import events

#: Seconds a code is known to have been valid.
_REMEMBERED: Final = 3600.0


def begin(
    db: sqlite3.Connection, entity_id: int, number: str, name: str, door: str, aim: Aim,
    now: float, *, scenario_id: int | None = None, target: str = "",
) -> int:  # fmt: skip
    """Begin a dialogue by asking for the PIN; return its number.

    It leaves those that are open alone: whoever only seems to have this number changes nothing.
    """
    cursor = db.execute(
        "INSERT INTO launch_dialogue(entity_id, number, name, door, aim, step, scenario_id, target,"
        " began_at, expires_at) VALUES (?,?,?,?,?,?,?,?,?,?)",
        (entity_id, number, name, door, aim, Step.PIN, scenario_id, target, now, now + LIFE),
    )
    return int(cursor.lastrowid or 0)


def get(db: sqlite3.Connection, dialogue: int) -> sqlite3.Row:
    """Return a dialogue there is."""
    row: sqlite3.Row = db.execute(
        "SELECT * FROM launch_dialogue WHERE id = ?", (dialogue,)
    ).fetchone()
    return row


def open_of(db: sqlite3.Connection, number: str, now: float) -> list[sqlite3.Row]:
    """Return what a number was asked by SMS and may still answer, the newest first."""
    return db.execute(
        "SELECT * FROM launch_dialogue WHERE number = ? AND door = 'sms' AND expires_at > ?"
        " AND step IN ('pin', 'choice', 'confirm') ORDER BY id DESC",
        (number, now),
    ).fetchall()


def by_code(db: sqlite3.Connection, number: str, code: str, now: float) -> sqlite3.Row | None:
    """Return the dialogue in which a number was given this code, over or not."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM launch_dialogue WHERE number = ? AND code = ? AND door = 'sms'"
        " AND began_at > ? ORDER BY id DESC LIMIT 1",
        (number, code, now - _REMEMBERED),
    ).fetchone()
    return row


def go(db: sqlite3.Connection, dialogue: int, step: Step, now: float) -> None:
    """Let a dialogue take a step; raise `IllegalMove` where there is none."""
    move(MOVES, Step(get(db, dialogue)["step"]), step)
    if MOVES[step]:
        db.execute(
            "UPDATE launch_dialogue SET step = ?, expires_at = ? WHERE id = ?",
            (step, now + LIFE, dialogue),
        )
    else:
        db.execute(
            "UPDATE launch_dialogue SET step = ?, ended_at = ? WHERE id = ?", (step, now, dialogue)
        )


def read_back(
    db: sqlite3.Connection, dialogue: int, scenario_id: int, title: str, draft: str, now: float
) -> str:
    """Write down what was read back and will leave; return the fresh code that lets it."""
    code = ask_code(db, dialogue, title, None, now)
    db.execute(
        "UPDATE launch_dialogue SET scenario_id = ?, draft = ?, began_at = ? WHERE id = ?",
        (scenario_id, draft, now, dialogue),
    )
    return code


def ask_code(
    db: sqlite3.Connection, dialogue: int, title: str, broadcast_id: int | None, now: float
) -> str:
    """Write down what a fresh code is for, an alert to cancel perhaps; return that code."""
    code = fresh_code(db, now)
    if get(db, dialogue)["step"] != Step.CONFIRM:
        go(db, dialogue, Step.CONFIRM, now)
    db.execute(
        "UPDATE launch_dialogue SET title = ?, broadcast_id = ?, code = ?, wrong = 0,"
        " expires_at = ? WHERE id = ?",
        (title, broadcast_id, code, now + LIFE, dialogue),
    )
    return code


def fresh_code(db: sqlite3.Connection, now: float) -> str:
    """Return four digits that nobody was given for anything that is still open."""
    while True:
        code = f"{secrets.randbelow(10_000):04}"
        taken = db.execute(
            "SELECT 1 FROM question WHERE code = :code AND answered_at IS NULL"
            " AND expires_at > :now UNION ALL SELECT 1 FROM broadcast_code WHERE code = :code"
            " UNION ALL SELECT 1 FROM stop_asked WHERE code = :code AND expires_at > :now"
            " UNION ALL SELECT 1 FROM launch_dialogue WHERE code = :code AND began_at > :lately",
            {"code": code, "now": now, "lately": now - _REMEMBERED},
        ).fetchone()
        if taken is None:
            return code


def share_code(db: sqlite3.Connection, dialogues: Sequence[int], title: str, now: float) -> str:
    """Give several people's dialogues one fresh code; return it."""
    code = ""
    for dialogue in dialogues:
        own = ask_code(db, dialogue, title, None, now)
        code = code or own
        db.execute("UPDATE launch_dialogue SET code = ? WHERE id = ?", (code, dialogue))
    return code


def is_foreign(db: sqlite3.Connection, number: str, code: str, now: float) -> bool:
    """Tell whether a code that is none of ours may be about something else."""
    row = db.execute(
        "SELECT 1 FROM broadcast_code WHERE code = ? UNION ALL SELECT 1 FROM stop_asked"
        " WHERE code = ? AND number = ? AND expires_at > ?",
        (code, code, number, now),
    ).fetchone()
    return row is not None


def wrong_code(db: sqlite3.Connection, dialogue: int) -> int:
    """Count a wrong code; return how many there have been."""
    row = db.execute(
        "UPDATE launch_dialogue SET wrong = wrong + 1 WHERE id = ? RETURNING wrong", (dialogue,)
    ).fetchall()
    return int(row[0]["wrong"])


def launched(db: sqlite3.Connection, dialogue: int, broadcast_id: int, now: float) -> bool:
    """Write down that what was read back has left; return whether that is news."""
    row = get(db, dialogue)
    if row["step"] == Step.DONE:
        return False
    go(db, dialogue, Step.DONE, now)
    db.execute("UPDATE launch_dialogue SET broadcast_id = ? WHERE id = ?", (broadcast_id, dialogue))
    told = {"by": row["name"], "number": masked(row["number"]), "door": row["door"]}
    events.record(
        db, now, "launch.launched", told, entity_id=row["entity_id"], broadcast_id=broadcast_id
    )
    return True


def followed(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return the launches whose end has not been told, with their broadcast and town."""
    return db.execute(
        "SELECT d.*, b.title AS alert, b.created_at AS launched_at, b.closed_at, b.state,"
        " e.name AS town, e.timezone FROM launch_dialogue d JOIN broadcast b"
        " ON b.id = d.broadcast_id JOIN entity e ON e.id = d.entity_id"
        " WHERE d.aim = 'launch' AND d.step = 'done' AND d.told < ? ORDER BY d.id",
        (AT_END,),
    ).fetchall()


def told(db: sqlite3.Connection, dialogue: int, which: int) -> bool:
    """Write down that a progress text is on its way; return whether it was not yet."""
    return bool(
        db.execute(
            "UPDATE launch_dialogue SET told = ? WHERE id = ? AND told < ?",
            (which, dialogue, which),
        ).rowcount
    )


_ALERTS: Final = """SELECT * FROM broadcast WHERE entity_id = :town AND urgency = 'vital'
  AND kind NOT IN (SELECT value FROM json_each(:own))"""


def alert_under_way(db: sqlite3.Connection, entity_id: int, author: str) -> sqlite3.Row | None:
    """Return the latest alert of a town that is not over, the author's own before others'."""
    row: sqlite3.Row | None = db.execute(
        f"{_ALERTS} AND closed_at IS NULL AND state IN ('sending', 'paused')"
        " ORDER BY author = :author DESC, id DESC LIMIT 1",
        {"town": entity_id, "own": json.dumps(kinds.OWN), "author": author},
    ).fetchone()
    return row


def same_alert(
    db: sqlite3.Connection, entity_id: int, title: str, since: float, but: str
) -> sqlite3.Row | None:
    """Return an alert of this title that was made since then, other than that of key ``but``."""
    for row in same(db, entity_id, title, since):
        if row["urgency"] == Urgency.VITAL and (row["idempotency_key"] or "") != but:
            return row
    return None


def same(db: sqlite3.Connection, entity_id: int, title: str, since: float) -> list[sqlite3.Row]:
    """Return the messages of this title that were made since then and not cancelled, newest first.

    The box's own words are none.
    """
    return db.execute(
        "SELECT * FROM broadcast WHERE entity_id = :town AND title = :title"
        " AND created_at > :since AND state != 'cancelled'"
        " AND kind NOT IN (SELECT value FROM json_each(:own)) ORDER BY id DESC",
        {"town": entity_id, "title": title, "since": since, "own": json.dumps(kinds.OWN)},
    ).fetchall()


def go_first(db: sqlite3.Connection, broadcast_id: int, not_before: float) -> None:
    """Have what is queued of a broadcast leave before all else, alerts too, from a moment on."""
    db.execute(
        "UPDATE job SET rank = -1, not_before = max(not_before, ?)"
        " WHERE broadcast_id = ? AND state = 'queued'",
        (not_before, broadcast_id),
    )


def words(db: sqlite3.Connection) -> set[str]:
    """Return the words that launch something, in every town."""
    return {row["word"] for row in db.execute("SELECT word FROM scenario WHERE word != ''")}


def keep_word(
    db: sqlite3.Connection, entity_id: int, scenario_id: int, word: str, by: str, now: float
) -> bool:
    """Let a word launch a scenario, empty: none; return False where another has it."""
    try:
        changed = db.execute(
            "UPDATE scenario SET word = ? WHERE id = ? AND entity_id = ? RETURNING name",
            (word, scenario_id, entity_id),
        ).fetchall()
    except sqlite3.IntegrityError:
        return False
    for row in changed:
        told = {"name": row["name"], "word": word, "by": by}
        events.record(db, now, "scenario.word", told, entity_id=entity_id)
    return True
