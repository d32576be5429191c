"""What the parts of `gateway.lists` hand to each other. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from gateway.model import Line

#: A list longer than this is a mistake, or wants to be cut into several.
MOST_LINES: Final = 50_000
MOST_OCTETS: Final = 20 * 1024 * 1024
MOST_COLUMNS: Final = 100


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong with a line, or with one cell of it, and what to do; ``line`` counts from 1."""

    line: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as rows: ``rows`` are (number of the line in the file, from 1; its cells).

    ``left``: lines that may be somebody's and are not among them; ``remarks``: what to look at.
    """

    kind: str  # csv | xlsx | vcard | pasted
    titles: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    left: tuple[LineProblem, ...] = ()
    remarks: tuple[LineProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One way to reach the contact of a line."""

    line: Line
    address: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Referent:
    """Who is to be warned for the person of a line; one of the two may be empty, never both."""

    name: str
    ways: tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One good line; ``details`` has the keys of `gateway.lists.columns.DETAILS`."""

    line: int
    name: str
    given_name: str
    details: dict[str, str]
    endpoints: tuple[Endpoint, ...]
    groups: tuple[str, ...]
    tags: tuple[str, ...] = ()
    referent: Referent | None = None


@dataclass(slots=True)
class Reading:
    """A whole file as read."""

    lines: list[ImportLine] = field(default_factory=list)
    refused: list[LineProblem] = field(default_factory=list)
    warnings: list[LineProblem] = field(default_factory=list)
