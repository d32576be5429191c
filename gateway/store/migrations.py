"""The schema, as numbered steps. A step that has shipped is never edited: add another.

Times are seconds since 1970 (REAL), truth values 0 or 1, codes those of `gateway.model`. Whatever
belongs to a town carries its ``entity_id``: seventeen communes may share one box, each sees its
own.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database, Migrations

MIGRATIONS: Final = Migrations("tocsin")

_FIRST: Final = """
CREATE TABLE entity (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, timezone TEXT NOT NULL,
  created_at REAL NOT NULL
) STRICT;

CREATE TABLE account (
  id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
  login TEXT NOT NULL UNIQUE COLLATE NOCASE, name TEXT NOT NULL, role TEXT NOT NULL,
  password_hash TEXT NOT NULL, created_at REAL NOT NULL, disabled_at REAL
) STRICT;
CREATE TABLE session (
  token_hash TEXT PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  csrf TEXT NOT NULL, created_at REAL NOT NULL, seen_at REAL NOT NULL, expires_at REAL NOT NULL
) STRICT;
CREATE TABLE first_code (code_hash TEXT PRIMARY KEY, created_at REAL NOT NULL) STRICT;

CREATE TABLE contact (
  id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
  name TEXT NOT NULL, given_name TEXT NOT NULL DEFAULT '', honorific TEXT NOT NULL DEFAULT '',
  number TEXT NOT NULL DEFAULT '', street TEXT NOT NULL DEFAULT '',
  complement TEXT NOT NULL DEFAULT '', floor TEXT NOT NULL DEFAULT '',
  postcode TEXT NOT NULL DEFAULT '', city TEXT NOT NULL DEFAULT '',
  zone TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',
  help_first INTEGER NOT NULL DEFAULT 0, referent_id INTEGER REFERENCES contact(id),
  created_at REAL NOT NULL, updated_at REAL NOT NULL
) STRICT;
CREATE INDEX contact_by_name ON contact(entity_id, name, given_name);
CREATE TABLE endpoint (
  id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL REFERENCES contact(id) ON DELETE CASCADE,
  entity_id INTEGER NOT NULL REFERENCES entity(id),
  position INTEGER NOT NULL, line TEXT NOT NULL, address TEXT NOT NULL,
  warning TEXT NOT NULL DEFAULT '', UNIQUE (contact_id, address)
) STRICT;
CREATE INDEX endpoint_by_address ON endpoint(entity_id, address);
CREATE TABLE grouping (
  id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
  name TEXT NOT NULL COLLATE NOCASE, purpose TEXT NOT NULL, created_at REAL NOT NULL,
  UNIQUE (entity_id, name)
) STRICT;
CREATE TABLE membership (
  grouping_id INTEGER NOT NULL REFERENCES grouping(id) ON DELETE CASCADE,
  contact_id INTEGER NOT NULL REFERENCES contact(id) ON DELETE CASCADE,
  PRIMARY KEY (grouping_id, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_by_contact ON membership(contact_id);

CREATE TABLE broadcast (
  id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
  title TEXT NOT NULL, urgency TEXT NOT NULL, state TEXT NOT NULL, plan TEXT NOT NULL,
  door TEXT NOT NULL, author TEXT NOT NULL, groups TEXT NOT NULL DEFAULT '',
  created_at REAL NOT NULL, starts_at REAL NOT NULL, expires_at REAL NOT NULL, closed_at REAL,
  forecast REAL NOT NULL DEFAULT 0, idempotency_key TEXT,
  UNIQUE (entity_id, idempotency_key)
) STRICT;
CREATE INDEX broadcast_open ON broadcast(state, expires_at) WHERE closed_at IS NULL;
CREATE TABLE broadcast_text (
  broadcast_id INTEGER NOT NULL REFERENCES broadcast(id) ON DELETE CASCADE,
  channel TEXT NOT NULL, subject TEXT NOT NULL DEFAULT '', body TEXT NOT NULL,
  PRIMARY KEY (broadcast_id, channel)
) STRICT, WITHOUT ROWID;
CREATE TABLE recipient (
  id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
  broadcast_id INTEGER NOT NULL REFERENCES broadcast(id) ON DELETE CASCADE,
  contact_id INTEGER REFERENCES contact(id) ON DELETE SET NULL, name TEXT NOT NULL,
  state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', step INTEGER NOT NULL DEFAULT 0,
  look_again_at REAL, changed_at REAL NOT NULL, closed_at REAL
) STRICT;
CREATE INDEX recipient_by_broadcast ON recipient(broadcast_id, state);
CREATE INDEX recipient_to_look_at ON recipient(look_again_at) WHERE closed_at IS NULL;

CREATE TABLE job (
  id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
  broadcast_id INTEGER NOT NULL REFERENCES broadcast(id) ON DELETE CASCADE,
  recipient_id INTEGER NOT NULL REFERENCES recipient(id) ON DELETE CASCADE,
  endpoint_id INTEGER REFERENCES endpoint(id) ON DELETE SET NULL,
  channel TEXT NOT NULL, line TEXT NOT NULL, address TEXT NOT NULL, body TEXT,
  urgency TEXT NOT NULL, step INTEGER NOT NULL, rank INTEGER NOT NULL,
  state TEXT NOT NULL, outcome TEXT, reason TEXT NOT NULL DEFAULT '',
  not_before REAL NOT NULL, held_reason TEXT NOT NULL DEFAULT '', expires_at REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,
  lane TEXT, handed_over_at REAL, ended_at REAL
) STRICT;
CREATE INDEX job_queue ON job(rank, id) WHERE state = 'queued';
CREATE INDEX job_waking ON job(not_before) WHERE state = 'queued';
CREATE INDEX job_expiring ON job(expires_at) WHERE state = 'queued';
CREATE INDEX job_unreported ON job(expires_at) WHERE state = 'handed_over' AND ended_at IS NULL;
CREATE INDEX job_running ON job(channel, address) WHERE state = 'running';
CREATE INDEX job_by_recipient ON job(recipient_id);
CREATE INDEX job_by_broadcast ON job(broadcast_id, state);
CREATE TABLE attempt (
  id INTEGER PRIMARY KEY, job_id INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
  number INTEGER NOT NULL, lane TEXT NOT NULL, sim TEXT NOT NULL DEFAULT '',
  started_at REAL NOT NULL, ended_at REAL, result TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT '', UNIQUE (job_id, number)
) STRICT;
CREATE INDEX attempt_by_lane ON attempt(lane, ended_at);
CREATE TABLE part (
  id INTEGER PRIMARY KEY, job_id INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
  number INTEGER NOT NULL, total INTEGER NOT NULL, pdu TEXT NOT NULL, length INTEGER NOT NULL,
  concat_reference INTEGER NOT NULL, state TEXT NOT NULL, sim TEXT NOT NULL DEFAULT '',
  lastnine TEXT NOT NULL, reference INTEGER, submitted_at REAL, accepted_at REAL,
  reported_at REAL, status INTEGER, UNIQUE (job_id, number)
) STRICT;
CREATE INDEX part_awaiting ON part(sim, lastnine, reference)
  WHERE state IN ('accepted', 'submitting');
CREATE TABLE stray_report (
  id INTEGER PRIMARY KEY, sim TEXT NOT NULL, lastnine TEXT NOT NULL, reference INTEGER NOT NULL,
  status INTEGER NOT NULL, received_at REAL NOT NULL
) STRICT;
CREATE TABLE concat_counter (sim TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;

CREATE TABLE sim (
  id TEXT PRIMARY KEY, imsi TEXT NOT NULL DEFAULT '', modem TEXT NOT NULL,
  regime TEXT NOT NULL, first_seen_at REAL NOT NULL, seen_at REAL NOT NULL,
  reports_seen INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE received_sms (
  id INTEGER PRIMARY KEY, sim TEXT NOT NULL, sender TEXT NOT NULL, text TEXT NOT NULL,
  sent_at REAL, received_at REAL NOT NULL, reference INTEGER, part INTEGER NOT NULL,
  total INTEGER NOT NULL
) STRICT;

CREATE TABLE event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL,
  entity_id INTEGER, broadcast_id INTEGER, recipient_id INTEGER, job_id INTEGER,
  salt BLOB, payload TEXT, sealed BLOB NOT NULL, digest BLOB NOT NULL
) STRICT;
CREATE INDEX event_by_broadcast ON event(broadcast_id, seq);
"""


@MIGRATIONS()
def m001_the_whole_way(db: Database) -> None:
    """Everything from a contact to the proof that they were told."""
    for statement in _FIRST.split(";\n"):
        if statement.strip():
            db.execute(statement)


_SECOND: Final = """
ALTER TABLE sim ADD COLUMN accepted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sim ADD COLUMN stopped_at REAL;
ALTER TABLE sim ADD COLUMN stopped_why TEXT NOT NULL DEFAULT '';
UPDATE sim SET accepted = (SELECT count(*) FROM part
  WHERE part.sim = sim.id AND part.accepted_at IS NOT NULL);
CREATE TABLE pin_refused (
  card TEXT NOT NULL, pin_hash TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (card, pin_hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE proof (
  imei TEXT NOT NULL, sim TEXT NOT NULL, modem TEXT NOT NULL, at REAL NOT NULL,
  operator TEXT NOT NULL, technology TEXT NOT NULL, findings TEXT NOT NULL,
  voice_at REAL, PRIMARY KEY (imei, sim)
) STRICT, WITHOUT ROWID;
"""


@MIGRATIONS()
def m002_what_each_modem_and_sim_has_shown(db: Database) -> None:
    """Whether a SIM gives reports, is barred, has refused a PIN; what a modem was proved to do."""
    for statement in _SECOND.split(";\n"):
        if statement.strip():
            db.execute(statement)


@MIGRATIONS()
def m003_the_call(db: Database) -> None:
    """Exercises, recordings, the town's pronunciations, and who wants no more calls."""
    for statement in (
        "ALTER TABLE broadcast ADD COLUMN exercise INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE broadcast ADD COLUMN recording TEXT NOT NULL DEFAULT ''",
        """CREATE TABLE recording (
             entity_id INTEGER NOT NULL REFERENCES entity(id), name TEXT NOT NULL,
             title TEXT NOT NULL, seconds REAL NOT NULL, added_at REAL NOT NULL,
             added_by TEXT NOT NULL, PRIMARY KEY (entity_id, name)) STRICT""",
        """CREATE TABLE pronunciation (
             entity_id INTEGER NOT NULL REFERENCES entity(id),
             written TEXT NOT NULL COLLATE NOCASE, spoken TEXT NOT NULL,
             changed_at REAL NOT NULL, changed_by TEXT NOT NULL,
             PRIMARY KEY (entity_id, written)) STRICT""",
        """CREATE TABLE opt_out (
             entity_id INTEGER NOT NULL REFERENCES entity(id), channel TEXT NOT NULL,
             address TEXT NOT NULL, at REAL NOT NULL, source TEXT NOT NULL,
             PRIMARY KEY (entity_id, channel, address)) STRICT""",
    ):
        db.execute(statement)
