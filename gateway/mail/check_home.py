"""What comes home, for ``tocsin mail check``: the mailbox, a mail's return, our own door.

Nothing is deleted, and nothing marked as read but the mail this check sent.
"""

from __future__ import annotations

import asyncio
import ssl
from math import ceil
from typing import Final

import aiosmtplib

from gateway.config import MailboxSettings, SmtpSettings
from gateway.credentials import place_of
from gateway.mail import mends, reading
from gateway.mail.check_relay import lasting
from gateway.mail.check_trial import Trial
from gateway.mail.imap import TIME_LIMIT, ImapBox, Look, Unreachable
from gateway.mail.mends import Trouble, where
from gateway.mail.reading import header
from gateway.mail.verdict import masked

#: Seconds our own door may take: it is on this machine.
_PATIENCE: Final = 10.0
_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  where to knock, not to listen


class Box:
    """The mailbox, as far as it opens."""

    def __init__(self, settings: MailboxSettings, limit: float = TIME_LIMIT) -> None:
        self._settings, self._box, self._seen = settings, ImapBox(settings, limit), (0, 0)

    async def open(self) -> tuple[str, str]:
        """Log in, and note what is there already; say so, and what is to be done all the same."""
        found = await self._look(None)
        self._seen = (found.validity, found.last)
        until, mend = lasting(self._box.certificate(), where(self._settings))
        return f"la boîte de {self._settings.username} s'ouvre ({where(self._settings)}){until}", (
            mend
        )

    async def _look(self, seen: tuple[int, int] | None) -> Look:
        try:
            return await asyncio.to_thread(self._looked, seen)
        except Unreachable as error:
            raise self._unreachable(error) from error
        except OSError as error:
            raise mends.explained(error, self._settings) from error

    def _looked(self, seen: tuple[int, int] | None) -> Look:
        settings = self._settings
        for path in (settings.ca_file, place_of(settings.password_file)):
            if path:
                path.read_bytes()  # else the error names no file
        return self._box.look(seen)

    def _unreachable(self, error: Unreachable) -> Trouble:
        settings, cause = self._settings, error.__cause__
        if error.refused:
            return Trouble(
                f"la boîte refuse l'identification : {masked(str(error))}",
                f"vérifiez [mailbox] username ({settings.username}) et le mot de passe dans "
                f"{settings.password_file} ; chez certains, activez l'accès IMAP",
            )
        if isinstance(cause, OSError):
            return mends.explained(cause, settings)
        return Trouble(
            f"le serveur de la boîte refuse : {masked(str(error))}",
            f"vérifiez [mailbox] folder ({settings.folder}), tls et port",
        )

    async def close(self) -> None:
        """Leave the mailbox."""
        await asyncio.to_thread(self._box.close)


class Mailbox(Box):
    """The mailbox, and the mail that should come back to it."""

    def __init__(
        self, settings: MailboxSettings, trial: Trial, wait: float, every: float
    ) -> None:  # fmt: skip
        super().__init__(settings)
        self._trial, self._wait, self._every = trial, wait, every

    async def await_return(self) -> str:
        """Wait until the mail to ourselves is there, and mark it as read."""
        loop = asyncio.get_running_loop()
        since = loop.time()
        while True:
            found = await self._look(self._seen)
            self._seen = (found.validity, found.last)
            for uid, raw in found.mails:
                if self._is_it(raw):
                    await asyncio.to_thread(self._box.mark_read, [uid])
                    return f"l'essai est revenu en {ceil(loop.time() - since)} s"
            if not found.mails and loop.time() - since >= self._wait:
                raise self._never()
            await asyncio.sleep(0 if found.mails else self._every)

    def _is_it(self, raw: bytes) -> bool:
        """Tell whether this is the mail sent; raise `Trouble` where it tells of its bounce."""
        mark, mail = self._trial.mark, reading.parsed(raw)
        # some servers write a Message-ID of their own
        if mark in header(mail, "Message-ID") or header(mail, "Subject") == self._trial.subject:
            return True
        if mark.encode() in raw and mail.get_content_type() == "multipart/report":
            raise Trouble(
                f"l'essai a été renvoyé : {masked(header(mail, 'Subject'))}",
                f"lisez ce courriel dans la boîte : {self._trial.relay.account} existe-t-elle ?",
            )
        return False

    def _never(self) -> Trouble:
        account = self._trial.relay.account
        return Trouble(
            f"l'essai n'est pas revenu en {self._wait:.0f} s",
            "regardez dans les indésirables de la boîte ; vérifiez que le courriel pour "
            f"{account} ([relay] sender ou return_path) arrive bien dans {self._settings.folder} "
            f"de {self._settings.username} ; relais lent : --wait 600",
        )


class Door:
    """Our own mail door, as a program of the building meets it."""

    def __init__(self, settings: SmtpSettings, limit: float = _PATIENCE) -> None:
        self._settings, self._limit = settings, limit

    async def knock(self) -> tuple[str, str]:
        """Greet, under TLS where it is configured, and leave."""
        settings = self._settings
        smtp = aiosmtplib.SMTP(
            hostname=_ANY.get(settings.host, settings.host), port=settings.port,
            use_tls=settings.tls == "implicit", start_tls=settings.tls == "starttls",
            tls_context=self._trust(), timeout=self._limit,
        )  # fmt: skip
        try:
            greeting = await smtp.connect()
            await smtp.ehlo()
            return self._said(smtp, greeting.message)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise self._shut(error) from error
        finally:
            smtp.close()

    def _trust(self) -> ssl.SSLContext | None:
        """Believe the certificate the door is to show, and no other."""
        settings = self._settings
        if settings.tls == "none" or settings.certificate is None:
            return None
        made = ssl.create_default_context()
        made.check_hostname = False
        try:
            made.load_verify_locations(settings.certificate)
            made.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
        except OSError:  # not this user's to read
            made.verify_mode = ssl.CERT_NONE
        return made

    def _said(self, smtp: aiosmtplib.SMTP, greeting: str) -> tuple[str, str]:
        listen = self._settings.listen
        if "Tocsin" not in greeting:
            raise Trouble(
                f"un autre programme répond sur {listen} : {masked(greeting)}",
                "arrêtez-le (ss -ltnp), ou changez [smtp] listen",
            )
        tls = "" if self._settings.tls == "none" else f", chiffrée ({self._settings.tls})"
        until, mend = lasting(smtp.get_transport_info("peercert"), "[smtp] certificate")
        return f"notre porte répond sur {listen}{tls}{until}", mend

    def _shut(self, error: BaseException) -> Trouble:
        listen = self._settings.listen
        for one in mends.causes(error):
            if isinstance(one, ssl.SSLCertVerificationError):
                return Trouble(
                    f"le certificat de notre porte ne va pas : {one.verify_message}",
                    f"renouvelez {self._settings.certificate}, puis systemctl restart tocsin",
                )
            if isinstance(one, ConnectionRefusedError):
                return Trouble(f"personne n'écoute sur notre porte, {listen}",
                               "systemctl start tocsin ; journalctl -u tocsin")  # fmt: skip
        return Trouble(f"notre porte, {listen}, ne répond pas comme il faut : {error}",
                       "systemctl restart tocsin ; journalctl -u tocsin")  # fmt: skip
