"""What each line of a list would change in a directory. Pure.

A line means a contact we have when name and street are the same, or when the name is the same and
they share a number or an address. The same number under another name is another contact, and told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from gateway import phone
from gateway.french import folded
from gateway.lists.values import Endpoint, ImportLine, Referent
from gateway.sentences import fr

_ADDRESS: Final = ("number", "street")


class Fate(StrEnum):
    """What becomes of a line."""

    ADDED = "added"
    CHANGED = "changed"  # something of the contact itself
    MERGED = "merged"  # a number, a group or a tag more
    UNCHANGED = "unchanged"


@dataclass(slots=True)
class Known:
    """A contact as the directory has it; a negative id is a line of the same list."""

    id: int
    name: str
    given_name: str
    details: dict[str, str]
    addresses: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)  # folded
    tags: set[str] = field(default_factory=set)  # folded
    referent: Known | None = field(default=None, repr=False, compare=False)

    @property
    def shown(self) -> str:
        """The name as it is said."""
        return " ".join(filter(None, (self.given_name, self.name)))


@dataclass(frozen=True, slots=True)
class Appointed:
    """The referent a line gives its contact.

    ``made``: a contact that has to be made for it, under the negative ``contact_id``; ``before``:
    the name of the one who goes.
    """

    contact_id: int
    name: str
    made: Referent | None = None
    before: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line and what it would change; ``fields`` are (before, after)."""

    line: ImportLine
    fate: Fate
    contact_id: int
    fields: Mapping[str, tuple[str, str]]
    endpoints: tuple[Endpoint, ...]
    groups: tuple[str, ...]
    tags: tuple[str, ...]
    kept: Mapping[str, tuple[str, str]]  # differs, and stays as the directory has it
    like: tuple[str, ...] = ()  # other contacts with one of its numbers
    referent: Appointed | None = None
    referent_kept: tuple[str, str] | None = None  # (name in the directory, name in the list)
    remark: str = ""  # why no referent comes of what the line says, with the mend


class Book:
    """A directory, looked up by name, street and address while a list goes through it."""

    def __init__(self, contacts: Sequence[Known]) -> None:
        self._by_name: dict[str, list[Known]] = {}
        self._by_address: dict[str, list[Known]] = {}
        self._by_id: dict[int, Known] = {}
        for contact in contacts:
            self.add(contact)

    def add(self, contact: Known) -> None:
        """Take one more contact in."""
        self._by_id[contact.id] = contact
        self._by_name.setdefault(_key(contact.name, contact.given_name), []).append(contact)
        for address in contact.addresses:
            self._by_address.setdefault(address, []).append(contact)

    def reach(self, contact: Known, address: str) -> None:
        """Give a contact one more address."""
        contact.addresses.add(address)
        self._by_address.setdefault(address, []).append(contact)

    def called(self, contact_id: int) -> Known:
        """Return the contact of this id; raises KeyError."""
        return self._by_id[contact_id]

    def at(self, ways: Sequence[Endpoint]) -> list[Known]:
        """Return whoever has one of these numbers or addresses, each once."""
        found = (one for way in ways for one in self._by_address.get(way.address, ()))
        return list({one.id: one for one in found}.values())

    def find(self, line: ImportLine) -> Known | None:
        """Return the contact a line means."""
        same = self._by_name.get(_key(line.name, line.given_name), ())
        place, addresses = _place(line.details), {e.address for e in line.endpoints}
        for contact in same:
            if _place(contact.details) == place:
                return contact
        if same and not place and not addresses:
            return same[0]  # a bare name says nothing that could go to the wrong person
        return next((contact for contact in same if contact.addresses & addresses), None)

    def others(self, line: ImportLine, found: Known | None) -> tuple[str, ...]:
        """Return the names of other contacts with one of a line's numbers."""
        names = (
            contact.shown
            for endpoint in line.endpoints
            for contact in self._by_address.get(endpoint.address, ())
            if contact is not found
        )
        return tuple(dict.fromkeys(names))


def _key(name: str, given_name: str) -> str:
    return folded(f"{name} {given_name}")


def _written(details: Mapping[str, str]) -> str:
    whole = " ".join(filter(None, (details.get(key, "") for key in _ADDRESS)))
    return " ".join(whole.replace(",", " ").split())


def _place(details: Mapping[str, str]) -> str:
    return folded(_written(details))


def judge(
    lines: Sequence[ImportLine], book: Book, *, replace: bool = False, groups: Sequence[str] = ()
) -> list[Verdict]:
    """Return what each line would change.

    ``replace``: what differs is taken from the list; else only what is empty is filled in.
    ``groups``: everybody joins these too.
    """
    return [
        _judged(line, book, -number, replace=replace, groups=groups)
        for number, line in enumerate(lines, start=1)
    ]


def _judged(
    line: ImportLine, book: Book, number: int, *, replace: bool, groups: Sequence[str]
) -> Verdict:
    wanted = tuple(dict.fromkeys((*line.groups, *groups)))
    found = book.find(line)
    like = book.others(line, found)
    if found is None:
        fresh = Known(
            number, line.name, line.given_name, dict(line.details),
            {e.address for e in line.endpoints}, {folded(g) for g in wanted},
            {folded(t) for t in line.tags},
        )  # fmt: skip
        book.add(fresh)
        return Verdict(line, Fate.ADDED, number, {}, line.endpoints, wanted, line.tags, {}, like)
    return _merged(line, book, found, wanted, like, replace=replace)


def _merged(
    line: ImportLine, book: Book, found: Known, wanted: tuple[str, ...], like: tuple[str, ...], *,
    replace: bool,
) -> Verdict:  # fmt: skip
    # « 12 rue du Port » in one field and in two is one address
    parted = _ADDRESS if _written(line.details) == _written(found.details) else ()
    differing = {
        key: (found.details.get(key, ""), value)
        for key, value in line.details.items()
        if found.details.get(key, "") != value and key not in parted
    }
    fields = {key: pair for key, pair in differing.items() if replace or not pair[0]}
    endpoints = tuple(e for e in line.endpoints if e.address not in found.addresses)
    joined = tuple(g for g in wanted if folded(g) not in found.groups)
    tags = tuple(t for t in line.tags if folded(t) not in found.tags)
    found.details.update({key: after for key, (_, after) in fields.items()})
    for endpoint in endpoints:
        book.reach(found, endpoint.address)
    found.groups.update(map(folded, joined))
    found.tags.update(map(folded, tags))
    fate = Fate.UNCHANGED
    if fields:
        fate = Fate.CHANGED
    elif endpoints or joined or tags:
        fate = Fate.MERGED
    kept = {key: pair for key, pair in differing.items() if key not in fields}
    return Verdict(line, fate, found.id, fields, endpoints, joined, tags, kept, like)


def counts(verdicts: Sequence[Verdict]) -> Mapping[Fate, int]:
    """Return how many lines each fate has."""
    return Counter(verdict.fate for verdict in verdicts)


def shown_like(verdict: Verdict) -> str:
    """Return the remark on a line that shares a number with another contact; empty for none."""
    if not verdict.like:
        return ""
    number = phone.shown(verdict.line.endpoints[0].address)
    return fr(
        "{number} est aussi le numéro de {names}", number=number, names=", ".join(verdict.like[:3])
    )
