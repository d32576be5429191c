"""The register's veil: its people stand encrypted in the database, and a connection reads them.

Sealed rows keep their secret fields in ``sealed``; the columns themselves are empty, or hold a mark
to be found by (`cipher.Key.mark`). `dress` lays temporary views of the same names over the tables,
so that every query reads clear text without knowing; where nobody is sealed, nothing is called.
Whoever writes names the table in full (``main.contact``) and comes through
`gateway.store.hidden`. Without the key everything else goes on, and sealed rows read as `MISSING`.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from gateway.errors import Refused
from gateway.french import folded
from gateway.logs import log_for
from gateway.sentences import fr
from gateway.store.cipher import Key, Unreadable

_log = log_for(__name__)

#: What is secret of each table's rows. `migration_register` writes them out too.
SECRET: Final[Mapping[str, tuple[str, ...]]] = {
    "contact": ("honorific", "name", "given_name", "number", "street", "complement", "floor",
                "postcode", "city", "zone", "note"),
    "endpoint": ("address", "warning", "label"),
    "contact_change": ("what",),
    "import_change": ("detail",),
}  # fmt: skip
#: The column that a row is found by, and that bears a mark while it is sealed.
FOUND_BY: Final = {"contact": "sort_name", "endpoint": "address"}
MISSING: Final = "illisible : la clé manque"
DAMAGED: Final = "illisible : valeur abîmée"
NO_KEY: Final = fr(
    "La clé du registre manque sur cette machine : ses fiches ne peuvent être ni lues ni changées. "
    "Le technicien la remet avec « tocsin register key --enter » et la feuille du coffre."
)
#: The name of the key's check in ``box_key``.
KEY_NAME: Final = "register"


class Veil:
    """What one connection knows of the register's key."""

    def __init__(self, key: Key | None, check: bytes | None) -> None:
        self.made = check is not None  # whether this database has a key at all
        self.wrong = key is not None and check is not None and key.check != check
        self.key = None if self.wrong else key
        self.lifted = False  # what stood in clear was sealed: its words are still in the index
        self.traces = False  # … and its pages in the log
        self._opened = lru_cache(maxsize=512)(self._open)

    @property
    def state(self) -> str:
        """``none``, ``open`` or ``missing``: whether sealed rows can be read and written."""
        if not self.made:
            return "none"
        return "open" if self.key else "missing"

    def _open(self, table: str, row: int, sealed: bytes) -> Mapping[str, str] | None:
        if self.key is None:
            return None
        try:
            return self.key.open(_place(table, row), sealed)
        except Unreadable as error:
            _log.error("a sealed row cannot be read", table=table, row=row, why=str(error))
            return None

    def field(self, table: str, row: int, sealed: bytes, name: str) -> str:
        """Return one field of a sealed row, or what is shown in its place."""
        fields = self._opened(table, row, sealed)
        return self._instead(table, name) if fields is None else fields.get(name, "")

    def _instead(self, table: str, name: str) -> str:
        unnamed = MISSING if self.key is None else DAMAGED
        shown = {"contact.name": unnamed, "contact_change.what": "{}",
                 "import_change.detail": "null"}  # fmt: skip
        return shown.get(f"{table}.{name}", "")

    def fields(self, table: str, row: int, sealed: bytes) -> str | None:
        """Return all fields of a sealed row as JSON, None when it cannot be read."""
        fields = self._opened(table, row, sealed)
        return None if fields is None else json.dumps(fields)

    def seal(self, table: str, row: int, fields: str) -> bytes:
        """Return a row's fields (JSON) sealed; raise `Refused` without the key."""
        if self.key is None:
            raise Refused(NO_KEY)
        return self.key.seal(_place(table, row), json.loads(fields))

    def mark(self, text: str) -> str | None:
        """Return what sealed rows with this text are found by."""
        return self.key.mark(text) if self.key and self.made else None

    def finds(self, row: int, sealed: bytes, word: str) -> bool:
        """Tell whether a sealed contact's name or place has words that begin so, as FTS5 does."""
        fields, wanted = self._opened("contact", row, sealed) or {}, _words(word)
        name = _words(f"{fields.get('given_name')} {fields.get('name')}")
        place = _words(
            " ".join(fields.get(key, "") for key in
                     ("number", "street", "complement", "zone", "city"))
        )  # fmt: skip
        return bool(fields) and any(_has(words, wanted) for words in (name, place))

    def begins(self, row: int, sealed: bytes, start: str) -> bool:
        """Tell whether a sealed endpoint's address begins so."""
        return self.field("endpoint", row, sealed, "address").startswith(start)

    def lift(self) -> None:
        """Note that something which stood in clear is being sealed."""
        self.lifted = self.traces = True


def _place(table: str, row: int) -> str:
    return f"{table} {row}"


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", folded(text))


def _has(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Tell whether these words follow each other somewhere, the last perhaps unfinished."""
    return bool(wanted) and any(
        words[at : at + len(wanted) - 1] == wanted[:-1]
        and words[at + len(wanted) - 1].startswith(wanted[-1])
        for at in range(len(words) - len(wanted) + 1)
    )


# --- laying it over a connection ------------------------------------------------------------


def dress(db: sqlite3.Connection, key: Key | None = None) -> Veil:
    """Have a connection read and write sealed rows with this key; return what it knows of it."""
    undress(db)
    ready = "sealed" in _columns(db, "contact")
    row = ready and db.execute(
        "SELECT value FROM main.box_key WHERE name = ?", (KEY_NAME,)
    ).fetchone()  # fmt: skip
    veil = Veil(key, row[0] if row else None)
    for name, arity, function in (
        ("register_field", 4, veil.field), ("register_fields", 3, veil.fields),
        ("register_mark", 1, veil.mark), ("register_finds", 3, veil.finds),
        ("register_begins", 3, veil.begins),
    ):  # fmt: skip
        db.create_function(name, arity, function, deterministic=True)
    db.create_function("register_seal", 3, veil.seal)
    db.create_function("register_lift", 0, veil.lift)
    db.create_function("register_state", 0, lambda: veil.state)
    for table in SECRET if ready else ():
        db.execute(_view(table, _columns(db, table)))
    return veil


def undress(db: sqlite3.Connection) -> None:
    """Take the views away: the schema is changed on the tables themselves."""
    for table in SECRET:
        db.execute(f"DROP VIEW IF EXISTS temp.{table}")


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [str(row[1]) for row in db.execute(f"PRAGMA main.table_info({table})")]


def _view(table: str, columns: Sequence[str]) -> str:
    """Return the view through which a connection reads a table."""
    shown = [
        _clear(table, name, name) if name in SECRET[table] else f"t.{name} AS {name}"
        for name in columns
        if name != "sealed"
    ]
    if table == "contact":
        shown.append(_clear(table, "sort_name", "clear_name"))
    if table == "endpoint":
        shown.append("t.address AS mark")  # an address, or what a sealed one is found by
    return f"CREATE TEMP VIEW {table} AS SELECT {', '.join(shown)} FROM main.{table} t"  # noqa: S608


def _clear(table: str, column: str, name: str) -> str:
    return (
        f"CASE WHEN t.sealed IS NULL THEN t.{column}"
        f" ELSE register_field('{table}', t.id, t.sealed, '{column}') END AS {name}"
    )
