"""What we may say to a modem, as data: text, kind of answer, how to read it, time limit.

Job: the generic commands of 3GPP 27.005 and 27.007 and their parsers. Not its job: saying them
(`modem.link`), vendor commands (`modem.profiles`). Pure; anybody in `modem` may import it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Generic, TypeVar

from modem.errors import RemoteProtocolError

T = TypeVar("T")

BARE: Final = ""  # any line that is no known notification belongs to the answer


@dataclass(frozen=True, slots=True)
class Command(Generic[T]):
    """One command.

    ``text`` may hold format fields. ``reply`` is the prefix of the information lines, `BARE`
    for answers without one, None where only the result counts. ``timeout`` in seconds covers
    the whole answer; with ``prompt``, each of its two halves has its own. ``dials`` marks ATD,
    for which call results are final. ``wired`` tells a reply from a notification that begins
    alike. ``result_optional``: some devices forget the final OK.
    """

    text: str
    parse: Callable[[Sequence[str]], T]
    reply: str | None = None
    timeout: float = 5.0
    prompt: bool = False
    dials: bool = False
    wired: Callable[[str], bool] | None = None
    result_optional: bool = False


def nothing(lines: Sequence[str]) -> None:
    """Read an answer of which only the result counts."""


def value_of(line: str) -> str:
    """Return what follows the prefix of ``line``, the whole line where it has none."""
    found = re.match(r"[+^*#$][A-Z0-9]+:\s*(.*)", line, re.DOTALL)
    return (found[1] if found else line).strip()


def fields_of(line: str) -> list[str]:
    """Return the comma-separated fields after the prefix, quotes kept."""
    return [
        field.strip()
        for field in re.findall(r'(?:"[^"]*"|[^,"])+|(?<=,)(?=,|$)|^(?=,)', value_of(line))
    ]


def unquoted(field: str) -> str:
    """Return ``field`` without its quotes."""
    return field.strip().strip('"')


def number_in(lines: Sequence[str], index: int = 0) -> int:
    """Return field ``index`` of the first line as a number; raise RemoteProtocolError if none."""
    try:
        return int(unquoted(fields_of(lines[0])[index]))
    except (IndexError, ValueError):
        raise RemoteProtocolError(f"no number in {list(lines)[:1]}") from None


def first_value(lines: Sequence[str]) -> str:
    """Return the value of the first line, empty where there is none."""
    return unquoted(value_of(lines[0])) if lines else ""


def whole_text(lines: Sequence[str]) -> str:
    """Return all lines, one per line."""
    return "\n".join(lines)


def do(text: str, timeout: float = 5.0) -> Command[None]:
    """Return a command of which only the result counts."""
    return Command(text, nothing, timeout=timeout)


def ask(text: str, reply: str = BARE, timeout: float = 5.0) -> Command[str]:
    """Return a query whose first value is wanted."""
    return Command(text, first_value, reply=reply, timeout=timeout)


# --- the SIM (27.007, 8.3 and 8.65) ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tries:
    """How many tries the SIM leaves; None where the device does not tell."""

    pin: int | None = None
    puk: int | None = None


def tries_at(pin: int, puk: int) -> Callable[[Sequence[str]], Tries]:
    """Return a reader of tries in the fields ``pin`` and ``puk`` of the first line."""

    def read(lines: Sequence[str]) -> Tries:
        fields = fields_of(lines[0]) if lines else []
        return Tries(_small_number(fields, pin), _small_number(fields, puk))

    return read


def _small_number(fields: Sequence[str], index: int) -> int | None:
    text = unquoted(fields[index]) if index < len(fields) else ""
    return int(text) if text.isdecimal() and len(text) < 4 else None


def parse_pin_tries(lines: Sequence[str]) -> Tries:
    """Read ``+CPINR: <code>,<left>,<default>``, one line per code."""
    left = {unquoted(fields[0]): fields for fields in map(fields_of, lines) if fields}
    return Tries(
        _small_number(left.get("SIM PIN", []), 1), _small_number(left.get("SIM PUK", []), 1)
    )


# --- registration and signal (27.007, 7.2, 7.3, 8.5) -------------------------------------


def parse_registration(lines: Sequence[str]) -> int:
    """Read ``+CREG: <n>,<stat>[,...]``; some devices leave <n> out."""
    fields = fields_of(lines[0]) if lines else []
    return number_in(lines, 1 if len(fields) > 1 and not fields[1].startswith('"') else 0)


def answers_registration(line: str) -> bool:
    """Tell the reply (<n> before <stat>) from the notification (<stat>, then a quoted area)."""
    fields = fields_of(line)
    return len(fields) > 1 and not fields[1].startswith('"')


def parse_signal(lines: Sequence[str]) -> int | None:
    """Read ``+CSQ: <rssi>,<ber>`` as dBm; None when the device does not know (99)."""
    rssi = number_in(lines)
    return -113 + 2 * rssi if 0 <= rssi <= 31 else None


@dataclass(frozen=True, slots=True)
class Operator:
    """Who serves us and by which radio; both empty when nobody does."""

    name: str
    technology: str


_TECHNOLOGY: Final = {0: "2G", 1: "2G", 2: "3G", 3: "2G", 4: "3G", 5: "3G", 6: "3G", 7: "4G"}


def parse_operator(lines: Sequence[str]) -> Operator:
    """Read ``+COPS: <mode>[,<format>,"<name>"[,<AcT>]]``."""
    fields = fields_of(lines[0]) if lines else []
    name = unquoted(fields[2]) if len(fields) > 2 else ""
    act = unquoted(fields[3]) if len(fields) > 3 else ""
    return Operator(_readable(name), _TECHNOLOGY.get(int(act), "4G+") if act.isdecimal() else "")


def _readable(name: str) -> str:
    """Undo UCS-2 hexadecimal, which some devices print whatever the character set chosen."""
    if len(name) >= 8 and len(name) % 4 == 0 and re.fullmatch("[0-9A-Fa-f]+", name):
        text = bytes.fromhex(name).decode("utf-16-be", "replace")
        return text if text.isprintable() else name
    return name


# --- calls (27.007, 7.18) ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallRow:
    """One row of ``+CLCC``: ``state`` 0 active, 1 held, 2 dialling, 3 alerting, 6 ended."""

    ours: bool
    state: int
    number: str = ""


def parse_call_row(line: str) -> CallRow | None:
    """Read ``+CLCC: <id>,<dir>,<stat>,<mode>,...``; None for a data call or nonsense."""
    fields = fields_of(line)
    if len(fields) < 4 or not all(field.isdecimal() for field in fields[:4]) or fields[3] != "0":
        return None
    number = unquoted(fields[5]) if len(fields) > 5 else ""
    return CallRow(ours=fields[1] == "0", state=int(fields[2]), number=number)


def parse_call_list(lines: Sequence[str]) -> tuple[CallRow, ...]:
    """Read all rows; a row of state 6 is a call that is over."""
    rows = [parse_call_row(line) for line in lines]
    return tuple(row for row in rows if row is not None and row.state != 6)


# --- messages (27.005) -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stored:
    """A message in the device's memory; ``pdu`` is hexadecimal."""

    index: int
    status: int
    pdu: str


def parse_stored(lines: Sequence[str]) -> tuple[Stored, ...]:
    """Read ``+CMGL: <index>,<stat>,[<alpha>],<length>`` and its PDU line, as many as come."""
    found: list[Stored] = []
    for header, pdu in pairwise(lines):
        fields = fields_of(header)
        if header.startswith("+CMGL:") and not pdu.startswith("+CMGL:") and len(fields) > 1:
            status = int(fields[1]) if fields[1].isdecimal() else 1
            found.append(Stored(int(fields[0]), status, pdu))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Usage:
    """How full a message memory is."""

    used: int
    total: int


def parse_usage(lines: Sequence[str]) -> Usage:
    """Read ``+CPMS: "ME",3,23,...`` (the reading memory comes first) or ``+CPMS: 3,23,...``."""
    numbers = [field for field in fields_of(lines[0]) if field.isdecimal()] if lines else []
    if len(numbers) < 2:
        raise RemoteProtocolError(f"no memory usage in {list(lines)[:1]}")
    return Usage(int(numbers[0]), int(numbers[1]))


def parse_one_stored(lines: Sequence[str]) -> Stored | None:
    """Read ``+CMGR: <stat>,[<alpha>],<length>`` and its PDU; None for an empty place.

    Devices say empty with a bare OK, or with a length of 0 and no PDU.
    """
    for header, pdu in pairwise(lines):
        fields = fields_of(header)
        if header.startswith("+CMGR:") and not pdu.startswith("+CMGR:") and fields:
            return Stored(-1, int(fields[0]) if fields[0].isdecimal() else 1, pdu)
    return None


def parse_centre(lines: Sequence[str]) -> str:
    """Read ``+CSCA: "<number>",<type>`` as +digits; empty for what is no service centre.

    Some devices print it in UCS-2 hexadecimal, and some print nonsense until the network has
    been found.
    """
    fields = fields_of(lines[0]) if lines else []
    number = _readable(unquoted(fields[0])) if fields else ""
    if len(fields) > 1 and unquoted(fields[1]) == "145" and not number.startswith("+"):
        number = f"+{number}"
    return number if re.fullmatch(r"\+?[0-9]{5,15}", number, re.ASCII) else ""


def parse_own_number(lines: Sequence[str]) -> str:
    """Read ``+CNUM: "<name>","<number>",<type>``; empty where the SIM does not know it."""
    fields = fields_of(lines[0]) if lines else []
    number = _readable(unquoted(fields[1])) if len(fields) > 1 else ""
    return number if re.fullmatch(r"\+?[0-9]{6,15}", number, re.ASCII) else ""


def parse_routing(lines: Sequence[str]) -> str:
    """Read ``+CNMI: 2,1,0,1,0`` as ``2,1,0,1,0``."""
    return ",".join(fields_of(lines[0])) if lines else ""


def parse_service(lines: Sequence[str]) -> int:
    """Read ``+CSMS: <service>,...``: 1 wants an acknowledgement of what is routed to us."""
    return number_in(lines)


SYNC: Final = do("AT", timeout=1.0)
MANUFACTURER: Final = ask("AT+CGMI")
MODEL: Final = ask("AT+CGMM")
REVISION: Final = ask("AT+CGMR")
IDENTITY: Final = Command("ATI", whole_text, reply=BARE)
IMEI: Final = ask("AT+CGSN")
IMSI: Final = ask("AT+CIMI", timeout=10.0)
SIM_STATE: Final = Command(
    "AT+CPIN?", first_value, reply="+CPIN", timeout=10.0, result_optional=True
)
PIN_TRIES: Final = Command("AT+CPINR", parse_pin_tries, reply="+CPINR", timeout=10.0)
FUNCTIONALITY: Final = Command("AT+CFUN?", number_in, reply="+CFUN", timeout=10.0)
RADIO_ON: Final = do("AT+CFUN=1", timeout=40.0)
ENTER_PIN: Final = do('AT+CPIN="{pin}"', timeout=20.0)
REGISTRATION: Final = Command(
    "AT+CREG?", parse_registration, reply="+CREG", wired=answers_registration
)
PACKET_REGISTRATION: Final = Command(
    "AT+CEREG?", parse_registration, reply="+CEREG", wired=answers_registration
)
SIGNAL: Final = Command("AT+CSQ", parse_signal, reply="+CSQ")
SIGNAL_AS_QUERY: Final = Command("AT+CSQ?", parse_signal, reply="+CSQ")
OPERATOR: Final = Command("AT+COPS?", parse_operator, reply="+COPS", timeout=20.0)
OWN_NUMBER: Final = Command("AT+CNUM", parse_own_number, reply="+CNUM", timeout=10.0)
CALLS: Final = Command("AT+CLCC", parse_call_list, reply="+CLCC")
WHY_RELEASED: Final = Command("AT+CEER", whole_text, reply="+CEER")
HANG_UP: Final = do("AT+CHUP", timeout=10.0)
HANG_UP_BY_HOOK: Final = do("ATH", timeout=10.0)
SUBMIT: Final = Command("AT+CMGS={length}", number_in, reply="+CMGS", timeout=130.0, prompt=True)
SERVICE_CENTRE: Final = Command("AT+CSCA?", parse_centre, reply="+CSCA")
SET_SERVICE_CENTRE: Final = do('AT+CSCA="{number}",{kind}')
SERVICE: Final = Command("AT+CSMS?", parse_service, reply="+CSMS")
ROUTING: Final = Command("AT+CNMI?", parse_routing, reply="+CNMI")
ACKNOWLEDGE: Final = do("AT+CNMA")
MORE_MESSAGES: Final = do("AT+CMMS={level}")
USAGE: Final = Command("AT+CPMS?", parse_usage, reply="+CPMS", timeout=10.0)
READ_MESSAGE: Final = Command("AT+CMGR={index}", parse_one_stored, reply="+CMGR", timeout=10.0)
LIST_MESSAGES: Final = Command("AT+CMGL=4", parse_stored, reply="+CMGL", timeout=20.0)
DELETE_MESSAGE: Final = do("AT+CMGD={index}", timeout=10.0)
READ_STORAGE: Final = do('AT+CPMS="{storage}","{home}","{home}"', timeout=10.0)
USE_STORAGE: Final = do('AT+CPMS="{storage}","{storage}","{storage}"', timeout=10.0)
