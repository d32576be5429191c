"""The schema of a town hall's work: plans, hours, schedules, budgets, approvals, settings.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils import Database

from gateway.store.migrations import MIGRATIONS

_STATEMENTS: Final = (
    # a community of communes and its communes; a session may act for one of them
    "ALTER TABLE entity ADD COLUMN parent_id INTEGER REFERENCES entity(id)",
    "ALTER TABLE entity ADD COLUMN served_at REAL NOT NULL DEFAULT 0",
    "ALTER TABLE session ADD COLUMN acting_id INTEGER REFERENCES entity(id)",
    "CREATE INDEX job_queue_of_town ON job(entity_id, rank, id) WHERE state = 'queued'",
    # why a broadcast exists, when it may leave, and the draft it will be made from
    "ALTER TABLE broadcast ADD COLUMN parent_id INTEGER REFERENCES broadcast(id)",
    "ALTER TABLE broadcast ADD COLUMN kind TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE broadcast ADD COLUMN draft TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE broadcast ADD COLUMN hours TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE broadcast ADD COLUMN closes_at REAL",
    "ALTER TABLE broadcast ADD COLUMN held_reason TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE broadcast ADD COLUMN any_sim INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE broadcast ADD COLUMN series_id INTEGER",
    "ALTER TABLE broadcast ADD COLUMN given_up TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX broadcast_due ON broadcast(starts_at) WHERE state = 'scheduled'",
    "CREATE INDEX broadcast_closing ON broadcast(closes_at) WHERE closes_at IS NOT NULL",
    # a person's own texts by channel, JSON, where the message holds words of each person's own
    "ALTER TABLE recipient ADD COLUMN own_texts TEXT NOT NULL DEFAULT ''",
    # what the door-to-door sheet brings back
    "ALTER TABLE recipient ADD COLUMN told_at REAL",
    "ALTER TABLE recipient ADD COLUMN told_by TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE job ADD COLUMN to_referent INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE job ADD COLUMN prefers_sim TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX job_of_address ON job(address, broadcast_id)",
    "CREATE INDEX recipient_by_contact ON recipient(contact_id, id)",
    # whom SIMs of the ordinary regime may serve, and hours of a group's own
    "ALTER TABLE grouping ADD COLUMN any_sim INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE grouping ADD COLUMN hours TEXT NOT NULL DEFAULT ''",
    """CREATE TABLE plan (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         name TEXT NOT NULL COLLATE NOCASE, steps TEXT NOT NULL, changed_at REAL NOT NULL,
         changed_by TEXT NOT NULL, UNIQUE (entity_id, name)) STRICT""",
    # what is set on the page, with its history: the newest row of a key is in force
    """CREATE TABLE setting (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         key TEXT NOT NULL, value TEXT NOT NULL, changed_at REAL NOT NULL,
         changed_by TEXT NOT NULL) STRICT""",
    "CREATE INDEX setting_by_key ON setting(entity_id, key, id)",
    # the second person's word before a large message leaves
    """CREATE TABLE approval (
         broadcast_id INTEGER PRIMARY KEY REFERENCES broadcast(id) ON DELETE CASCADE,
         asked_at REAL NOT NULL, expires_at REAL NOT NULL, code TEXT NOT NULL,
         answered_at REAL, answered_by TEXT NOT NULL DEFAULT '',
         answer TEXT NOT NULL DEFAULT '', why TEXT NOT NULL DEFAULT '') STRICT""",
    "ALTER TABLE sim ADD COLUMN regime_by TEXT NOT NULL DEFAULT ''",
    # what a SIM may carry, and what it has carried (day and month in the box's own zone)
    """CREATE TABLE sim_limit (
         sim TEXT PRIMARY KEY, limits TEXT NOT NULL, changed_at REAL NOT NULL,
         changed_by TEXT NOT NULL) STRICT""",
    """CREATE TABLE sim_use (
         sim TEXT NOT NULL, day TEXT NOT NULL, entity_id INTEGER NOT NULL,
         segments INTEGER NOT NULL DEFAULT 0, messages INTEGER NOT NULL DEFAULT 0,
         calls INTEGER NOT NULL DEFAULT 0, call_seconds REAL NOT NULL DEFAULT 0,
         PRIMARY KEY (sim, day, entity_id)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE sim_recipient (
         month TEXT NOT NULL, sim TEXT NOT NULL, address TEXT NOT NULL,
         PRIMARY KEY (month, sim, address)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX sim_of_recipient ON sim_recipient(address, month)",
    "CREATE INDEX part_by_sim ON part(sim, accepted_at) WHERE accepted_at IS NOT NULL",
    # messages that come again, and people on duty
    """CREATE TABLE series (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         title TEXT NOT NULL, cron TEXT NOT NULL, draft TEXT NOT NULL, next_at REAL,
         created_at REAL NOT NULL, created_by TEXT NOT NULL, ended_at REAL,
         problem TEXT NOT NULL DEFAULT '', key TEXT NOT NULL DEFAULT '') STRICT""",
    "CREATE INDEX series_due ON series(next_at) WHERE ended_at IS NULL",
    """CREATE TABLE duty (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         list TEXT NOT NULL COLLATE NOCASE, contact_id INTEGER NOT NULL
           REFERENCES contact(id) ON DELETE CASCADE,
         begins_at REAL NOT NULL, ends_at REAL NOT NULL) STRICT""",
    "CREATE INDEX duty_now ON duty(entity_id, list, begins_at)",
    # programs that may send: one token each, its hash only
    """CREATE TABLE software (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         name TEXT NOT NULL COLLATE NOCASE, token_hash TEXT NOT NULL UNIQUE,
         created_at REAL NOT NULL, created_by TEXT NOT NULL, used_at REAL, revoked_at REAL)
         STRICT""",
    # a message made ready: template (no groups) or scenario
    """CREATE TABLE scenario (
         id INTEGER PRIMARY KEY, entity_id INTEGER NOT NULL REFERENCES entity(id),
         name TEXT NOT NULL COLLATE NOCASE, draft TEXT NOT NULL, position INTEGER NOT NULL,
         changed_at REAL NOT NULL, changed_by TEXT NOT NULL, UNIQUE (entity_id, name)) STRICT""",
)


@MIGRATIONS()
def m004_the_work_of_a_town_hall(db: Database) -> None:
    """Orders of sends, hours, schedules, budgets, approvals, scenarios, the people on duty."""
    for statement in _STATEMENTS:
        db.execute(statement)
