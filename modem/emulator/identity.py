"""Numbers that tell one emulated modem from another.

Job: IMEI, IMSI, ICCID with their check digits, and a telephone number kept for fiction. Pure;
used by `modem.emulator.network`.
"""

from __future__ import annotations

import random

from modem.emulator.sim import Sim


def check_digit(digits: str) -> str:
    """Return the Luhn digit that completes ``digits`` (ITU-T E.118, annex A)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def imei(type_code: str, rng: random.Random) -> str:
    """Return a 15-digit IMEI of the given type."""
    body = f"{type_code}{rng.randrange(1_000_000):06d}"
    return body + check_digit(body)


def make_sim(ordinal: int, rng: random.Random) -> Sim:
    """Return the card of the modem number ``ordinal``; 06 39 98 9x xx is a range for fiction."""
    body = f"893301{rng.randrange(10**12):012d}"
    return Sim(
        iccid=body + check_digit(body),
        imsi=f"20801{rng.randrange(10**10):010d}",
        number=f"+336399890{ordinal:02d}",
    )
