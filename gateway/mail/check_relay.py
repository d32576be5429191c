"""The relay's part of ``tocsin mail check``: one conversation, taken apart.

`gateway.mail.session` does the same in one go; here each word is judged by itself.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import UTC, datetime
from typing import Any, Final

import aiosmtplib

from gateway.config import RelaySettings
from gateway.mail import mends, refusals, session
from gateway.mail.mends import Trouble, where
from gateway.mail.session import Refusal
from gateway.mail.verdict import Stage

#: Days before a certificate's end at which somebody should be told.
SOON: Final = 21


def lasting(peer: Any, at: str) -> tuple[str, str]:
    """Return until when a certificate is valid, in words, and what to do if that is soon."""
    if not peer or "notAfter" not in peer:
        return "", ""
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(peer["notAfter"]), UTC)
    left = (end - datetime.now(UTC)).days
    mend = f"prévenez qui tient {at} : plus que {left} jours" if left < SOON else ""
    return f", certificat valable jusqu'au {end:%d/%m/%Y}", mend


class Line:
    """The line to the relay, opened one step after the other."""

    def __init__(self, relay: RelaySettings, limit: float = session.TIME_LIMIT) -> None:
        self._relay, self._limit, self._where = relay, limit, where(relay)
        self._wire: socket.socket | None = None
        self._smtp = aiosmtplib.SMTP()
        self._offered: dict[str, str] = {}

    async def name(self) -> str:
        """Look the relay's name up."""
        relay, loop = self._relay, asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._limit):
                found = await loop.getaddrinfo(relay.host, relay.port, type=socket.SOCK_STREAM)
        except TimeoutError:
            again = socket.gaierror(socket.EAI_AGAIN, "")
            raise mends.explained(again, relay) from None
        except (OSError, UnicodeError) as error:
            raise mends.explained(error, relay) from error
        addresses = dict.fromkeys(str(one[4][0]) for one in found)
        if relay.host in addresses:
            return f"{relay.host} est une adresse, sans nom à chercher"
        return f"{relay.host} est connu du DNS : {', '.join(addresses)}"

    async def connect(self) -> str:
        """Open the line; where it begins in the clear, hear the greeting too."""
        relay = self._relay
        try:
            self._wire = await asyncio.to_thread(
                socket.create_connection, (relay.host, relay.port), self._limit
            )
        except OSError as error:
            raise mends.explained(error, relay) from error
        if relay.tls != "implicit":
            await self._greet(None)
        return f"{self._where} répond"

    async def _greet(self, tls: ssl.SSLContext | None) -> None:
        self._smtp = aiosmtplib.SMTP(
            hostname=self._relay.host, sock=self._wire, timeout=self._limit, start_tls=False,
            use_tls=tls is not None, tls_context=tls,
        )  # fmt: skip
        try:
            await self._smtp.connect()
        except aiosmtplib.SMTPConnectResponseError as error:
            raise refusals.greeting(
                Refusal(Stage.CONNECT, error.code, error.message), self._relay
            ) from error
        except TimeoutError as error:
            raise mends.silent(self._relay) from error
        except OSError as error:
            raise await self._explained(error) from error

    async def _explained(self, error: OSError) -> Trouble:
        found = [*mends.causes(error)][-1]
        if isinstance(found, ssl.SSLCertVerificationError):
            return mends.certificate(found, self._relay, await self._names())
        return mends.explained(error, self._relay)

    async def _names(self) -> tuple[str, ...]:
        """Return whose the certificate is, if its authority is believed; nothing is said to it."""
        relay, tls = self._relay, _trust(self._relay)
        tls.check_hostname = False
        smtp = aiosmtplib.SMTP(
            hostname=relay.host, port=relay.port, use_tls=relay.tls == "implicit",
            start_tls=relay.tls == "starttls", tls_context=tls, timeout=self._limit,
        )  # fmt: skip
        try:
            await smtp.connect()
            peer = smtp.get_transport_info("peercert") or {}
        except (aiosmtplib.SMTPException, OSError):
            return ()
        finally:
            smtp.close()
        return tuple(name for kind, name in peer.get("subjectAltName", ()) if kind == "DNS")

    async def encrypt(self) -> tuple[str, str]:
        """Negotiate TLS as configured, and ask what the relay offers then."""
        relay = self._relay
        try:
            tls = None if relay.tls == "none" else _trust(relay)
            if relay.tls == "implicit":
                await self._greet(tls)
            await self._smtp.ehlo()
            if relay.tls == "starttls":
                await self._upgrade(tls)
        except aiosmtplib.SMTPResponseException as error:
            raise Trouble(f"{self._where} refuse : {error.code} {session.words(error.message)}",
                          "demandez à qui tient le relais") from error  # fmt: skip
        except OSError as error:
            raise await self._explained(error) from error
        self._offered = dict(self._smtp.esmtp_extensions)
        return self._encrypted()

    async def _upgrade(self, tls: ssl.SSLContext | None) -> None:
        if not self._smtp.supports_extension("starttls"):
            raise mends.no_starttls(self._relay)
        await self._smtp.starttls(tls_context=tls)
        await self._smtp.ehlo()

    def _encrypted(self) -> tuple[str, str]:
        if self._relay.tls == "none":
            mend = '[relay] tls = "starttls" : ce relais le propose'
            return "sans chiffrement, comme configuré", mend if "starttls" in self._offered else ""
        version = self._smtp.get_transport_info("ssl_object").version().replace("TLSv", "TLS ")
        until, mend = lasting(self._smtp.get_transport_info("peercert"), self._relay.host)
        return f"chiffré par {version}{until}", mend

    async def log_in(self) -> str:
        """Log in, where a name is configured."""
        relay = self._relay
        if not relay.username:
            return "sans mot de passe : le relais doit connaître ce boîtier"
        try:
            password = session.read_password(relay.password_file)
            await self._smtp.login(relay.username, password)
        except aiosmtplib.SMTPResponseException as error:
            refusal = Refusal(Stage.CONNECT, error.code, error.message)
            raise refusals.login(refusal, relay) from error
        except aiosmtplib.SMTPServerDisconnected as error:
            raise refusals.hung_up(relay) from error
        except OSError as error:
            raise mends.explained(error, relay) from error
        except aiosmtplib.SMTPException as error:
            raise refusals.no_login(relay) from error
        return f"le relais reconnaît {relay.username}"

    async def offers(self) -> str:
        """Say in words what the relay offers."""
        can = self._offered
        size = can.get("size", "").strip()
        known = size.isdecimal() and int(size) > 0  # zero is no limit (RFC 1870, 4)
        most = f"de {int(size) / 1e6:.0f} Mo au plus" if known else "sans limite de taille annoncée"
        words = [
            f"le relais prend des messages {most}",
            f"{'dit' if 'dsn' in can else 'ne dit pas'} ce qui est remis (DSN)",
            f"{'prend' if 'smtputf8' in can else 'refuse'} les adresses accentuées (SMTPUTF8)",
            f"{'prend' if '8bitmime' in can else 'ne prend pas'} les textes à 8 bits (8BITMIME)",
        ]
        await self.close()  # the mails that follow have lines of their own
        return ", ".join(words)

    async def close(self) -> None:
        """Leave the relay."""
        await session.leave(self._smtp)
        self._smtp.close()
        if self._wire is not None:
            self._wire.close()


def _trust(relay: RelaySettings) -> ssl.SSLContext:
    if relay.ca_file:
        relay.ca_file.read_bytes()  # OpenSSL's own error names no file
    return session.context(relay.ca_file)
