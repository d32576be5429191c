"""One modem at work: the verbs the gateway uses.

Job: start, submit, dial, ask USSD codes, read health, reset, close; sort what the device says of
its own accord to the call under way, the inbox, the bell. One operation at a time: an SMS
during a call would wait in the device until the call is over. Not its job: reconnecting
(`modem.supervisor`), policy. For the supervisor, tests and port tools.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from modem import commands, startup
from modem.centre import ServiceCentre
from modem.commands import Usage, do, fields_of, unquoted
from modem.connection import Notification
from modem.door import Door
from modem.errors import CallEnded, LocalProtocolError, ModemError, PortLost
from modem.events import IncomingCall
from modem.inbox import Inbox, Taker
from modem.link import Link
from modem.network_time import ASK_FOR_IT, CLOCK, read_notice
from modem.profiles.base import AudioKind, Profile
from modem.sending import Sender
from modem.sms.submit import SubmitPdu
from modem.startup import Health, Identity, Pin, SetUp
from modem.tasks import Tasks
from modem.transport import Port
from modem.ussd import UssdReply
from modem.ussd_dialogue import UssdDialogue
from modem.voice import VoiceCall
from modem.wear import Wear

#: What ATD may be given; a separator would start a second command.
_DIALLABLE: Final = re.compile(r"\+?[0-9*#]{1,20}", re.ASCII)
#: Seconds `Driver.close` spends on ending a call.
_LAST_WORDS: Final = 10.0
#: Seconds it spends on what the device should do while nobody listens.
_PARTING: Final = 3.0
#: Seconds for the rest of the greeting of a device that seems to have started anew to come.
_GREETING: Final = 3.0
#: Seconds between two looks at whether it has: some say ^BOOT again and again in good health.
_HINT_PACE: Final = 30.0
_REBORN: Final = ("RDY", "SMS Ready", "SMS DONE", "PB DONE")
_RINGS: Final = ("RING", "+CRING:")


class Driver:
    """A modem on an open port.

    ``profile`` is ``auto`` or a profile's name; ``audio`` the address of the sound of calls,
    empty where there is none. ``take`` is awaited for each event; a stored message is deleted
    when it returns. ``usb_id`` is the (vendor, product) of the port, where it is on USB;
    ``centres`` remembers service centres by ICCID from one driver to the next.
    """

    def __init__(
        self,
        port: Port,
        take: Taker,
        *,
        name: str = "modem",
        profile: str = "auto",
        audio: str = "",
        pin: Pin | None = None,
        usb_id: tuple[int, int] | None = None,
        centres: MutableMapping[str, str] | None = None,
    ) -> None:
        self.identity, self.health, self.set_up = Identity(), Health(), SetUp()
        self.audio = audio
        self.on_time: Callable[[datetime], None] | None = None
        self.door = Door(self._turn_away)
        self.wear = Wear()
        self._tasks = Tasks(name)
        self._link = Link(port, self._notice, name)
        self._inbox = Inbox(self._link, take, lambda: self._call is not None)
        self._centre = ServiceCentre(self._link, {} if centres is None else centres)
        self._sender = Sender(self._link, self._find_centre, self._inbox.look, self._tasks)
        self._ussd = UssdDialogue(self._link)
        self._profile_name, self._pin, self._usb_id = profile, pin or Pin(), usb_id
        self._call: VoiceCall | None = None
        self._started = self._setting_up = self._look_again = False
        self._looked = float("-inf")
        self._failed: asyncio.Future[ModemError] = asyncio.get_running_loop().create_future()

    @property
    def profile(self) -> Profile:
        """The profile in use, the generic one until the device has been identified."""
        return self._link.profile

    @property
    def can_call(self) -> bool:
        """Whether a call can carry sound."""
        able = self.profile.audio is not AudioKind.NONE and self.set_up.voice
        return able and bool(self.audio)

    @property
    def service_centre(self) -> str:
        """The service centre's number, empty when there is none."""
        return self._centre.number

    @property
    def usage(self) -> Usage | None:
        """How full the memory is that messages arrive in."""
        return self._inbox.memory.usage

    @property
    def call(self) -> VoiceCall | None:
        """The call under way."""
        return self._call

    @property
    def on_call(self) -> bool:
        """Whether a call is under way."""
        return self._call is not None

    @property
    def busy(self) -> bool:
        """Whether closing it now would cut something short."""
        return self._call is not None or self._link.busy

    @property
    def waiters(self) -> int:
        """How many answers are being waited for."""
        return self._link.waiters

    async def start(self) -> None:
        """Bring the modem from an open port to its best state, and read ``health``.

        Raises NotReady when the SIM stops it, CommandTimeout when nobody answers, PortLost.
        Not being registered is no failure: look at ``health.trouble``.
        """
        self._link.open()
        self._tasks.start(self._watch_port(), "watch port")
        await self._begin()
        await self.read_health()
        for storage in (*self.profile.storages, *self.profile.report_storages):
            self._inbox.look(storage)
        self._inbox.look()
        self._tasks.start(self._inbox.run(), "inbox")
        self._started = True

    async def _begin(self) -> None:
        """Climb the ladder from the first AT to a device that takes SMS."""
        who = await startup.identify(self._link, self._profile_name, self._usb_id)
        if await startup.unlock(self._link, self._pin, who.imei):
            who = await startup.identify(self._link, self._profile_name, self._usb_id)
        self.set_up = await startup.set_up(self._link)
        self._inbox.acknowledges = self.set_up.acknowledges
        self.identity = replace(who, imsi=self.set_up.imsi, iccid=self.set_up.iccid)
        await self._find_centre()

    async def _find_centre(self) -> bool:
        return bool(await self._centre.look(self.identity.iccid))

    async def close(self) -> None:
        """End a call under way, stop, close the port; bounded, whatever the device does."""
        if self._call is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LAST_WORDS):
                    await self._call.hang_up()
        if self._call is not None:
            await self._call.close()
        self._sender.close()
        await self._tasks.close()
        await self._leave_reports_kept()
        await self._link.close()

    async def _leave_reports_kept(self) -> None:
        """See that reports are kept for whoever opens the port next."""
        if not self._started or not self._link.understood:
            return
        with contextlib.suppress(ModemError, TimeoutError):
            async with asyncio.timeout(_PARTING):
                await startup.keep_reports(self._link, self.set_up.routing)

    async def submit(self, pdu: SubmitPdu) -> int:
        """Send one SMS; return its reference (TP-MR, 0 to 255; 23.040, 9.2.3.6).

        Raises CommandFailed for a definite refusal; OutcomeUnknown when the PDU was handed over
        and no answer came; PortLost, CommandTimeout or RemoteProtocolError before that: it has
        not left.
        """
        await self._free_line()
        await self.door.clear()  # some devices keep a text until nobody rings any more
        return await self._sender.submit(pdu)

    async def dial(self, number: str) -> VoiceCall:
        """Call ``number``; return once the device has taken the call.

        Raises CommandFailed when it refuses to dial, LocalProtocolError for what is no number
        or during another call. Busy, no answer and the like are events of the call.
        """
        if not _DIALLABLE.fullmatch(number):
            raise LocalProtocolError("not a number one can dial")
        await self._free_line()
        await self.door.clear()
        call = VoiceCall(self._link, self.audio, self._line_is_free, self.report_stuck)
        self._call = call
        try:
            await call.dial(number)
        except BaseException:  # a cancelled ATD may have left a ringing phone behind
            await call.hang_up()
            raise
        return call

    async def answer(self) -> VoiceCall:
        """Pick up for whoever is at the door; return the answered call.

        Raises CallEnded when nobody rings any more, CommandFailed when the device will not.
        """
        await self._free_line()
        if not self.door.open():
            raise CallEnded
        call = VoiceCall(
            self._link, self.audio, self._line_is_free, self.report_stuck, incoming=True
        )
        self._call = call
        try:
            await call.answer()
        except BaseException:
            await call.hang_up()
            raise
        return call

    async def read_health(self) -> Health:
        """Read registration, operator and signal; during a call return what was read before."""
        if self._call is None:
            self.health = await startup.read_health(self._link)
            if not self._centre.number and self._started:
                await self._find_centre()
        return self.health

    async def own_number(self) -> str:
        """Return the SIM's own number as it is written on it, empty where none is."""
        return await self._link.attempt(commands.OWN_NUMBER) or ""

    async def technology_now(self) -> str:
        """Return the radio in use at this moment, in mid-call too: 2G, 3G, 4G; empty: unknown."""
        operator = await self._link.attempt(commands.OPERATOR)
        return operator.technology if operator else ""

    async def read_network_time(self) -> None:
        """Ask for the network's time; what comes of it, now or later, goes to ``on_time``."""
        await self._free_line()
        for command in ASK_FOR_IT:
            await self._link.attempt(command)
        moment = await self._link.attempt(CLOCK)
        if moment is not None and self.on_time is not None:
            self.on_time(moment)

    async def ask_ussd(self, code: str) -> UssdReply:
        """Ask a USSD code such as ``#123#``, or answer a menu; return what the network says.

        Raises CommandFailed, CommandTimeout when no reply comes, LocalProtocolError for what is
        no code or during a call.
        """
        await self._free_line()
        return await self._ussd.ask(code)

    async def reset(self) -> None:
        """Have the device start anew: what cures a sound port that has worn out.

        Its port goes away within seconds. Raises ModemError when it will not.
        """
        await self._free_line()
        for text in (self.profile.reset, "AT+CFUN=1,1"):
            if await startup.accepted(self._link, do(text, timeout=15.0)):
                return

    async def resynchronise(self) -> None:
        """Make sure that the device answers; raises CommandTimeout or PortLost when not."""
        await self._link.resynchronise()

    async def wait_failed(self) -> ModemError:
        """Return when the modem can no longer be used as it is, with the reason."""
        return await asyncio.shield(self._failed)

    def report_stuck(self, error: ModemError) -> None:
        """Say that the modem must be started anew."""
        if not self._failed.done():
            self._failed.set_result(error)

    # --- inside --------------------------------------------------------------------------

    async def _free_line(self) -> None:
        """Wait for a call's end to be complete; a call in full swing is the caller's mistake."""
        call = self._call
        if call is None:
            return
        if not call.ending:
            raise LocalProtocolError("a call is under way")
        await call.hang_up()
        self._line_is_free(call)

    def _line_is_free(self, call: VoiceCall) -> None:
        if self._call is call:
            self._call = None
            if self.profile.audio_wears:
                self.wear.note(call.sound.tries, failed=call.sound.failed)
            self._inbox.look()
            if self._look_again:
                self._look_after_set_up()

    async def _watch_port(self) -> None:
        lost: PortLost = await self._link.wait_lost()
        if self._call is not None:
            self._call.lose()
        self.report_stuck(lost)

    def _notice(self, notification: Notification) -> None:
        """Sort one notification; the reader waits for us, so nothing here may block."""
        if self._inbox.notice(notification):
            return
        line = notification.line
        if self._call is not None and self._call.notice(line):
            return
        if self._ussd.notice(line):
            return
        moment = read_notice(line)
        if moment is not None and self.on_time is not None:
            self.on_time(moment)
        if line.startswith("+CLIP:"):
            self.door.caller(unquoted(next(iter(fields_of(line)), "")))
        if line.startswith(self.profile.hints) and self._started:
            self._look_after_set_up(certain=line.startswith(_REBORN))
        if line.startswith(_RINGS) and self._call is None and self.door.rings():
            self._tasks.start(self.door.attend(), "door")

    def _look_after_set_up(self, *, certain: bool = False) -> None:
        """Look soon, once, whether the device still does as told; after a call if one is on."""
        now = asyncio.get_running_loop().time()
        self._look_again = self._call is not None
        if self._look_again or self._setting_up:
            return
        if not certain and now - self._looked < _HINT_PACE:
            return
        self._looked, self._setting_up = now, True
        self._tasks.start(self._set_up_again(), "set up again")

    async def _set_up_again(self) -> None:
        """Teach a device that restarted by itself; else its reports would stop, unnoticed."""
        try:
            await asyncio.sleep(_GREETING)
            if self._call is not None:
                self._look_again = True
            elif not await startup.still_set_up(self._link, self.set_up.routing):
                card = self.identity.iccid
                await self._begin()
                if self.identity.iccid != card:  # what is counted and matched goes by the card
                    raise PortLost("it has restarted with another SIM")
            self._inbox.look()
        except ModemError as error:
            self.report_stuck(error)
        finally:
            self._setting_up = False

    async def _turn_away(self, number: str) -> None:
        """Decline whoever rings us: an incoming call blocks every outgoing one."""
        with contextlib.suppress(ModemError):
            await self._link.attempt(commands.HANG_UP)
        self._inbox.tell(IncomingCall(number))
