"""What a message still asks for once it has left: who to visit, what to send next. Values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was announced a while ago: when and by whom."""

    id: int
    at: datetime
    author: str
    kind: str = ""  # end | correction


@dataclass(frozen=True, slots=True)
class Proposed:
    """A message that may follow another, before anybody has changed a word."""

    title: str
    text: str
    urgency: str
    channels: tuple[str, ...]
    people: int
    english: bool = False  # some were written to in English: ``text_en`` is for them
    text_en: str = ""
    approval: bool = False  # a second person must agree first
    before: Earlier | None = None  # the same, announced already; or what ended or corrected it
    way: str = ""  # a sentence: by what first, and what then
    referents: int = 0  # of ``people``, those who were only asked to go and see somebody
    leaves_at: datetime | None = None  # where it waits for its hours
    dated: str = ""  # a sentence: its text names its day by a word that is not true then
    word: str = ""  # that word


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody nobody has reached."""

    id: int
    name: str
    address: str
    telephones: str
    note: str
    help_first: bool
    label: str


@dataclass(frozen=True, slots=True)
class Street:
    """The people to visit in one street, by number."""

    name: str
    people: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who was told face to face, and by whom."""

    id: int
    name: str
    by: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The door-to-door sheet: streets with those to help first on top, and who was told by whom."""

    title: str
    at: datetime
    left: int
    streets: tuple[Street, ...]
    told: tuple[Told, ...]
    kept_back: int = 0  # people of the register, on the sheet that a keeper prints
    confirm: bool = False  # whoever did not confirm is on it, though they may have the message
