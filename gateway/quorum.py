"""Who of a council is there, who votes for whom, and whether it may deliberate. Pure.

Code général des collectivités territoriales: L2121-17 (more than half of the members in office
must be present; a second convocation, three days later at least, needs no quorum) and L2121-20
(an absent member may have one colleague vote for them, who holds one such proxy only). A proxy
never counts for the quorum. Exceptional regimes changed both numbers: they are settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from gateway.errors import Refused

#: Days between a meeting that had no quorum and the one that needs none.
SECOND_AFTER: Final = 3
MOST_MEMBERS: Final = 500
MOST_PROXIES: Final = 5


class Rule(StrEnum):
    """How many members must be present."""

    HALF = "half"  # more than half of the members in office
    THIRD = "third"  # a third of them, in exceptional regimes
    NONE = "none"  # a second convocation


class Answer(StrEnum):
    """What a member said, or was written down for them."""

    PRESENT = "present"
    EXCUSED = "excused"  # absent, and said so
    ABSENT = "absent"
    PROXY = "proxy"  # absent, and a colleague votes for them


class Why(StrEnum):
    """Why a word is left to a human."""

    NONE = ""
    UNKNOWN = "unknown"  # nobody of this council has that name
    AMBIGUOUS = "ambiguous"  # several have
    HIMSELF = "himself"  # whoever gives the proxy
    AWAY = "away"  # the colleague will not be there
    FULL = "full"  # the colleague holds as many as they may
    SHARED = "shared"  # several members have this number or address
    OVER = "over"  # the meeting has begun, or does not take place
    UNCLEAR = "unclear"  # words nobody but a human understands
    WHICH = "which"  # several meetings, or messages, wait for an answer


class Standing(StrEnum):
    """Where one member stands."""

    PRESENT = "present"
    PROXY = "proxy"  # held by somebody who will be there
    PROXY_WAITS = "proxy_waits"  # held by somebody who has not answered
    PROXY_FELL = "proxy_fell"  # held by somebody who is not there any more
    EXCUSED = "excused"
    ABSENT = "absent"
    DOUBT = "doubt"  # their last word waits for a human
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Rules:
    """A council's size (members in office) and its rules."""

    members: int
    rule: Rule = Rule.HALF
    proxies_each: int = 1


@dataclass(frozen=True, slots=True)
class Word:
    """A member's last word; ``answer`` None: a human must read it. ``order``: who was first."""

    answer: Answer | None
    holder: int | None = None
    order: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """The council counted; ``unlisted`` are members in office whom nobody convened."""

    standings: Mapping[int, Standing] = field(default_factory=dict)
    needed: int = 0
    unlisted: int = 0

    def count(self, *wanted: Standing) -> int:
        """Return how many members stand so."""
        return sum(one in wanted for one in self.standings.values())

    @property
    def present(self) -> int:
        """How many will be there."""
        return self.count(Standing.PRESENT)

    @property
    def proxies(self) -> int:
        """How many votes are given by proxy to somebody who will be there."""
        return self.count(Standing.PROXY)

    @property
    def silent(self) -> int:
        """How many have not answered at all."""
        return self.count(Standing.SILENT)

    @property
    def unclear(self) -> int:
        """How many answered so that a human must read it."""
        return self.count(Standing.DOUBT)

    @property
    def away(self) -> int:
        """How many said that they will not be there, with or without a proxy."""
        return len(self.standings) - self.present - self.silent - self.unclear

    @property
    def reached(self) -> bool:
        """Whether the council may deliberate, should it be so."""
        return self.present >= self.needed

    @property
    def missing(self) -> int:
        """How many must still say that they come."""
        return max(0, self.needed - self.present)


def needed(rules: Rules) -> int:
    """Return how many members must be present."""
    if rules.rule is Rule.NONE:
        return 0
    if rules.rule is Rule.THIRD:
        return -(-rules.members // 3)
    return rules.members // 2 + 1


def tally(rules: Rules, members: Sequence[int], words: Mapping[int, Word]) -> Tally:
    """Count a council: each member once, under their last word."""
    held: dict[int, int] = {}
    standings = {}
    for member in sorted(members, key=lambda one: words[one].order if one in words else 0):
        standings[member] = _standing(rules, member, words, frozenset(members), held)
    return Tally(
        {one: standings[one] for one in members}, needed(rules),
        max(0, rules.members - len(standings)),
    )  # fmt: skip


def _standing(
    rules: Rules, member: int, words: Mapping[int, Word], members: frozenset[int],
    held: dict[int, int],
) -> Standing:  # fmt: skip
    word = words.get(member)
    if word is None:
        return Standing.SILENT
    if word.answer is None:
        return Standing.DOUBT
    if word.answer is not Answer.PROXY:
        return Standing(word.answer.value)
    holder = word.holder
    full = holder is None or held.get(holder, 0) >= rules.proxies_each
    if holder is None or holder == member or holder not in members or full:
        return Standing.PROXY_FELL
    if is_away(words.get(holder)):
        return Standing.PROXY_FELL
    held[holder] = held.get(holder, 0) + 1
    sure = holder in words and words[holder].answer is Answer.PRESENT
    return Standing.PROXY if sure else Standing.PROXY_WAITS


def is_away(word: Word | None) -> bool:
    """Tell whether whoever said this will not be there."""
    return word is not None and word.answer in {Answer.EXCUSED, Answer.ABSENT, Answer.PROXY}


def against_proxy(rules: Rules, words: Mapping[int, Word], giver: int, holder: int) -> Why:
    """Return what stands against a proxy, `Why.NONE` where nothing does."""
    if giver == holder:
        return Why.HIMSELF
    if is_away(words.get(holder)):
        return Why.AWAY
    others = (word for one, word in words.items() if one != giver)
    held = sum(word.answer is Answer.PROXY and word.holder == holder for word in others)
    return Why.FULL if held >= rules.proxies_each else Why.NONE


def check(rules: Rules, convened: int) -> Rules:
    """Return rules that make sense for so many members convened; raise `Refused` with the field."""
    if not convened:
        raise Refused("Ce groupe est vide : le conseil a au moins un membre.", "council")
    if not 1 <= rules.members <= MOST_MEMBERS:
        raise Refused("Écrivez le nombre de membres en exercice.", "members")
    if rules.members < convened:
        raise Refused(
            "Le groupe a {convened} personnes pour {members} membres en exercice : retirez "
            "du groupe qui n'est pas membre, ou corrigez l'effectif.",
            "members",
            convened=convened,
            members=rules.members,
        )
    if not 0 <= rules.proxies_each <= MOST_PROXIES:
        raise Refused("Un membre porte de 0 à {most} pouvoirs.", "proxies_each", most=MOST_PROXIES)
    return rules


def check_second(first: date, second: date, *, first_over: bool, reached: bool) -> None:
    """Raise `Refused` where a meeting cannot be the second one, which needs no quorum."""
    if not first_over:
        raise Refused("La première séance n'a pas encore eu lieu.", "after")
    if reached:
        raise Refused(
            "D'après les réponses, le quorum était atteint à la première séance : corrigez d'abord "
            "sa feuille de présence.", "after",
        )  # fmt: skip
    if (second - first).days < SECOND_AFTER:
        raise Refused(
            "Après un défaut de quorum, la seconde séance a lieu trois jours plus tard au moins.",
            "at",
        )
