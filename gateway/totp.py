"""The second factor: six digits that a telephone makes of a secret and the time (RFC 6238).

Works with the cable cut. Pure: time comes in as seconds since 1970.
"""

from __future__ import annotations

import hmac
from typing import Final

import pyotp

STEP: Final = 30
#: Telephones and boxes are a little apart: so many steps before and after count too.
TOLERANCE: Final = 1


def new_secret() -> str:
    """Return a secret of 160 bits, in base 32."""
    return pyotp.random_base32()


def address(secret: str, login: str, town: str) -> str:
    """Return what the QR code says to the telephone's application."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=f"Tocsin {town}")


def step_of(secret: str, code: str, now: float) -> int | None:
    """Return which step of the clock a code belongs to, None when to none near ``now``."""
    digits = "".join(code.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return None
    current, maker = int(now) // STEP, pyotp.HOTP(secret)
    for step in range(current - TOLERANCE, current + TOLERANCE + 1):
        if step >= 0 and hmac.compare_digest(maker.at(step), digits):
            return step
    return None
