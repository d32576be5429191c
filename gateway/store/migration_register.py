"""The schema of the sealed register: where sealed fields stand, and who seals them.

A step that has shipped is never edited: add another. See `gateway.store.migrations`, and
`gateway.store.veil` for how rows are read. Two triggers follow ``contact.reserved``, so that no
writer can forget: who comes to be of the register only is sealed, who comes to be in another group
is opened. They call functions that `veil.dress` gives a connection; one without them cannot write
there at all.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.store import migration_round  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

_CONTACT: Final = ("honorific", "name", "given_name", "number", "street", "complement", "floor",
                   "postcode", "city", "zone", "note")  # fmt: skip
_ENDPOINT: Final = ("address", "warning", "label")
_PLACE: Final = (
    "NEW.number || ' ' || NEW.street || ' ' || NEW.complement || ' ' || NEW.zone || ' ' || NEW.city"
)
_OF: Final = "contact_id = NEW.id AND sealed IS "


def _seal(table: str, fields: tuple[str, ...], found_by: str, which: str) -> str:
    """Return the statement that seals rows: the columns empty, the one to find them by a mark."""
    whole = ", ".join(f"'{name}', {name}" for name in dict.fromkeys((*fields, found_by)) if name)
    empty = "".join(f", {name} = ''" for name in fields if name != found_by)
    mark = f", {found_by} = register_mark({found_by})" if found_by else ""
    return (
        f"UPDATE {table} SET sealed = register_seal('{table}', id, json_object({whole}))"  # noqa: S608
        f"{empty}{mark} WHERE {which};"
    )


def _unseal(table: str, fields: tuple[str, ...], which: str) -> str:
    """Return the statement that writes rows in clear again."""
    clear = ", ".join(f"{name} = register_field('{table}', id, sealed, '{name}')"
                      for name in fields)  # fmt: skip
    readable = f"register_fields('{table}', id, sealed) IS NOT NULL"
    return f"UPDATE {table} SET {clear}, sealed = NULL WHERE {which} AND {readable};"  # noqa: S608


_SEALED: Final = f"""CREATE TRIGGER contact_sealed AFTER UPDATE OF reserved ON contact
  WHEN NEW.reserved = 1 AND NEW.sealed IS NULL
    AND EXISTS (SELECT 1 FROM box_key WHERE name = 'register')
  BEGIN
    SELECT register_lift();
    DELETE FROM contact_search WHERE rowid = NEW.id;
    {_seal("contact", _CONTACT, "sort_name", "id = NEW.id")}
    {_seal("endpoint", _ENDPOINT, "address", _OF + "NULL")}
    {_seal("contact_change", ("what",), "", _OF + "NULL")}
    {_seal("import_change", ("detail",), "", _OF + "NULL")}
  END"""  # noqa: S608

_OPENED: Final = f"""CREATE TRIGGER contact_opened AFTER UPDATE OF reserved ON contact
  WHEN NEW.reserved = 0 AND NEW.sealed IS NOT NULL
    AND register_fields('contact', NEW.id, NEW.sealed) IS NOT NULL
  BEGIN
    {_unseal("contact", (*_CONTACT, "sort_name"), "id = NEW.id")}
    {_unseal("endpoint", _ENDPOINT, _OF + "NOT NULL")}
    {_unseal("contact_change", ("what",), _OF + "NOT NULL")}
    {_unseal("import_change", ("detail",), _OF + "NOT NULL")}
    INSERT INTO contact_search(rowid, name, place)
      SELECT id, given_name || ' ' || name, number || ' ' || street || ' ' || complement || ' '
        || zone || ' ' || city FROM contact WHERE id = NEW.id;
  END"""  # noqa: S608

_STATEMENTS: Final = (
    "ALTER TABLE contact ADD COLUMN sealed BLOB",
    "ALTER TABLE endpoint ADD COLUMN sealed BLOB",
    "ALTER TABLE contact_change ADD COLUMN sealed BLOB",
    "ALTER TABLE import_change ADD COLUMN sealed BLOB",
    "CREATE INDEX contact_of_register ON contact(entity_id) WHERE sealed IS NOT NULL",
    "CREATE INDEX endpoint_of_register ON endpoint(entity_id) WHERE sealed IS NOT NULL",
    "CREATE INDEX import_change_of ON import_change(contact_id)",
    "DROP TRIGGER contact_listed",
    f"""CREATE TRIGGER contact_listed AFTER INSERT ON contact WHEN NEW.sealed IS NULL BEGIN
      INSERT INTO contact_search(rowid, name, place)
        VALUES (NEW.id, NEW.given_name || ' ' || NEW.name, {_PLACE}); END""",  # noqa: S608
    _SEALED,
    _OPENED,
)


@MIGRATIONS()
def m013_the_sealed_register(db: Database) -> None:
    """Where sealed fields stand; the rows of a register are sealed when a key is there."""
    for statement in _STATEMENTS:
        db.execute(statement)
