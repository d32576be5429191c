"""An emulated modem: its ports, its card, its radio, its call, its message store.

Job: hold the state the AT commands read and change, and turn what the network brings into
notifications. Not its job: the AT dialogue (`modem.emulator.at`), the commands
(`commands_*.py`), the network beyond the antenna (`Air`). Times come from the running loop.
Built by `modem.emulator.network`; tests hold it for its faults.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from modem.emulator.at import Answer, AtEngine
from modem.emulator.audio import AudioEndpoint
from modem.emulator.call import CallState, EmulatedCall
from modem.emulator.commandline import Request
from modem.emulator.faults import Faults
from modem.emulator.pace import Latencies
from modem.emulator.pdu import Coded, Submit
from modem.emulator.port import EmulatedPort, Socket
from modem.emulator.profile import EmulatorProfile
from modem.emulator.results import Done, Refused, Wait
from modem.emulator.sim import Sim, SimState, Store, Stored

#: Seconds within which a phase 2+ notification must be acknowledged (23.040; devices vary).
_ACKNOWLEDGE_WITHIN: Final = 15.0


class Air(Protocol):
    """The network as one modem meets it."""

    def submit(self, device: Device, submit: Submit) -> Wait:
        """Take a message; end the command through `Device.finish` when the answer is known."""

    def dial(self, device: Device, number: str) -> EmulatedCall:
        """Start a call."""

    def back_in_service(self, device: Device) -> None:
        """Hear that messages kept for this modem may come now."""


Handler = Callable[["Device", Request], Answer]


@dataclass(slots=True)
class Settings:
    """What the host has set, at its value after power-up."""

    functionality: int = 1
    creg: int = 0
    cgreg: int = 0
    cereg: int = 0
    operator_format: int = 0
    charset: str = "IRA"
    text_mode: bool = False
    service: int = 0  # AT+CSMS
    routing: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    memories: tuple[str, str, str] = ("ME", "ME", "ME")
    more_messages: int = 0
    clip: bool = False
    ring_extended: bool = False
    #: Announcements the host has asked for, by their command.
    switched: set[str] = field(default_factory=set)
    ussd_in_text: bool = False
    digits_announced: bool = False
    hang_up_control: int = 1  # AT+CVHU
    number_format: int = 129


class Device:
    """One modem on the emulated network."""

    def __init__(
        self,
        name: str,
        profile: EmulatorProfile,
        sim: Sim,
        imei: str,
        air: Air,
        latencies: Latencies,
        commands: Mapping[str, Handler],
        rng: random.Random,
    ) -> None:
        self.name, self.profile, self.sim, self.imei = name, profile, sim, imei
        self.air, self.latencies = air, latencies
        self.faults = Faults(rng)
        self.socket = Socket(name, self._receive)
        self.audio = AudioEndpoint(f"{name}.audio", self.faults)
        self.engine = AtEngine(profile, self.faults, self._run, self._output, self._overflow)
        self.audio.on_flow(self._sound_flows)
        self.settings = Settings(service=int(profile.always_acknowledged))
        self.audio.leaks_positions = profile.audio_by_switch
        self.registration = 1
        self.signal = 19  # 0 to 31; dBm = -113 + 2 * signal
        self.operator = ("Orange F", "20801")
        self.call: EmulatedCall | None = None
        #: An ATD that keeps silent until somebody answers.
        self.dialling: Wait | None = None
        #: What the network answers to USSD codes.
        self.ussd: dict[str, str] = {"#123#": "Solde : 12,50 euros"}
        self.last_release = "No cause information available"
        self.stores = self._empty_stores()
        #: Notifications nobody was there to read.
        self.lost_notifications = 0
        self._commands = commands
        self._frozen = self._frozen_notices = False
        self._trickle: float | None = None
        self._trickling = bytearray()
        self._acknowledgement: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<Device {self.name} {self.profile.name}>"

    @property
    def iccid(self) -> str:
        """The card's number."""
        return self.sim.iccid

    @property
    def number(self) -> str:
        """The telephone number others see."""
        return self.sim.number

    @property
    def plugged(self) -> bool:
        """Whether the ports exist."""
        return self.socket.present

    @property
    def in_service(self) -> bool:
        """Whether the network can reach it."""
        return (
            self.plugged
            and self.settings.functionality == 1
            and self.sim.state is SimState.READY
            and self.registration in {1, 5, 6, 7}
        )

    # Ports

    def open(self, *, audio: bool = False) -> EmulatedPort:
        """Open the AT or the voice port. Raises PortLost when unplugged, PortBusy when held."""
        if audio:
            return self.audio.socket.open()
        port = self.socket.open()
        if self.profile.nuls_when_opened:
            self.socket.deliver(bytes(self.profile.nuls_when_opened))
        return port

    def _receive(self, data: bytes) -> None:
        if not self._frozen:
            self.engine.receive(data)

    def _output(self, data: bytes) -> None:
        if self._frozen and not self._frozen_notices:
            return
        data = self.faults.on_the_wire(data)
        if self._trickle is None and not self._trickling:
            self.socket.deliver(data)
            return
        if not self._trickling:
            asyncio.get_running_loop().call_later(self._trickle or 0.0, self._drip)
        self._trickling += data

    def _drip(self) -> None:
        self.socket.deliver(bytes(self._trickling[:1]))
        del self._trickling[:1]
        if self._trickling:
            asyncio.get_running_loop().call_later(self._trickle or 0.0, self._drip)

    # What befalls it

    def unplug(self) -> None:
        """Pull it out: ports are gone, the call is cut, the settings are forgotten."""
        self.socket.unplug()
        self.audio.socket.unplug()
        if self.call is not None:
            self.call.hang_up()
        self._power_off()

    def replug(self) -> None:
        """Plug it in again: it starts anew, and asks for its PIN again."""
        self.sim.power_up()
        self.socket.replug()
        self.audio.socket.replug()
        self._serve_soon()

    def restart(self) -> None:
        """Start anew without leaving the bus: settings forgotten, the call cut, its greeting."""
        if self.call is not None:
            self.call.hang_up()
        self._power_off()
        self.engine.switches.echo = True
        for line in (*self.profile.greeting, "+CPIN: READY"):
            self.engine.notify(line)
        self._serve_soon()

    def reboot(self, seconds: float | None = None) -> None:
        """Go away and come back, as after AT+CRESET; ``seconds`` None is the pace's own time."""
        self.unplug()
        wait = self.latencies.booting() if seconds is None else seconds
        asyncio.get_running_loop().call_later(wait, self.replug)

    def freeze(self, *, notifications: bool = False) -> None:
        """Stop answering; with ``notifications`` it still speaks of its own accord."""
        self._frozen, self._frozen_notices = True, notifications

    def thaw(self) -> None:
        """Answer again."""
        self._frozen = False

    def garble(self, share: float) -> None:
        """Change this share (0 to 1) of the bytes the host reads; 0 ends it."""
        self.faults.garble(share)

    def trickle(self, seconds_per_byte: float | None) -> None:
        """Let the host read one byte at a time; None ends it."""
        self._trickle = seconds_per_byte

    def leave_prompt_open(self) -> None:
        """Be as a dead program left it: at the SMS prompt, eating every command as text."""
        self.engine.open_prompt()

    def register(self, status: int) -> None:
        """Change the registration (27.007, 7.2: 0 idle, 1 home, 2 searching, 3 denied, 5 roams)."""
        self.registration = status
        for name, level in (("+CREG", self.settings.creg), ("+CEREG", self.settings.cereg)):
            if level:
                self.engine.notify(f"{name}: {self.registration_fields(level)}")
        self._serve_soon()

    def registration_fields(self, level: int) -> str:
        """Return the status, with cell and technology when ``level`` asks for them."""
        technology = {"GSM": 0, "UMTS": 2, "LTE": 7}[self.profile.technology]
        cell = (
            f',"2F1A","01C5B20A",{technology}' if level >= 2 and self.registration in {1, 5} else ""
        )
        return f"{self.registration}{cell}"

    def _power_off(self) -> None:
        self.engine.reset()
        self.audio.reset()
        self.audio.leaks_positions = self.profile.audio_by_switch
        self.dialling = None
        self.settings = Settings(service=int(self.profile.always_acknowledged))
        self._frozen = False
        self._trickling.clear()
        if self._acknowledgement is not None:
            self._acknowledgement.cancel()

    def _serve_soon(self) -> None:
        if self.in_service:
            asyncio.get_running_loop().call_soon(self.air.back_in_service, self)

    def sim_ready(self) -> None:
        """Announce a card just unlocked."""
        self.engine.notify("+CPIN: READY")
        self._serve_soon()

    # Commands

    def finish(self, wait: Wait, answer: Done | Refused) -> None:
        """End the command that answered ``wait``."""
        self.engine.finish(wait, answer)

    def _run(self, request: Request) -> Answer:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        handler = self._commands.get(request.name)
        if handler is None or request.name in self.profile.missing:
            return Refused(word=self.profile.unknown)
        return handler(self, request)

    def _refusal(self, request: Request) -> Refused | None:
        if request.spelled in self.faults.refused:
            return Refused()
        if request.spelled in self.profile.refusals:
            return self.profile.refusals[request.spelled]
        if request.name != "+CMGS":  # a submission fails after its PDU, not before
            failure = self.faults.failure_of(request.name)
            if failure is not None:
                return Refused(*failure)
        if self.profile.pin_locks_all and self.sim.state is SimState.PIN:
            return None if request.name == "+CPIN" else Refused("CME", 11)
        return None

    # Messages coming in

    def _empty_stores(self) -> dict[str, Store]:
        stores = {
            name: Store(name, slots, self.profile.first_slot)
            for name, slots in self.profile.message_slots.items()
        }
        stores["SM"] = self.sim.store
        return stores

    def deliver_sms(self, message: Coded) -> bool:
        """Take an SMS-DELIVER; False when it must stay with the network (no room, no service)."""
        if not self.in_service:
            return False
        mode, target = self.settings.routing[:2]
        if mode and target in {2, 3}:
            self._route(f"+CMT: ,{message.length}", message)
            return True
        memory = self.settings.memories[2]
        index = self.stores[memory].put(Stored(message.hex, message.length))
        if index is None:
            return False
        if mode and target == 1:
            place = -1 if self.faults.places_unknown else index
            self._notify(f'+CMTI: "{memory}",{place}')
        return True

    def deliver_report(self, report: Coded) -> bool:
        """Take an SMS-STATUS-REPORT; False when it must stay with the network."""
        if not self.in_service:
            return False
        mode, target = self.settings.routing[0], self.settings.routing[3]
        if mode and target == 1:
            self._route(self.profile.report_header.format(length=report.length), report)
        elif target == 2:
            index = self.stores[self.profile.report_store].put(Stored(report.hex, report.length))
            if index is None:
                return False
            if mode:
                told = self.profile.report_announced
                self._notify(told.format(store=self.profile.report_store, index=index))
        return True

    def acknowledged(self) -> bool:
        """Hear AT+CNMA; False when nothing waits for it."""
        if self._acknowledgement is None:
            return False
        self._acknowledgement.cancel()
        self._acknowledgement = None
        return True

    def _route(self, header: str, message: Coded) -> None:
        self._notify(header, message.hex)
        if self.settings.service == 1 and self._acknowledgement is None:
            loop = asyncio.get_running_loop()
            self._acknowledgement = loop.call_later(_ACKNOWLEDGE_WITHIN, self._not_acknowledged)

    def _not_acknowledged(self) -> None:
        """Stop routing, as 27.005 (3.4.4) has it: messages silently stop."""
        self._acknowledgement = None
        mode, _, broadcasts, _, buffer = self.settings.routing
        self.settings.routing = (mode, 0, broadcasts, 0, buffer)

    def _notify(self, *lines: str) -> None:
        if self.socket.port is None:
            self.lost_notifications += 1
        self.engine.notify(*lines)

    # Calls

    def call_changed(self, call: EmulatedCall) -> None:
        """Tell the host of a call's new state, in this make's words."""
        if call.state is CallState.ENDED:
            self._call_ended(call)
            return
        if call.state is CallState.ACTIVE:
            if self.dialling is not None:
                self.finish(self.dialling, Done(final="CONNECT"))
            if self.profile.audio_by_switch and self.audio.switched_on and self.audio.fresh:
                self.audio.start()
        self.announce_call(call)

    def announce_call(self, call: EmulatedCall, state: str = "") -> None:
        """Say a call's state in this make's words, where the host has asked to hear it."""
        for line in self.profile.call_lines:
            word = line.states.get(state or call.state.name)
            if word is not None and (not line.switch or line.switch in self.settings.switched):
                self.engine.notify(
                    line.text.format(
                        state=word,
                        direction=int(call.incoming),
                        number=call.number,
                        kind=145 if call.number.startswith("+") else 129,
                        seconds=call.seconds,
                        cause=16 if call.hung_up_by_modem else _Q850[call.cause.value],
                    )
                )

    def call_line(self, call: EmulatedCall) -> str:
        """Return the +CLCC line of a call."""
        kind = 145 if call.number.startswith("+") else 129
        return f'+CLCC: 1,{int(call.incoming)},{call.state.value},0,0,"{call.number}",{kind}'

    def ring(self, call: EmulatedCall) -> None:
        """Ring once."""
        self.engine.notify("+CRING: VOICE" if self.settings.ring_extended else "RING")
        if self.settings.clip:
            shown = '"",128,,,,1' if call.hidden else f'"{call.number}",145,,,,0'
            self.engine.notify(f"+CLIP: {shown}")

    def digit_heard(self, digit: str) -> None:
        """Say the key the network signalled, where the make does and the host has asked."""
        line = self.profile.digit_line
        if line is not None and self.settings.digits_announced and not self.faults.deaf_to_digits:
            self.engine.notify(line.format(digit=digit, code=ord(digit)))

    def _call_ended(self, call: EmulatedCall) -> None:
        self.call = None
        self.audio.stop()
        self.last_release = (
            "Normal call clearing" if call.hung_up_by_modem else _CEER[call.cause.value]
        )
        self.audio.fresh = False
        begun = self._loop_time() - call.at >= self.profile.dial_settles
        if begun or not self.profile.early_hang_up_is_silent:
            known = call.answered_at is not None
            self.announce_call(call, "ENDED" if known or self._says_no_other() else "UNANSWERED")
        if self.dialling is not None:
            wait, self.dialling = self.dialling, None
            word = self.profile.results[call.cause][0]
            if self.engine.awaits(wait):
                self.finish(wait, Done(final=word))
                return
        if not call.hung_up_by_modem:
            for result in self.profile.results[call.cause]:
                self.engine.notify(result)

    def _says_no_other(self) -> bool:
        """Whether this make has no line of its own for a call nobody answered."""
        return not any("UNANSWERED" in line.states for line in self.profile.call_lines)

    def _loop_time(self) -> float:
        return asyncio.get_running_loop().time()

    def _sound_flows(self, go_on: bool) -> None:
        self.engine.notify(f"+QPCMV: {int(go_on)},0")

    def _overflow(self) -> None:
        """Too long a text at the prompt: some sticks reboot."""
        self.reboot()


_Q850: Final = {
    "normal": 16,
    "busy": 17,
    "no_answer": 19,
    "refused": 21,
    "unreachable": 20,
    "network": 38,
}
_CEER: Final = {
    "normal": "Normal call clearing",
    "busy": "User busy",
    "no_answer": "No answer from user",
    "refused": "Call rejected",
    "unreachable": "No user responding",
    "network": "Network out of order",
}
