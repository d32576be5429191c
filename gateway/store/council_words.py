"""What the members of a council said: taken down, counted, or left to a human.

A proxy counts from the moment it is accepted, in the same transaction: two replies that cross are
decided in the order they came.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from gateway import colleagues
from gateway.model import Outcome
from gateway.quorum import Answer, Tally, Why, Word, against_proxy, tally
from gateway.replies import Kind, understand
from gateway.store import council

#: What a reply says of a meeting. A yes is a presence, a no an absence.
SAYS: Final = {
    Kind.PRESENT: Answer.PRESENT, Kind.YES: Answer.PRESENT, Kind.ABSENT: Answer.EXCUSED,
    Kind.NO: Answer.EXCUSED, Kind.PROXY: Answer.PROXY,
}  # fmt: skip
#: What a key says in a call.
_KEYS: Final = {Outcome.ACKNOWLEDGED: Answer.PRESENT, Outcome.DECLINED: Answer.EXCUSED}
#: What says that a mail was read, and nothing of the meeting.
_NOTHING: Final = frozenset({Kind.ACK, Kind.STOP, Kind.START})
#: Characters kept of what somebody wrote.
_KEPT: Final = 300


@dataclass(frozen=True, slots=True)
class Said:
    """A word as it came: who, what, in which words, by which way (or by whose hand), when."""

    member: int | None
    answer: Answer | None
    said: str
    way: str
    at: float
    by: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a word; ``fresh``: it changes where the member stands."""

    answer: Answer | None
    holder: int | None = None
    why: Why = Why.NONE
    fresh: bool = True


def last_words(db: sqlite3.Connection, broadcast_id: int) -> dict[int, Word]:
    """Return each member's last word; what a human put aside is no word.

    Words that are no answer count where there is no other: a human reads them.
    """
    rows = db.execute(
        "SELECT * FROM council_word WHERE broadcast_id = ? AND member_id IS NOT NULL"
        " AND why != 'over' AND (why = '' OR settled_at IS NULL) ORDER BY answer != '', id",
        (broadcast_id,),
    )
    return {
        row["member_id"]: Word(
            Answer(row["answer"]) if not row["why"] else None, row["holder_id"], row["id"]
        )
        for row in rows
    }


def counted(db: sqlite3.Connection, row: sqlite3.Row) -> Tally:
    """Count a council (a row of `council.meeting`) as it stands."""
    number = row["broadcast_id"]
    known = [one["id"] for one in council.members(db, number)]
    return tally(council.rules(row), known, last_words(db, number))


def history(db: sqlite3.Connection, broadcast_id: int) -> list[sqlite3.Row]:
    """Return every word of every member, oldest first."""
    return db.execute(
        "SELECT * FROM council_word WHERE broadcast_id = ? ORDER BY id", (broadcast_id,)
    ).fetchall()


def settle(
    db: sqlite3.Connection, broadcast_id: int, word_id: int, by: str, now: float
) -> bool:  # fmt: skip
    """Write down that a human has dealt with a word; return whether it still waited.

    A member's doubtful proxy waits until their answer is written down.
    """
    return bool(
        db.execute(
            "UPDATE council_word SET settled_at = ?, settled_by = ? WHERE id = ?"
            " AND broadcast_id = ? AND why != '' AND settled_at IS NULL"
            " AND (member_id IS NULL OR answer = '' OR why = 'over')",
            (now, by, word_id, broadcast_id),
        ).rowcount
    )


# --- taking a word down ---------------------------------------------------------------------


def take(db: sqlite3.Connection, row: sqlite3.Row, said: Said, name: str = "") -> Taken:
    """Take a member's word down; a proxy is given to whoever ``name`` means."""
    why = _against(row, said)
    if why or said.member is None:
        return _left(db, row, said, why)
    if said.answer is not Answer.PROXY:
        return _counts(db, row, said, None)
    known = colleagues.called(name, council.colleagues(council.members(db, row["broadcast_id"])))
    if len(known) != 1:
        return _left(db, row, said, Why.AMBIGUOUS if known else Why.UNKNOWN)
    return give(db, row, said, known[0])


def _against(row: sqlite3.Row, said: Said) -> Why:
    """Return why a word counts for nobody by itself."""
    if said.member is None:
        return Why.SHARED
    if said.answer is None:
        return Why.UNCLEAR
    return Why.OVER if is_over(row, said.at) and not said.by else Why.NONE


def is_over(row: sqlite3.Row, now: float) -> bool:
    """Tell whether a meeting has begun, or does not take place: no reply changes it any more."""
    return bool(row["at"] <= now or row["state"] == "cancelled")


def give(db: sqlite3.Connection, row: sqlite3.Row, said: Said, holder: int) -> Taken:
    """Take a proxy down, for a colleague who is known; what stands against it is for a human."""
    assert said.member is not None  # noqa: S101  for the type checker: `take` has looked
    why = against(db, row, said.member, holder)
    return _left(db, row, said, why) if why else _counts(db, row, said, holder)


def against(db: sqlite3.Connection, row: sqlite3.Row, giver: int, holder: int) -> Why:
    """Return what stands against a proxy now, `Why.NONE` where nothing does."""
    words = last_words(db, row["broadcast_id"])
    return against_proxy(council.rules(row), words, giver, holder)


def _counts(db: sqlite3.Connection, row: sqlite3.Row, said: Said, holder: int | None) -> Taken:
    assert said.member is not None  # noqa: S101  for the type checker: `take` has looked
    old = last_words(db, row["broadcast_id"]).get(said.member)
    _settle_all(db, said)
    _insert(db, row, said, holder, Why.NONE)
    same = old is not None and (old.answer, old.holder) == (said.answer, holder)
    return Taken(said.answer, holder, fresh=not same)


def answered(db: sqlite3.Connection, broadcast_id: int, members: Collection[int]) -> bool:
    """Tell whether each of these members has said something that counts."""
    said = last_words(db, broadcast_id)
    return all(one in said and said[one].answer is not None for one in members)


def leave(db: sqlite3.Connection, row: sqlite3.Row, said: Said, why: Why) -> None:
    """Leave a word to a human, at a council (a row of `council.meeting`)."""
    _left(db, row, said, Why.SHARED if said.member is None else why)


def _left(db: sqlite3.Connection, row: sqlite3.Row, said: Said, why: Why) -> Taken:
    _insert(db, row, said, None, why)
    return Taken(said.answer, None, why)


def _settle_all(db: sqlite3.Connection, said: Said) -> None:
    """Close what of a member waited for a human: a newer word says what counts.

    Not words that are no answer: there may be a question in them.
    """
    db.execute(
        "UPDATE council_word SET settled_at = ?, settled_by = ? WHERE member_id = ?"
        " AND why != '' AND (answer != '' OR why = 'which' OR ? != '') AND settled_at IS NULL",
        (said.at, said.by, said.member, said.by),
    )


def _insert(
    db: sqlite3.Connection, row: sqlite3.Row, said: Said, holder: int | None, why: Why
) -> None:
    answer = said.answer or ""
    db.execute(
        "INSERT INTO council_word(broadcast_id, member_id, answer, holder_id, said, way, by, at,"
        " why) VALUES (?,?,?,?,?,?,?,?,?)",
        (
            row["broadcast_id"], said.member, answer, holder, said.said[:_KEPT], said.way, said.by,
            said.at, why,
        ),
    )  # fmt: skip
    told = {"answer": answer, "member": said.member, "holder": holder, "way": said.way,
            "by": said.by, "why": why}  # fmt: skip
    council.note(db, row["broadcast_id"], "council.answered", told, said.at)


# --- by key and by mail ---------------------------------------------------------------------


def by_key(
    db: sqlite3.Connection, broadcast_id: int, address: str, outcome: Outcome | None, now: float
) -> None:
    """Take the key somebody pressed in a call about a meeting."""
    number = council.root(db, broadcast_id)
    if number is None or outcome not in _KEYS:
        return
    said = "touche 1" if outcome is Outcome.ACKNOWLEDGED else "touche 2"
    _from_address(db, number, address, Said(None, _KEYS[outcome], said, "voice", now))


def by_mail(
    db: sqlite3.Connection, broadcast_id: int, address: str, first: str, said: str, now: float
) -> None:
    """Take what the first line of a mail says; what it does not say clearly is for a human."""
    number = council.root(db, broadcast_id)
    if number is None:
        return
    reply = understand(first)
    if reply.kind not in _NOTHING:
        word = Said(None, SAYS.get(reply.kind), said or first, "email", now)
        _from_address(db, number, address, word, reply.detail)


def _from_address(
    db: sqlite3.Connection, number: int, address: str, said: Said, name: str = ""
) -> None:
    row = council.meeting(db, number)
    found = council.with_address(db, number, address)
    if row is not None and found:
        take(db, row, replace(said, member=found[0] if len(found) == 1 else None), name)
