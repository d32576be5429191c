"""A council as it is about to be convened: its members, its rules, who gets it on paper."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway import quorum
from gateway.errors import Refused
from gateway.services import council_words as said
from gateway.services import words
from gateway.services.council_values import CouncilForm, CouncilPlan
from gateway.services.council_view import name_of
from gateway.services.values import Actor
from gateway.store import council, council_words, groups


@dataclass(frozen=True, slots=True)
class Convened:
    """A council that may be convened; ``second`` is what a second convocation must say."""

    new: council.NewCouncil
    plan: CouncilPlan
    on_paper: tuple[int, ...]
    second: str = ""

    def beside(self, entity_id: int) -> Callable[[sqlite3.Connection, int], None]:
        """Return what writes the council down with its convocation."""
        return lambda db, number: council.create(db, entity_id, number, self.new)


def council_of(
    db: sqlite3.Connection, actor: Actor, form: CouncilForm, meeting: tuple[str, str, datetime],
    now: float,
) -> Convened:  # fmt: skip
    """Return the council of a form and its meeting (what, where, when); raise `Refused`."""
    what, place, at = meeting
    if form.group_id not in {row["id"] for row in groups.named(db, actor.entity_id)}:
        raise Refused("Ce groupe n'existe plus : rechargez la page.", "council")
    people = council.people(db, actor.entity_id, form.group_id)
    second = _second(db, actor, form, at, now)
    rule = quorum.Rule.NONE if second else _rule(form.rule)
    rules = quorum.Rules(form.members or len(people), rule, form.proxies_each)
    quorum.check(rules, len(people))
    _check_answer_by(form.answer_by, at, now)
    paper = [row for row in people if row["paper"]]
    new = council.NewCouncil(
        what.strip(), place.strip(), at.timestamp(), rules, form.group_id,
        form.answer_by.timestamp() if form.answer_by else None, form.after_id,
    )  # fmt: skip
    plan = CouncilPlan(
        rules.members, len(people), quorum.needed(rules), said.RULES[rules.rule],
        tuple(name_of(row) for row in paper),
    )  # fmt: skip
    return Convened(new, plan, tuple(row["id"] for row in paper), second)


def _rule(code: str) -> quorum.Rule:
    if code not in {quorum.Rule.HALF, quorum.Rule.THIRD}:
        raise Refused("Choisissez la règle de quorum.", "rule")
    return quorum.Rule(code)


def _check_answer_by(answer_by: datetime | None, at: datetime, now: float) -> None:
    if answer_by is not None and not now < answer_by.timestamp() < at.timestamp():
        raise Refused("La date limite de réponse est entre maintenant et la séance.", "answer_by")


def _second(
    db: sqlite3.Connection, actor: Actor, form: CouncilForm, at: datetime, now: float
) -> str:  # fmt: skip
    """Return what the second convocation after a lack of quorum says; empty for a first one."""
    if form.after_id is None:
        return ""
    row = council.meeting(db, form.after_id)
    if row is None or row["entity_id"] != actor.entity_id:
        raise Refused("Cette première séance n'existe pas.", "after")
    if row["rule"] == quorum.Rule.NONE:
        raise Refused("Cette séance-là n'avait déjà plus besoin de quorum.", "after")
    first = words.at(row["at"], actor.timezone)
    quorum.check_second(
        first.date(), at.date(), first_over=row["at"] <= now,
        reached=council_words.counted(db, row).reached,
    )  # fmt: skip
    return said.SECOND.format(day=words.long_day(first))
