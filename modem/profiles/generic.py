"""Any modem that speaks 27.005 and 27.007, and nothing more is known of it. Pure."""

from __future__ import annotations

from typing import Final

from modem.profiles.base import RESULTS, Profile, read_digit

#: SMS, and calls without sound: their progress is read from AT+CLCC.
GENERIC: Final = Profile(
    name="generic",
    signs={**RESULTS, "+DTMF:": read_digit},
    set_up=("AT+CVHU=0",),
)
