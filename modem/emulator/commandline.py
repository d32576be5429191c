"""An AT command line taken apart (ITU-T V.250, 5.2 to 5.4).

Job: ``ATE0V1+CMGF=0;+CSCS="GSM"`` into its commands. Not its job: carrying them out. Pure; used
inside `modem.emulator`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Form(Enum):
    """How a command is put."""

    RUN = ""
    READ = "?"
    TEST = "=?"
    SET = "="


@dataclass(frozen=True, slots=True)
class Request:
    """One command: ``name`` in capitals (``+CMGF``, ``E``, ``D``), and what follows."""

    name: str
    form: Form = Form.RUN
    value: str = ""

    @property
    def spelled(self) -> str:
        """The command as one would type it alone."""
        return f"AT{self.name}{self.form.value}{self.value}".upper().replace(" ", "")

    @property
    def fields(self) -> tuple[str, ...]:
        """The parameters, quotes taken off, split at commas outside quotes."""
        if not self.value:
            return ()
        return tuple(field.strip().strip('"') for field in _COMMA.split(self.value))

    def number(self, position: int = 0) -> int | None:
        """Return a numeric parameter; None when absent or not a number."""
        fields = self.fields
        text = fields[position] if position < len(fields) else ""
        return int(text) if text.isdecimal() else None


_COMMA: Final = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*$)')
_EXTENDED: Final = re.compile(r'([+^*$#][A-Za-z0-9]+)\s*(=\?|\?|=((?:"[^"]*"?|[^";])*))?')
_BASIC: Final = re.compile(r"(&?[A-Za-z])(\d*)")
_S_PARAMETER: Final = re.compile(r"([Ss]\d+)(\?|=(\d*))")


def split(line: str) -> list[Request] | None:
    """Return the commands of a line; None when it holds no ``AT`` at all and is ignored."""
    start = line.upper().find("AT")
    if start < 0:
        return None
    rest, requests = line[start + 2 :].strip(), []
    while rest:
        request, rest = _first(rest)
        requests.append(request)
        rest = rest.lstrip(" ;")
    return requests or [Request("")]


def _first(rest: str) -> tuple[Request, str]:
    if rest[0] in "Dd" and not rest[1:2].isalpha():
        end = rest.find(";") + 1 or len(rest)
        return Request("D", Form.RUN, rest[1:end].strip()), rest[end:]
    if match := _EXTENDED.match(rest):
        name, tail = match[1].upper(), match[2] or ""
        form = Form(tail) if tail in {"", "?", "=?"} else Form.SET
        return Request(name, form, (match[3] or "").strip()), rest[match.end() :]
    if match := _S_PARAMETER.match(rest):
        form = Form.READ if match[2] == "?" else Form.SET
        return Request(match[1].upper(), form, match[3] or ""), rest[match.end() :]
    if match := _BASIC.match(rest):
        return Request(match[1].upper(), Form.RUN, match[2]), rest[match.end() :]
    return Request(rest.upper()), ""
