"""Messages begun and not yet sent: what stood in the form, for the account that wrote it."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from typing import Final

from gateway.reply_spelling import flat

Fields = Sequence[tuple[str, str]]
#: What stands between the digits of a number as it is typed.
_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[\s./-]+(?=\d)")
#: What is left of a form that named somebody erased: the page still open must not bring it back.
_GONE: Final = ""
#: Digits of a number that are its own, whatever stands before them.
_OWN_DIGITS: Final = 9


def keep(
    db: sqlite3.Connection, account_id: int, entity_id: int, key: str, title: str, fields: Fields,
    now: float, *, most: int, older_than: float,
) -> bool:  # fmt: skip
    """Keep a form under its key; of the others the newest ``most`` stay, none ``older_than``.

    Return False for one that named somebody who is erased: nothing of it is kept any more.
    """
    kept = db.execute(
        "INSERT INTO unfinished(account_id, entity_id, key, title, fields, saved_at)"
        " VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET title = excluded.title,"
        " fields = excluded.fields, saved_at = excluded.saved_at WHERE unfinished.fields != ?",
        (account_id, entity_id, key, title, json.dumps(fields, ensure_ascii=False), now, _GONE),
    ).rowcount
    db.execute(
        "DELETE FROM unfinished WHERE account_id = ? AND (saved_at < ? OR key NOT IN (SELECT key"
        " FROM unfinished WHERE account_id = ? ORDER BY saved_at DESC LIMIT ?))",
        (account_id, older_than, account_id, most),
    )
    return bool(kept)


def listed(db: sqlite3.Connection, account_id: int, entity_id: int) -> list[sqlite3.Row]:
    """Return what an account has begun for a town, newest first."""
    return db.execute(
        "SELECT key, title, saved_at FROM unfinished WHERE account_id = ? AND entity_id = ?"
        " AND fields != ? ORDER BY saved_at DESC",
        (account_id, entity_id, _GONE),
    ).fetchall()


def fields_of(
    db: sqlite3.Connection, account_id: int, entity_id: int, key: str
) -> list[tuple[str, str]] | None:
    """Return what stood in a form, None when it is gone."""
    row = db.execute(
        "SELECT fields FROM unfinished WHERE account_id = ? AND entity_id = ? AND key = ?",
        (account_id, entity_id, key),
    ).fetchone()
    if row is None or row["fields"] == _GONE:
        return None
    return [(name, value) for name, value in json.loads(row["fields"])]


def drop(db: sqlite3.Connection, account_id: int, key: str) -> None:
    """Forget one."""
    db.execute("DELETE FROM unfinished WHERE account_id = ? AND key = ?", (account_id, key))


def forget_person(
    db: sqlite3.Connection, entity_id: int, contact_id: int, name: str, addresses: Sequence[str]
) -> int:
    """Throw away whatever names a contact who is erased; return how many that were.

    By their number here, their whole ``name``, or one of their ``addresses``, however it is typed.
    """
    rows = db.execute(
        "SELECT account_id, key, title, fields FROM unfinished WHERE entity_id = ? AND fields != ?",
        (entity_id, _GONE),
    ).fetchall()
    theirs = [
        (_GONE, row["account_id"], entity_id, row["key"])
        for row in rows
        if _picks(fields := json.loads(row["fields"]), contact_id)
        or _says(" ".join([row["title"], *(value for _, value in fields)]), name, addresses)
    ]
    db.executemany(
        "UPDATE unfinished SET title = '', fields = ? WHERE account_id = ? AND entity_id = ?"
        " AND key = ?", theirs,
    )  # fmt: skip
    return len(theirs)


def _picks(fields: Fields, contact_id: int) -> bool:
    return any(one == "person" and value == str(contact_id) for one, value in fields)


def _says(text: str, name: str, addresses: Sequence[str]) -> bool:
    """Tell whether a text has somebody's name, either way round, or one of their addresses."""
    bare, called = _bare(text), _bare(name).split()
    digits = _BETWEEN_DIGITS.sub("", text)
    return (
        # a surname alone is a street's, and half a village's
        (len(called) > 1 and any(f" {' '.join(one)} " in f" {bare} " for one in _turns(called)))
        or any(len(one) >= _OWN_DIGITS and one[-_OWN_DIGITS:] in digits for one in addresses
               if "@" not in one)
        or any(one.casefold() in text.casefold() for one in addresses if "@" in one)
    )  # fmt: skip


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", flat(text)))


def _turns(called: Sequence[str]) -> list[Sequence[str]]:
    """Return the words of a name as they follow one another, begun with each of them."""
    return [[*called[place:], *called[:place]] for place in range(len(called))]
