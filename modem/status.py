"""How a modem is, as one value anybody may look at. Pure; anybody may import it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class ModemState(Enum):
    """What one can do with the modem."""

    STARTING = "starting"  # nobody knows yet
    READY = "ready"  # it takes work
    SICK = "sick"  # it is there and cannot serve
    ABSENT = "absent"  # its port is not there
    QUARANTINED = "quarantined"  # left alone until a human has looked


class Trouble(Enum):
    """Why it is not ready; the words are stable, screens and journals translate them."""

    NO_SIM = "no_sim"
    SIM_FAILURE = "sim_failure"
    PIN_NEEDED = "pin_needed"
    PIN_REFUSED = "pin_refused"
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
    """A photograph. ``since`` is on the loop's clock, in seconds; empty texts are unknown."""

    name: str
    state: ModemState = ModemState.STARTING
    trouble: Trouble | None = None
    detail: str = ""
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
