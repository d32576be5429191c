"""What the doors receive of one person: everything the town knows of them. Values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import Refused
from gateway.sentences import fr
from gateway.services.values import EndpointView


@dataclass(frozen=True, slots=True)
class ConsentView:
    """What an address agreed to, for one purpose: ``given`` None means nothing was said."""

    purpose: str
    label: str
    given: bool | None
    way: str  # empty: by every way
    at: datetime | None
    source: str
    by: str
    said: str


@dataclass(frozen=True, slots=True)
class ReachView:
    """One number or address of a person, and what may be sent there."""

    endpoint: EndpointView
    consents: tuple[ConsentView, ...]


@dataclass(frozen=True, slots=True)
class PastView:
    """One thing that happened with a person: sent to them, or come from them."""

    at: datetime
    kind: str  # sent | sms | call | consent | change
    title: str
    said: str
    broadcast_id: int | None = None


@dataclass(frozen=True, slots=True)
class PersonView:
    """A contact in full; ``fields`` has the columns of the form."""

    id: int
    name: str
    fields: Mapping[str, str]
    help_first: bool
    household: bool
    reaches: tuple[ReachView, ...]
    group_ids: tuple[int, ...]
    tags: tuple[str, ...]
    referent: tuple[int, str] | None
    reserved: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PersonForm:
    """What a form says of a contact.

    ``endpoints``: (id or 0 for a new one, number or address, label) in the order to try them; one
    that is missing, or empty, is taken away.
    """

    fields: Mapping[str, str]
    help_first: bool = False
    household: bool = False
    endpoints: tuple[tuple[int, str, str], ...] = ()
    group_ids: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    referent: str = ""  # a number or an address of the referent, empty for none


class Shared(Refused):
    """A question: a number that is on somebody else's card already; ``other`` and its ``name``."""

    def __init__(self, number: str, field: str, other: int, name: str) -> None:
        super().__init__(
            fr("{number} est déjà le numéro de {name} : est-ce la même personne ?",
               number=number, name=name), field,
        )  # fmt: skip
        self.other, self.name = other, name


@dataclass(frozen=True, slots=True)
class BereftView:
    """Somebody whose referent was erased, ``at`` when and ``by`` whom."""

    id: int
    name: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class TwinView:
    """Two contacts that are perhaps one person; ``differs``: (what, of the one, of the other)."""

    one: int
    one_name: str
    one_about: str
    other: int
    other_name: str
    other_about: str
    why: str
    differs: tuple[tuple[str, str, str], ...] = ()
