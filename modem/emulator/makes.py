"""The makes of modem the emulator knows, each the one before it plus differences.

Job: data. Not its job: what the fields mean (`modem.emulator.profile`). Pure; for
`modem.emulator.network`, `modem.emulator.terminal` and tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from modem.emulator.profile import (
    DOUBLED,
    GENERIC_RESULTS,
    CallLine,
    EmulatorProfile,
)
from modem.emulator.results import Refused
from modem.events import ReleaseCause

_CLCC: Final = CallLine(
    '+CLCC: 1,{direction},{state},0,0,"{number}",{kind}',
    {
        "ACTIVE": "0",
        "DIALLING": "2",
        "ALERTING": "3",
        "INCOMING": "4",
        "ENDED": "6",
        "UNANSWERED": "6",
    },
    switch="+CLCC",
)

GENERIC: Final = EmulatorProfile(
    name="generic",
    manufacturer="Generic",
    model="GSM MODEM",
    revision="1.0",
    type_code="35000000",
    extras=frozenset({"+CPINR", "+CCID", "+CNMA"}),
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
    results=MappingProxyType({**GENERIC_RESULTS, ReleaseCause.NO_ANSWER: ("NO CARRIER",)}),
    call_lines=(
        CallLine("VOICE CALL: BEGIN", {"ACTIVE": ""}),
        _CLCC,
        CallLine("VOICE CALL: END: {seconds:06d}", {"ENDED": ""}),
        CallLine("VOICE CALL: END", {"UNANSWERED": ""}),
    ),
    hang_up_needs_cvhu=True,
    digit_line="+RXDTMF: {digit}",
    audio=True,
    audio_settle=0.1,
    sms_waits_for_call=True,
)

#: A SIM7600 that says a refusal twice, and speaks of a call's progress in Huawei's way but of
#: its end in no way at all.
SIM7600_TERSE: Final = replace(
    SIM7600,
    name="simcom-terse",
    results=MappingProxyType({**SIM7600.results, ReleaseCause.REFUSED: ("BUSY", "NO CARRIER")}),
    call_lines=(
        CallLine("VOICE CALL: BEGIN", {"ACTIVE": ""}),
        CallLine("^DSCI: 1,0,{state},0,{number},{kind}", {"ALERTING": "7", "ACTIVE": "3"}, "^DSCI"),
    ),
    refusals=MappingProxyType({"AT+CLCC=1": Refused()}),
    extras=SIM7600.extras | {"^DSCI"},
)

#: A SIM7600 that hangs when its sound is asked for too soon.
SIM7600_TOUCHY: Final = replace(
    SIM7600, name="simcom-touchy", audio_settle=0.1, audio_early_freezes=True
)

#: A voice modem that answers ERROR to what most programs say first, and works all the same.
STUBBORN: Final = replace(
    SIM7600,
    name="stubborn",
    refusals=MappingProxyType(
        {"AT": Refused(), "AT+CMEE=1": Refused(), "AT+CSMS=1": Refused(), "AT+CSMS=0": Refused()}
    ),
)

#: A7670E (ASR): the same language, no sound on USB.
A7670: Final = replace(
    SIM7600,
    name="a7670",
    manufacturer="INCORPORATED",
    model="A7670E-FASE",
    revision="Revision: A011B07A7670M7_F",
    type_code="86274306",
    identity_prefix=MappingProxyType({}),
    extras=SIM7600.extras - {"+CPCMREG", "+CPCMFRM"},
    audio=False,
)
#: Its firmware B01, which drops every call when the network offers voice over LTE.
A7670_B01: Final = replace(
    A7670, name="a7670-b01", revision="Revision: A011B01A7670M7", calls_drop=True
)
#: Its variant for data only.
A7670_LNXY: Final = replace(
    A7670,
    name="a7670-lnxy",
    model="A7670E-LNXY-UBL",
    missing=frozenset({"+CMGS", "+CLCC", "D", "+CHUP"}),
)

#: Huawei E1550: voice stick of 2009, firmware 11.609.
E1550: Final = replace(
    GENERIC,
    name="huawei",
    manufacturer="huawei",
    model="E1550",
    revision="11.609.20.00.00",
    type_code="35380803",
    technology="UMTS",
    extras=frozenset(
        {
            "^CPIN",
            "^ICCID",
            "^CVOICE",
            "^DDSETEX",
            "^DTMF",
            "^CURC",
            "^U2DIAG",
            "^USSDMODE",
            "+CHLD",
            "+CNUM",
        }
    ),
    unknown="COMMAND NOT SUPPORT",
    frames=MappingProxyType(
        {"+CSSI": (b"\r\n", b""), "^RSSILVL": (b"\r\n", b"\r\r\n"), "+CLAC": (b"\r\n", b"\r\r\n")}
    ),
    refusals=MappingProxyType(
        {
            "AT+CMMS=2": Refused("CMS", 500),
            "AT+CCWA=0,0,1": Refused(word="TOO MANY PARAMETERS"),
            'AT+CSCS="UCS2"': Refused(),
        }
    ),
    glues_errors=True,
    greeting=("^BOOT:20952548,0,0,0,72",),
    first_slot=0,
    message_slots=MappingProxyType({"SM": 20, "ME": 255, "SR": 10}),
    cnmi_modes=frozenset({0, 1}),
    cnmi_modes_feigned=frozenset({2}),
    longest_text=2 * 176,
    packed_ussd=True,
    iccid_command="^ICCID",
    iccid_answer="^ICCID: {iccid}",
    call_lines=(
        CallLine("^ORIG:1,0", {"DIALLING": ""}),
        CallLine("^CONF:1", {"ALERTING": ""}),
        CallLine("^CONN:1,0", {"ACTIVE": ""}),
        CallLine("^CEND:1,{seconds},29,{cause}", {"ENDED": ""}),
        CallLine("^CEND:1,0,25,{cause}", {"UNANSWERED": ""}),
    ),
    results=MappingProxyType(dict.fromkeys(ReleaseCause, ("NO CARRIER",))),
    dial_settles=0.3,
    chld_freezes_setup=True,
    early_hang_up_is_silent=True,
    audio=True,
)
#: Huawei E1752: text USSD refused, lines that end with two carriage returns.
E1752: Final = replace(
    E1550, name="huawei-e1752", model="E1752", revision="11.126.13.00.00",
    frames=MappingProxyType({"^": (b"\r\n", b"\r\r\n"), "+CMTI": (b"\r\n", b"\r\r\n")}),
)  # fmt: skip
#: Huawei E3372 with stick firmware: no reports to be had, few questions answered.
E3372: Final = replace(
    E1550, name="huawei-e3372", model="E3372", revision="21.180.01.00.00", technology="LTE",
    cnmi_modes=frozenset({0, 1, 2}), cnmi_reports=frozenset({0}),
    missing=frozenset({"+CNUM", "+CSQ", "^CVOICE"}), chld_freezes_setup=False,
)  # fmt: skip

#: Quectel EC25 (Qualcomm).
EC25: Final = replace(
    GENERIC,
    name="quectel",
    manufacturer="Quectel",
    model="EC25",
    revision="EC25EFAR06A10M4G",
    type_code="86637803",
    extras=frozenset(
        {"+QPINC", "+QCCID", "+QPCMV", "+QGPSCFG", "+QAUDMOD", "^DSCI", "+QINDCFG", "+QTONEDET"}
    ),
    greeting=("RDY",),
    iccid_command="+QCCID",
    iccid_answer="+QCCID: {iccid}",
    iccid_filler="F",
    operator_in_charset=True,
    empty_slot="ok",
    report_announced='+CDSI: "SM",0',
    message_slots=MappingProxyType({"SM": 50, "ME": 23, "SR": 20}),
    call_lines=(
        CallLine(
            "^DSCI: 1,0,{state},0,{number},{kind}",
            {"DIALLING": "2", "ALERTING": "7", "ACTIVE": "3", "ENDED": "6", "UNANSWERED": "6"},
            switch="^DSCI",
        ),
        CallLine(
            '+QIND: "ccinfo",1,0,{state},0,0,"{number}",{kind}',
            {"DIALLING": "2", "ALERTING": "3", "ACTIVE": "0", "ENDED": "-1", "UNANSWERED": "-1"},
            switch="+QINDCFG",
        ),
    ),
    digit_line="+QTONEDET: {code}",
    audio=True,
    audio_by_switch=True,
)
#: An EC25 of another firmware, which answers AT+QPCMV? and refuses to set it.
EC25_CUSTOM: Final = replace(
    EC25,
    name="quectel-custom",
    refusals=MappingProxyType({"AT+QPCMV=1,0": Refused("CME", 3), "AT+QPCMV=0": Refused("CME", 3)}),
)
#: An EC25 whose AT+CHUP takes its time.
EC25_SLOW: Final = replace(EC25, name="quectel-slow", hang_up_seconds=25.0)

#: ZTE K3565-Z (Qualcomm): SMS.
K3565: Final = replace(
    GENERIC,
    name="zte",
    manufacturer="ZTE INCORPORATED",
    model="K3565-Z",
    revision="BD_P673A2V1.0.0B09",
    type_code="35693703",
    technology="UMTS",
    extras=frozenset({"+ZPINPUK", "+CCID", "+CNMA"}),
    pin_locks_all=True,
    nuls_when_opened=64,
    cnmi_modes=frozenset({0, 1}),
    cnmi_modes_feigned=frozenset({2}),
    cnmi_reports_feigned=frozenset(),
    report_header="+CDS: ,{length}",
    csmp_clears_centre=True,
    call_lines=(CallLine("HANGUP: 1", {"ENDED": "", "UNANSWERED": ""}),),
    dial_answers=False,
    clcc_kills_setup=True,
)

#: Wavecom: forgets the OK of AT+CPIN?, and answers nothing to ATD until somebody picks up.
WAVECOM: Final = replace(
    GENERIC,
    name="wavecom",
    manufacturer=" WAVECOM MODEM",
    model=" MULTIBAND  900E  1800",
    technology="GSM",
    pin_answer_has_ok=False,
    dial_answers=False,
)

#: Qualcomm family: reports routed to the host are advertised, and refused.
QUALCOMM: Final = replace(
    GENERIC,
    name="qualcomm",
    manufacturer="QUALCOMM INCORPORATED",
    model="GOBI",
    cnmi_reports=frozenset({0, 2}),
    cnmi_reports_feigned=frozenset({1}),
    cnmi_modes=frozenset({0, 1}),
    cnmi_modes_feigned=frozenset({2}),
)

#: A modem for which phase 2+ cannot be switched off: what it routes must be acknowledged.
PHASE2: Final = replace(GENERIC, name="phase2", always_acknowledged=True)

PROFILES: Final[Mapping[str, EmulatorProfile]] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            GENERIC, SIM7600, SIM7600_TERSE, SIM7600_TOUCHY, STUBBORN, A7670, A7670_B01,
            A7670_LNXY, E1550, E1752, E3372, EC25, EC25_CUSTOM, EC25_SLOW, K3565, WAVECOM,
            QUALCOMM, PHASE2,
        )
    }
)  # fmt: skip
