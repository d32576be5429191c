"""The emulated network: modems on one side, telephones on the other.

Job: carry messages, reports, calls and replies between them in their time, and remember what
the telephones received. Not its job: AT (`modem.emulator.device`). Times come from the running
loop, wall time is its offset. The entry point of tests, demos and `modem.emulator.terminal`.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Final

from modem.emulator.behaviour import Behaviour
from modem.emulator.call import EmulatedCall
from modem.emulator.commands_call import CALLS
from modem.emulator.commands_general import GENERAL
from modem.emulator.commands_sms import SMS
from modem.emulator.commands_vendor import VENDOR
from modem.emulator.device import Device, Handler
from modem.emulator.handset import Handset, ReceivedCall
from modem.emulator.identity import imei, make_sim
from modem.emulator.incoming import RingingCall
from modem.emulator.makes import PROFILES
from modem.emulator.numbers import canonical
from modem.emulator.pace import NETWORK_TIMEOUT, Latencies, Pace
from modem.emulator.pdu import Coded, Submit, encode_deliver, encode_report
from modem.emulator.records import Record
from modem.emulator.registry import install, remove
from modem.emulator.results import Done, Refused, Wait
from modem.emulator.sim import Store

_COMMANDS: Final[Mapping[str, Handler]] = MappingProxyType({**GENERAL, **SMS, **CALLS, **VENDOR})
_ZONE: Final = timezone(timedelta(hours=1))
_REFUSED: Final = 21
_RECEIVED, _BUSY, _EXPIRED = 0x00, 0x21, 0x46
#: Seconds between a centre's first try and the next.
_TRIES_AGAIN: Final = 30.0
#: How long a centre keeps a message whose sender set no validity.
_USUAL_VALIDITY: Final = timedelta(days=2)


def _loop_time() -> float | None:
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return None


def _outcome(call: EmulatedCall, behaviour: Behaviour) -> str:
    """Say what the person lived through."""
    if call.answered_at is not None and behaviour.announcement is not None:
        return "announcement"
    if call.answered_at is not None:
        return "machine" if behaviour.machine else "answered"
    return "abandoned" if call.hung_up_by_modem else call.cause.value


class Network:
    """One network with its modems and telephones."""

    def __init__(
        self,
        *,
        seed: int,
        pace: Pace = Pace.REAL,
        sms_seconds: float | None = None,
        report_seconds: float | None = None,
        epoch: datetime | None = None,
        keep_audio: bool = True,
    ) -> None:
        """Make an empty network.

        ``sms_seconds`` is the exact time of every submission, ``report_seconds`` of every
        receipt after it, in place of the pace's; ``epoch`` is the wall time of this moment, or
        of the first event when made outside a running loop; without ``keep_audio`` what was
        heard lives only in `on_record`.
        """
        self.modems: dict[str, Device] = {}
        self.records: list[dict[str, object]] = []
        self.on_record: Callable[[Record], None] | None = None
        self.default_behaviour = Behaviour()
        self._seed, self._pace = seed, pace
        self._sms_seconds, self._report_seconds = sms_seconds, report_seconds
        self._epoch, self._began = epoch, _loop_time()
        if self._began is not None:
            self._epoch = epoch or datetime.now(UTC)
        self._keep_audio = keep_audio
        self._handsets: dict[str, Handset] = {}
        self._rng = random.Random(f"{seed}:network")
        self._reports: dict[str, deque[Coded]] = {}
        self._messages: dict[str, deque[Coded]] = {}
        self._calls: dict[int, tuple[Device, Handset]] = {}

    # Who is on it

    def add_modem(self, name: str, profile: str = "simcom") -> Device:
        """Add a modem. Raises KeyError for an unknown profile, ValueError for a taken name."""
        if name in self.modems:
            raise ValueError(f"a modem named {name} is there already")
        chosen = PROFILES[profile]
        rng = random.Random(f"{self._seed}:{name}")
        latencies = Latencies(
            self._pace, rng, chosen.technology, self._sms_seconds, self._report_seconds
        )
        ordinal = len(self.modems) + 1
        sim = make_sim(ordinal, rng)
        sim.store = Store("SM", chosen.message_slots["SM"], chosen.first_slot)
        device = Device(
            name, chosen, sim, imei(chosen.type_code, rng), self, latencies, _COMMANDS, rng
        )
        self.modems[name] = device
        self._reports[name], self._messages[name] = deque(), deque()
        return device

    def handset(self, number: str) -> Handset:
        """Return the phone of a number, made on first use with the default behaviour."""
        key = canonical(number)
        if key not in self._handsets:
            self._handsets[key] = Handset(key, self.default_behaviour)
        return self._handsets[key]

    @property
    def handsets(self) -> tuple[Handset, ...]:
        """All phones anybody has spoken of."""
        return tuple(self._handsets.values())

    def install(self) -> None:
        """Make the modems reachable as ``emulator:NAME`` in this process."""
        for device in self.modems.values():
            install(device)

    def remove(self) -> None:
        """Make them unreachable again."""
        for device in self.modems.values():
            remove(device)

    # Messages from modems

    def submit(self, device: Device, submit: Submit) -> Wait:
        """Take a message from a modem; its command ends when the network has answered."""
        wait = Wait()
        self._transmit(device, submit, wait)
        return wait

    def _transmit(self, device: Device, submit: Submit, wait: Wait) -> None:
        if device.call is not None and device.profile.sms_waits_for_call:
            self._later(0.1, self._transmit, device, submit, wait)
            return
        seconds = device.latencies.submission()
        self._later(seconds, self._decide, device, submit, wait, seconds)

    def _decide(self, device: Device, submit: Submit, wait: Wait, seconds: float) -> None:
        """Answer a submission; one whose modem was pulled out meanwhile has left all the same."""
        handset = self.handset(submit.recipient)
        if device.engine.awaits(wait) and not device.in_service:
            device.finish(wait, Refused("CMS", 331))
        elif seconds >= NETWORK_TIMEOUT:
            device.finish(wait, Refused("CMS", 332))
        elif handset.behaviour.sms == "refused":
            device.finish(wait, Refused("CMS", _REFUSED))
        else:
            reference = device.sim.next_reference()
            early = device.faults.report_before_ok
            if early:
                self._carry(device, submit, handset, reference, at_once=True)
            device.finish(wait, Done((f"+CMGS: {reference}",)))
            if not early:
                self._carry(device, submit, handset, reference)

    def _carry(
        self,
        device: Device,
        submit: Submit,
        handset: Handset,
        reference: int,
        *,
        at_once: bool = False,
    ) -> None:
        submitted = self.wall()
        behaviour = handset.behaviour
        if behaviour.sms == "lost":
            return
        if behaviour.sms == "switched_off":
            wait = (submit.validity or _USUAL_VALIDITY).total_seconds()
            self._later(wait, self._report, device, submit, reference, submitted, _EXPIRED)
            return
        if at_once:
            self._receive(device, submit, handset, reference, submitted)
            return
        after = behaviour.report_after
        wait = device.latencies.report() if after is None else after
        if behaviour.reports == "trying":
            self._later(wait, self._report, device, submit, reference, submitted, _BUSY)
            wait += _TRIES_AGAIN
        self._later(wait, self._receive, device, submit, handset, reference, submitted)

    def _receive(
        self,
        device: Device,
        submit: Submit,
        handset: Handset,
        reference: int,
        submitted: datetime,
    ) -> None:
        now = self._loop.time()
        message = handset.receive(submit, device.number, device.name, now)
        behaviour = handset.behaviour
        for _ in range({"none": 0, "twice": 2}.get(behaviour.reports, 1)):
            self._report(device, submit, reference, submitted, _RECEIVED)
        if message is None:
            return
        self._record(Record(handset.number, self.wall(), message))
        for modem in self.modems.values():  # a text to a modem's own number arrives there
            if canonical(modem.number) == handset.number:
                self.send(device.number, modem, message.text)
        if behaviour.replies is not None:
            after = behaviour.replies_after
            wait = device.latencies.reply() if after is None else after
            self._later(wait, self.send, handset.number, device, behaviour.replies)

    def _report(
        self, device: Device, submit: Submit, reference: int, submitted: datetime, status: int
    ) -> None:
        if not submit.wants_report:
            return
        report = encode_report(
            reference, submit.recipient, submitted, self.wall(), status, device.sim.centre
        )
        self._reports[device.name].append(report)
        self.back_in_service(device)

    # Messages to modems

    def send(self, sender: str, device: Device, text: str) -> None:
        """Send a text from a phone (or a named service) to a modem."""
        parts = encode_deliver(
            canonical(sender) if sender.strip("+").isdigit() else sender,
            text,
            self.wall(),
            centre=device.sim.centre,
            reference=self._rng.randrange(256),
        )
        self._messages[device.name].extend(parts)
        self.back_in_service(device)

    def back_in_service(self, device: Device) -> None:
        """Deliver what waits for a modem, in order, as far as it takes it."""
        for waiting, take in (
            (self._reports[device.name], device.deliver_report),
            (self._messages[device.name], device.deliver_sms),
        ):
            while waiting and take(waiting[0]):
                waiting.popleft()

    # Calls

    def dial(self, device: Device, number: str) -> EmulatedCall:
        """Start a call from a modem."""
        handset = self.handset(number)
        call = EmulatedCall(device, number, device.latencies, self._call_ended)
        self._calls[id(call)] = (device, handset)

        def look() -> Behaviour | None:
            if handset.in_call:
                return None
            handset.in_call = not (handset.behaviour.busy or handset.behaviour.unreachable)
            return handset.behaviour

        call.place(look)
        return call

    def ring_modem(
        self,
        sender: str,
        device: Device,
        *,
        behaviour: Behaviour | None = None,
        hidden: bool = False,
        gives_up_after: float | None = None,
    ) -> EmulatedCall | None:
        """Call a modem from a phone; None when it is engaged or out of service.

        ``behaviour`` says what the caller does once answered: keys, and when they hang up.
        """
        if device.call is not None or not device.in_service:
            return None
        handset = self.handset(sender)
        call = RingingCall(
            device, handset.number, device.latencies, self._call_ended, device.ring,
            behaviour=behaviour or Behaviour(), hidden=hidden,
        )  # fmt: skip
        handset.in_call = True
        self._calls[id(call)] = (device, handset)
        device.call = call
        if gives_up_after is not None:
            self._later(gives_up_after, call.give_up)
        call.ring()
        return call

    def _call_ended(self, call: EmulatedCall) -> None:
        device, handset = self._calls.pop(id(call))
        if call.alerted_at is not None or call.incoming:
            handset.in_call = False
        answered = "answered" if call.answered_at is not None else "declined"
        received = ReceivedCall(
            at=call.at,
            answered_at=call.answered_at,
            ended_at=self._loop.time(),
            outcome=answered if call.incoming else _outcome(call, handset.behaviour),
            pcm=bytes(call.heard),
            keys=call.keys,
            modem=device.name,
            sender=device.number,
            keys_heard=call.keys_heard,
            beeped_at=call.beeped_at,
        )
        kept = received if self._keep_audio else replace(received, pcm=b"")
        if call.incoming:
            handset.placed.append(kept)
            return
        self._record(Record(handset.number, self.wall(), received))
        handset.calls.append(kept)

    # Time and records

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    def wall(self) -> datetime:
        """Return the wall time of this moment of the loop."""
        now = self._loop.time()
        if self._epoch is None:
            self._epoch = datetime.now(UTC)
        if self._began is None:
            self._began = now
        return (self._epoch + timedelta(seconds=now - self._began)).astimezone(_ZONE)

    def _later(self, seconds: float, act: Callable[..., None], *arguments: object) -> None:
        self._loop.call_later(seconds, act, *arguments)

    def _record(self, record: Record) -> None:
        self.records.append(record.as_json())
        if self.on_record is not None:
            self.on_record(record)
