"""Second factors and passwords of accounts: what is kept of them, and that each is used once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from gateway.store import events


def get(db: sqlite3.Connection, account_id: int) -> sqlite3.Row | None:
    """Return an account that may be used, by its number."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM account WHERE id = ? AND disabled_at IS NULL", (account_id,)
    ).fetchone()
    return row


def propose(db: sqlite3.Connection, account_id: int, secret: str | None) -> None:
    """Keep the secret that is being shown, until a code proves that it was scanned."""
    db.execute("UPDATE account SET totp_pending = ? WHERE id = ?", (secret, account_id))


def spend_step(db: sqlite3.Connection, account_id: int, step: int, current: int) -> bool:
    """Use up a step of the clock; False when it, or a later one, was used before.

    A last step that lies ahead of ``current`` was used under a wrong clock, and counts for nothing.
    """
    changed = db.execute(
        "UPDATE account SET totp_step = ? WHERE id = ? AND (totp_step < ? OR totp_step > ?)",
        (step, account_id, step, current + 1),
    )
    return changed.rowcount > 0


def turn_on(
    db: sqlite3.Connection, account_id: int, secret: str, codes: Iterable[str], now: float
) -> None:
    """Ask this account for a second factor from now on, with fresh recovery codes (hashes)."""
    db.execute(
        "UPDATE account SET totp_secret = ?, totp_pending = NULL WHERE id = ?",
        (secret, account_id),
    )
    renew_codes(db, account_id, codes)
    _record(db, account_id, "account.two_factor_on", now)


def turn_off(db: sqlite3.Connection, account_id: int, by: str, now: float) -> bool:
    """Ask for the password alone again; False when it was so."""
    changed = db.execute(
        "UPDATE account SET totp_secret = NULL, totp_pending = NULL, totp_step = 0"
        " WHERE id = ? AND totp_secret IS NOT NULL",
        (account_id,),
    )
    db.execute("DELETE FROM recovery_code WHERE account_id = ?", (account_id,))
    if changed.rowcount:
        _record(db, account_id, "account.two_factor_off", now, by=by)
    return changed.rowcount > 0


def renew_codes(db: sqlite3.Connection, account_id: int, codes: Iterable[str]) -> None:
    """Replace the recovery codes (hashes)."""
    db.execute("DELETE FROM recovery_code WHERE account_id = ?", (account_id,))
    db.executemany(
        "INSERT INTO recovery_code(account_id, code_hash) VALUES (?,?)",
        [(account_id, code) for code in codes],
    )


def spend_code(db: sqlite3.Connection, account_id: int, code_hash: str, now: float) -> bool:
    """Use up a recovery code; False when there is none such, or it was used."""
    changed = db.execute(
        "UPDATE recovery_code SET used_at = ? WHERE account_id = ? AND code_hash = ?"
        " AND used_at IS NULL",
        (now, account_id, code_hash),
    )
    if changed.rowcount:
        _record(db, account_id, "account.recovery_code_used", now)
    return changed.rowcount > 0


def codes_left(db: sqlite3.Connection, account_id: int) -> int:
    """Return how many recovery codes can still be used."""
    row = db.execute(
        "SELECT count(*) FROM recovery_code WHERE account_id = ? AND used_at IS NULL",
        (account_id,),
    ).fetchone()
    return int(row[0])


def codes_renewed(db: sqlite3.Connection, account_id: int, now: float) -> None:
    """Write down that the codes printed before are worth nothing."""
    _record(db, account_id, "account.codes_renewed", now)


def sessions_ended(db: sqlite3.Connection, account_id: int, now: float) -> None:
    """Write down that an account ended sessions of its own."""
    _record(db, account_id, "account.sessions_ended", now)


def refused(db: sqlite3.Connection, account_id: int, now: float) -> None:
    """Write down that the password was right and the second factor was not."""
    _record(db, account_id, "account.code_refused", now)


def set_password(
    db: sqlite3.Connection, account_id: int, password_hash: str, by: str, now: float,
    *, must_change: bool,
) -> None:  # fmt: skip
    """Replace a password; ``must_change``: it was given by somebody else, for one login."""
    db.execute(
        "UPDATE account SET password_hash = ?, must_change = ? WHERE id = ?",
        (password_hash, int(must_change), account_id),
    )
    kind = "account.password_given" if must_change else "account.password_changed"
    _record(db, account_id, kind, now, by=by)


def _record(db: sqlite3.Connection, account_id: int, kind: str, now: float, **said: str) -> None:
    row = db.execute("SELECT * FROM account WHERE id = ?", (account_id,)).fetchone()
    told = {"login": row["login"], "by": row["name"], **said}
    events.record(db, now, kind, told, entity_id=row["entity_id"])
