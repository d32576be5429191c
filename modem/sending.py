"""One SMS after another: the link kept open between them, and what a refusal can be cured of.

Job: AT+CMMS around a burst, where the device takes it; one remedy and one more try for the
refusals that say what is missing: no service centre (CMS 330), a validity the network does not
take (198), a bearer that does not carry SMS (500, again and again); room made when a memory is
full. Not its job: the dialogue of one SMS (`modem.link`), policy. For `modem.driver` only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from modem import commands
from modem.commands import do
from modem.errors import CommandFailed, LocalProtocolError, ModemError
from modem.link import Link
from modem.refusal import code_of
from modem.sms.submit import SubmitPdu, without_validity
from modem.startup import accepted
from modem.tasks import Tasks

#: An SMS this soon (seconds) after another is a burst; devices close the link after 1 to 5.
_SOON: Final = 1.0
#: Seconds after the last SMS of a burst at which the link is let go.
_OVER: Final = 5.0
#: The longest SMS-SUBMIT in octets (23.040, 9.2.2.2); longer ones have hung and rebooted sticks.
_LONGEST: Final = 164
_NO_CENTRE, _NO_VALIDITY, _UNKNOWN = 330, 198, 500
_FULL: Final = frozenset({208, 211, 322})
#: After so many answers "unknown" in a row, SMS are asked to go by the circuit-switched way.
_ENOUGH_UNKNOWN: Final = 3


class Sender:
    """Sends on one link.

    ``centre_lost`` restores the service centre and tells whether it could; ``make_room`` has
    the memories emptied soon.
    """

    def __init__(
        self,
        link: Link,
        centre_lost: Callable[[], Awaitable[bool]],
        make_room: Callable[[], None],
        tasks: Tasks,
    ) -> None:
        self._link, self._tasks = link, tasks
        self._centre_lost, self._make_room = centre_lost, make_room
        self._kept_open = self._never_kept = False
        self._last = float("-inf")
        self._unknown = 0
        self._closing: asyncio.TimerHandle | None = None

    async def submit(self, pdu: SubmitPdu) -> int:
        """Send; return the reference.

        Raises as `Link.submit` does, and LocalProtocolError for a PDU no device should be given.
        """
        _check(pdu)
        await self._keep_open(pdu)
        try:
            return await self._attempt(pdu)
        finally:
            self._last = asyncio.get_running_loop().time()
            self._close_later()

    def close(self) -> None:
        """Think no more of letting the link go."""
        if self._closing is not None:
            self._closing.cancel()

    async def _attempt(self, pdu: SubmitPdu) -> int:
        try:
            reference = await self._link.submit(pdu)
        except CommandFailed as refused:
            cured = await self._cure(pdu, refused)
            if cured is None:
                raise
        else:
            self._unknown = 0
            return reference
        return await self._link.submit(cured)

    async def _cure(self, pdu: SubmitPdu, refused: CommandFailed) -> SubmitPdu | None:
        """Return what to try once more; None where nothing we can do would help."""
        code = code_of(refused) if refused.kind == "CMS" else None
        if code in _FULL:
            self._make_room()
        if code == _NO_CENTRE:
            return pdu if await self._centre_lost() else None
        if code == _NO_VALIDITY:
            return without_validity(pdu)
        self._unknown = self._unknown + 1 if code == _UNKNOWN else 0
        if self._unknown == _ENOUGH_UNKNOWN:
            return pdu if await accepted(self._link, do("AT+CGSMS=1")) else None
        return None

    # --- the radio link between two SMS (27.005, 3.5.6) --------------------------------------

    async def _keep_open(self, pdu: SubmitPdu) -> None:
        if self._closing is not None:
            self._closing.cancel()
        since = asyncio.get_running_loop().time() - self._last
        burst = pdu.part < pdu.total or since < _SOON
        if self._kept_open or self._never_kept or not burst:
            return
        if not self._link.profile.more_messages:
            return
        self._kept_open = await accepted(self._link, commands.MORE_MESSAGES, level=2)
        self._never_kept = not self._kept_open

    def _close_later(self) -> None:
        if self._kept_open and self._link.lost is None:
            loop = asyncio.get_running_loop()
            self._closing = loop.call_later(
                _OVER, lambda: self._tasks.start(self._let_go(), "let the radio link go")
            )

    async def _let_go(self) -> None:
        self._kept_open = False
        try:
            await self._link.attempt(commands.MORE_MESSAGES, level=0)
        except ModemError:
            return  # whoever watches the port will hear of it


def _check(pdu: SubmitPdu) -> None:
    octets = len(pdu.hex) // 2
    if pdu.length > _LONGEST or octets != pdu.length + 1:
        raise LocalProtocolError(f"a PDU of {octets} octets announced as {pdu.length}")
