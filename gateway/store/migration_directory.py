"""The schema of the directory: consent, the register, imports, search, files sent along.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.

Three columns of a contact are kept by triggers, so that no writer can forget them: ``reserved``
(in the register of vulnerable people only: its keepers alone may see it), ``lines`` (1 mobile,
2 landline, 4 mail: what reaches it) and its row in the full-text index.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.french import folded
from gateway.store import migration_calls  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS

_TABLES: Final = (
    "ALTER TABLE contact ADD COLUMN kind TEXT NOT NULL DEFAULT 'person'",  # or household
    "ALTER TABLE contact ADD COLUMN language TEXT NOT NULL DEFAULT 'fr'",
    "ALTER TABLE contact ADD COLUMN sort_name TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE contact ADD COLUMN reserved INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE contact ADD COLUMN lines INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX contact_sorted ON contact(entity_id, sort_name, id)",
    "CREATE INDEX contact_of_street ON contact(entity_id, street COLLATE NOCASE)",
    "CREATE INDEX contact_of_referent ON contact(referent_id) WHERE referent_id IS NOT NULL",
    "ALTER TABLE endpoint ADD COLUMN label TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE grouping ADD COLUMN criteria TEXT NOT NULL DEFAULT ''",
    """CREATE TABLE contact_tag (
         contact_id INTEGER NOT NULL REFERENCES contact(id) ON DELETE CASCADE,
         tag TEXT NOT NULL COLLATE NOCASE, PRIMARY KEY (contact_id, tag)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX contact_tag_by_tag ON contact_tag(tag, contact_id)",
    # who changed what of a person, newest last
    """CREATE TABLE contact_change (
         id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL
           REFERENCES contact(id) ON DELETE CASCADE,
         at REAL NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL) STRICT""",
    "CREATE INDEX contact_change_by_contact ON contact_change(contact_id, id)",
    # a yes or a no for one address and one purpose; the newest of a channel counts, an empty
    # channel means every way
    """CREATE TABLE consent (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         address TEXT NOT NULL, channel TEXT NOT NULL, purpose TEXT NOT NULL,
         given INTEGER NOT NULL, at REAL NOT NULL, source TEXT NOT NULL,
         by TEXT NOT NULL, said TEXT NOT NULL DEFAULT '') STRICT""",
    "CREATE INDEX consent_by_address ON consent(entity_id, address, purpose, channel, id)",
    "CREATE INDEX consent_refused ON consent(entity_id, purpose) WHERE given = 0",
    (
        "INSERT INTO consent(entity_id, address, channel, purpose, given, at, source, by)"
        " SELECT entity_id, address, channel, value, 0, at, source, '' FROM opt_out,"
        ' json_each(\'["service", "information"]\')'
    ),
    "DROP TABLE opt_out",
    # named keepers of the register, and people a sender of alerts reached without knowing them
    """CREATE TABLE register_keeper (
         entity_id INTEGER NOT NULL REFERENCES entity(id),
         account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
         named_at REAL NOT NULL, named_by TEXT NOT NULL,
         PRIMARY KEY (entity_id, account_id)) STRICT, WITHOUT ROWID""",
    "ALTER TABLE recipient ADD COLUMN registered INTEGER NOT NULL DEFAULT 0",
    # lists that were taken in, and what each changed, so that it can be undone
    """CREATE TABLE import_batch (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         at REAL NOT NULL, by TEXT NOT NULL, filename TEXT NOT NULL, added INTEGER NOT NULL,
         changed INTEGER NOT NULL, undone_at REAL, undone_by TEXT NOT NULL DEFAULT '') STRICT""",
    """CREATE TABLE import_change (
         id INTEGER PRIMARY KEY, import_id INTEGER NOT NULL
           REFERENCES import_batch(id) ON DELETE CASCADE,
         kind TEXT NOT NULL, contact_id INTEGER NOT NULL, detail TEXT NOT NULL) STRICT""",
    "CREATE INDEX import_change_by_import ON import_change(import_id, id)",
    """CREATE TABLE import_columns (
         entity_id INTEGER NOT NULL REFERENCES entity(id), titles TEXT NOT NULL,
         columns TEXT NOT NULL, used_at REAL NOT NULL,
         PRIMARY KEY (entity_id, titles)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE not_the_same (
         one_id INTEGER NOT NULL REFERENCES contact(id) ON DELETE CASCADE,
         other_id INTEGER NOT NULL REFERENCES contact(id) ON DELETE CASCADE,
         PRIMARY KEY (one_id, other_id)) STRICT, WITHOUT ROWID""",
    # which numbers a SIM carries first: those of its operator, or those it has for nothing
    """CREATE TABLE sim_route (
         sim TEXT PRIMARY KEY, prefixes TEXT NOT NULL, changed_at REAL NOT NULL,
         changed_by TEXT NOT NULL) STRICT""",
    # asked of a few telephones by SMS, and answered with the code
    """CREATE TABLE question (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         broadcast_id INTEGER NOT NULL REFERENCES broadcast(id) ON DELETE CASCADE,
         kind TEXT NOT NULL, code TEXT NOT NULL, numbers TEXT NOT NULL, asked_at REAL NOT NULL,
         expires_at REAL NOT NULL, answered_at REAL, answered_by TEXT NOT NULL DEFAULT '',
         answered_from TEXT NOT NULL DEFAULT '', answer TEXT NOT NULL DEFAULT '',
         done_at REAL) STRICT""",
    "CREATE INDEX question_open ON question(code) WHERE answered_at IS NULL",
    # files sent along with a mail: stored once, named by each draft and broadcast that uses them
    """CREATE TABLE stored_file (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         name TEXT NOT NULL, content_type TEXT NOT NULL, data BLOB NOT NULL,
         digest TEXT NOT NULL, at REAL NOT NULL, by TEXT NOT NULL,
         UNIQUE (entity_id, digest, name)) STRICT""",
    """CREATE TABLE attachment (
         broadcast_id INTEGER NOT NULL REFERENCES broadcast(id) ON DELETE CASCADE,
         position INTEGER NOT NULL, file_id INTEGER NOT NULL REFERENCES stored_file(id),
         PRIMARY KEY (broadcast_id, position)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX attachment_by_file ON attachment(file_id)",
    (
        "CREATE INDEX event_with_address ON event(kind)"
        " WHERE kind IN ('consent.given', 'consent.withdrawn', 'sms.received')"
    ),
    # languages, and when the names of a message were forgotten
    "ALTER TABLE broadcast ADD COLUMN language TEXT NOT NULL DEFAULT 'fr'",
    "ALTER TABLE job ADD COLUMN language TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE broadcast ADD COLUMN forgotten_at REAL",
    "CREATE INDEX broadcast_of_town ON broadcast(entity_id, id)",
    (
        "CREATE INDEX broadcast_to_forget ON broadcast(entity_id, closed_at)"
        " WHERE forgotten_at IS NULL"
    ),
    """CREATE VIRTUAL TABLE contact_search USING fts5(
         name, place, tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3')""",
)

_PLACE: Final = (
    "NEW.number || ' ' || NEW.street || ' ' || NEW.complement || ' ' || NEW.zone || ' ' || NEW.city"
)


_BIT: Final = "CASE NEW.line WHEN 'mobile' THEN 1 WHEN 'landline' THEN 2 ELSE 4 END"


def _lines(which: str) -> str:
    """Return the statement that counts anew by which lines a contact can be reached."""
    return f"""
      UPDATE contact SET lines = (SELECT coalesce(max(line = 'mobile'), 0)
          + 2 * coalesce(max(line = 'landline'), 0) + 4 * coalesce(max(line = 'email'), 0)
        FROM endpoint WHERE contact_id = {which}) WHERE id = {which};"""  # noqa: S608


def _reserved(which: str) -> str:
    """Once in the register only, a contact stays reserved until another group has it."""
    return f"""
      UPDATE contact SET reserved =
          NOT EXISTS (SELECT 1 FROM membership m JOIN grouping g ON g.id = m.grouping_id
            WHERE m.contact_id = contact.id AND g.purpose != 'registre')
          AND (reserved OR EXISTS (SELECT 1 FROM membership m JOIN grouping g
            ON g.id = m.grouping_id WHERE m.contact_id = contact.id
            AND g.purpose = 'registre'))
        WHERE id IN ({which});"""  # noqa: S608


def _trigger(name: str, when: str, body: str) -> str:
    return f"CREATE TRIGGER {name} AFTER {when} BEGIN {body} END"


_TRIGGERS: Final = (
    _trigger(
        "contact_listed", "INSERT ON contact",
        "INSERT INTO contact_search(rowid, name, place)"  # noqa: S608
        f" VALUES (NEW.id, NEW.given_name || ' ' || NEW.name, {_PLACE});",
    ),
    _trigger(
        "contact_renamed",
        "UPDATE OF name, given_name, number, street, complement, zone, city ON contact",
        "UPDATE contact_search SET name = NEW.given_name || ' ' || NEW.name,"  # noqa: S608
        f" place = {_PLACE} WHERE rowid = NEW.id;",
    ),
    _trigger(
        "contact_gone", "DELETE ON contact", "DELETE FROM contact_search WHERE rowid = OLD.id;"
    ),
    _trigger(
        "endpoint_added", "INSERT ON endpoint",
        f"UPDATE contact SET lines = lines | {_BIT} WHERE id = NEW.contact_id;",  # noqa: S608
    ),
    _trigger(
        "endpoint_changed", "UPDATE OF contact_id, line, address ON endpoint",
        _lines("NEW.contact_id") + _lines("OLD.contact_id"),
    ),
    _trigger("endpoint_gone", "DELETE ON endpoint", _lines("OLD.contact_id")),
    _trigger("membership_added", "INSERT ON membership", _reserved("NEW.contact_id")),
    _trigger("membership_gone", "DELETE ON membership", _reserved("OLD.contact_id")),
    _trigger(
        "grouping_purpose", "UPDATE OF purpose ON grouping",
        _reserved("SELECT contact_id FROM membership WHERE grouping_id = NEW.id"),
    ),
)  # fmt: skip


@MIGRATIONS()
def m006_the_directory(db: Database) -> None:
    """Consent by purpose, groups by criteria, the register's keepers, imports, search, files."""
    for statement in (*_TABLES, *_TRIGGERS):
        db.execute(statement)
    names = db.execute("SELECT id, name, given_name FROM contact").fetchall()
    for number, name, given in names:
        db.execute(
            "UPDATE contact SET sort_name = ? WHERE id = ?", (folded(f"{name} {given}"), number)
        )
    db.execute(
        "INSERT INTO contact_search(rowid, name, place) SELECT id,"
        " given_name || ' ' || name, number || ' ' || street || ' ' || complement || ' ' || zone"
        " || ' ' || city FROM contact"
    )
    # every trigger once, for what was there before them
    db.execute("UPDATE endpoint SET line = line")
    db.execute("UPDATE grouping SET purpose = purpose")
