"""SMS: every part written down before it leaves, its reference before the next one does."""

from __future__ import annotations

from datetime import timedelta

from gateway.channels.base import ChannelService, Hand, LaneFault, as_pdu
from gateway.clock import Clock
from gateway.model import JobState, PartState, Reason
from gateway.policy import Settlement
from gateway.store import Connection, Store, parts
from gateway.store.jobs import ClaimedJob, in_doubt
from modem.driver import Driver
from modem.errors import CommandFailed, CommandTimeout, ModemError, OutcomeUnknown, PortLost
from modem.refusal import Blame, Refusal, judge
from modem.sms import SubmitPdu, encode_submit

_LATER = JobState.QUEUED
#: Seconds after which a message that one modem's network refused is offered again.
_ELSEWHERE = 5.0


class SmsChannel(ChannelService):
    """Sends one text to one mobile, part by part, in order, by one SIM."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def deliver(self, job: ClaimedJob, hand: Hand) -> Settlement:
        """Hand all parts to the network; raise `LaneFault` when the modem or SIM is at fault."""
        driver = hand.driver
        if driver is None:
            raise LaneFault(_again(Reason.MODEM_FAULT, "no modem"), PortLost(hand.lane))
        if hand.begun is None:
            now = self._clock.now()
            await self._store.write(lambda db: self.begin(db, job, hand, now))
        waiting = hand.begun or ()
        for index, part in enumerate(waiting):
            pdu = as_pdu(part.pdu, part.length, job.address, part.number, part.total)
            reference = await self._submit(job, hand, driver, part, pdu)
            if isinstance(reference, Settlement):
                return reference
            following = waiting[index + 1] if index + 1 < len(waiting) else None
            await self._accepted(hand, part, reference, following)
        return Settlement(JobState.HANDED_OVER)

    def begin(self, db: Connection, job: ClaimedJob, hand: Hand, now: float) -> None:
        """Find the parts still to send, and mark the first as being submitted."""
        known = parts.of_job(db, job.id, hand.sim) or self._prepare(db, job, hand, now)
        unsent = {PartState.PREPARED, PartState.SUBMITTING}
        waiting = [part for part in known if part.state in unsent]
        if waiting:
            parts.submitting(db, waiting[0].id, now)
        hand.begun = waiting

    def _prepare(self, db: Connection, job: ClaimedJob, hand: Hand, now: float) -> list[parts.Part]:
        reference = parts.next_concat_reference(db, hand.sim)
        # the network must not deliver tomorrow what was true tonight
        validity = timedelta(seconds=max(job.expires_at - now, 300))
        pdus = encode_submit(job.address, job.body, concat_reference=reference, validity=validity)
        return parts.prepare(db, job.id, hand.sim, job.address, reference, pdus)

    async def _submit(
        self, job: ClaimedJob, hand: Hand, driver: Driver, part: parts.Part, pdu: SubmitPdu
    ) -> int | Settlement:
        try:
            return await driver.submit(pdu)
        except OutcomeUnknown as error:
            raise LaneFault(in_doubt(job.urgency, Reason.ANSWER_LOST), error) from error
        except CommandFailed as error:
            await self._store.write(lambda db: parts.refused(db, part.id))
            hand.refusal = judge(error)
            return _refused(error, hand.refusal)
        except (PortLost, CommandTimeout, ModemError) as error:
            await self._store.write(lambda db: parts.refused(db, part.id))
            raise LaneFault(_again(Reason.MODEM_FAULT, str(error)), error) from error

    async def _accepted(
        self, hand: Hand, part: parts.Part, reference: int, following: parts.Part | None
    ) -> None:
        """Write a reference down before the next part leaves; the last one with the settlement."""
        now = self._clock.now()

        def work(db: Connection) -> None:
            parts.accepted(db, part.id, reference, now)
            if following is not None:
                parts.submitting(db, following.id, now)

        if following is None:
            hand.left = work
        else:
            await self._store.write(work)


def _again(reason: Reason, detail: str) -> Settlement:
    return Settlement(_LATER, None, reason, detail, "ours", 0.0)


def _refused(error: CommandFailed, refusal: Refusal) -> Settlement:
    """Return what a definite refusal means, by whose fault it is."""
    detail = f"{refusal.code} {refusal.reason}"
    if refusal.blame is Blame.RECIPIENT_FOREVER:
        return Settlement(JobState.FAILED, None, Reason.NUMBER_UNKNOWN, detail)
    if refusal.blame is Blame.RECIPIENT_LATER:
        return Settlement(
            _LATER, None, Reason.PHONE_UNREACHABLE, detail, "recipient", refusal.retry_after
        )
    if refusal.blame is Blame.NETWORK_LATER:
        # this modem's network, not this person: another modem may take it, this one rests
        pause = min(refusal.retry_after or _ELSEWHERE, _ELSEWHERE)
        settlement = Settlement(_LATER, None, Reason.NETWORK_REFUSED, detail, "ours", pause)
        raise LaneFault(settlement, error) from error
    if refusal.blame is Blame.US:
        return Settlement(JobState.FAILED, None, Reason.DEFECT, detail)
    if refusal.blame is Blame.SIM:
        settlement = Settlement(_LATER, None, Reason.SIM_REFUSED, detail, "ours", 5.0)
        raise LaneFault(settlement, error, sim=True) from error
    # a modem that only says ERROR may mean the number: counted, so that it ends some day
    settlement = Settlement(_LATER, None, Reason.MODEM_FAULT, detail, "recipient", 5.0)
    raise LaneFault(settlement, error) from error
