"""One call, from ATD or ATA to the certainty that the line is free again.

Job: dial or pick up, tell what happens, have the sound opened as soon as somebody answers, hang
up for sure. Not its job: the sound itself (`modem.sound`), what is said and what a key means (the
gateway's call script). Made by `modem.driver`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from modem import commands
from modem.audio import FRAME_SECONDS, PREFILL
from modem.call import Call, CallState
from modem.commands import Command, do
from modem.digits import Merger
from modem.errors import (
    CallEnded,
    CommandFailed,
    LocalProtocolError,
    ModemError,
    NotReady,
    PortLost,
    RemoteProtocolError,
    SoundLost,
)
from modem.events import (
    Alerting,
    Answered,
    CallEvent,
    DigitPressed,
    ReleaseCause,
    Released,
)
from modem.link import Link
from modem.logs import log_for
from modem.profiles.base import CallSign, Ended, Flow
from modem.release import cause_of
from modem.sound import Sound
from modem.status import Trouble
from modem.tasks import Tasks

#: ATD may keep silent until the phone is answered, or until the network gives up.
_DIAL: Final = Command("ATD{number};", commands.whole_text, timeout=90.0, dials=True)
#: ATA; where the caller has gone meanwhile it is answered with NO CARRIER.
_ANSWER: Final = Command("ATA", commands.whole_text, timeout=30.0, dials=True)
_GONE: Final = frozenset({"NO CARRIER", "NO ANSWER", "BUSY", "ERROR"})
#: Seconds between two keys we send: what the network renders must not run together.
_KEY_PACE: Final = 0.1
#: Seconds for the device to take a key: its OK may come when the tone is over.
_KEY_LIMIT: Final = 5.0
_KEYS: Final = frozenset("0123456789*#")
#: Seconds in which a device that dials in silence may still refuse.
_SILENT_DIAL: Final = 2.0
#: Seconds the device is given to confirm that a call is over, per attempt.
_CONFIRM: Final = 3.0
#: Seconds after which hanging up gives up and has the modem started anew, which hangs up too.
_HANG_UP_LIMIT: Final = 30.0
#: Seconds in which a second word of the same end (NO CARRIER after VOICE CALL: END) may come.
_SETTLE: Final = 0.3
#: Seconds from a frame's leaving to its being heard: what the path keeps ahead of the device.
AHEAD: Final = PREFILL * FRAME_SECONDS
_HANG_UPS: Final = (commands.HANG_UP, commands.HANG_UP, commands.HANG_UP_BY_HOOK)

_log = log_for(__name__)


class VoiceCall:
    """A call under way. ``voice`` tells whether it can be spoken on."""

    def __init__(
        self,
        link: Link,
        audio: str,
        on_over: Callable[[VoiceCall], None],
        on_stuck: Callable[[ModemError], None],
        *,
        incoming: bool = False,
    ) -> None:
        self.sound = Sound(link, audio, lambda: not (self.over or self.ending), self._process)
        self.voice = self.sound.possible
        self._link, self._on_stuck = link, on_stuck
        self._on_over, self.incoming = on_over, incoming
        self._profile = link.profile
        self._call = Call()
        self._events: asyncio.Queue[CallEvent] = asyncio.Queue()
        self._released: Released | None = None
        self._over, self._voice_settled = asyncio.Event(), asyncio.Event()
        self._merger = Merger()
        self._rings_since: float | None = None
        self._dialled = self._asking = self._hung_up_by_us = False
        self._dialling: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._tasks = Tasks("call")

    # --- what the gateway asks -----------------------------------------------------------

    @property
    def state(self) -> CallState:
        """What the person called lives through."""
        return self._call.state

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self._call.state is CallState.ENDED

    @property
    def ending(self) -> bool:
        """Whether hanging up has begun, by either side."""
        return self._ending is not None

    async def next_event(self, timeout: float | None = None) -> CallEvent | None:
        """Return the next event; None when ``timeout`` seconds bring none.

        After `Released`, it is returned again each time.
        """
        if self._released is not None and self._events.empty():
            return self._released
        try:
            async with asyncio.timeout(timeout):
                return await self._events.get()
        except TimeoutError:
            return None

    async def play(self, pcm: bytes) -> None:
        """Say ``pcm`` (s16le, 8 kHz, mono); return when its last frame has been written.

        Waits for the sound to open. Raises CallEnded when the call ends before the last frame,
        SoundLost when this call has no sound, or no more. Cancelled, it stops at once.
        """
        await self._voice_settled.wait()
        if not self.sound.is_open:
            if self.over:
                raise CallEnded
            raise SoundLost("the sound of the call did not open")
        try:
            await self.sound.play(pcm)
        except PortLost as error:
            if self.over or self.ending:
                raise CallEnded from error
            raise SoundLost(str(error)) from error

    async def hang_up(self) -> None:
        """End the call; return when the line is free for certain, within a minute.

        May be called again, by anybody, also after the other side has hung up; a cancellation
        of the caller does not stop the hanging up.
        """
        await asyncio.wait([self._end()])

    async def send_digits(self, digits: str) -> None:
        """Press keys towards the other end, one by one; return when the last has been taken.

        Raises LocalProtocolError for what is no key, CallEnded when there is no answered call,
        CommandFailed when the device will not send them.
        """
        if not digits or not _KEYS.issuperset(digits):
            raise LocalProtocolError("keys are 0 to 9, * and #")
        for digit in digits:
            if self._call.state is not CallState.ACTIVE or self.ending:
                raise CallEnded
            text = self._profile.send_digit.format(digit=digit)
            await self._link.request(replace(do(text), timeout=_KEY_LIMIT))
            await asyncio.sleep(_KEY_PACE)

    # --- what the driver asks ------------------------------------------------------------

    async def answer(self) -> None:
        """Pick up; return when the caller is on the line.

        Raises CallEnded when they have gone meanwhile, CommandFailed and others.
        """
        for text in self._profile.before_dial:
            await self._link.attempt(do(text))
        self._dialled = True
        said = await self._link.request(_ANSWER)
        if said in _GONE:
            self._process(Released(ReleaseCause.NO_ANSWER, said))
            raise CallEnded
        await self.sound.dialled()
        self._process(Answered())
        if self._profile.poll_calls is not None and not self.over:
            self._tasks.start(self._poll(self._profile.poll_calls), "poll")

    async def dial(self, number: str) -> None:
        """Dial; return when the device has taken the call. Raises CommandFailed and others."""
        for text in self._profile.before_dial:
            await self._link.attempt(do(text))
        self._dialled = True  # what came before spoke of an earlier call
        if self._profile.answer_on_ok:
            await self._dial_in_silence(number)
        else:
            self._dial_answered(await self._say_dial(number))
            await self.sound.dialled()
        if self._profile.poll_calls is not None and not self.over:
            self._tasks.start(self._poll(self._profile.poll_calls), "poll")

    async def _say_dial(self, number: str) -> str:
        try:
            return await self._link.request(_DIAL, number=number)
        except CommandFailed:
            self._process(Released(ReleaseCause.NETWORK, "the device refused to dial"))
            raise

    async def _dial_in_silence(self, number: str) -> None:
        """Dial on a device that says nothing until the answer: go on waiting beside the caller.

        Whatever were said to it meanwhile would end the call.
        """
        refusals: list[ModemError] = []

        async def wait_for_answer() -> None:
            try:
                self._dial_answered(await self._say_dial(number))
            except ModemError as error:
                refusals.append(error)
                cause = ReleaseCause.NO_ANSWER if self._link.lost is None else ReleaseCause.LOST
                self._process(Released(cause, str(error)))

        self._dialling = self._tasks.start(wait_for_answer(), "dial")
        await asyncio.wait([self._dialling], timeout=_SILENT_DIAL)
        if refusals:
            raise refusals[0]

    def _dial_answered(self, said: str) -> None:
        sign = self._profile.sign_of(said) if said else None
        if sign is not None:
            self._read_sign(sign)
        elif said.startswith("CONNECT") or self._profile.answer_on_ok:
            self._process(Answered())

    def notice(self, line: str) -> bool:
        """Take a notification if it concerns this call; must not block."""
        sign = self._profile.sign_of(line)
        if sign is None:
            return False
        if self._dialled:
            self._read_sign(sign)
        return True

    def lose(self) -> None:
        """The port is gone, and the call with it."""
        self._process(Released(ReleaseCause.LOST, "the modem went away"))

    async def close(self) -> None:
        """Stop everything of this call without a word to the device."""
        self.lose()
        self._voice_settled.set()
        await self.sound.close()
        await self._tasks.close()

    # --- what happens --------------------------------------------------------------------

    def _read_sign(self, sign: CallSign) -> None:
        if isinstance(sign, Flow):
            self.sound.flow(go_on=sign.go_on)
        elif not isinstance(sign, Ended):
            self._process(sign)
        elif self._call.answered or self._hung_up_by_us:
            cause = ReleaseCause.NORMAL if self._call.answered else ReleaseCause.NO_ANSWER
            self._process(Released(cause, sign.detail))
        elif sign.cause is not None:
            self._process(Released(sign.cause, sign.detail))
        elif not self._asking and not self.over:
            self._asking = True
            self._tasks.start(self._ask_why(sign.detail), "ask why")

    def _process(self, event: CallEvent) -> None:
        now = asyncio.get_running_loop().time()
        if isinstance(event, DigitPressed) and not self._merger.is_news(event, now):
            return
        try:
            news = self._call.process(event)
        except RemoteProtocolError as error:
            _log.info("ignored: %s", error)
            return
        if not news:
            return
        self._events.put_nowait(event)
        if isinstance(event, Alerting):
            self._rings_since = now
        elif isinstance(event, Answered):
            self._tasks.start(self._open_sound(), "open sound")
        elif isinstance(event, Released):
            self._released = event
            self._over.set()
            self._end()

    async def _ask_why(self, detail: str) -> None:
        """Ask for the cause; the device may yet say it itself (BUSY after ``+CLCC`` 6)."""
        said = ""
        try:
            said = await self._link.attempt(commands.WHY_RELEASED) or ""
        except ModemError as error:
            _log.info("no cause: %s", error)
        now = asyncio.get_running_loop().time()
        rang = None if self._rings_since is None else now - self._rings_since
        self._process(Released(cause_of(said, rang), said or detail))

    async def _poll(self, pace: float) -> None:
        """Read the call's progress from AT+CLCC; gone from two lists in a row, it is over."""
        missing = 0
        while missing < 2:
            await asyncio.sleep(pace)
            if self.over or self.ending:
                return
            try:
                rows = await self._link.attempt(commands.CALLS)
            except ModemError as error:
                _log.info("no call list: %s", error)
                continue
            ours = [row for row in rows or () if row.ours is not self.incoming]
            missing = missing + 1 if rows is not None and not ours else 0
            for row in ours:
                if row.state in {0, 3}:
                    self._process(Answered() if row.state == 0 else Alerting())
        self._read_sign(Ended(None, "no call in the list"))

    # --- sound ---------------------------------------------------------------------------

    async def _open_sound(self) -> None:
        """Open the sound, where there is any; then have the device announce keys."""
        try:
            if self.voice:
                await self.sound.open()
        except ModemError as error:
            _log.log(logging.INFO if self.ending else logging.WARNING, "no sound: %s", error)
        finally:
            self.voice = self.sound.is_open
            self._voice_settled.set()
        for text in self._profile.on_answer:
            try:
                await self._link.attempt(do(text))
            except ModemError as error:
                _log.warning("%s: %s", text, error)

    # --- the end -------------------------------------------------------------------------

    def _end(self) -> asyncio.Task[None]:
        """Start ending, once; the task lives on whoever stops waiting for it."""
        if self._ending is None:
            self._hung_up_by_us = not self.over
            self._ending = self._tasks.start(self._finish(), "hang up")
            self._ending.add_done_callback(lambda _: self._on_over(self))
        return self._ending

    async def _finish(self) -> None:
        self._voice_settled.set()
        await self.sound.close()
        if self._dialling is not None:
            self._dialling.cancel()
        try:
            async with asyncio.timeout(max(_HANG_UP_LIMIT, self._profile.hang_up_limit + 10.0)):
                await self._free_line()
                await self.sound.switch_off()
        except (ModemError, TimeoutError) as error:
            if self._link.lost is None:
                self._on_stuck(NotReady(Trouble.NO_ANSWER.value, f"hanging up: {error}"))
        cause = ReleaseCause.NORMAL if self._call.answered else ReleaseCause.NO_ANSWER
        self._process(Released(cause, "hung up"))
        await asyncio.sleep(_SETTLE)
        await self._tasks.close()

    async def _free_line(self) -> None:
        for command in _HANG_UPS:
            if self.over or await self._hung_up(command):
                return
        raise NotReady(Trouble.NO_ANSWER.value, "the call does not end")

    async def _hung_up(self, command: Command[None]) -> bool:
        """Hang up, then believe the device's word that it is over, or its empty list of calls."""
        await self._quietly(self._say_hang_up(command))
        if not self.over and self._profile.poll_calls is None:
            await self._quietly(asyncio.wait_for(self._over.wait(), _CONFIRM))
        if self.over:
            return True
        try:
            rows = await self._link.request(commands.CALLS)
        except CommandFailed:
            return True  # no list to be had: the command's OK must do
        return not any(row.ours is not self.incoming for row in rows)

    async def _say_hang_up(self, command: Command[None]) -> None:
        await self._link.request(replace(command, timeout=self._profile.hang_up_limit))

    async def _quietly(self, attempt: Awaitable[object]) -> None:
        try:
            await attempt
        except (ModemError, TimeoutError) as error:
            _log.info("while hanging up: %s", str(error) or "no word of the end")
            if self._link.lost is not None:
                raise self._link.lost from error
