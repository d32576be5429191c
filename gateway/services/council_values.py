"""A council as the doors see it. Values; times aware, in the town's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CouncilForm:
    """What a convocation says of the council it is to; ``members`` 0: as many as the group has."""

    group_id: int
    members: int = 0
    rule: str = "half"
    proxies_each: int = 1
    answer_by: datetime | None = None
    after_id: int | None = None


@dataclass(frozen=True, slots=True)
class CouncilPlan:
    """What convening it would mean: size, quorum, who gets it on paper."""

    members: int
    convened: int
    needed: int
    rule: str
    paper: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PastCouncil:
    """A meeting that may have had no quorum."""

    id: int
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WordView:
    """One word of a member; ``why`` stands against it while it is ``open``.

    ``by_entry``: only an answer written down for the member settles it.
    """

    id: int
    who: str
    what: str
    said: str
    way: str
    by: str
    at: datetime
    why: str = ""
    open: bool = False
    by_entry: bool = False


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member: where they stand, for whom they vote, how they were convened.

    ``paper``: it is handed to them; ``unconvened``: it had no other way, and is not handed yet.
    """

    id: int
    name: str
    standing: str
    label: str
    holder: str
    holder_id: int | None
    holds: tuple[str, ...]
    words: tuple[WordView, ...]
    convened: tuple[str, ...]
    paper: bool
    handed_at: datetime | None
    handed_by: str
    unconvened: bool = False

    @property
    def silent(self) -> bool:
        """Whether they were convened, and have not answered at all."""
        return self.standing == "silent" and not self.unconvened


@dataclass(frozen=True, slots=True)
class RecallView:
    """A reminder to those who had not answered."""

    id: int
    at: datetime
    by: str
    people: int


@dataclass(frozen=True, slots=True)
class CouncilView:
    """A council's meeting, counted."""

    id: int
    what: str
    place: str
    at: datetime
    answer_by: datetime | None
    late: bool  # the time to answer is over
    over: bool  # the meeting has begun
    size: int
    needed: int
    rule: str
    rule_label: str
    proxies_each: int
    sentence: str
    reached: bool
    present: int
    proxies: int
    away: int
    silent: int
    unlisted: int
    seats: tuple[str, ...]  # one standing for each member in office, as drawn
    members: tuple[MemberView, ...]
    doubts: tuple[WordView, ...]
    recalls: tuple[RecallView, ...]
    after_id: int | None = None
    cancelled: bool = False  # its convocation was refused, taken back or stopped
    unclear: int = 0  # answered so that a human must read it

    @property
    def unanswered(self) -> tuple[MemberView, ...]:
        """Who has not answered at all."""
        return tuple(one for one in self.members if one.silent)

    @property
    def unconvened(self) -> tuple[MemberView, ...]:
        """Who was not convened yet: it could not be sent to them."""
        return tuple(one for one in self.members if one.unconvened)

    @property
    def on_paper(self) -> tuple[MemberView, ...]:
        """Who gets it on paper."""
        return tuple(one for one in self.members if one.paper)
