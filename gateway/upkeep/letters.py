"""One mail from the box itself to its technician: no queue, no broadcast, nobody else's names."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime, make_msgid

from gateway.config import RelaySettings

#: Seconds the relay may take.
_PATIENCE = 30.0


async def post(relay: RelaySettings, to: str, subject: str, text: str) -> None:
    """Hand a mail to the relay; raise OSError when it does not take it."""
    import aiosmtplib

    from gateway.mail import session

    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["To"] = relay.sender, to
    letter["Subject"] = " ".join(subject.split())
    letter["Date"] = format_datetime(localtime())
    letter["Message-ID"] = make_msgid("tocsin", relay.sender.rpartition("@")[2].rstrip(">"))
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text + "\n")
    try:
        smtp = await session.connect(relay, limit=_PATIENCE)
    except (session.Gone, session.Refusal) as error:
        raise OSError(str(error)) from error
    try:
        await smtp.send_message(letter)
    except aiosmtplib.SMTPException as error:
        raise OSError(session.words(str(error))) from error
    finally:
        smtp.close()
