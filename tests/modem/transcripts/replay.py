"""Transcripts of real devices: read, and replayed against the parser in any chunks.

``>`` a command, ``>>`` a PDU handed over at the prompt, ``<`` bytes from the device (escapes as
in Python), ``=`` what they must mean, in order. ``note`` is a notification and ``sign`` what the
profile reads in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from modem import commands
from modem.commands import BARE, Command, do, whole_text
from modem.connection import AtConnection, CallResult, Completed, Event, Notification, Prompted
from modem.events import DigitPressed
from modem.profiles import Profile, named
from modem.profiles.base import Flow
from modem.refusal import code_of

FOLDER: Final = Path(__file__).parents[2] / "transcripts"
#: Commands of which only the result counts, as the driver says them.
_SETTINGS: Final = re.compile(r"AT(&?[A-Z]\d*|[+^*][A-Z0-9]+=.*)?")


@dataclass(slots=True)
class Step:
    """Something the host writes (empty: nothing), what comes back, what that means."""

    command: str = ""
    pdu: str = ""
    heard: bytes = b""
    means: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Transcript:
    """One file. ``device``, ``profile`` and ``source`` are its header."""

    name: str
    device: str
    profile: Profile
    source: str
    steps: tuple[Step, ...]


def read(path: Path) -> Transcript:
    """Read one transcript."""
    header: dict[str, str] = {}
    steps = [Step()]
    for line in path.read_text(encoding="utf-8").splitlines():
        mark, _, rest = line.partition(" ")
        if mark == "#":
            key, colon, value = rest.partition(": ")
            header |= {key: value} if colon else {}
        elif mark == ">":
            steps.append(Step(command=rest))
        elif mark == ">>":
            steps.append(Step(pdu=rest))
        elif mark == "<":
            if steps[-1].means:
                steps.append(Step())
            steps[-1].heard += rest.encode().decode("unicode_escape").encode("latin-1")
        elif mark == "=":
            steps[-1].means.append(rest)
    profile = named(header["profile"])
    return Transcript(path.stem, header["device"], profile, header["source"], tuple(steps[1:]))


def all_transcripts() -> list[Transcript]:
    """Return all there are."""
    return [read(path) for path in sorted(FOLDER.glob("*.txt"))]


Chunks = Callable[[bytes], Iterator[bytes]]


def replay(transcript: Transcript, chunks: Chunks) -> list[list[str]]:
    """Feed each step in ``chunks``; return what each was taken to mean."""
    connection = AtConnection()
    meanings: list[list[str]] = []
    for step in transcript.steps:
        if step.command:
            connection.begin(_command(step.command, transcript.profile), step.command)
        elif step.pdu:
            connection.payload(step.pdu)
        events: list[Event] = []
        for chunk in chunks(step.heard):
            events += connection.receive(chunk)
        meanings.append([word for event in events for word in _told(event, transcript.profile)])
    return meanings


def _command(text: str, profile: Profile) -> Command[Any]:
    """Return the command the driver would say these words with."""
    if text.startswith("ATD"):
        return Command(text, whole_text, dials=True)
    known = [value for value in vars(commands).values() if isinstance(value, Command)]
    for command in (*known, profile.pin_tries):
        pattern = re.sub(r"\\\{\w+\\\}", "[^;]*", re.escape(command.text))
        if re.fullmatch(pattern, text):
            return command
    if text in profile.set_up or _SETTINGS.fullmatch(text):
        return do(text)
    return Command(text, whole_text, reply=BARE)


def _told(event: Event, profile: Profile) -> list[str]:
    if isinstance(event, Prompted):
        return ["prompt"]
    if isinstance(event, Completed):
        return [" ".join(["ok", "|".join(event.lines)]).strip()]
    if isinstance(event, CallResult):
        return [f"call {event.word}"]
    if isinstance(event, Notification):
        line = event.line.replace("\r\n", "\\r\\n")
        sign = profile.sign_of(event.line)
        shown = f"note {line}" + (f" {event.pdu}" if event.pdu else "")
        return [shown] if sign is None else [shown, f"sign {_shown(sign)}"]
    code = code_of(event.error)
    return [f"refused {event.error.kind}" + ("" if code is None else f" {code}")]


def _shown(sign: object) -> str:
    if isinstance(sign, DigitPressed):
        return f"DigitPressed {sign.digit}"
    return f"Flow {sign.go_on}" if isinstance(sign, Flow) else type(sign).__name__


def gaps(data: bytes) -> list[int]:
    """Return where a device may slip a notification in: behind each line end outside quotes."""
    return [
        at + 1
        for at, octet in enumerate(data)
        if octet == 0x0A and data[: at + 1].count(b'"') % 2 == 0
    ] + ([len(data)] if data.endswith(b"> ") else [])
