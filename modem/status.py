"""How a modem is, as one value anybody may look at. Pure; anybody may import it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from modem.recovery import Rung

#: The share of a message memory in use that is worth a warning.
STORAGE_ALARM: Final = 0.7


class ModemState(Enum):
    """What one can do with the modem."""

    STARTING = "starting"  # nobody knows yet
    READY = "ready"  # it takes work
    SICK = "sick"  # it is there and cannot serve
    ABSENT = "absent"  # its port is not there
    QUARANTINED = "quarantined"  # left alone until a human has looked
    LENT = "lent"  # a technician has its port


class Trouble(Enum):
    """Why it is not ready; the words are stable, screens and journals translate them."""

    NO_SIM = "no_sim"
    SIM_FAILURE = "sim_failure"
    PIN_NEEDED = "pin_needed"
    PIN_REFUSED = "pin_refused"
    PIN_UNREADABLE = "pin_unreadable"  # the file that holds it
    PUK_NEEDED = "puk_needed"
    OPERATOR_LOCK = "operator_lock"
    NOT_REGISTERED = "not_registered"
    DENIED = "denied"
    PORT_BUSY = "port_busy"
    PORT_MISSING = "port_missing"
    NO_ANSWER = "no_answer"
    GARBAGE = "garbage"
    REFUSES = "refuses"  # it answers, and refuses what SMS needs
    VOICE_MISSING = "voice_missing"
    UNSTABLE = "unstable"  # it fails again and again soon after starting


@dataclass(frozen=True, slots=True)
class ModemStatus:
    """A photograph; empty texts are unknown.

    ``since`` and ``rung_at`` are on the loop's clock, in seconds. ``rung`` is the last remedy
    tried on it, ``rung_note`` what came of that. ``holder`` is the program that has the port of a
    modem in `Trouble.PORT_BUSY`, where the system tells.
    """

    name: str
    state: ModemState = ModemState.STARTING
    trouble: Trouble | None = None
    detail: str = ""
    holder: str = ""
    since: float = 0.0
    port: str = ""
    imei: str = ""
    manufacturer: str = ""
    model: str = ""
    revision: str = ""
    iccid: str = ""
    imsi: str = ""
    operator: str = ""
    technology: str = ""
    registration: str = ""
    roaming: bool = False
    signal_dbm: int | None = None
    voice: bool = False
    profile: str = ""
    storage_used: int | None = None
    storage_total: int | None = None
    smsc: str = ""
    advice: str = ""

    @property
    def storage_low(self) -> bool:
        """Whether the memory for messages is so full that it soon takes no more."""
        if self.storage_used is None or not self.storage_total:
            return False
        return self.storage_used >= STORAGE_ALARM * self.storage_total

    place: str = ""
    rung: Rung | None = None
    rung_at: float | None = None
    rung_note: str = ""
