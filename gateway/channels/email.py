"""Email: one message to one address through the relay, the answer read as it is.

Between the final dot and the relay's answer nobody knows: a relay that dies there leaves a doubt,
settled as that of an SMS is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

import aiosmtplib

from gateway.channels.base import ChannelService, Hand, LaneFault
from gateway.clock import Clock
from gateway.config import RelaySettings
from gateway.mail import letter, session, token
from gateway.mail.pace import Pace
from gateway.mail.verdict import Stage, Verdict, classified
from gateway.model import JobState, Reason, Urgency
from gateway.policy import Settlement
from gateway.store import Store, jobs, mail
from gateway.store.jobs import ClaimedJob

#: A connection not used for so long (seconds) is closed: relays do the same, less politely.
IDLE_LIMIT: Final = 20.0
#: Mails given over one connection; relays count them too.
MOST_GIVEN: Final = 100
#: Above a mail whose news went another way while the internet was cut.
FOLLOWS: Final = (
    "Ce message vous a déjà été annoncé par téléphone pendant une coupure d’internet ; "
    "le voici par courriel."
)
REPEATED: Final = "Rappel : ce courriel vous est peut-être déjà parvenu."


class Witness(Protocol):
    """Whoever wants to know how the relay is."""

    def answered(self) -> None:
        """Hear that the relay spoke to us and took a mail."""
        ...

    def failed(self, why: str, *, reached: bool, about: str = "") -> None:
        """Hear that it did not; ``reached``: it answered, with a refusal, ``about`` a mailbox."""
        ...


@dataclass(frozen=True, slots=True)
class _Nobody:
    """Nobody wants to know."""

    def answered(self) -> None:
        """Hear nothing."""

    def failed(self, why: str, *, reached: bool, about: str = "") -> None:
        """Hear nothing."""


def compose(
    job: ClaimedJob, relay: RelaySettings, now: float, key: bytes,
    enclosed: mail.Enclosed | None = None, notice: str = "",
) -> tuple[session.Envelope, bytes]:  # fmt: skip
    """Return a job's mail and its envelope. Its Message-ID is the same at every try.

    Raises `UnicodeError` for an address whose domain cannot be written.
    """
    enclosed = enclosed or mail.Enclosed()
    mark = token.Mark(job.broadcast_id, job.recipient_id, job.id)
    envid = token.written(key, mark)
    back = token.return_path(key, mark, relay.account) if relay.verp else relay.account
    envelope = session.Envelope(back, letter.on_the_wire(job.address), envid, "FAILURE,DELAY")
    if enclosed.raw is not None:
        return envelope, enclosed.raw
    convocation = enclosed.kind in {"convocation", "council"}
    if convocation:
        envelope = replace(envelope, notify="SUCCESS,FAILURE,DELAY")
    written = letter.Letter(
        sender=relay.sender, to=envelope.to, subject=job.subject, text=job.body, town=job.entity,
        timezone=job.timezone, at=now, message_id=token.message_id(key, mark, relay.account),
        notice=notice, language=job.language, reply_to=relay.reply_to, receipt=convocation,
        stop="" if job.urgency is Urgency.VITAL or enclosed.answers else f"STOP {envid}",
        answers=enclosed.answers,
    )  # fmt: skip
    files = [(one.name, one.content_type, one.data) for one in enclosed.files]
    return envelope, letter.octets(letter.built(written, files))


class EmailChannel(ChannelService):
    """Hands mail to the relay over one connection, kept while there is more to send.

    ``watched`` tells whether what comes back is looked at now.
    """

    def __init__(
        self, relay: RelaySettings, clock: Clock, store: Store, pace: Pace | None = None,
        witness: Witness | None = None, watched: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        self._relay, self._clock, self._store = relay, clock, store
        self._pace, self._witness = pace or Pace(), witness or _Nobody()
        self._watched = watched
        self._smtp: aiosmtplib.SMTP | None = None
        self._patience: asyncio.Timeout | None = None
        self._used_at, self._given = 0.0, 0
        self._key = b""
        self._enclosed: tuple[int, mail.Enclosed] = (0, mail.Enclosed())

    async def deliver(self, job: ClaimedJob, hand: Hand) -> Settlement:  # noqa: ARG002
        """Hand one message over; raise `LaneFault` when the relay takes none at all."""
        try:
            envelope, message = await self._composed(job)
        except UnicodeError as error:
            return Settlement(JobState.FAILED, None, Reason.ADDRESS_REFUSED, str(error))
        try:
            giving = await self._offered(job, envelope, len(message))
            await giving.give(message)
        except session.Refusal as refusal:
            return await self._refused(refusal, job.address)
        except session.Gone as error:
            self._hang_up()
            settlement = Settlement(
                JobState.QUEUED, None, Reason.RELAY_UNREACHABLE, str(error)[:300], "ours"
            )
            self._witness.failed(str(error), reached=False)
            raise LaneFault(settlement, error) from error
        except session.AnswerLost as error:
            await self.close()
            self._witness.failed(str(error), reached=False)
            raise LaneFault(jobs.in_doubt(job.urgency, Reason.RELAY_ANSWER_LOST), error) from error
        return self._taken(job)

    async def _offered(
        self, job: ClaimedJob, envelope: session.Envelope, size: int
    ) -> session.Giving:
        """Come as far as the text; somebody told already is nobody to hurry for."""
        try:
            async with asyncio.timeout(None) as patience:
                self._patience = None if job.overdue else patience
                giving = session.Giving(await self._connected())
                # one waits for the disk, the other for the network
                mark = asyncio.create_task(self._mark(job), name=f"mark:{job.id}")
                try:
                    await giving.offer(envelope, size)
                finally:
                    await mark
        except TimeoutError as error:
            raise session.Gone("no answer, and the grace is over") from error
        finally:
            self._patience = None
        return giving

    def give_up(self) -> None:
        """Wait no longer for a relay that has not asked for the text: a telephone will tell."""
        if self._patience is not None:
            self._patience.reschedule(asyncio.get_running_loop().time())
            self._patience = None

    async def _mark(self, job: ClaimedJob) -> None:
        now = self._clock.now()
        await self._store.write(lambda db: mail.giving(db, job.attempt_id, now))

    def _taken(self, job: ClaimedJob) -> Settlement:
        self._used_at = asyncio.get_running_loop().time()
        self._given += 1
        self._pace.count(job.address, self._used_at)
        self._witness.answered()
        reason = Reason.RETURNS_WATCHED if self._watched() else Reason.RELAYED
        return Settlement(JobState.HANDED_OVER, None, reason)

    async def _refused(self, refusal: session.Refusal, address: str) -> Settlement:
        verdict: Verdict = classified(refusal.code, refusal.text, refusal.stage)
        settlement = verdict.settlement
        if settlement.state is JobState.QUEUED:
            about = address if settlement.reason is Reason.MAILBOX_LATER else ""
            self._witness.failed(settlement.detail, reached=True, about=about)
        if self._smtp is not None and not await session.start_over(self._smtp):
            await self.close()
        if verdict.relay:
            if refusal.stage is Stage.CONNECT:
                await self.close()
            raise LaneFault(settlement, refusal)
        return settlement

    async def _composed(self, job: ClaimedJob) -> tuple[session.Envelope, bytes]:
        if not self._key:
            self._key = await self._store.write(mail.key)
        number = job.broadcast_id
        if self._enclosed[0] != number:  # the same for thousands in a row
            found = await self._store.read(lambda db: mail.enclosed(db, number))
            self._enclosed = (number, found)
        notice = ""
        if job.overdue and await self._store.read(lambda db: mail.told_before(db, job.id)):
            notice = FOLLOWS
        elif job.doubted:
            notice = REPEATED
        now = self._clock.now()
        return compose(job, self._relay, now, self._key, self._enclosed[1], notice)

    async def _connected(self) -> aiosmtplib.SMTP:
        now = asyncio.get_running_loop().time()
        idle = now - self._used_at > IDLE_LIMIT
        if self._smtp is not None and (idle or self._given >= MOST_GIVEN):
            await self.close()
        if self._smtp is None or not self._smtp.is_connected:
            self._smtp, self._given = await session.connect(self._relay), 0
            self._used_at = now
        return self._smtp

    def _hang_up(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    async def close(self) -> None:
        """Leave the relay, politely if it still listens."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            await session.leave(smtp)
