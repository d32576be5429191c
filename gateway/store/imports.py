"""Lists taken in: written in slices, each with what it changed, so that all of it can be undone.

A slice is one transaction, short enough that no modem waits for it. A batch that a power cut left
half way is undone at the next start: half an import is never left.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gateway.french import folded
from gateway.lists.matching import Fate, Known, Verdict
from gateway.model import Purpose
from gateway.store import contacts, events, group_uses, groups, hidden, newcomers

#: Verdicts written in one transaction.
SLICE: Final = 300
_CHANGE: Final = ("import_id", "kind", "contact_id", "detail")
#: ``undone_at`` of a batch that is not finished yet.
_RUNNING: Final = -1.0


def known(db: sqlite3.Connection, entity_id: int, *, register: bool) -> list[Known]:
    """Return the whole directory as a list is compared with it."""
    rows = db.execute(
        "SELECT * FROM contact WHERE entity_id = ? AND reserved <= ?", (entity_id, register)
    )
    found: dict[int, Known] = {}
    looked_after: list[tuple[int, int]] = []
    for row in rows:
        found[row["id"]] = Known(row["id"], row["name"], row["given_name"], _details(row))
        if row["referent_id"] is not None:
            looked_after.append((row["id"], row["referent_id"]))
    for contact, referent in looked_after:
        found[contact].referent = found.get(referent)  # None: not to be known by whoever asks
    for contact, value in _each(db, entity_id, "endpoint", "address"):
        if contact in found:
            found[contact].addresses.add(value)
    for contact, value in _each(db, entity_id, "contact_tag", "tag"):
        if contact in found:
            found[contact].tags.add(folded(value))
    for row in db.execute(
        "SELECT m.contact_id, g.name FROM membership m JOIN grouping g ON g.id = m.grouping_id"
        " WHERE g.entity_id = ?",
        (entity_id,),
    ):
        if row["contact_id"] in found:
            found[row["contact_id"]].groups.add(folded(row["name"]))
    return list(found.values())


def _details(row: sqlite3.Row) -> dict[str, str]:
    kept = {key: str(row[key] or "") for key in contacts.DETAILS if key != "kind"}
    return {key: value for key, value in kept.items() if value}


def _each(db: sqlite3.Connection, entity_id: int, table: str, column: str) -> list[tuple[int, str]]:
    return [
        (row[0], row[1])
        for row in db.execute(
            f"SELECT t.contact_id, t.{column} FROM {table} t JOIN contact c"  # noqa: S608
            " ON c.id = t.contact_id WHERE c.entity_id = ?",
            (entity_id,),
        )
    ]


def begin(db: sqlite3.Connection, entity_id: int, filename: str, by: str, now: float) -> int:
    """Open a batch; return its id."""
    cursor = db.execute(
        "INSERT INTO import_batch(entity_id, at, by, filename, added, changed, undone_at)"
        " VALUES (?,?,?,?,0,0,?)",
        (entity_id, now, by, filename, _RUNNING),
    )
    return int(cursor.lastrowid or 0)


def write(
    db: sqlite3.Connection, import_id: int, entity_id: int, verdicts: Sequence[Verdict],
    made: dict[int, int], purpose: str, by: str, now: float,
) -> None:  # fmt: skip
    """Write one slice; ``made`` remembers the contacts that lines of this list became."""
    note = Noting(db, import_id, entity_id)
    _add(db, note, entity_id, [v for v in verdicts if v.fate is Fate.ADDED], made, purpose, now)
    for verdict in verdicts:
        if verdict.fate is Fate.ADDED:
            continue
        contact_id = made.get(verdict.contact_id, verdict.contact_id)
        if verdict.fields:
            values = {key: _typed(key, after) for key, (_, after) in verdict.fields.items()}
            note("fields", contact_id, contacts.change(db, contact_id, values, by, now))
        _reach(db, note, entity_id, contact_id, verdict)
        for tag in verdict.tags:
            if contacts.add_tag(db, contact_id, tag):
                note("tag", contact_id, tag)
        for name in verdict.groups:
            group_id = _group(db, note, entity_id, name, purpose, now)
            if groups.join(db, group_id, contact_id):
                note("member", contact_id, group_id)


def _add(
    db: sqlite3.Connection, note: Noting, entity_id: int, verdicts: Sequence[Verdict],
    made: dict[int, int], purpose: str, now: float,
) -> None:  # fmt: skip
    people = [
        newcomers.Newcomer(
            v.line.name, v.line.given_name, v.line.details,
            [(e.line, e.address, e.warning) for e in v.endpoints],
            note.only_registers(v.groups, purpose),
        )
        for v in verdicts
    ]  # fmt: skip
    numbers = newcomers.add(db, entity_id, people, now)
    made.update(zip((v.contact_id for v in verdicts), numbers, strict=True))
    note.newcomers(numbers)
    for verdict, number in zip(verdicts, numbers, strict=True):
        for tag in verdict.tags:
            contacts.add_tag(db, number, tag)
    pairs = [
        (_group(db, note, entity_id, name, purpose, now), number)
        for verdict, number in zip(verdicts, numbers, strict=True)
        for name in verdict.groups
    ]
    groups.join_all(db, pairs)


def _typed(key: str, value: str) -> object:
    return int(value or 0) if key == "help_first" else value


def _reach(
    db: sqlite3.Connection, note: Noting, entity_id: int, contact_id: int, verdict: Verdict
) -> None:
    for e in verdict.endpoints:
        if contacts.add_endpoint(db, entity_id, contact_id, e.line, e.address, e.warning):
            note("endpoint", contact_id, e.address)


def _group(
    db: sqlite3.Connection, note: Noting, entity_id: int, name: str, purpose: str, now: float
) -> int:
    """Return the group of this name, made where there is none."""
    known_id = note.groups.get(name.casefold())
    if known_id is None:
        known_id = groups.ensure(db, entity_id, name, purpose, now)
        note("group", 0, known_id)
        note.groups[name.casefold()] = known_id
    return known_id


class Noting:
    """Writes down what a batch changes."""

    def __init__(self, db: sqlite3.Connection, import_id: int, entity_id: int) -> None:
        self._db, self._import_id = db, import_id
        rows = groups.named(db, entity_id)
        self.groups = {str(row["name"]).casefold(): int(row["id"]) for row in rows}
        self._purposes = {str(row["name"]).casefold(): str(row["purpose"]) for row in rows}
        self.fresh: set[int] = set()  # made by this list: undone whole, nothing more to note

    def only_registers(self, names: Sequence[str], purpose: str) -> bool:
        """Tell whether these groups are all of the register; a new one has ``purpose``."""
        purposes = {self._purposes.get(name.casefold(), purpose) for name in names}
        return purposes == {Purpose.VULNERABLE}

    def newcomers(self, numbers: Sequence[int]) -> None:
        """Write down that this list made these contacts: they are undone whole."""
        self.all("contact", dict.fromkeys(numbers))
        self.fresh.update(numbers)

    def all(self, kind: str, details: Mapping[int, object]) -> None:
        """Write down one change each of these contacts, by their ids."""
        secret = hidden.among(self._db, list(details))
        for number in secret:
            self(kind, number, details[number])
        rows = [
            (self._import_id, kind, number, json.dumps(detail, ensure_ascii=False))
            for number, detail in details.items()
            if number not in secret
        ]
        hidden.insert_clear(self._db, "import_change", _CHANGE, rows)

    def __call__(self, kind: str, contact_id: int, detail: object = None) -> None:
        """Write down one change, but of a contact that this list made."""
        if contact_id in self.fresh:
            return
        values = {
            "import_id": self._import_id, "kind": kind, "contact_id": contact_id,
            "detail": json.dumps(detail, ensure_ascii=False),
        }  # fmt: skip
        hidden.insert(self._db, "import_change", values, hidden=hidden.hides(self._db, contact_id))


def finish(
    db: sqlite3.Connection, import_id: int, added: int, changed: int, by: str, now: float
) -> None:
    """Close a batch: from now on it counts."""
    db.execute(
        "UPDATE import_batch SET added = ?, changed = ?, undone_at = NULL WHERE id = ?",
        (added, changed, import_id),
    )
    row = db.execute("SELECT * FROM import_batch WHERE id = ?", (import_id,)).fetchone()
    events.record(
        db, now, "contacts.imported",
        {"file": row["filename"], "added": added, "changed": changed, "by": by},
        entity_id=row["entity_id"],
    )  # fmt: skip


def batches(db: sqlite3.Connection, entity_id: int) -> list[sqlite3.Row]:
    """Return the last lists taken in, newest first."""
    return db.execute(
        "SELECT * FROM import_batch WHERE entity_id = ? AND undone_at IS NOT ?"
        " ORDER BY id DESC LIMIT 20",
        (entity_id, _RUNNING),
    ).fetchall()


def unfinished(db: sqlite3.Connection) -> list[int]:
    """Return the batches that a stop cut short."""
    rows = db.execute("SELECT id FROM import_batch WHERE undone_at = ?", (_RUNNING,))
    return [int(row["id"]) for row in rows]


def pending(db: sqlite3.Connection, import_id: int, limit: int) -> list[sqlite3.Row]:
    """Return the next changes of a batch to undo: the last made first."""
    return db.execute(
        "SELECT * FROM import_change WHERE import_id = ? ORDER BY kind = 'group', id DESC LIMIT ?",
        (import_id, limit),
    ).fetchall()


def get(db: sqlite3.Connection, entity_id: int, import_id: int) -> sqlite3.Row | None:
    """Return a batch of this town that can be undone."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM import_batch WHERE id = ? AND entity_id = ? AND undone_at IS NULL",
        (import_id, entity_id),
    ).fetchone()
    return row


def undo(db: sqlite3.Connection, changes: Sequence[sqlite3.Row], by: str, now: float) -> int:
    """Take these changes back, the last made first; return how many contacts had to stay."""
    stayed = 0
    for change in changes:
        detail = json.loads(change["detail"])
        # sealed, and the key is not here
        kept = detail is None and change["kind"] not in _WITHOUT_DETAIL
        kept = kept or _UNDO[change["kind"]](db, change["contact_id"], detail, by, now)
        stayed += bool(kept)
        db.execute("DELETE FROM main.import_change WHERE id = ?", (change["id"],))
    return stayed


def _undo_contact(db: sqlite3.Connection, contact_id: int, _: Any, _by: str, _now: float) -> bool:
    """Delete a contact again, unless it has been written to or corrected by hand since."""
    used = (
        _touched(db, contact_id)
        or db.execute(
            "SELECT 1 FROM contact WHERE referent_id = :id UNION ALL"
            " SELECT 1 FROM job WHERE to_referent = 1 AND address IN"
            " (SELECT address FROM endpoint WHERE contact_id = :id) LIMIT 1",
            {"id": contact_id},
        ).fetchone()
    )
    if not used:
        db.execute("DELETE FROM main.contact WHERE id = ?", (contact_id,))
    return bool(used)


def _touched(db: sqlite3.Connection, contact_id: int) -> bool:
    """Tell whether a contact has been written to or corrected by hand since it was taken in."""
    row = db.execute(
        "SELECT 1 FROM recipient WHERE contact_id = :id UNION ALL"
        " SELECT 1 FROM contact_change WHERE contact_id = :id LIMIT 1",
        {"id": contact_id},
    ).fetchone()
    return row is not None


def _undo_appointed(db: sqlite3.Connection, contact_id: int, _: Any, by: str, now: float) -> bool:
    """Delete a contact made to be a referent, unless somebody has put them into a group since."""
    joined = db.execute(
        "SELECT 1 FROM membership WHERE contact_id = ? LIMIT 1", (contact_id,)
    ).fetchone()
    return joined is not None or _undo_contact(db, contact_id, None, by, now)


def _undo_referent(
    db: sqlite3.Connection, contact_id: int, detail: Sequence[Any], by: str, now: float
) -> bool:
    """Give a contact their referent of before; who came with the list and stays keeps theirs."""
    before, after, fresh = detail
    row = db.execute("SELECT referent_id FROM contact WHERE id = ?", (contact_id,)).fetchone()
    if row is None or row["referent_id"] != after or (fresh and _touched(db, contact_id)):
        return False
    there = db.execute("SELECT 1 FROM main.contact WHERE id = ?", (before,)).fetchone()
    back = before if there else None
    if fresh:
        db.execute("UPDATE main.contact SET referent_id = ? WHERE id = ?", (back, contact_id))
    else:
        contacts.change(db, contact_id, {"referent_id": back}, by, now)
    return False


def _undo_fields(
    db: sqlite3.Connection, contact_id: int, detail: Mapping[str, Any], by: str, now: float
) -> bool:
    row = db.execute("SELECT * FROM contact WHERE id = ?", (contact_id,)).fetchone()
    if row is not None:
        back = {key: before for key, (before, after) in detail.items() if row[key] == after}
        contacts.change(db, contact_id, back, by, now)
    return False


def _undo_endpoint(
    db: sqlite3.Connection, contact_id: int, address: str, _by: str, _now: float
) -> bool:
    db.execute(
        "DELETE FROM main.endpoint WHERE contact_id = ? AND address IN (?, register_mark(?))",
        (contact_id, address, address),
    )
    return False


def _undo_tag(db: sqlite3.Connection, contact_id: int, tag: str, _by: str, _now: float) -> bool:
    db.execute("DELETE FROM contact_tag WHERE contact_id = ? AND tag = ?", (contact_id, tag))
    return False


def _undo_member(
    db: sqlite3.Connection, contact_id: int, grouping_id: int, _by: str, _now: float
) -> bool:
    groups.leave(db, grouping_id, contact_id)
    return False


def _undo_group(db: sqlite3.Connection, _: int, grouping_id: int, by: str, now: float) -> bool:
    empty = db.execute(
        "SELECT entity_id FROM grouping WHERE id = ? AND criteria = '' AND NOT EXISTS"
        " (SELECT 1 FROM membership WHERE grouping_id = grouping.id)",
        (grouping_id,),
    ).fetchone()
    # an alert made ready meanwhile says that its group is empty, which can be mended
    if empty and not group_uses.of(db, empty["entity_id"], grouping_id):
        groups.remove(db, grouping_id, by, now)
    return False


_UNDO: Final[Mapping[str, Callable[[sqlite3.Connection, int, Any, str, float], bool]]] = {
    "contact": _undo_contact, "fields": _undo_fields, "endpoint": _undo_endpoint,
    "tag": _undo_tag, "member": _undo_member, "group": _undo_group,
    "appointed": _undo_appointed, "referent": _undo_referent,
}  # fmt: skip
_WITHOUT_DETAIL: Final = ("contact", "appointed")


def undone(db: sqlite3.Connection, import_id: int, by: str, now: float) -> None:
    """Close a batch that was taken back."""
    row = db.execute("SELECT * FROM import_batch WHERE id = ?", (import_id,)).fetchone()
    db.execute(
        "UPDATE import_batch SET undone_at = ?, undone_by = ? WHERE id = ?", (now, by, import_id)
    )
    events.record(
        db, now, "contacts.import_undone", {"file": row["filename"], "by": by},
        entity_id=row["entity_id"],
    )  # fmt: skip


def columns_for(db: sqlite3.Connection, entity_id: int, titles: str) -> list[str] | None:
    """Return what the columns of such a file held the last time, None for a new kind of file."""
    row = db.execute(
        "SELECT columns FROM import_columns WHERE entity_id = ? AND titles = ?",
        (entity_id, titles),
    ).fetchone()
    return list(json.loads(row["columns"])) if row else None


def remember_columns(
    db: sqlite3.Connection, entity_id: int, titles: str, columns: Sequence[str], now: float
) -> None:
    """Keep what the columns of such a file hold, for the next time."""
    db.execute(
        "INSERT INTO import_columns(entity_id, titles, columns, used_at) VALUES (?,?,?,?)"
        " ON CONFLICT(entity_id, titles) DO UPDATE SET columns = excluded.columns,"
        " used_at = excluded.used_at",
        (entity_id, titles, json.dumps(list(columns)), now),
    )
