"""Email: one message to one address through the relay, the answer read as it is."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import aiosmtplib

from gateway.attachments import Attachment
from gateway.channels.base import Hand, LaneFault
from gateway.clock import Clock
from gateway.config import RelaySettings
from gateway.credentials import secret
from gateway.model import JobState, Reason
from gateway.policy import Settlement
from gateway.store.jobs import ClaimedJob

#: A relay that says nothing for so long (seconds) is taken for dead.
TIME_LIMIT: Final = 30.0
#: A connection not used for so long (seconds) is closed: relays do the same, less politely.
IDLE_LIMIT: Final = 20.0


def compose(
    job: ClaimedJob, sender: str, now: float, files: Sequence[Attachment] = ()
) -> EmailMessage:
    """Return the message of a job. Its Message-ID is the recipient's own, the same at every try."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = job.address
    message["Subject"] = " ".join(job.subject.split()) or f"Message de la mairie de {job.entity}"
    message["Date"] = format_datetime(datetime.fromtimestamp(now, ZoneInfo(job.timezone)))
    domain = sender.rpartition("@")[2].rstrip(">") or "localhost"
    message["Message-ID"] = f"<tocsin.{job.broadcast_id}.{job.recipient_id}.{job.id}@{domain}>"
    # RFC 3834: nobody's holiday notice is to answer a machine
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{job.body}\n\n-- \nMairie de {job.entity}\n")
    for file in files:
        kind, _, detail = file.content_type.partition("/")
        message.add_attachment(file.data, maintype=kind, subtype=detail, filename=file.name)
    return message


class EmailChannel:
    """Hands mail to the relay over one connection, kept while there is more to send."""

    def __init__(
        self, relay: RelaySettings, clock: Clock, password: Callable[[], str],
        files: Callable[[int], Awaitable[Sequence[Attachment]]],
    ) -> None:  # fmt: skip
        self._relay, self._clock, self._password = relay, clock, password
        self._files = files  # those that go with a broadcast
        self._smtp: aiosmtplib.SMTP | None = None
        self._used_at = 0.0

    async def deliver(self, job: ClaimedJob, hand: Hand) -> Settlement:  # noqa: ARG002
        """Hand one message over; raise `LaneFault` when the relay cannot be reached at all."""
        files = await self._files(job.broadcast_id)
        message = compose(job, self._relay.sender, self._clock.now(), files)
        try:
            smtp = await self._connected()
            await smtp.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            refusal = error.recipients[0]
            return _refused(refusal.code, refusal.message, Reason.ADDRESS_REFUSED)
        except aiosmtplib.SMTPResponseException as error:
            return _refused(error.code, error.message, Reason.RELAY_REFUSED)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            await self.close()
            settlement = Settlement(
                JobState.QUEUED, None, Reason.RELAY_UNREACHABLE, str(error), "ours"
            )
            raise LaneFault(settlement, error) from error
        self._used_at = asyncio.get_running_loop().time()
        return Settlement(JobState.HANDED_OVER, None, Reason.RELAYED)

    async def _connected(self) -> aiosmtplib.SMTP:
        now = asyncio.get_running_loop().time()
        if self._smtp is not None and now - self._used_at > IDLE_LIMIT:
            await self.close()
        if self._smtp is None or not self._smtp.is_connected:
            self._smtp = await self._connect()
            self._used_at = now
        return self._smtp

    async def _connect(self) -> aiosmtplib.SMTP:
        relay = self._relay
        smtp = aiosmtplib.SMTP(
            hostname=relay.host, port=relay.port, timeout=TIME_LIMIT,
            use_tls=relay.tls == "implicit", start_tls=relay.tls == "starttls",
            tls_context=None if relay.tls == "none" else ssl.create_default_context(),
            username=relay.username, password=self._password() or None,
        )  # fmt: skip
        await smtp.connect()
        return smtp

    async def close(self) -> None:
        """Leave the relay, politely if it still listens."""
        smtp, self._smtp = self._smtp, None
        if smtp is None or not smtp.is_connected:
            return
        try:
            async with asyncio.timeout(2):
                await smtp.quit()
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            smtp.close()


def _refused(code: int, message: str, reason: Reason) -> Settlement:
    """4yz may pass, 5yz will not (RFC 5321, 4.2.1)."""
    detail = f"{code} {message}"[:500]
    if 400 <= code < 500:
        return Settlement(JobState.QUEUED, None, reason, detail, "recipient")
    return Settlement(JobState.FAILED, None, reason, detail)


def read_password(path: Path | None) -> str:
    """Return the relay's password; the file is read at each connection, so it may be changed."""
    return secret(path) if path else ""
