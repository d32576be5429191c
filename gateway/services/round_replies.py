"""What people of the daily round, and their referents, answer by SMS.

Takers (`gateway.services.correspondence`): they run in the transaction that writes the reply down.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from gateway import matching
from gateway.model import Outcome, Purpose
from gateway.replies import Kind
from gateway.rounds import KIND, Standing, said
from gateway.services import round_words as words
from gateway.services.correspondence import Heard, NotYet, unread
from gateway.store import answers, consent, inbox, round_words
from gateway.store.inbox import Done

#: A reply is about a round at most so long ago (seconds): tomorrow there is another.
_DAY: Final = 86400.0
_OUTCOMES: Final = {
    Standing.WELL: Outcome.ACKNOWLEDGED, Standing.CALLBACK: Outcome.DECLINED,
}  # fmt: skip
#: What may answer any message that asks; everything else that is understood is the round's.
_COMMON: Final = frozenset({Kind.YES, Kind.ACK, Kind.NO})


def beside_the_round(db: sqlite3.Connection, heard: Heard) -> Done | None:
    """Have a human ring whoever cries for help, or wants no more of the round; others go on.

    What only a human understands stands next to the person, whose calls go on.
    """
    kind = heard.reply.kind
    if kind not in {Kind.DISTRESS, Kind.STOP, Kind.FREE}:
        return None
    rows = round_words.open_of(db, heard.number, heard.now - _DAY)
    if not rows or (kind is not Kind.DISTRESS and not _about_the_round(heard)):
        return None
    for row in rows:
        if said(heard.reply, heard.text) is not Standing.WELL:
            round_words.wrote(db, row["id"], heard.text)
        if kind is not Kind.FREE:
            _say(db, heard, row, Standing.CALLBACK)
        if kind is Kind.STOP:
            consent.withdraw(
                db, row["entity_id"], channel=None, address=heard.number,
                purpose=Purpose.VULNERABLE, source="SMS", by="", now=heard.now, text=heard.text,
            )  # fmt: skip
    return None


def _about_the_round(heard: Heard) -> bool:
    """Whether the last message to that number asked how they are, or none was sent there."""
    last = max(heard.sent, key=lambda row: row["left_at"], default=None)
    return last is None or (last["kind"] == KIND and not last["to_referent"])


def asked_how(db: sqlite3.Connection, heard: Heard) -> Done | None:
    """Take what somebody of the round says of themselves, or of whether they go and see."""
    word = said(heard.reply, heard.text)
    if word is None:
        return None
    since = heard.now - _DAY
    own = round_words.open_of(db, heard.number, since)
    asked = round_words.asked_of(db, heard.number, since)
    if not own and not asked:
        return None
    if heard.reply.kind not in _COMMON:
        return _own(db, heard, own, word) if own else None
    match = _matched(heard)
    if match is None:
        return None
    if match == "referent" and asked:
        return _goes(db, heard, asked, word)
    return _own(db, heard, own, word) if own else None


def _matched(heard: Heard) -> str | None:
    """Return whose word a yes, a no or a « reçu » is: own, referent; None: about other messages."""
    rows = {row["id"]: row for row in heard.sent}
    if not rows:
        return None if heard.reply.detail else "own"
    found = matching.match(
        inbox.candidates(heard.sent, heard.now), heard.message.sim, heard.reply.detail
    )
    about = [found.found] if found.found else list(found.between)
    kinds = {
        ("referent" if rows[one.job_id]["to_referent"] else "own")
        if rows[one.job_id]["kind"] == KIND else ""
        for one in about
    }  # fmt: skip
    # a referent of several, or somebody asked on two days, is one
    return (kinds.pop() or None) if len(kinds) == 1 else None


# --- of themselves --------------------------------------------------------------------------


def _own(
    db: sqlite3.Connection, heard: Heard, rows: Sequence[sqlite3.Row], word: Standing
) -> Done | None:
    """Write down how somebody is; where it is not clear who is well, a human asks.

    A wish to be called back holds for all who may have meant it.
    """
    if word is Standing.WELL:
        rows = _meant(heard, rows)
        if len({row["recipient_id"] for row in rows}) > 1:
            return unread(heard, "which")
    last = rows[-1]
    changed = [_say(db, heard, row, word) for row in rows]
    well = word is Standing.WELL
    return Done(
        "round_well" if well else "round_callback", last["entity_id"], last["broadcast_id"],
        last["recipient_id"], moved=any(changed),
        answer=(words.WELL if well else words.CALLBACK) if any(changed) else "",
    )  # fmt: skip


def _meant(heard: Heard, rows: Sequence[sqlite3.Row]) -> Sequence[sqlite3.Row]:
    """Keep those who were asked at that very number, and of those the ones yet to answer."""
    asked = {
        row["recipient_id"] for row in heard.sent
        if row["kind"] == KIND and not row["to_referent"]
    }  # fmt: skip
    here = [row for row in rows if row["recipient_id"] in asked] or rows
    return [row for row in here if not row["word"]] or here


def _say(db: sqlite3.Connection, heard: Heard, row: sqlite3.Row, word: Standing) -> bool:
    """Write a word down; the calls still to come are taken back."""
    job = round_words.last_job(db, row["recipient_id"]) if row["recipient_id"] else None
    if job is not None:
        if answers.settle(db, job["id"], _OUTCOMES[word], heard.now) is None:
            raise NotYet
        heard.changed.append(row["broadcast_id"])
    return round_words.say(db, row["id"], word, "sms", heard.now)


# --- of whom they look after ----------------------------------------------------------------


def _goes(
    db: sqlite3.Connection, heard: Heard, rows: Sequence[sqlite3.Row], word: Standing
) -> Done:
    """Write down whether a referent goes; for which of several homes, a human asks."""
    last = rows[-1]
    homes = {row["place"] for row in rows}
    calls = {row["recipient_id"] for row in rows}
    if len(calls) > 1 and (len(homes) > 1 or "" in homes):
        return Done(
            "which", last["entity_id"], last["broadcast_id"], last["recipient_id"], to_read=True,
            answer=words.SEVERAL,
        )  # fmt: skip
    changed = False
    for row in rows:
        if answers.settle(db, row["job_id"], _OUTCOMES[word], heard.now) is None:
            raise NotYet
        heard.changed.append(row["broadcast_id"])
        changed |= round_words.visit(db, row["id"], _OUTCOMES[word], heard.now)
    goes = word is Standing.WELL
    return Done(
        "round_goes" if goes else "round_cannot", last["entity_id"], last["broadcast_id"],
        last["recipient_id"], moved=changed,
        answer=(words.GOES if goes else words.CANNOT) if changed else "",
    )  # fmt: skip
