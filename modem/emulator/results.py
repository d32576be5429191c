"""What a command of an emulated modem may answer, and how its results are spelt.

Job: the answer values, result codes (V.250, table 1), error texts (27.007, 9.2; 27.005, 3.2.5).
Not its job: writing them. Pure; used inside `modem.emulator`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Done:
    """Information lines, then OK, or ``final`` in its place; empty for no result at all."""

    lines: tuple[str, ...] = ()
    final: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """ERROR, or +CME / +CMS ERROR with ``code``; ``word`` is a vendor's own in place of ERROR."""

    kind: str = ""
    code: int | None = None
    word: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Wait:
    """The answer comes later; ``abort`` tells what a byte from the host meanwhile leads to."""

    abort: Callable[[], Done | Refused] | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """Ask for text; ``on_text`` gets it without its Ctrl-Z."""

    on_text: Callable[[bytes], Done | Refused | Wait]


_NUMERIC: Final = {
    "OK": 0,
    "CONNECT": 1,
    "RING": 2,
    "NO CARRIER": 3,
    "ERROR": 4,
    "NO DIALTONE": 6,
    "BUSY": 7,
    "NO ANSWER": 8,
}
_CME: Final = {
    3: "operation not allowed",
    4: "operation not supported",
    10: "SIM not inserted",
    11: "SIM PIN required",
    12: "SIM PUK required",
    13: "SIM failure",
    14: "SIM busy",
    15: "SIM wrong",
    16: "incorrect password",
    30: "no network service",
    50: "Incorrect parameters",
    100: "unknown",
}
_CMS: Final = {
    8: "Operator determined barring",
    21: "Short message transfer rejected",
    38: "Network out of order",
    42: "Congestion",
    302: "operation not allowed",
    303: "operation not supported",
    304: "invalid PDU mode parameter",
    305: "invalid text mode parameter",
    310: "SIM not inserted",
    311: "SIM PIN required",
    316: "SIM PUK required",
    321: "invalid memory index",
    322: "memory full",
    330: "SMSC address unknown",
    331: "no network service",
    332: "network timeout",
    340: "no +CNMA acknowledgement expected",
    500: "unknown error",
}


def numeric(word: str) -> int | None:
    """Return a result's number under ``ATV0``, or None when it has none."""
    return _NUMERIC.get(word)


def verbose(refusal: Refused) -> str:
    """Return an error's text under ``AT+CMEE=2``."""
    texts = _CMS if refusal.kind == "CMS" else _CME
    return texts.get(refusal.code or 0, "unknown error")
