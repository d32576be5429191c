"""What the pages show of the daily round, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from gateway.rounds import Standing
from gateway.sentences import fr_all

STANDINGS: Final[Mapping[Standing, str]] = fr_all({
    Standing.WELL: "tout va bien", Standing.CALLBACK: "à rappeler",
    Standing.SILENT: "sans réponse", Standing.MISSED: "pas appelée", Standing.WAITING: "en attente",
    Standing.SEEN: "vue, tout va bien",
})  # fmt: skip
#: In this order they stand on the page: first whom a human must see.
ORDER: Final = (
    Standing.SILENT, Standing.CALLBACK, Standing.MISSED, Standing.WAITING, Standing.SEEN,
    Standing.WELL,
)  # fmt: skip
WHY_MISSED: Final = fr_all({
    "": "aucun modem n'a pu l'appeler à temps", "off": "Tocsin était arrêté à cette heure",
    "no_way": "aucun téléphone sur sa fiche", "stopped": "a répondu STOP à la tournée",
})  # fmt: skip
VISITS: Final = fr_all({"": "n'a pas encore répondu", "yes": "y va", "no": "ne peut pas y aller"})
WAYS: Final = fr_all({"key": "touche du téléphone", "sms": "SMS"})


@dataclass(frozen=True, slots=True)
class DayPerson:
    """One person's day. ``id`` 0: their hour is still to come."""

    id: int
    contact_id: int
    name: str
    standing: Standing
    label: str
    hour: datetime
    telephone: str
    place: str
    referent: str
    referent_phone: str
    note: str
    help_first: bool
    calls: tuple[str, ...] = ()
    asked: bool = False  # the referent was asked to go and see
    visit: str = ""
    visit_at: datetime | None = None
    word_at: datetime | None = None
    word_way: str = ""
    wrote: str = ""  # what only a human understands
    why: str = ""  # of one who was not called, or called late
    listed_at: datetime | None = None
    told_at: datetime | None = None
    seen_at: datetime | None = None
    seen_by: str = ""

    @property
    def for_humans(self) -> bool:
        """Whether somebody must see to them, and nobody has."""
        return self.standing in {Standing.CALLBACK, Standing.SILENT, Standing.MISSED}


@dataclass(frozen=True, slots=True)
class RoundDay:
    """A day's round; ``counts`` in the order of the page, each with its label."""

    day: date
    today: bool
    people: tuple[DayPerson, ...]
    counts: tuple[tuple[Standing, str, int], ...]
    before: tuple[date, ...]

    @property
    def to_see(self) -> tuple[DayPerson, ...]:
        """The list for the social worker."""
        return tuple(one for one in self.people if one.for_humans)


@dataclass(frozen=True, slots=True)
class RoundPerson:
    """Somebody of the register as the round is set: their hour, or why they are left out."""

    contact_id: int
    name: str
    hour: str  # 09:00; empty: everybody's
    way: str
    out_why: str
    stopped: bool
    telephone: str
    referent: str
    version: str = ""  # of their form


@dataclass(frozen=True, slots=True)
class HourView:
    """How long the calls of one hour take."""

    hour: str
    people: int
    seconds: float
    ends: datetime


@dataclass(frozen=True, slots=True)
class RoundSetup:
    """The round as it is set, and what to know before it is switched on."""

    on: bool
    first: str
    last: str
    hour: str
    pause: int
    numbers: str
    by: str
    next_at: datetime | None  # the first calls from now on
    people: tuple[RoundPerson, ...]
    left_out: tuple[RoundPerson, ...]
    hours: tuple[HourView, ...]
    modems: int
    warnings: tuple[str, ...]
    version: str = ""  # of its form


@dataclass(frozen=True, slots=True)
class RoundForm:
    """What a keeper wrote: days (2026-07-01), hour (09:00), minutes, numbers by comma or line."""

    first: str
    last: str
    hour: str
    pause: str
    numbers: str
    on: bool
