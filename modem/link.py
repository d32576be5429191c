"""One AT port in use: one command in flight, every wait limited, every waiter removed.

Job: say a command and return its answer or raise; hand the PDU over at the prompt; find the
common ground again after a time-out or a cancellation. AT numbers nothing: a late answer would
be taken for the next command's, so until `_resync` has seen exactly one result to its own AT,
nothing else is said. Not its job: which commands (`modem.startup`, `modem.driver`), what lines
mean (`modem.connection`). For the asyncio part of `modem` only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final, TypeVar

from modem.commands import SUBMIT, SYNC, Command
from modem.connection import (
    ESCAPE,
    AtConnection,
    CallResult,
    Completed,
    Notification,
    Prompted,
    Refused,
)
from modem.errors import (
    CommandTimeout,
    ModemError,
    OutcomeUnknown,
    PortLost,
    RemoteProtocolError,
)
from modem.logs import log_for
from modem.masking import masked
from modem.profiles.base import Profile
from modem.profiles.generic import GENERIC
from modem.refusal import TAKEN
from modem.sms.submit import SubmitPdu
from modem.tasks import Tasks
from modem.transport import Port

_log = log_for(__name__)

T = TypeVar("T")
Answer = Completed | Refused | CallResult | Prompted

#: Seconds for ``> `` to come; drivers in use wait 5 to 10.
PROMPT_LIMIT: Final = 10.0
#: Seconds without a byte after which a port counts as quiet.
QUIET: Final = 0.1
#: Seconds of silence behind an answer after which a final OK has been forgotten (Wavecom).
FORGOTTEN: Final = 1.0
#: Quiet or not, how long one draining may last.
_DRAIN_LIMIT: Final = 2.0
_SYNC_TRIES: Final = 5


class Link:
    """A port and the pure connection on it.

    ``on_notification`` is called for each notification, in order, and must not block. ``faults``
    counts the resynchronisations, for whoever watches the modem's health.
    """

    def __init__(
        self, port: Port, on_notification: Callable[[Notification], None], name: str = "modem"
    ) -> None:
        self.connection = AtConnection()
        self.profile: Profile = GENERIC
        self.lost: PortLost | None = None
        self.faults = 0
        #: Whether not even AT was answered when it was last tried.
        self.deaf = False
        self._port = port
        self._notify = on_notification
        self._lock = asyncio.Lock()
        self._waiters: list[asyncio.Future[Answer]] = []
        self._in_doubt = True  # a port just opened may be in the middle of anything
        self._last_byte = 0.0
        self._early: Answer | None = None  # came in the same breath as the prompt
        self._tasks = Tasks(name)
        self._gone = asyncio.Event()

    @property
    def busy(self) -> bool:
        """Whether a command, or a message and its PDU, is between its beginning and its end."""
        return self._lock.locked()

    @property
    def understood(self) -> bool:
        """Whether the device is there and the last dialogue with it ended as it should."""
        return self.lost is None and not self._in_doubt

    @property
    def waiters(self) -> int:
        """How many answers are being waited for; 0 whenever nothing is asked."""
        return len(self._waiters)

    def open(self) -> None:
        """Begin to listen."""
        self._tasks.start(self._listen(), "listen")

    async def close(self) -> None:
        """Stop listening and close the port."""
        await self._tasks.close()
        self._fail(PortLost("closed"))
        await self._port.close()

    async def wait_lost(self) -> PortLost:
        """Return when the port is gone."""
        await self._gone.wait()
        return self.lost or PortLost("closed")

    # --- listening ---------------------------------------------------------------------

    async def _listen(self) -> None:
        try:
            while True:
                data = await self._port.read()
                self._last_byte = asyncio.get_running_loop().time()
                for event in self.connection.receive(data):
                    if isinstance(event, Notification):
                        _log.debug("heard %s", _closed(event.line))
                        self._notify(event)
                    else:
                        self._answer(event)
        except PortLost as lost:
            self._fail(lost)

    def _answer(self, answer: Answer) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(answer)
                return
        self._early = answer

    def _fail(self, lost: PortLost) -> None:
        self.lost = self.lost or lost
        self._gone.set()
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(self.lost)

    # --- asking ------------------------------------------------------------------------

    async def request(self, command: Command[T], **fields: object) -> T:
        """Say ``command`` and return what it answers.

        Raises CommandFailed when the device refuses, CommandTimeout when it keeps silent,
        RemoteProtocolError when the answer makes no sense, PortLost.
        """
        async with self._lock:
            await self._settle()
            return await self._exchange(command, fields)

    async def attempt(self, command: Command[T], **fields: object) -> T | None:
        """Do as `request`; None where the device refuses or talks nonsense."""
        try:
            return await self.request(command, **fields)
        except (PortLost, CommandTimeout):
            raise
        except ModemError:
            return None

    async def wish(self, command: Command[T], **fields: object) -> T | None:
        """Do as `attempt`; None too where this one command is never answered.

        Raises CommandTimeout only when the device does not answer to AT either.
        """
        try:
            return await self.attempt(command, **fields)
        except CommandTimeout:
            if self.deaf:
                raise
            await self.resynchronise()
            return None

    async def resynchronise(self) -> None:
        """Find common ground even if nothing seems wrong; raise CommandTimeout without any."""
        async with self._lock:
            self._in_doubt = True
            await self._settle()

    async def _exchange(self, command: Command[T], fields: dict[str, object]) -> T:
        answer = await self._say(command, command.text.format(**fields))
        if isinstance(answer, Refused):
            raise answer.error
        lines = answer.lines if isinstance(answer, Completed) else (str(answer),)
        if isinstance(answer, CallResult):
            lines = (answer.word,)
        return self._parsed(command, lines)

    def _parsed(self, command: Command[T], lines: tuple[str, ...]) -> T:
        try:
            return command.parse(lines)
        except (ValueError, IndexError) as error:
            raise RemoteProtocolError(f"{command.text} answered nonsense: {error}") from error

    async def _say(self, command: Command[Any], text: str) -> Answer:
        """Write a command, return what ends it (or its prompt)."""
        waiter = self._expect()
        self._early = None
        clean = False
        try:
            self._port.write(self.connection.begin(command, text))
            await self._port.drain()
            limit = PROMPT_LIMIT if command.prompt else command.timeout
            answer = await self._within(waiter, limit, command)
            clean = True
            _tell(command, answer)
            return answer
        finally:
            self._forget(waiter, clean=clean)

    async def _within(
        self, waiter: asyncio.Future[Answer], limit: float, command: Command[Any]
    ) -> Answer:
        try:
            async with asyncio.timeout(limit):
                if command.result_optional:
                    await self._told_all(waiter)
                    if not waiter.done():
                        self._in_doubt = True  # the result may still come
                        return Completed(self.connection.heard)
                return await waiter
        except TimeoutError:
            raise CommandTimeout(f"{command.text}: no answer in {limit:.0f} s") from None

    async def _told_all(self, waiter: asyncio.Future[Answer]) -> None:
        """Return when the result is there, or information has come and then nothing more."""
        while not waiter.done():
            await asyncio.wait([waiter], timeout=FORGOTTEN)
            quiet = asyncio.get_running_loop().time() - self._last_byte
            if self.connection.heard and quiet >= FORGOTTEN:
                return

    def _expect(self) -> asyncio.Future[Answer]:
        if self.lost is not None:
            raise self.lost
        waiter: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        return waiter

    def _forget(self, waiter: asyncio.Future[Answer], *, clean: bool) -> None:
        self._waiters.remove(waiter)
        waiter.cancel()
        if waiter.done() and not waiter.cancelled():
            waiter.exception()  # looked at: a port lost meanwhile is told by the next request
        if not clean:
            self._in_doubt = True

    # --- submitting --------------------------------------------------------------------

    async def submit(self, pdu: SubmitPdu) -> int:
        """Send one SMS; return its reference (0 to 255).

        Raises CommandFailed for a definite refusal; CommandTimeout, PortLost or
        RemoteProtocolError before the PDU was handed over: it has not left; OutcomeUnknown
        after: perhaps it has.
        """
        async with self._lock:
            await self._settle()
            answer = await self._say(SUBMIT, SUBMIT.text.format(length=pdu.length))
            if isinstance(answer, Refused):
                raise answer.error
            if not isinstance(answer, Prompted):
                raise RemoteProtocolError("AT+CMGS answered without a prompt")
            return await self._hand_over(pdu)

    async def _hand_over(self, pdu: SubmitPdu) -> int:
        """Write the PDU and its Ctrl-Z. From there on, silence proves nothing."""
        if self._early is not None:
            return self._reference(self._early)
        handed = clean = False
        waiter = self._expect()
        try:
            if self.profile.pause_before_pdu:
                await asyncio.sleep(self.profile.pause_before_pdu)
            self._port.write(self.connection.payload(pdu.hex))
            handed = True
            answer = await self._within(waiter, SUBMIT.timeout, SUBMIT)
            clean = True
            _tell(SUBMIT, answer)
        except (CommandTimeout, PortLost) as error:
            if handed and self.connection.heard:  # the reference came, its OK was lost
                return self._reference(Completed(self.connection.heard))
            if handed:
                raise OutcomeUnknown(f"no final answer to a PDU: {error}") from error
            raise
        finally:
            if not clean:
                self._in_doubt = True
            self._forget(waiter, clean=clean)
        if self.profile.pause_after_submit:
            await asyncio.sleep(self.profile.pause_after_submit)
        return self._reference(answer)

    def _reference(self, answer: Answer) -> int:
        if isinstance(answer, Refused):
            if answer.error.kind == "CMS" and answer.error.code == TAKEN:
                raise OutcomeUnknown("the network says it has this message already")
            raise answer.error
        try:
            return self._parsed(SUBMIT, answer.lines if isinstance(answer, Completed) else ())
        except RemoteProtocolError as error:
            raise OutcomeUnknown("OK to a PDU, without a reference") from error

    # --- common ground -----------------------------------------------------------------

    async def _settle(self) -> None:
        if self.lost is not None:
            raise self.lost
        if self._in_doubt:
            await self._resync()

    async def _resync(self) -> None:
        """Leave a prompt, drain, then say AT until exactly one result of any kind comes.

        Never Ctrl-Z: it would send whatever the device holds. A device may well answer ERROR to
        a bare AT: that is a result. Two results mean that one was an old command's: again.
        """
        self.faults += 1
        self.connection.forget()
        self._port.write(ESCAPE + b"\r")
        await self._port.drain()
        await self._drained()
        for _ in range(_SYNC_TRIES):
            if await self._sync_once():
                self._in_doubt = self.deaf = False
                return
        self.deaf = True
        raise CommandTimeout(f"no answer to AT, {_SYNC_TRIES} times")

    async def _sync_once(self) -> bool:
        strays = self.connection.strays
        try:
            await self._say(SYNC, SYNC.text)
        except CommandTimeout:
            self.connection.forget()
            return False
        await self._drained()
        return self.connection.strays == strays

    async def _drained(self) -> None:
        """Wait until nothing has come for `QUIET` seconds; what comes is no answer."""
        now = asyncio.get_running_loop().time
        give_up = now() + _DRAIN_LIMIT
        self._last_byte = now()
        while True:
            left = min(self._last_byte + QUIET, give_up) - now()
            if left <= 0 or self.lost is not None:
                break
            await asyncio.sleep(left)
        if self.lost is not None:
            raise self.lost


def _tell(command: Command[Any], answer: Answer) -> None:
    """Write a dialogue down for a debugger: never a PIN, a number, a name or a text."""
    if not _log.isEnabledFor(logging.DEBUG):
        return
    said = ""
    if isinstance(answer, Completed):
        said = " | ".join(map(_closed, answer.lines))
    elif isinstance(answer, Refused):
        said = str(answer.error)
    _log.debug("%s: %s %s", command.text, type(answer).__name__.lower(), said)


def _closed(line: str) -> str:
    """Return a line up to its first quotation mark: what stands in quotes may be anybody's."""
    head, quote, _ = line.partition('"')
    return masked(head) + ("…" if quote else "")
