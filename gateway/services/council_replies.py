"""What a member of a council answers by SMS: present, absent, a proxy.

A taker (`gateway.services.correspondence`): it runs in the transaction that writes the reply down.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from gateway import matching
from gateway.model import Outcome
from gateway.quorum import Answer, Why
from gateway.replies import Kind
from gateway.services import council_words as said
from gateway.services import words
from gateway.services.correspondence import Heard, NotYet, asked_by_hand, unread
from gateway.store import answers, council, council_words, entities, inbox
from gateway.store.council_words import SAYS, Said, Taken
from gateway.store.inbox import Done

#: What answers a meeting and nothing else; a yes or a no may be about another message.
_OF_A_MEETING: Final = frozenset({Kind.PRESENT, Kind.ABSENT, Kind.PROXY})


def meeting(db: sqlite3.Connection, heard: Heard) -> Done | None:
    """Take what a member says of a meeting they are convened to."""
    kind = heard.reply.kind
    if kind is Kind.FREE and heard.last is not None:
        _aside(db, heard, [heard.last], Why.UNCLEAR)
    if kind not in SAYS and kind is not Kind.ACK:
        return None
    if kind not in _OF_A_MEETING:
        number = _matched(db, heard)
        row = council.meeting(db, number) if number is not None else None
        return _said(db, heard, row) if row is not None else None
    known = council.known_to(db, heard.number)
    open_ones = [row for row in known if not council_words.is_over(row, heard.now)]
    if not open_ones:
        return _too_late(heard, known)
    likely = _likely(db, heard, open_ones)
    return _said(db, heard, likely[0]) if len(likely) == 1 else _which(db, heard, likely)


def _matched(db: sqlite3.Connection, heard: Heard) -> int | None:
    """Return the council that a yes, a no or a « reçu » is about, None where it is about others.

    What may be about one and about others too is left to a human as well.
    """
    if asked_by_hand(heard):
        _aside(db, heard, heard.sent, Why.UNCLEAR)
        return None
    match = matching.match(
        inbox.candidates(heard.sent, heard.now), heard.message.sim, heard.reply.detail
    )
    if match.found is None:
        between = {one.job_id for one in match.between}
        _aside(db, heard, [row for row in heard.sent if row["id"] in between], Why.WHICH)
    return council.root(db, match.found.broadcast_id) if match.found else None


def _aside(
    db: sqlite3.Connection, heard: Heard, about: Iterable[sqlite3.Row], why: Why
) -> None:  # fmt: skip
    """Write a word down that is for a human, at each council it may be an answer to.

    Where its members have answered, that stands: the word is in the inbox all the same.
    """
    if heard.reply.kind is Kind.ACK:
        return
    for number in sorted({council.root(db, row["broadcast_id"]) or 0 for row in about} - {0}):
        row, members = council.meeting(db, number), council.with_address(db, number, heard.number)
        if row is None or council_words.is_over(row, heard.now):
            continue
        if council_words.answered(db, number, members):
            continue
        alone = members[0] if len(members) == 1 else None
        council_words.leave(db, row, Said(alone, None, heard.text, "sms", heard.now), why)
        heard.changed.append(number)


def _likely(
    db: sqlite3.Connection, heard: Heard, rows: Sequence[sqlite3.Row]
) -> Sequence[sqlite3.Row]:
    """Keep the councils whose number got the reply, and of those the ones not yet answered."""
    here = {council.root(db, row["broadcast_id"]) for row in heard.sent
            if row["sim"] == heard.message.sim}  # fmt: skip
    near = [row for row in rows if row["broadcast_id"] in here] or rows
    waiting = {council.root(db, row["broadcast_id"]) for row in heard.sent if row["council_silent"]}
    asking = [row for row in near if row["broadcast_id"] in waiting]
    return asking if len(near) > 1 and asking else near


def _too_late(heard: Heard, known: Sequence[sqlite3.Row]) -> Done | None:
    """Leave a word about a meeting that is over, but not long ago, to a human."""
    if not known or known[0]["at"] < heard.now - inbox.HORIZON:
        return None
    last = known[0]
    return Done(
        "council_over", last["entity_id"], last["broadcast_id"], to_read=True,
        answer=said.not_noted(Why.OVER),
    )  # fmt: skip


def _which(db: sqlite3.Connection, heard: Heard, rows: Sequence[sqlite3.Row]) -> Done:
    """Ask which of several meetings a member means; a proxy is for a human."""
    before = unread(heard, "which")
    _aside(db, heard, rows, Why.WHICH)
    if heard.reply.kind is Kind.PROXY:
        answer = "Plusieurs réunions vous attendent : la mairie voit votre message."
    else:
        yes = "OUI" if heard.reply.kind is Kind.PRESENT else "NON"
        choices = [
            f"{yes} {answers.code_of(db, _last_sent(db, heard, row), heard.now)} : "
            f"{row['what'][:30]} du {_moment(db, row)}"
            for row in rows[:3]
        ]
        answer = "Plusieurs réunions vous attendent. Répondez " + " ; ou ".join(choices)
    return Done(
        "which", rows[0]["entity_id"], before.broadcast_id, before.recipient_id, to_read=True,
        answer=answer,
    )  # fmt: skip


def _last_sent(db: sqlite3.Connection, heard: Heard, row: sqlite3.Row) -> int:
    """Return the last message about a meeting to whoever wrote: a code names that one."""
    sent = [
        one for one in heard.sent if council.root(db, one["broadcast_id"]) == row["broadcast_id"]
    ]
    last = max(sent, key=lambda one: one["left_at"], default=None)
    return int(last["broadcast_id"] if last else row["broadcast_id"])


# --- one meeting ----------------------------------------------------------------------------


def _said(db: sqlite3.Connection, heard: Heard, row: sqlite3.Row) -> Done | None:
    """Take a word about one meeting down, and answer it."""
    number = row["broadcast_id"]
    members = council.with_address(db, number, heard.number)
    if not members:
        return None
    answer = SAYS.get(heard.reply.kind)
    alone = len(members) == 1
    recipient, moved = _confirm(db, heard, number, members[0], answer) if alone else (None, False)
    heard.changed.append(number)
    if answer is None:
        return _only_received(db, row, members, recipient, moved=moved)
    word = Said(members[0] if alone else None, answer, heard.text, "sms", heard.now)
    taken = council_words.take(db, row, word, heard.reply.detail)
    if taken.why:
        return Done(
            f"council_{taken.why}", row["entity_id"], number, recipient, to_read=True,
            answer=said.not_noted(taken.why),
        )  # fmt: skip
    return Done(
        f"council_{answer}", row["entity_id"], number, recipient, moved=taken.fresh,
        answer=_noted(db, row, taken) if taken.fresh else "",
    )  # fmt: skip


def _only_received(
    db: sqlite3.Connection, row: sqlite3.Row, members: Sequence[int], recipient: int | None,
    *, moved: bool,
) -> Done:  # fmt: skip
    """A « bien reçu » is no answer: ask for one, from whoever has not given it."""
    silent = not council_words.answered(db, row["broadcast_id"], members)
    asked = f"Bien reçu, merci. Serez-vous là ? Répondez {said.HOW}." if silent else ""
    return Done(
        "confirmed", row["entity_id"], row["broadcast_id"], recipient, moved=moved, answer=asked
    )


def _confirm(
    db: sqlite3.Connection, heard: Heard, number: int, member: int, answer: Answer | None
) -> tuple[int | None, bool]:
    """Let the message that is answered count as received; return its person, and if that is new.

    While the mail with the agenda has still to leave, nothing may withdraw it.
    """
    sent = [row for row in heard.sent if council.root(db, row["broadcast_id"]) == number]
    last = max(sent, key=lambda row: row["left_at"], default=None)
    last = last or council.mail_left(db, number, member)
    if last is None or council.mail_waits(db, last["recipient_id"]):
        return (last["recipient_id"] if last else None), False
    away = answer in {Answer.EXCUSED, Answer.ABSENT}
    outcome = Outcome.DECLINED if away else Outcome.ACKNOWLEDGED
    changed = answers.settle(db, last["id"], outcome, heard.now)
    if changed is None:
        raise NotYet
    heard.changed.append(last["broadcast_id"])
    return int(last["recipient_id"]), changed


def _noted(db: sqlite3.Connection, row: sqlite3.Row, taken: Taken) -> str:
    names = {
        one["id"]: f"{one['given_name']} {one['name']}".strip()
        for one in council.members(db, row["broadcast_id"])
    }
    holder = names.get(taken.holder, "") if taken.holder else ""
    about = f"{row['what']} du {_moment(db, row)}"
    return said.noted(taken.answer or Answer.PRESENT, about, holder)


def _moment(db: sqlite3.Connection, row: sqlite3.Row) -> str:
    return said.when(words.at(row["at"], entities.get(db, row["entity_id"])["timezone"]))
