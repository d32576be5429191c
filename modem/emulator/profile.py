"""What differs from one make of modem to the next, as data.

Job: every quirk of an emulated device is a field here, and a make is the generic profile plus
differences. Not its job: behaviour (`modem.emulator.device` and its command tables read these
fields; they never ask for a make). Independent of `modem.profiles`, which describes the same
devices from the driver's side. Pure; used inside `modem.emulator`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from modem.events import ReleaseCause

#: What surrounds a line on the wire.
Frame = tuple[bytes, bytes]
PLAIN: Final[Frame] = (b"\r\n", b"\r\n")
#: Qualcomm-based SIMCom modules end some notifications with two carriage returns.
DOUBLED: Final[Frame] = (b"\r\r\n", b"\r\r\n")

_GENERIC_RESULTS: Final = {
    ReleaseCause.BUSY: ("BUSY",),
    ReleaseCause.NO_ANSWER: ("NO ANSWER",),
    ReleaseCause.REFUSED: ("NO CARRIER",),
    ReleaseCause.UNREACHABLE: ("NO CARRIER",),
    ReleaseCause.NETWORK: ("NO CARRIER",),
    ReleaseCause.NORMAL: ("NO CARRIER",),
}


@dataclass(frozen=True, slots=True)
class EmulatorProfile:
    """One make of modem. ``{}`` fields in templates are filled by the device."""

    name: str
    manufacturer: str
    model: str
    revision: str
    type_code: str  # first eight digits of the IMEI
    technology: str = "LTE"
    #: Prefix before the bare answer of AT+CGMR, AT+CGMI… on makes that add one.
    identity_prefix: Mapping[str, str] = field(default_factory=dict)
    #: Vendor commands of the tables that this make has.
    extras: frozenset[str] = frozenset()
    unknown: str = "ERROR"  # Huawei: COMMAND NOT SUPPORT
    frames: Mapping[str, Frame] = field(default_factory=dict)
    #: Refusals by spelling ("AT+CMMS=2"): ("CMS", 500).
    refusals: Mapping[str, tuple[str, int | None]] = field(default_factory=dict)
    escape_answer: str | None = "OK"  # to ESC at the prompt
    holds_notifications: bool = True  # while the prompt is open
    cms_obeys_cmee: bool = True  # CMEE=0 turns +CMS ERROR into ERROR too
    pin_locks_all: bool = False  # even ATE0 refused before the PIN (ZTE)
    busy_polls_after_pin: int = 0  # CME 14 so often after a right PIN
    message_slots: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType({"SM": 20, "ME": 23, "SR": 10})
    )
    first_slot: int = 1  # Huawei counts from 0
    cnmi_modes: frozenset[int] = frozenset({0, 1, 2})
    cnmi_reports: frozenset[int] = frozenset({0, 1, 2})
    report_header: str = "+CDS: {length}"  # ZTE: "+CDS: ,{length}"
    report_store: str = "SR"
    iccid_command: str = "+CCID"
    iccid_answer: str = "+CCID: {iccid}"
    iccid_filler: str = ""
    operator_in_charset: bool = False  # COPS in hexadecimal under CSCS="UCS2"
    results: Mapping[ReleaseCause, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType(_GENERIC_RESULTS)
    )
    answered_line: str | None = None
    ended_line: str | None = None  # with {seconds}, after an answer
    ended_unanswered_line: str | None = None
    call_states_announced: bool = False  # +CLCC notifications under AT+CLCC=1
    hang_up_needs_cvhu: bool = False  # ATH leaves voice calls alone unless AT+CVHU=0
    digit_line: str | None = None  # with {digit}; under the make's own switch
    audio: bool = False
    audio_settle: float = 0.0  # seconds after the answer before the path may be opened
    sms_waits_for_call: bool = False


GENERIC: Final = EmulatorProfile(
    name="generic",
    manufacturer="Generic",
    model="GSM MODEM",
    revision="1.0",
    type_code="35000000",
    extras=frozenset({"+CPINR", "+CCID"}),
)

#: SIM7600 series (Qualcomm), firmware LE20B05.
SIM7600: Final = replace(
    GENERIC,
    name="simcom",
    manufacturer="SIMCOM INCORPORATED",
    model="SIMCOM_SIM7600G-H",
    revision="LE20B05SIM7600G22",
    type_code="86850105",
    identity_prefix=MappingProxyType({"+CGMR": "+CGMR: "}),
    extras=frozenset(
        {"+SPIC", "+CICCID", "+CPCMREG", "+CPCMFRM", "+DDET", "+CVHU", "+CRESET", "+CNSMOD"}
    ),
    frames=MappingProxyType({"+RXDTMF": DOUBLED, "+CRING": DOUBLED}),
    busy_polls_after_pin=1,
    iccid_command="+CICCID",
    iccid_answer="+ICCID: {iccid}",
    iccid_filler="F",
    operator_in_charset=True,
    results=MappingProxyType({**_GENERIC_RESULTS, ReleaseCause.NO_ANSWER: ("NO CARRIER",)}),
    answered_line="VOICE CALL: BEGIN",
    ended_line="VOICE CALL: END: {seconds:06d}",
    ended_unanswered_line="VOICE CALL: END",
    call_states_announced=True,
    hang_up_needs_cvhu=True,
    digit_line="+RXDTMF: {digit}",
    audio=True,
    audio_settle=0.1,
    sms_waits_for_call=True,
)

#: A voice modem that answers ERROR to what most programs say first, and works all the same.
STUBBORN: Final = replace(
    SIM7600,
    name="stubborn",
    refusals=MappingProxyType({"AT": ("", None), "AT+CMEE=1": ("", None), "AT+CSMS=1": ("", None)}),
)

PROFILES: Final[Mapping[str, EmulatorProfile]] = MappingProxyType(
    {profile.name: profile for profile in (GENERIC, SIM7600, STUBBORN)}
)
