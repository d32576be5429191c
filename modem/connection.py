"""What a line means, given what we asked: the only place that decides it.

The same words mean different things. ``NO CARRIER`` is the result of ATD or the end of a live
call; ``+CREG: 1`` is a notification and ``+CREG: 2,1`` a reply; ``OK`` ends an answer and is
also what people write in an SMS. Only who knows what is in flight can tell them apart.

Job: bytes in, events out; one command in flight. Not its job: time, ports, waiting
(`modem.link`), what to do about it (`modem.driver`). Pure; for `modem.link` only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from modem.commands import BARE, Command, fields_of
from modem.errors import CommandFailed, LocalProtocolError
from modem.framing import Line, LineFramer, PromptSign

#: The longest honest answer is a list of 255 stored messages, two lines each.
MOST_LINES: Final = 1024
#: Headers whose PDU has not come; there is never more than one or two.
MOST_HEADERS: Final = 16

CTRL_Z: Final = b"\x1a"
ESCAPE: Final = b"\x1b"


@dataclass(frozen=True, slots=True)
class Prompted:
    """The device waits for the PDU of the command in flight."""


@dataclass(frozen=True, slots=True)
class Completed:
    """The command in flight succeeded; ``lines`` are its information."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The command in flight failed, for good."""

    error: CommandFailed


@dataclass(frozen=True, slots=True)
class CallResult:
    """ATD ended with a call result: ``word`` is NO CARRIER, BUSY, CONNECT..."""

    word: str


@dataclass(frozen=True, slots=True)
class Notification:
    """The device speaks of its own accord; ``pdu`` comes with +CMT, +CDS and their like."""

    line: str
    pdu: str | None = None


Event = Prompted | Completed | Refused | CallResult | Notification

CALL_RESULTS: Final = frozenset({"NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "NO DIAL TONE"})

#: Refusals outside the standard: Huawei, Motorola, Samsung and others end an answer with them.
_REFUSALS: Final = re.compile(
    r"(?P<kind>ERROR|COMMAND NOT SUPPORT|TOO MANY PARAMETERS|NA|NOT SUPPORT)"
    r"|\+CM(?P<letter>[ES]) ERROR:\s*(?P<said>.*)"
    r"|(?P<other>\+EXT ERROR|MODEM ERROR):.*"
)
#: Results in numeric form, which a device uses until ATV1 has been obeyed.
_NUMERIC: Final = {"0": "OK", "4": "ERROR"}
#: "ERROR+CNUM: ..." was heard of Huawei sticks: a result and a line without a break; and
#: "+CSSI: 4" without an end, so that whatever follows sticks to it.
_GLUED: Final = re.compile(r"(OK|ERROR)(\+[A-Z]+:.*)|(\+CSS[IU]: ?\d+)([^\d,].*)")
_HEXADECIMAL: Final = re.compile(r"(?:[0-9A-Fa-f]{2}){8,}")
_PREFIXED: Final = re.compile(r"[+^*#$%&!][A-Za-z0-9]+")
#: Headers followed by a PDU on a line of its own.
_STORED: Final = ("+CMGL:", "+CMGR:")
_ARRIVING: Final = ("+CMT:", "+CDS:", "+CBM:", "+CLASS0:")
#: Notifications that are plain words; they must not pass for the answer of AT+CGMM.
_WORDS: Final = (
    "RING",
    "RDY",
    "PB DONE",
    "Call Ready",
    "SMS Ready",
    "SMS DONE",
    "NORMAL POWER DOWN",
    "POWERED DOWN",
    "UNDER-VOLTAGE",
    "OVER-VOLTAGE",
    "MISSED_CALL",
    "HANGUP:",
    "VOICE CALL",
    "DST:",
)


class AtConnection:
    """One AT port as a pure object.

    ``words`` are the beginnings of notifications a profile adds to the common ones.
    ``strays`` counts results nobody asked for, ``garbage`` lines that mean nothing.
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._framer = LineFramer()
        self._words = (*_WORDS, *words)
        self._command: Command[Any] | None = None
        self._sent = ""
        self._lines: list[str] = []
        self._headers: list[tuple[str, int | None]] = []
        self.strays = self.garbage = 0

    @property
    def in_flight(self) -> Command[Any] | None:
        """The command whose result is still to come."""
        return self._command

    @property
    def heard(self) -> tuple[str, ...]:
        """The information lines of the command in flight, so far."""
        return tuple(self._lines)

    def begin(self, command: Command[Any], text: str) -> bytes:
        """Put ``command`` in flight, said as ``text``; return what to write.

        Raises LocalProtocolError while another is in flight, or when ``text`` would be two.
        """
        if self._command is not None:
            raise LocalProtocolError(f"{command.text} while {self._command.text} is in flight")
        if not text.isascii() or not text.isprintable():
            raise LocalProtocolError(f"{command.text} with a character no command may hold")
        self._command, self._sent, self._lines = command, text, []
        self._framer.expect_prompt = command.prompt
        return text.encode("ascii") + b"\r"

    def payload(self, pdu: str) -> bytes:
        """Return what to write after the prompt: the PDU, and the Ctrl-Z that sends it."""
        if self._command is None or not self._command.prompt or self._framer.expect_prompt:
            raise LocalProtocolError("a PDU without a prompt")
        self._sent = pdu
        return pdu.encode("ascii") + CTRL_Z

    def forget(self) -> None:
        """Give up the command in flight: what still comes of it is a stray."""
        self._command, self._lines = None, []
        self._framer.expect_prompt = False
        self._headers = [(header, size) for header, size in self._headers if _arrives(header)]

    def receive(self, data: bytes) -> list[Event]:
        """Take bytes from the port, return what they say, in order."""
        events: list[Event] = []
        for token in self._framer.tokens(data):
            if isinstance(token, PromptSign):
                events.append(Prompted())
                continue
            for line in _unglued(token):
                events += self._classify(line)
        return events

    def _classify(self, line: str) -> list[Event]:
        if self._headers and _HEXADECIMAL.fullmatch(line):
            return self._complete_header(line)
        command = self._command
        if command is not None:
            result = self._result(line, command)
            if result is not None:
                self.forget()
                return [result]
            if self._is_echo(line):
                return []
            if self._answers(line, command):
                self._note(line)
                return []
        return self._unasked(line)

    def _note(self, line: str) -> None:
        """Keep a line of information, unless there are more than any honest answer has."""
        if len(self._lines) >= MOST_LINES:
            self.garbage += 1
            return
        self._lines.append(line)
        if line.startswith(_STORED):
            self._await_pdu(line)

    def _await_pdu(self, header: str) -> None:
        self._headers.append((header, _announced(header)))
        del self._headers[:-MOST_HEADERS]

    def _result(self, line: str, command: Command[Any]) -> Event | None:
        if command.reply is None and not command.prompt:
            line = _NUMERIC.get(line, line)
        if line == "OK":
            return Completed(tuple(self._lines))
        if command.dials and (line in CALL_RESULTS or line.startswith("CONNECT")):
            return CallResult(line)
        refusal = _refusal(line, command.text)
        return None if refusal is None else Refused(refusal)

    def _is_echo(self, line: str) -> bool:
        return line.rstrip("\x1a") == self._sent or line.startswith(("AT+", "AT^", "ATD", "ATE"))

    def _answers(self, line: str, command: Command[Any]) -> bool:
        if command.reply is None:
            return False
        if command.reply != BARE:
            mine = line.startswith(command.reply + ":")
            return mine and (command.wired is None or command.wired(line))
        prefix = _PREFIXED.match(line)
        if prefix is not None:
            return prefix[0][1:] in command.text  # AT+CICCID is answered with +ICCID
        return not line.startswith(self._words) and line not in CALL_RESULTS

    def _unasked(self, line: str) -> list[Event]:
        if line.startswith(_ARRIVING):
            self._await_pdu(line)
            return []
        known = _PREFIXED.match(line) or line.startswith(self._words) or line in CALL_RESULTS
        if known and _refusal(line, "") is None:
            return [Notification(line)]
        if line == "OK" or _refusal(line, "") is not None:
            self.strays += 1
        else:
            self.garbage += 1
        return []

    def _complete_header(self, pdu: str) -> list[Event]:
        """Give ``pdu`` to the header that announced its length, else to the oldest."""
        size = len(pdu) // 2 - 1 - int(pdu[:2], 16)
        fitting = [entry for entry in self._headers if entry[1] == size]
        entry = (fitting or self._headers)[0]
        self._headers.remove(entry)
        if _arrives(entry[0]):
            return [Notification(entry[0], pdu)]
        if entry[0] in self._lines:
            self._lines.insert(self._lines.index(entry[0]) + 1, pdu)
        return []


def _unglued(token: Line) -> tuple[str, ...]:
    glued = _GLUED.fullmatch(token.text)
    return tuple(part for part in glued.groups() if part) if glued else (token.text,)


def _arrives(header: str) -> bool:
    return header.startswith(_ARRIVING)


def _announced(header: str) -> int | None:
    last = fields_of(header)[-1:]
    return int(last[0]) if last and last[0].isdecimal() else None


def _refusal(line: str, command: str) -> CommandFailed | None:
    found = _REFUSALS.fullmatch(line)
    if found is None:
        return None
    if found["letter"]:
        said = found["said"].strip()
        code = int(said) if said.isdecimal() else None
        return CommandFailed(command, f"CM{found['letter']}", code, said)
    return CommandFailed(command, found["kind"] or found["other"])
