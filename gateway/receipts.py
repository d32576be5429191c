"""What modems tell of their own accord: kept on disk before the modem may forget it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from gateway import phone as phones
from gateway.changes import MODEMS, Changes
from gateway.clock import Clock
from gateway.dispatcher import Dispatcher
from gateway.logs import log_for, masked
from gateway.store import Store, calls, events, parts, sims
from modem.events import IncomingCall, IncomingSms, ModemEvent, StatusReport
from modem.sms import DeliveryVerdict, verdict
from modem.status import ModemStatus

_log = log_for(__name__)

_VERDICTS: Final = {
    DeliveryVerdict.DELIVERED: "delivered",
    DeliveryVerdict.STILL_TRYING: "still_trying",
    DeliveryVerdict.FAILED_FOR_EVER: "failed",
    DeliveryVerdict.FAILED_FOR_NOW: "failed",
}


class Receipts:
    """Takes in reports, messages and rings from every modem."""

    def __init__(
        self, store: Store, clock: Clock, changes: Changes, dispatcher: Dispatcher
    ) -> None:
        self._store, self._clock, self._changes = store, clock, changes
        self._dispatcher = dispatcher
        self._seen: dict[str, str] = {}
        self._remedies: dict[str, float] = {}
        #: Told that an SMS, or a part of one, is on the disk.
        self.kept: Callable[[], None] = lambda: None

    async def take(self, lane: str, sim: str, event: ModemEvent) -> None:
        """Keep one event; when this returns it is on disk, and the modem may delete its copy."""
        if isinstance(event, StatusReport):
            await self._report(sim, event)
        elif isinstance(event, IncomingSms):
            await self._message(sim, event)
        elif isinstance(event, IncomingCall):
            await self._missed(lane, event)

    async def _missed(self, lane: str, event: IncomingCall) -> None:
        caller, now = phones.of_caller(event.number), self._clock.now()
        await self._store.write(
            lambda db: calls.begin(db, lane, caller, None, now, calls.UNANSWERED)
        )
        _log.info("call not answered", lane=lane, caller=masked(caller))

    async def _report(self, sim: str, event: StatusReport) -> None:
        received = parts.Report(
            sim, event.recipient, event.reference, event.status, _VERDICTS[verdict(event.status)]
        )
        now = self._clock.now()
        broadcast_id = await self._store.write(lambda db: parts.report(db, received, now))
        if broadcast_id is not None:
            self._changes.touch_broadcasts([broadcast_id])
            self._dispatcher.wake()

    async def _message(self, sim: str, event: IncomingSms) -> None:
        now = self._clock.now()
        sent_at = event.sent_at.timestamp() if isinstance(event.sent_at, datetime) else None
        await self._store.write(
            lambda db: sims.keep_received(
                db, sim, event.sender, event.text, sent_at, event.reference, event.part,
                event.total, now,
            )
        )  # fmt: skip
        _log.info("message received", sender=masked(event.sender))
        self.kept()

    async def modem_changed(self, lane: str, status: ModemStatus, regime: str) -> None:
        """Note a SIM that has come into a modem, a remedy tried; wake whoever waits for it."""
        sim = status.iccid or lane
        if status.iccid and self._seen.get(lane) != sim:
            self._seen[lane] = sim
            now = self._clock.now()
            await self._store.write(lambda db: sims.see(db, sim, status.imsi, lane, regime, now))
        await self._remedied(lane, status)
        self._changes.touch(MODEMS)
        self._dispatcher.wake()

    async def _remedied(self, lane: str, status: ModemStatus) -> None:
        """Put each remedy tried on a modem on record: a stick that needs one a day is dying."""
        rung, at = status.rung, status.rung_at
        if rung is None or at is None or self._remedies.get(lane) == at:
            return
        self._remedies[lane] = at
        told = {"modem": lane, "remedy": rung.value, "note": status.rung_note}
        now = self._clock.now()
        await self._store.write(lambda db: events.record(db, now, "modem.remedy", told))
