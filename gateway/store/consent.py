"""Who agreed to what, and who asked to be left alone: per address, way and purpose.

Nothing is ever overwritten: the newest yes or no of an address, a channel and a purpose counts. An
empty channel means every way. A purpose is what a message is for, which its urgency says.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from gateway import kinds, rounds
from gateway.model import Channel, Purpose, Urgency
from gateway.store import events

#: What a message of each urgency is for.
PURPOSES: Final = {
    Urgency.VITAL: Purpose.ALERT, Urgency.SERVICE: Purpose.SERVICE,
    Urgency.INFORMATION: Purpose.INFORMATION,
}  # fmt: skip
#: What a key press or a STOP without a word more is about: never the alerts.
ROUTINE: Final = (Purpose.SERVICE, Purpose.INFORMATION)

#: Kinds of broadcasts that are owed to whoever wrote or is asked: no STOP keeps them from leaving.
OWED: Final = frozenset({*kinds.ALWAYS, "question", "reply"})

#: A no that no later word about the same address, way and purpose has taken back.
_IN_FORCE: Final = """given = 0 AND NOT EXISTS (SELECT 1 FROM consent n
    WHERE n.entity_id = c.entity_id AND n.address = c.address AND n.purpose = c.purpose
    AND n.channel = c.channel AND n.id > c.id)"""


def purpose_of(urgency: Urgency, kind: str) -> Purpose:
    """Return what a message is for: the daily round is nothing but the register's."""
    return Purpose.VULNERABLE if kind == rounds.KIND else PURPOSES[urgency]


def withdraw(
    db: sqlite3.Connection, entity_id: int, *, channel: Channel | None, address: str,
    purpose: Purpose, source: str, by: str, now: float, text: str = "",
) -> bool:  # fmt: skip
    """Write down that this address wants no more of a purpose (``channel`` None: by no way).

    ``source`` says how it was asked (« SMS », « touche 9 », « page »), ``text`` in which words,
    ``by`` who wrote it down. Return False where that was known already.
    """
    if _refused(db, entity_id, address, purpose, channel):
        return False
    _write(db, entity_id, channel, address, purpose, False, source, text, by, now)
    return True


def restore(
    db: sqlite3.Connection, entity_id: int, *, channel: Channel | None, address: str,
    purpose: Purpose, source: str, by: str, now: float, text: str = "",
) -> bool:  # fmt: skip
    """Write down that this address agrees to a purpose (``channel`` None: by every way).

    Takes back every earlier no of that purpose by that way, or by all. Return whether there was
    one.
    """
    refused = {
        row["channel"] for row in in_force(db, entity_id, address) if row["purpose"] == purpose
    }
    if channel is not None:
        refused &= {"", channel.value}
    for way in sorted(refused | {channel.value if channel else ""}):
        known = Channel(way) if way else None
        _write(db, entity_id, known, address, purpose, True, source, text, by, now)
    return bool(refused)


def _write(
    db: sqlite3.Connection, entity_id: int, channel: Channel | None, address: str,
    purpose: Purpose, given: bool, source: str, text: str, by: str, now: float,
) -> None:  # fmt: skip
    db.execute(
        "INSERT INTO consent(entity_id, address, channel, purpose, given, at, source, by, said)"
        " VALUES (?,?,?,?,?,?,?,?,?)",
        (entity_id, address, channel or "", purpose, given, now, source, by, text[:500]),
    )
    events.record(
        db, now, "consent.given" if given else "consent.withdrawn",
        {"channel": channel or "", "address": address, "purpose": purpose, "source": source,
         "by": by, "text": text[:500]},
        entity_id=entity_id,
    )  # fmt: skip


def no_more_routine(
    db: sqlite3.Connection, entity_id: int, channel: Channel, address: str, source: str,
    now: float,
) -> None:  # fmt: skip
    """Write down that this number wants no more routine messages this way."""
    for purpose in ROUTINE:
        withdraw(
            db, entity_id, channel=channel, address=address, purpose=purpose, source=source,
            by="", now=now,
        )  # fmt: skip


def refused(
    db: sqlite3.Connection, entity_id: int, purposes: Sequence[Purpose]
) -> frozenset[tuple[Channel, str]]:
    """Return all (channel, address) that want none of these purposes."""
    marks = ",".join("?" * len(purposes))
    rows = db.execute(
        f"SELECT channel, address FROM consent c WHERE entity_id = ? AND purpose IN ({marks})"  # noqa: S608
        f" AND {_IN_FORCE}",
        (entity_id, *purposes),
    )
    return frozenset(
        (channel, row["address"])
        for row in rows
        for channel in ((Channel(row["channel"]),) if row["channel"] else Channel)
    )


def is_refused(
    db: sqlite3.Connection, entity_id: int, channel: Channel, address: str, purpose: Purpose
) -> bool:
    """Tell whether a message of this purpose may not go to this address this way."""
    return _refused(db, entity_id, address, purpose, channel) or _refused(
        db, entity_id, address, purpose, None
    )


def _refused(
    db: sqlite3.Connection, entity_id: int, address: str, purpose: Purpose,
    channel: Channel | None,
) -> bool:  # fmt: skip
    row = db.execute(
        "SELECT given FROM consent WHERE entity_id = ? AND address = ? AND purpose = ?"
        " AND channel = ? ORDER BY id DESC LIMIT 1",
        (entity_id, address, purpose, channel or ""),
    ).fetchone()
    return row is not None and not row["given"]


def in_force(db: sqlite3.Connection, entity_id: int, address: str) -> list[sqlite3.Row]:
    """Return each no of an address that still counts."""
    return db.execute(
        f"SELECT * FROM consent c WHERE entity_id = ? AND address = ? AND {_IN_FORCE} ORDER BY id",  # noqa: S608
        (entity_id, address),
    ).fetchall()


def stopped_in(db: sqlite3.Connection, address: str) -> list[int]:
    """Return the towns that an address has said no to, and not yet yes again."""
    rows = db.execute(
        f"SELECT DISTINCT entity_id FROM consent c WHERE address = ? AND {_IN_FORCE}"  # noqa: S608
        " ORDER BY entity_id",
        (address,),
    )
    return [int(row["entity_id"]) for row in rows]


def history(db: sqlite3.Connection, entity_id: int, addresses: Sequence[str]) -> list[sqlite3.Row]:
    """Return every yes and no of these addresses, newest first."""
    marks = ",".join("?" * len(addresses))
    return db.execute(
        f"SELECT * FROM consent WHERE entity_id = ? AND address IN ({marks}) ORDER BY id DESC",  # noqa: S608
        (entity_id, *addresses),
    ).fetchall()


def forget(db: sqlite3.Connection, entity_id: int, addresses: Sequence[str]) -> None:
    """Erase what is known of these addresses but the noes: they must go on being honoured."""
    for address in addresses:
        db.execute(
            f"UPDATE consent AS c SET said = '', by = '' WHERE entity_id = ? AND address = ?"  # noqa: S608
            f" AND {_IN_FORCE}",
            (entity_id, address),
        )
        db.execute(
            f"DELETE FROM consent WHERE entity_id = ? AND address = ? AND id NOT IN"  # noqa: S608
            f" (SELECT id FROM consent c WHERE entity_id = ? AND address = ? AND {_IN_FORCE})",
            (entity_id, address, entity_id, address),
        )
