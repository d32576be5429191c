"""What differs from one make of modem to the next, as data.

Job: every quirk of an emulated device is a field here, and a make (`modem.emulator.makes`) is
the generic profile plus differences. Not its job: behaviour: `modem.emulator.device` and its
command tables read these fields; they never ask for a make. Independent of `modem.profiles`,
which describes the same devices from the driver's side. Pure; used inside `modem.emulator`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from modem.emulator.results import Refused
from modem.events import ReleaseCause

#: What surrounds a line on the wire.
Frame = tuple[bytes, bytes]
PLAIN: Final[Frame] = (b"\r\n", b"\r\n")
#: Qualcomm-based SIMCom modules end some notifications with two carriage returns.
DOUBLED: Final[Frame] = (b"\r\r\n", b"\r\r\n")

GENERIC_RESULTS: Final = {
    ReleaseCause.BUSY: ("BUSY",),
    ReleaseCause.NO_ANSWER: ("NO ANSWER",),
    ReleaseCause.REFUSED: ("NO CARRIER",),
    ReleaseCause.UNREACHABLE: ("NO CARRIER",),
    ReleaseCause.NETWORK: ("NO CARRIER",),
    ReleaseCause.NORMAL: ("NO CARRIER",),
}


@dataclass(frozen=True, slots=True)
class CallLine:
    """What a make says when a call changes: ``text`` for each state that ``states`` knows.

    Its fields: ``{state}`` (the word ``states`` gives), ``{number}``, ``{seconds}``, ``{cause}``
    (Q.850). Under ``switch``, only once the host has asked for it by that command.
    """

    text: str
    states: Mapping[str, str]
    switch: str = ""


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
    #: Refusals by spelling: {"AT+CMMS=2": Refused("CMS", 500)}.
    refusals: Mapping[str, Refused] = field(default_factory=dict)
    #: Commands this firmware lacks though the make has them: {"+CMGS"}.
    missing: frozenset[str] = frozenset()
    greeting: tuple[str, ...] = ()  # said at start-up
    nuls_when_opened: int = 0  # ZTE: so many before anything else
    pin_answer_has_ok: bool = True  # Wavecom: +CPIN: READY and no OK
    glues_errors: bool = False  # Huawei: "ERROR+CNUM: ..." in one line
    signal_forms: frozenset[str] = frozenset({"", "?"})  # AT+CSQ, AT+CSQ?
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
    #: Advertised by AT+CNMI=?, and refused when set.
    cnmi_modes_feigned: frozenset[int] = frozenset()
    cnmi_reports_feigned: frozenset[int] = frozenset()
    always_acknowledged: bool = False  # AT+CSMS=0 refused, 1 in force
    csmp_clears_centre: bool = False  # ZTE
    empty_slot: Literal["error", "ok", "blank"] = "error"  # what AT+CMGR says of one
    longest_text: int = 1024  # hexadecimal digits at the prompt, beyond which it reboots
    packed_ussd: bool = False  # Huawei, until AT^USSDMODE=0
    report_header: str = "+CDS: {length}"  # ZTE: "+CDS: ,{length}"
    report_store: str = "SR"
    report_announced: str = '+CDSI: "{store}",{index}'  # EC25: as if in SM, place 0
    iccid_command: str = "+CCID"
    iccid_answer: str = "+CCID: {iccid}"
    iccid_filler: str = ""
    operator_in_charset: bool = False  # COPS in hexadecimal under CSCS="UCS2"
    results: Mapping[ReleaseCause, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType(GENERIC_RESULTS)
    )
    call_lines: tuple[CallLine, ...] = ()
    dial_settles: float = 0.0  # seconds from ATD's OK to the first word about the call
    dial_answers: bool = True  # False: ATD keeps silent until CONNECT
    calls_drop: bool = False  # voice over LTE fails: each call ends as soon as it is dialled
    clcc_kills_setup: bool = False  # ZTE: asking during set-up drops the call
    chld_freezes_setup: bool = False  # Huawei E1550: no reply ever after
    early_hang_up_is_silent: bool = False  # Huawei: no end said for a call not yet begun
    hang_up_seconds: float = 0.0  # from AT+CHUP to its OK
    hang_up_needs_cvhu: bool = False  # ATH leaves voice calls alone unless AT+CVHU=0
    digit_line: str | None = None  # with {digit}; under the make's own switch
    audio: bool = False
    audio_settle: float = 0.0  # seconds after the answer before the path may be opened
    audio_early_freezes: bool = False  # asked sooner, the device answers nothing any more
    audio_by_switch: bool = False  # Quectel: on with the answer, if switched anew for this call
    sms_waits_for_call: bool = False
