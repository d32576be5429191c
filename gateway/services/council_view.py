"""A council read from the disk: each member, where they stand, and the sum of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.model import BroadcastState, Channel, JobState, Outcome, Reason, RecipientState
from gateway.quorum import Answer, Standing, Tally, Why, Word
from gateway.sentences import fr, listed
from gateway.services import council_words as said
from gateway.services import words
from gateway.services.council_values import CouncilView, MemberView, RecallView, WordView
from gateway.store import council, council_words

#: In this order the seats are drawn.
_DRAWN: Final = (
    Standing.PRESENT, Standing.PROXY, Standing.PROXY_WAITS, Standing.PROXY_FELL, Standing.EXCUSED,
    Standing.ABSENT, Standing.DOUBT, Standing.SILENT,
)  # fmt: skip
#: Standings that name a colleague.
_NAMING: Final = frozenset({Standing.PROXY, Standing.PROXY_WAITS, Standing.PROXY_FELL})
#: What answers, or was opened: the surest proof that a convocation arrived.
_TOLD: Final = frozenset(
    {Reason.IN_MAILBOX, Reason.MAIL_READ, Reason.MAIL_ANSWERED, Reason.SMS_ANSWERED, Reason.BOUNCED}
)


def of(db: sqlite3.Connection, row: sqlite3.Row, zone: str, now: float) -> CouncilView:
    """Return a council (a row of `council.meeting`) as the doors see it."""
    number, rules = row["broadcast_id"], council.rules(row)
    counted = council_words.counted(db, row)
    members = council.members(db, number)
    names = {one["id"]: name_of(one) for one in members}
    history = [_word(one, names, zone) for one in council_words.history(db, number)]
    of_whom = [one["member_id"] for one in council_words.history(db, number)]
    own: dict[int | None, list[WordView]] = {}
    for member, word in zip(of_whom, history, strict=True):
        own.setdefault(member, []).append(word)
    answer_by = words.local(row["answer_by"], zone)
    cancelled = row["state"] == BroadcastState.CANCELLED
    seen = _members(db, members, counted, names, own, zone)
    out = sum(one.unconvened and one.standing == Standing.SILENT for one in seen)
    return CouncilView(
        number, row["what"], row["place"], words.at(row["at"], zone), answer_by,
        late=row["answer_by"] is not None and row["answer_by"] <= now,
        over=council_words.is_over(row, now), size=rules.members, needed=counted.needed,
        rule=rules.rule, rule_label=said.RULES[rules.rule], proxies_each=rules.proxies_each,
        sentence=said.CANCELLED if cancelled
        else said.sentence(rules, counted.present, counted.needed), reached=counted.reached,
        present=counted.present, proxies=counted.proxies, away=counted.away,
        silent=counted.silent - out, unlisted=counted.unlisted, seats=_seats(counted, out),
        members=seen,
        doubts=tuple(word for word in history if word.open), recalls=_recalls(db, number, zone),
        after_id=row["after_id"], cancelled=cancelled, unclear=counted.unclear,
    )  # fmt: skip


def name_of(row: sqlite3.Row) -> str:
    """Return a member's name as it is said."""
    return f"{row['given_name']} {row['name']}".strip()


def _seats(counted: Tally, out: int) -> tuple[str, ...]:
    """Return each seat as drawn; ``out`` of the silent were not convened."""
    drawn = [one.value for one in _DRAWN for _ in range(counted.count(one))]
    convened = drawn[: len(drawn) - out]  # the silent stand last
    return (*convened, *["unlisted"] * (out + counted.unlisted))


def _recalls(db: sqlite3.Connection, number: int, zone: str) -> tuple[RecallView, ...]:
    return tuple(
        RecallView(one["id"], words.at(one["created_at"], zone), one["author"], one["people"])
        for one in council.recalls(db, number)
    )


def _members(
    db: sqlite3.Connection, rows: Sequence[sqlite3.Row], counted: Tally, names: Mapping[int, str],
    own: Mapping[int | None, list[WordView]], zone: str,
) -> tuple[MemberView, ...]:  # fmt: skip
    number = rows[0]["broadcast_id"] if rows else 0
    last = council_words.last_words(db, number)
    sent = council.convened_by(db, number)
    ways, unsent = _ways(sent, zone), {row["member_id"] for row in sent if _is_unsent(row)}
    return tuple(
        _member(row, counted.standings[row["id"]], last, counted, names,
                tuple(own.get(row["id"], ())), ways.get(row["id"], ()), zone,
                unsent=row["id"] in unsent)
        for row in rows
    )  # fmt: skip


def _member(
    row: sqlite3.Row, standing: Standing, last: Mapping[int, Word], counted: Tally,
    names: Mapping[int, str], own: tuple[WordView, ...], ways: tuple[str, ...], zone: str,
    *, unsent: bool,
) -> MemberView:  # fmt: skip
    number, paper = row["id"], bool(row["paper"]) or unsent
    unconvened = unsent and row["handed_at"] is None
    label = said.STANDINGS[standing]
    if unconvened and standing is Standing.SILENT:
        label = said.UNCONVENED
    holder = last[number].holder if standing in _NAMING else None
    holds = tuple(
        names[one] for one, word in last.items()
        if word.holder == number and counted.standings.get(one) in
        {Standing.PROXY, Standing.PROXY_WAITS}
    )  # fmt: skip
    at = words.local(row["handed_at"], zone)
    if at is not None:
        handed = fr("remis sur papier le {at:%d/%m/%Y %H:%M} ({by})", at=at, by=row["handed_by"])
        ways = (*ways, handed)
    elif paper:
        ways = (*ways, fr("à remettre sur papier"))
    return MemberView(
        number, name_of(row), standing.value, label,
        names.get(holder, "") if holder is not None else "", holder, holds, own, ways,
        paper, at, row["handed_by"], unconvened,
    )  # fmt: skip


def _is_unsent(row: sqlite3.Row) -> bool:
    """Tell whether a convocation had no way to a member; by a colleague's telephone it has."""
    excluded = row["person_state"] == RecipientState.EXCLUDED
    return bool(excluded and row["person_reason"] != Reason.DUPLICATE)


def _ways(rows: Sequence[sqlite3.Row], zone: str) -> dict[int, tuple[str, ...]]:
    """Return how the convocation was sent to each member, and what came of it."""
    found: dict[int, tuple[str, ...]] = {}
    for row in rows:
        told = _way(row, zone)
        found[row["member_id"]] = (*found.get(row["member_id"], ()), told)
    return found


def _way(row: sqlite3.Row, zone: str) -> str:
    if row["channel"] is None:
        state, why = RecipientState(row["person_state"]), Reason(row["person_reason"])
        return listed(" : ", filter(None, (words.state(state, why), words.REASONS[why])))
    what = words.JOB_STATES[JobState(row["state"])]
    if row["reason"] in _TOLD:
        what = words.REASONS[Reason(row["reason"])]
    elif row["outcome"] in {Outcome.ACKNOWLEDGED, Outcome.DECLINED, Outcome.LISTENED}:
        what = words.OUTCOMES[Outcome(row["outcome"])]
    way = words.CHANNELS[Channel(row["channel"])]
    if row["left_at"]:
        way = fr("{way} du {at}", way=way, at=_moment(row["left_at"], zone))
    return fr("{what} : {said}", what=way, said=what)


def _moment(at: float, zone: str) -> str:
    return words.at(at, zone).strftime("%d/%m/%Y %H:%M")


def _word(row: sqlite3.Row, names: Mapping[int, str], zone: str) -> WordView:
    what = said.ANSWERS[Answer(row["answer"])] if row["answer"] else fr("à lire")
    if row["holder_id"] is not None:
        what = fr("{what} à {whom}", what=what, whom=names.get(row["holder_id"], ""))
    waits = bool(row["why"]) and row["settled_at"] is None
    entry = waits and row["member_id"] is not None and row["answer"] != "" and row["why"] != "over"
    return WordView(
        row["id"], names.get(row["member_id"], ""), what, row["said"],
        said.WAYS.get(row["way"], ""), row["by"], words.at(row["at"], zone),
        said.WHY[Why(row["why"])] if row["why"] else "", waits, entry,
    )  # fmt: skip
