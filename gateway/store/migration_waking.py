"""The schema of what waits, by the channel it waits for.

A step that has shipped is never edited: add another. See `gateway.store.migrations`.
"""

from __future__ import annotations

from sqlite_utils import Database

from gateway.store import migration_numbers  # noqa: F401  # its step comes first
from gateway.store.migrations import MIGRATIONS


@MIGRATIONS()
def m022_what_waits_by_channel(db: Database) -> None:
    """A lane for mail asks after each SMS: it must not read through 14,000 others to find none."""
    db.execute("DROP INDEX job_waking")
    db.execute("CREATE INDEX job_waking ON job(channel, not_before) WHERE state = 'queued'")
    # of 14,000 that wait few wait for a SIM of their own: asked after whenever nothing may leave
    db.execute(
        "CREATE INDEX job_preferring ON job(prefers_sim, not_before)"
        " WHERE state = 'queued' AND prefers_sim != ''"
    )
