"""What one person received and answered, and the forgetting of them.

Erasure (GDPR article 17) takes away who they were and keeps what the town must be able to show:
how many were warned, when, with which result, and the chain of events, which verifies without
payloads (see `gateway.store.events`). A refusal stays, or the next list would call them again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from gateway import kinds, phone
from gateway.sentences import fr
from gateway.store import consent, events, unfinished

#: What stands in place of a name that was erased.
ERASED: Final = fr("Personne effacée")


def received(
    db: sqlite3.Connection, contact_id: int, limit: int = 200, *, register: bool = True
) -> list[sqlite3.Row]:
    """Return the messages a contact was sent, newest first, with what they lived.

    Without ``register``, none of its daily round: that somebody is in it is a secret.
    """
    return db.execute(
        "SELECT r.*, b.title, b.urgency, b.created_at, b.exercise, b.kind FROM recipient r"
        " JOIN broadcast b ON b.id = r.broadcast_id WHERE r.contact_id = ?"
        " AND (? OR b.kind != 'round') ORDER BY r.id DESC LIMIT ?",
        (contact_id, register, limit),
    ).fetchall()


def answers(db: sqlite3.Connection, contact_id: int, limit: int = 200) -> list[sqlite3.Row]:
    """Return the SMS and calls that came from a contact's numbers, newest first."""
    return db.execute(
        "SELECT 'sms' AS kind, s.sender AS number, s.text AS said, s.received_at AS at"
        " FROM received_sms s JOIN endpoint e ON e.address = s.sender WHERE e.contact_id = :id"
        " UNION ALL SELECT 'call', c.caller, c.outcome, c.at FROM incoming_call c"
        " JOIN endpoint e ON e.address = c.caller WHERE e.contact_id = :id"
        " ORDER BY at DESC LIMIT :limit",
        {"id": contact_id, "limit": limit},
    ).fetchall()


def under_way(db: sqlite3.Connection, contact_id: int) -> sqlite3.Row | None:
    """Return a broadcast that is not over for this contact, or still has to ask them of another."""
    row: sqlite3.Row | None = db.execute(
        "SELECT b.id, b.title FROM recipient r JOIN broadcast b ON b.id = r.broadcast_id"
        " WHERE r.contact_id = :id AND r.closed_at IS NULL UNION ALL"
        " SELECT b.id, b.title FROM endpoint e JOIN job j ON j.address = e.address AND"
        " j.entity_id = e.entity_id JOIN broadcast b ON b.id = j.broadcast_id"
        " WHERE e.contact_id = :id AND e.address != '' AND j.state IN ('queued', 'running')"
        " LIMIT 1",
        {"id": contact_id},
    ).fetchone()
    return row


def beside(db: sqlite3.Connection, contact_id: int, limit: int) -> list[sqlite3.Row]:
    """Return what a contact's numbers got beside the messages to them, newest first.

    What they were asked as the referent of others (``to_referent``), the answers to their SMS.
    """
    return db.execute(
        "SELECT j.to_referent, j.channel, j.address, j.state, j.outcome, b.created_at,"
        " coalesce(j.body, t.body, '') AS body FROM endpoint e JOIN job j ON j.address = e.address"
        " AND j.entity_id = e.entity_id JOIN recipient r ON r.id = j.recipient_id"
        " JOIN broadcast b ON b.id = j.broadcast_id LEFT JOIN broadcast_text t"
        " ON t.broadcast_id = b.id AND t.channel = j.channel"
        " WHERE e.contact_id = ? AND e.address != '' AND r.contact_id IS NOT e.contact_id"
        " AND (j.to_referent OR r.contact_id IS NULL) ORDER BY j.id DESC LIMIT ?",
        (contact_id, limit),
    ).fetchall()


def recipients_of(db: sqlite3.Connection, contact_id: int) -> list[int]:
    """Return every recipient a contact has been."""
    rows = db.execute("SELECT id FROM recipient WHERE contact_id = ?", (contact_id,))
    return [int(row["id"]) for row in rows]


def erase(db: sqlite3.Connection, entity_id: int, contact_id: int, by: str, now: float) -> int:
    """Forget a contact itself, whose recipients are forgotten already; keep the refusals.

    Return how many messages begun and not sent went with it.
    """
    addresses = [
        row["address"]
        for row in db.execute("SELECT address FROM endpoint WHERE contact_id = ?", (contact_id,))
        if row["address"]  # without the key of the register nobody knows it
    ]
    own = [one for one in addresses if not _is_shared(db, one, contact_id)]
    for address in own:
        _forget_address(db, entity_id, address)
    row = db.execute("SELECT given_name, name FROM contact WHERE id = ?", (contact_id,)).fetchone()
    # without a first name it is a hall or a service, of which many messages speak
    name = f"{row['given_name']} {row['name']}" if row and row["given_name"] else ""
    begun = unfinished.forget_person(db, entity_id, contact_id, name, own)
    _forget_typed(db, entity_id, own)
    for number in _that_tell_of(db, entity_id, name, own):
        forget_words(db, number)
    events.forget_addresses(db, entity_id, addresses)
    # whoever they looked after has nobody now, which whoever erases may not know
    db.execute(
        "INSERT OR REPLACE INTO referent_gone(contact_id, at, by)"
        " SELECT id, ?, ? FROM main.contact WHERE referent_id = ?",
        (now, by, contact_id),
    )
    db.execute("UPDATE main.contact SET referent_id = NULL WHERE referent_id = ?", (contact_id,))
    db.execute("DELETE FROM main.contact WHERE id = ?", (contact_id,))
    events.record(db, now, "contact.erased", {"contact": contact_id, "by": by}, entity_id=entity_id)
    return begun


def forget_recipient(db: sqlite3.Connection, recipient_id: int) -> None:
    """Take the person out of one recipient, and of what the chain tells of it."""
    forget_name(db, recipient_id)
    db.execute(
        "UPDATE event SET payload = NULL, salt = NULL WHERE broadcast_id ="
        " (SELECT broadcast_id FROM recipient WHERE id = :id) AND (recipient_id = :id"
        " OR job_id IN (SELECT id FROM job WHERE recipient_id = :id))",
        {"id": recipient_id},
    )


def forget_name(db: sqlite3.Connection, recipient_id: int) -> None:
    """Take the person out of one recipient: states, times and counts stay."""
    db.execute(
        "UPDATE recipient SET name = ?, contact_id = NULL, own_texts = '' WHERE id = ?",
        (ERASED, recipient_id),
    )
    rows = db.execute("SELECT id FROM job WHERE recipient_id = ?", (recipient_id,))
    _forget_jobs(db, [row["id"] for row in rows])


def _forget_jobs(db: sqlite3.Connection, job_ids: Sequence[int]) -> None:
    numbers = (json.dumps(list(job_ids)),)
    some = "(SELECT value FROM json_each(?))"
    db.execute(f"UPDATE part SET pdu = '', lastnine = '' WHERE job_id IN {some}", numbers)  # noqa: S608
    db.execute(f"UPDATE attempt SET detail = '' WHERE job_id IN {some}", numbers)  # noqa: S608
    db.execute(
        f"UPDATE job SET address = '', body = NULL, endpoint_id = NULL WHERE id IN {some}",  # noqa: S608
        numbers,
    )


def _forget_trials(db: sqlite3.Connection, entity_id: int, address: str) -> None:
    """Forget that somebody tried a message out on this number, however they wrote it."""
    rows = db.execute(
        "SELECT id, value FROM setting WHERE entity_id = ? AND key GLOB 'trial.*'", (entity_id,)
    ).fetchall()
    same = [row["id"] for row in rows if _bare(json.loads(row["value"])) == _bare(address)]
    db.executemany("DELETE FROM setting WHERE id = ?", [(number,) for number in same])


def _that_tell_of(
    db: sqlite3.Connection, entity_id: int, name: str, addresses: Sequence[str]
) -> list[int]:
    """Return what the box itself told others of somebody, and is over: an SMS sent on, a cry."""
    said = [one for each in addresses for one in (each, phone.shown(each))]
    said += [name] if len(name.split()) > 1 else []  # a surname alone is half a village's
    rows = db.execute(
        "SELECT DISTINCT b.id FROM broadcast b JOIN broadcast_text t ON t.broadcast_id = b.id"
        " JOIN json_each(:said) s ON instr(b.title || ' ' || t.subject || ' ' || t.body, s.value)"
        " WHERE b.entity_id = :town AND b.closed_at IS NOT NULL"
        " AND b.kind IN (SELECT value FROM json_each(:own))",
        {"said": json.dumps(said), "town": entity_id, "own": json.dumps(kinds.OWN)},
    )
    return [int(row["id"]) for row in rows]


def forget_words(db: sqlite3.Connection, broadcast_id: int) -> None:
    """Take out what a message of the box's own said; whom it went to, and when, stay."""
    db.execute("UPDATE broadcast SET title = ? WHERE id = ?", (ERASED, broadcast_id))
    db.execute(
        "UPDATE broadcast_text SET subject = '', body = '' WHERE broadcast_id = ?", (broadcast_id,)
    )
    jobs = "SELECT id FROM job WHERE broadcast_id = ?"
    db.execute(f"UPDATE part SET pdu = '' WHERE job_id IN ({jobs})", (broadcast_id,))  # noqa: S608
    db.execute("UPDATE job SET body = NULL WHERE broadcast_id = ?", (broadcast_id,))
    db.execute(
        "UPDATE event SET payload = NULL, salt = NULL WHERE broadcast_id = ?", (broadcast_id,)
    )


def _forget_typed(db: sqlite3.Connection, entity_id: int, addresses: Sequence[str]) -> None:
    """Take numbers out of what messages that wait, or waited, are made from: nobody writes there.

    A message that has nobody left is given up at its hour, and says so.
    """
    gone = {_bare(one) for one in addresses}
    for table in ("broadcast", "series"):
        rows = db.execute(
            f'SELECT id, draft FROM {table} WHERE entity_id = ? AND draft LIKE \'%"to": ["%\'',  # noqa: S608
            (entity_id,),
        ).fetchall()
        for row in rows:
            draft = json.loads(row["draft"])
            kept = [one for one in draft["to"] if _bare(one) not in gone]
            if len(kept) < len(draft["to"]):
                changed = json.dumps({**draft, "to": kept}, ensure_ascii=False)
                db.execute(f"UPDATE {table} SET draft = ? WHERE id = ?", (changed, row["id"]))  # noqa: S608


def _bare(address: str) -> str:
    """Return the last nine digits of a number, which are its own; a mail address as it is."""
    return address.strip().lower() if "@" in address else phone.last_nine(address)


def _forget_mails(db: sqlite3.Connection, entity_id: int, address: str) -> None:
    """Forget that a mail which was dealt with came from an address, or asked to write there."""
    dealt = "WHERE entity_id = :town AND state != 'waiting' AND"
    values = {"town": entity_id, "bare": _bare(address), "shown": phone.shown(address)}
    for change in (
        f"SET recipients = '[]' {dealt} instr(lower(recipients), :bare)",
        f"SET sender = '' {dealt} lower(sender) = :bare",
        f"SET said = '' {dealt} (instr(lower(said), :bare) OR instr(said, :shown))",
    ):
        db.execute(f"UPDATE mail_in {change}", values)


def _forget_beside(db: sqlite3.Connection, entity_id: int, address: str) -> None:
    """Forget what a number got as somebody's referent, or in answer to its SMS."""
    jobs = db.execute(
        "SELECT j.id, j.recipient_id, j.to_referent FROM job j JOIN recipient r"
        " ON r.id = j.recipient_id WHERE j.address = ? AND j.entity_id = ?"
        " AND (j.to_referent OR r.contact_id IS NULL)",
        (address, entity_id),
    ).fetchall()
    _forget_jobs(db, [job["id"] for job in jobs if job["to_referent"]])
    for number in {job["recipient_id"] for job in jobs if not job["to_referent"]}:
        forget_recipient(db, number)


def _is_shared(db: sqlite3.Connection, address: str, contact_id: int) -> bool:
    """Tell whether another contact has an address too."""
    row = db.execute(
        "SELECT 1 FROM endpoint WHERE mark IN (?, register_mark(?)) AND contact_id != ?",
        (address, address, contact_id),
    ).fetchone()
    return row is not None


def _forget_address(db: sqlite3.Connection, entity_id: int, address: str) -> None:
    """Forget what came from an address."""
    db.execute("UPDATE received_sms SET sender = '', text = '' WHERE sender = ?", (address,))
    db.execute("DELETE FROM inbox WHERE number = ?", (address,))
    db.execute("DELETE FROM enrolment WHERE number = ?", (address,))
    db.execute("DELETE FROM auto_answer WHERE number = ?", (address,))
    db.execute("UPDATE incoming_call SET caller = '' WHERE caller = ?", (address,))
    db.execute("UPDATE received_sound SET number = '' WHERE number = ?", (address,))
    db.execute("DELETE FROM sim_recipient WHERE address = ?", (address,))
    db.execute("DELETE FROM stop_asked WHERE number = ?", (address,))
    _forget_trials(db, entity_id, address)
    _forget_mails(db, entity_id, address)
    _forget_beside(db, entity_id, address)
    consent.forget(db, entity_id, [address])
