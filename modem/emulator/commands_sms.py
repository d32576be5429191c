"""The commands of an emulated modem about messages (3GPP 27.005).

Job: set-up, storage, and submission in PDU mode, as a table from name to handler. Not its job:
what the network does with a message. Used by `modem.emulator.network`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from modem.emulator.at import Answer
from modem.emulator.commandline import Form, Request
from modem.emulator.commands_general import OK, accept, needing_sim, setting, sim_trouble, text
from modem.emulator.device import Device, Handler
from modem.emulator.numbers import canonical
from modem.emulator.pdu import PduError, Submit, decode_submit
from modem.emulator.results import Done, Prompt, Refused, Wait
from modem.emulator.sim import Stored

_BAD_PDU: Final = Refused("CMS", 304)
_NO_SLOT: Final = Refused("CMS", 321)
_SIM_CMS: Final = {10: 310, 11: 311, 12: 316, 13: 313, 14: 314}
_MAX_TPDU: Final = 164


def _card_trouble(device: Device) -> Refused | None:
    trouble = sim_trouble(device)
    return None if trouble is None else Refused("CMS", _SIM_CMS[trouble.code or 13])


def _needing_card(handler: Handler) -> Handler:
    def guarded(device: Device, request: Request) -> Answer:
        return _card_trouble(device) or handler(device, request)

    return guarded


def _submit(device: Device, request: Request) -> Answer:
    if request.form is Form.TEST:
        return OK
    if device.settings.text_mode:
        return Refused("CMS", 303)
    length = request.number()
    if length is None or not 0 < length <= _MAX_TPDU:
        return _BAD_PDU
    return Prompt(lambda typed: _submit_pdu(device, length, typed))


def _submit_pdu(device: Device, length: int, typed: bytes) -> Done | Refused | Wait:
    try:
        submit = decode_submit(bytes.fromhex(typed.decode("ascii")))
    except (PduError, ValueError):
        return _BAD_PDU
    if submit.tpdu_octets != length:
        return _BAD_PDU
    return _refusal_on_air(device, submit) or device.air.submit(device, submit)


def _refusal_on_air(device: Device, submit: Submit) -> Refused | None:
    failure = device.faults.failure_of("+CMGS")
    if failure is not None:
        return Refused(*failure)
    if not submit.centre and not device.sim.centre:
        return Refused("CMS", 330)
    return None if device.in_service else Refused("CMS", 331)


def _format(device: Device, request: Request) -> Answer:
    return setting("text_mode", 1)(device, request)


def _service(device: Device, request: Request) -> Answer:
    if request.form is Form.TEST:
        return Done(("+CSMS: (0,1)",))
    if request.form is Form.READ:
        return Done((f"+CSMS: {device.settings.service},1,1,1",))
    value = request.number()
    if value not in {0, 1} or (value == 0 and device.profile.always_acknowledged):
        return Refused("CMS", 303)
    device.settings.service = value
    return Done(("+CSMS: 1,1,1",))


def _centre(device: Device, request: Request) -> Answer:
    if request.form is Form.READ:
        if device.faults.centre_nonsense:
            return Done((device.faults.centre_nonsense.pop(0),))
        number = device.sim.centre
        kind = 145 if number.startswith("+") else 129
        return Done((f'+CSCA: "{text(device, number)}",{kind}',))
    if request.form is Form.SET and request.fields:
        device.sim.centre = canonical(request.fields[0])
    return OK


def _memories(device: Device, request: Request) -> Answer:
    if request.form is Form.TEST:
        names = ",".join(f'"{name}"' for name in device.stores if name != "SR")
        return Done((f"+CPMS: ({names}),({names}),({names})",))
    if request.form is Form.READ:
        fields = ",".join(
            f'"{name}",{len(store.slots)},{store.capacity}'
            for name in device.settings.memories
            for store in (device.stores[name],)
        )
        return Done((f"+CPMS: {fields}",))
    chosen = request.fields
    if not 1 <= len(chosen) <= 3 or any(name not in device.stores for name in chosen):
        return Refused("CMS", 302)
    first, second, third = (*chosen, *device.settings.memories[len(chosen) :])
    device.settings.memories = (first, second, third)
    stores = [device.stores[name] for name in device.settings.memories]
    counts = ",".join(f"{len(store.slots)},{store.capacity}" for store in stores)
    return Done((f"+CPMS: {counts}",))


def _indications(device: Device, request: Request) -> Answer:
    profile = device.profile
    if request.form is Form.TEST:
        modes = ",".join(map(str, sorted(profile.cnmi_modes | profile.cnmi_modes_feigned)))
        reports = ",".join(map(str, sorted(profile.cnmi_reports | profile.cnmi_reports_feigned)))
        return Done((f"+CNMI: ({modes}),(0,1,2,3),(0,2),({reports}),(0,1)",))
    if request.form is Form.READ:
        return Done(("+CNMI: " + ",".join(map(str, device.settings.routing)),))
    asked = [request.number(position) for position in range(len(request.fields))]
    if not asked or len(asked) > 5 or None in asked:
        return Refused("CMS", 302)
    given = [value for value in asked if value is not None]
    mode, target, broadcasts, receipts, buffer = (*given, *device.settings.routing[len(given) :])
    if mode not in profile.cnmi_modes or receipts not in profile.cnmi_reports:
        return Refused("CMS", 303)
    if target > 3 or broadcasts > 3 or buffer > 1:
        return Refused("CMS", 302)
    device.settings.routing = (mode, target, broadcasts, receipts, buffer)
    return OK


def _list(device: Device, request: Request) -> Answer:
    wanted = request.number() if request.fields else 0
    if wanted is None or wanted > 4:
        return Refused("CMS", 302)
    if device.faults.list_hangs:
        return Wait(Refused)  # until a byte from the host ends it
    shift = int(device.faults.list_lies)
    lines: list[str] = []
    for index, message in sorted(device.stores[device.settings.memories[0]].slots.items()):
        if wanted in {4, message.status}:
            lines += [f"+CMGL: {index + shift},{message.status},,{message.length}", message.hex]
            message.status = 1
    return Done(tuple(lines))


def _read(device: Device, request: Request) -> Answer:
    index = request.number()
    message = _slot(device, index)
    if message is None:
        said = {"ok": OK, "blank": Done(("+CMGR: 0,,0", ""))}
        return said.get(device.profile.empty_slot, _NO_SLOT)
    line = f"+CMGR: {message.status},,{message.length}"
    message.status = 1
    return Done((line, message.hex))


def _slot(device: Device, index: int | None) -> Stored | None:
    return device.stores[device.settings.memories[0]].slots.get(-1 if index is None else index)


def _delete(device: Device, request: Request) -> Answer:
    index, flag = request.number(), request.number(1) or 0
    store = device.stores[device.settings.memories[0]]
    if index is None or flag > 4 or (not flag and not store.holds(index)):
        return _NO_SLOT
    if flag == 4:
        store.slots.clear()
    elif flag:  # 1 to 3: the read ones; nothing of our own is ever stored here
        for read in [at for at, message in store.slots.items() if message.status]:
            del store.slots[read]
    else:
        store.slots.pop(index, None)
    device.air.back_in_service(device)
    return OK


def _acknowledge(device: Device, _request: Request) -> Answer:
    if device.settings.service != 1 or not device.acknowledged():
        return Refused("CMS", 340)
    return OK


def _text_parameters(device: Device, request: Request) -> Answer:
    """AT+CSMP: parameters of text mode; a ZTE forgets its service centre over it."""
    if request.form is Form.SET and device.profile.csmp_clears_centre:
        device.sim.centre = ""
    return OK


SMS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "+CMGS": _needing_card(_submit),
        "+CMGF": _format,
        "+CSMS": _service,
        "+CSCA": needing_sim(_centre),
        "+CPMS": _needing_card(_memories),
        "+CNMI": _indications,
        "+CMGL": _needing_card(_list),
        "+CMGR": _needing_card(_read),
        "+CMGD": _needing_card(_delete),
        "+CNMA": _acknowledge,
        "+CSMP": _text_parameters,
        "+CGSMS": accept,
        "+CMMS": setting("more_messages", 2),
    }
)
