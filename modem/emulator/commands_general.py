"""The commands of an emulated modem about itself, its card and its registration.

Job: ITU-T V.250 and 3GPP 27.007 as a table from name to handler. Not its job: messages
(`commands_sms`) and calls (`commands_call`). Used by `modem.emulator.network`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from modem.emulator.at import Answer
from modem.emulator.commandline import Form, Request
from modem.emulator.device import Device, Handler
from modem.emulator.results import Done, Refused
from modem.emulator.sim import SimState

OK: Final = Done()
#: Seconds between the OK of a reset and the port's going away.
_LAST_WORDS: Final = 0.3
BAD_VALUE: Final = Refused("CME", 50)
NOT_ALLOWED: Final = Refused("CME", 3)
_SIM_CME: Final = {SimState.ABSENT: 10, SimState.PIN: 11, SimState.PUK: 12, SimState.DEAD: 13}


def sim_trouble(device: Device) -> Refused | None:
    """Return why a command that needs the card cannot be served."""
    state = device.sim.state
    if state in _SIM_CME:
        return Refused("CME", _SIM_CME[state])
    return Refused("CME", 14) if device.sim.busy_polls else None


def needing_sim(handler: Handler) -> Handler:
    """Make a handler refuse while the card is not ready."""

    def guarded(device: Device, request: Request) -> Answer:
        return sim_trouble(device) or handler(device, request)

    return guarded


def only_for_extras(handler: Handler) -> Handler:
    """Make a handler exist only on makes that list it."""

    def guarded(device: Device, request: Request) -> Answer:
        if request.name not in device.profile.extras:
            return Refused(word=device.profile.unknown)
        return handler(device, request)

    return guarded


def accept(_device: Device, _request: Request) -> Answer:
    """Say OK to a setting that changes nothing here."""
    return OK


def text(device: Device, value: str) -> str:
    """Write a string in the character set of AT+CSCS."""
    if device.settings.charset == "UCS2":
        return value.encode("utf-16-be").hex().upper()
    return value


def _engine_switch(name: str) -> Handler:
    def handler(device: Device, request: Request) -> Answer:
        if request.value not in {"", "0", "1"}:
            return Refused()
        setattr(device.engine.switches, name, request.value == "1")
        return OK

    return handler


def _cmee(device: Device, request: Request) -> Answer:
    return _level(
        request,
        device.engine.switches.cmee,
        2,
        lambda value: setattr(device.engine.switches, "cmee", value),
    )


def _level(request: Request, now: int, highest: int, put: Callable[[int], None]) -> Answer:
    """Serve the three forms of a command with one small number."""
    if request.form is Form.TEST:
        return Done((f"{request.name}: (0-{highest})",))
    if request.form is Form.READ:
        return Done((f"{request.name}: {now}",))
    value = request.number()
    if value is None or value > highest:
        return BAD_VALUE
    put(value)
    return OK


def setting(name: str, highest: int) -> Handler:
    """Return a handler for one small number kept in `Settings`."""

    def handler(device: Device, request: Request) -> Answer:
        now = int(getattr(device.settings, name))
        kind = type(getattr(device.settings, name))
        return _level(
            request, now, highest, lambda value: setattr(device.settings, name, kind(value))
        )

    return handler


def switched(device: Device, request: Request) -> Answer:
    """Serve a command that switches an announcement on and off: its last number but zeros."""
    if request.form is Form.TEST:
        return Done((f"{request.name}: (0,1)",))
    if request.form is Form.READ:
        return Done((f"{request.name}: {int(request.name in device.settings.switched)}",))
    if "0" in request.fields[:1] or not request.fields:
        device.settings.switched.discard(request.name)
    else:
        device.settings.switched.add(request.name)
    return OK


def _identity(read: Callable[[Device], str]) -> Handler:
    def handler(device: Device, request: Request) -> Answer:
        if request.form is Form.TEST:
            return OK
        return Done((device.profile.identity_prefix.get(request.name, "") + read(device),))

    return handler


def _information(device: Device, _request: Request) -> Answer:
    profile = device.profile
    return Done(
        (
            f"Manufacturer: {profile.manufacturer}",
            f"Model: {profile.model}",
            f"Revision: {profile.revision}",
            f"IMEI: {device.imei}",
        )
    )


def _iccid(device: Device, request: Request) -> Answer:
    if request.name != device.profile.iccid_command:
        return Refused(word=device.profile.unknown)
    if not device.sim.present:
        return Refused("CME", 10)
    number = device.sim.iccid + device.profile.iccid_filler
    return Done((device.profile.iccid_answer.format(iccid=number),))


def _pin(device: Device, request: Request) -> Answer:
    sim = device.sim
    if request.form is Form.READ:
        return _pin_state(device)
    if request.form is not Form.SET:
        return OK
    if not all(code.isdecimal() for code in request.fields or ("",)):
        return BAD_VALUE  # costs no try
    if sim.state is SimState.PIN:
        if not sim.enter_pin(request.fields[0]):
            return Refused("CME", 16)
    elif sim.state is SimState.PUK and len(request.fields) == 2:
        if not sim.enter_puk(*request.fields):
            return Refused("CME", 16)
    else:
        return sim_trouble(device) or NOT_ALLOWED
    sim.busy_polls = device.profile.busy_polls_after_pin
    if not sim.busy_polls:
        asyncio.get_running_loop().call_soon(device.sim_ready)
    return OK


def _pin_state(device: Device) -> Answer:
    sim = device.sim
    if not device.profile.pin_answer_has_ok and sim.state is SimState.READY:
        return Done((f"+CPIN: {sim.state.value}",), final="")
    if sim.state in {SimState.ABSENT, SimState.DEAD}:
        return Refused("CME", _SIM_CME[sim.state])
    if sim.state is SimState.READY and sim.busy_polls:
        sim.busy_polls -= 1
        if not sim.busy_polls:
            asyncio.get_running_loop().call_soon(device.sim_ready)
        return Refused("CME", 14)
    return Done((f"+CPIN: {sim.state.value}",))


def _pin_tries(device: Device, request: Request) -> Answer:
    sim = device.sim
    pin, puk = sim.pin_tries, sim.puk_tries
    said = {
        "+SPIC": (f"+SPIC: {pin},{puk},3,10",),  # PIN1, PUK1, PIN2, PUK2
        "+QPINC": (f'+QPINC: "SC",{pin},{puk}', '+QPINC: "P2",3,10'),
        "^CPIN": (f"^CPIN: {sim.state.value},{pin},{puk},{pin},10,3",),
        "+ZPINPUK": (f"+ZPINPUK: {pin},{puk}",),
    }
    usual = (f"+CPINR: SIM PIN,{pin},3", f"+CPINR: SIM PUK,{puk},10")
    return Done(said.get(request.name, usual))


def _functionality(device: Device, request: Request) -> Answer:
    if request.form is Form.READ:
        return Done((f"+CFUN: {device.settings.functionality}",))
    if request.form is Form.TEST:
        return Done(("+CFUN: (0,1,4),(0,1)",))
    value = request.number()
    if value not in {0, 1, 4}:
        return BAD_VALUE
    if request.number(1) == 1:
        _reboot_soon(device)
        return OK
    device.settings.functionality = value
    if value == 1:
        device.register(device.registration)
    return OK


def _reset(device: Device, _request: Request) -> Answer:
    _reboot_soon(device)
    return OK


def _reboot_soon(device: Device) -> None:
    """Leave the OK the time to reach the host."""
    asyncio.get_running_loop().call_later(_LAST_WORDS, device.reboot)


def _registration(name: str) -> Handler:
    def handler(device: Device, request: Request) -> Answer:
        level = int(getattr(device.settings, name))
        if request.form is Form.READ:
            registered = device.settings.functionality == 1 and device.sim.state is SimState.READY
            fields = device.registration_fields(level) if registered else "0"
            return Done((f"{request.name}: {level},{fields}",))
        return _level(request, level, 2, lambda value: setattr(device.settings, name, value))

    return handler


def _signal(device: Device, request: Request) -> Answer:
    if request.form is Form.TEST:
        return Done(("+CSQ: (0-31,99),(0-7,99)",))
    if request.form.value not in device.profile.signal_forms:
        return Refused(word=device.profile.unknown)
    on_air = device.settings.functionality == 1
    return Done((f"+CSQ: {device.signal if on_air else 99},99",))


def _operator(device: Device, request: Request) -> Answer:
    settings = device.settings
    if request.form is Form.SET:
        if request.number() == 3 and request.number(1) is not None:
            settings.operator_format = request.number(1) or 0
        return OK
    if device.registration not in {1, 5} or not device.in_service:
        return Done(("+COPS: 0",))
    name = device.operator[1 if settings.operator_format == 2 else 0]
    if device.profile.operator_in_charset and settings.operator_format != 2:
        name = text(device, name)
    technology = {"GSM": 0, "UMTS": 2, "LTE": 7}[device.profile.technology]
    return Done((f'+COPS: 0,{settings.operator_format},"{name}",{technology}',))


def _charset(device: Device, request: Request) -> Answer:
    if request.form is Form.TEST:
        return Done(('+CSCS: ("IRA","GSM","UCS2")',))
    if request.form is Form.READ:
        return Done((f'+CSCS: "{device.settings.charset}"',))
    if request.fields[:1] not in {("IRA",), ("GSM",), ("UCS2",)}:
        return BAD_VALUE
    device.settings.charset = request.fields[0]
    return OK


def _own_number(device: Device, _request: Request) -> Answer:
    if device.profile.glues_errors:
        return Done(final=f'ERROR+CNUM: "","{device.sim.number}",145')
    return Done((f'+CNUM: "","{text(device, device.sim.number)}",145',))


def _technology(device: Device, request: Request) -> Answer:
    if request.form is Form.READ:
        mode = {"GSM": 1, "UMTS": 4, "LTE": 8}[device.profile.technology]
        return Done((f"+CNSMOD: 0,{mode}",))
    return OK


GENERAL: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "": accept,
        "E": _engine_switch("echo"),
        "V": _engine_switch("verbose"),
        "Q": _engine_switch("quiet"),
        "Z": accept,
        "&F": accept,
        "X": accept,
        "&C": accept,
        "&D": accept,
        "S0": accept,
        "I": _information,
        "+CMEE": _cmee,
        "+CGMI": _identity(lambda device: device.profile.manufacturer),
        "+GMI": _identity(lambda device: device.profile.manufacturer),
        "+CGMM": _identity(lambda device: device.profile.model),
        "+GMM": _identity(lambda device: device.profile.model),
        "+CGMR": _identity(lambda device: device.profile.revision),
        "+GMR": _identity(lambda device: device.profile.revision),
        "+CGSN": _identity(lambda device: device.imei),
        "+GSN": _identity(lambda device: device.imei),
        "+CIMI": needing_sim(_identity(lambda device: device.sim.imsi)),
        "+CCID": _iccid,
        "+QCCID": _iccid,
        "^ICCID": _iccid,
        "+CICCID": _iccid,
        "+CPIN": _pin,
        "+CPINR": only_for_extras(_pin_tries),
        "+SPIC": only_for_extras(_pin_tries),
        "+QPINC": only_for_extras(_pin_tries),
        "^CPIN": only_for_extras(_pin_tries),
        "+ZPINPUK": only_for_extras(_pin_tries),
        "+CFUN": _functionality,
        "+CRESET": only_for_extras(_reset),
        "+CREG": _registration("creg"),
        "+CGREG": _registration("cgreg"),
        "+CEREG": _registration("cereg"),
        "+CSQ": _signal,
        "+COPS": needing_sim(_operator),
        "+CSCS": _charset,
        "+CNUM": needing_sim(_own_number),
        "+CNSMOD": only_for_extras(_technology),
    }
)
