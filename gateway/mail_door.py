"""The mail door: an SMTP server for the programs, printers and mailers of the building.

It accepts from those it knows (a login, a token, a listed address), for addresses it knows, and
says 250 once the mail is on the disk. What it leads to is decided afterwards, in `gateway.intake`.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from aiosmtpd.smtp import Envelope
from aiosmtpd.smtp import Session as SmtpSession

from gateway.clock import Clock
from gateway.config import SmtpSettings
from gateway.errors import ConfigError
from gateway.holders import tcp_holder
from gateway.logs import log_for, masked
from gateway.mail.addresses import BadAddress, Form, Target, target
from gateway.mail.conversation import Conversation, Crowd, Rules, Throttled
from gateway.mail.enclosure import MOST_HOPS, digest, hops
from gateway.services import Accounts, Actor, Refused, SoftwareDoor, TooManyTries, TooOften
from gateway.store.mail_in import NewMail
from gateway.system_words import why

_log = log_for(__name__)

_TOKEN: Final = "tocsin_"  # noqa: S105  how tokens of programs begin, no secret


class MailDoor:
    """Listens, and hands each whole mail to ``accept``."""

    def __init__(
        self, settings: SmtpSettings, clock: Clock, accounts: Accounts, software: SoftwareDoor, *,
        accept: Callable[[NewMail], Awaitable[int]], returned: Callable[[bytes], Awaitable[bool]],
        known: Callable[[Actor, Target], Awaitable[bool]], relays: bool = True,
    ) -> None:  # fmt: skip
        self._settings, self._clock = settings, clock
        self._accounts, self._software = accounts, software
        self._accept, self._returned, self._known = accept, returned, known
        self._relays = relays
        self._crowd = Crowd()
        self._sent: dict[str, deque[float]] = {}
        self._server: asyncio.Server | None = None
        self._town: Actor | None = None
        # megabytes are hashed off the loop: a call in progress would hear it
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="mail-door")
        self._lan = [
            (ipaddress.ip_network(one.address, strict=False), one.name) for one in settings.lan
        ]

    async def open(self, town: Actor) -> int:
        """Listen; neighbours without a password speak for ``town``. Return the port.

        Raises `ConfigError`.
        """
        self._town = town
        loop, settings = asyncio.get_running_loop(), self._settings
        context = self._context()
        rules = Rules(
            self._who, self._neighbour, settings.max_octets, context,
            settings.tls == "starttls", settings.domain,
        )  # fmt: skip
        try:
            self._server = await loop.create_server(
                lambda: Conversation(self, rules, self._crowd), settings.host, settings.port,
                ssl=context if settings.tls == "implicit" else None,
            )  # fmt: skip
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise ConfigError(f"smtp.listen = « {settings.listen} » : {why(error)}") from None
            holder = tcp_holder(settings.port) or "un autre programme"
            raise ConfigError(
                f"le port {settings.port} est tenu par {holder} : arrêtez-le, ou changez "
                "smtp.listen"
            ) from None
        return int(self._server.sockets[0].getsockname()[1])

    def _context(self) -> ssl.SSLContext | None:
        settings = self._settings
        if settings.tls == "none" or settings.certificate is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(settings.certificate, settings.key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"smtp.certificate {settings.certificate} ne peut pas être lu : {why(error)}"
            ) from None
        return context

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._server is not None and self._server.is_serving()

    def close(self) -> None:
        """Listen no more; who is inside may finish within the daemon's stop."""
        if self._server is not None:
            self._server.close()
        self._pool.shutdown(wait=False)

    # who is there

    async def _who(self, login: str, password: str, origin: str) -> Actor | None:
        try:
            if password.startswith(_TOKEN):
                return await self._software.recognise(password)
            return await self._accounts.recognise(login, password, f"smtp:{origin}")
        except (TooManyTries, TooOften):
            raise Throttled(origin) from None
        except Refused:
            return None

    def _neighbour(self, address: str) -> Actor | None:
        try:
            place = ipaddress.ip_address(address)
        except ValueError:
            return None
        place = getattr(place, "ipv4_mapped", None) or place
        town = self._town
        for network, name in self._lan:
            if place in network and town is not None:
                return Actor(None, "smtp", name, "sender", town.entity_id, town.entity_name,
                             town.timezone)  # fmt: skip
        return None

    # what they say: aiosmtpd calls these by their names

    async def handle_MAIL(  # noqa: N802
        self, server: Any, _: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Begin a mail; a declared size is believed."""
        here = cast("Conversation", server)
        here.begin_message()
        if here.actor is not None and self._too_fast(here.actor):
            return "450 4.7.1 trop de messages : attendez une minute"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, _: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, if this client may write to it."""
        here = cast("Conversation", server)
        if len(envelope.rcpt_tos) >= self._settings.max_recipients:
            return "452 4.5.3 trop de destinataires : utilisez un groupe"
        try:
            wanted = target(address, self._settings.domain)
        except BadAddress as bad:
            return str(bad)
        refused = await self._refused(here.actor, wanted)
        if refused:
            _log.warning("mail recipient refused", peer=here.address, to=masked(address))
            return refused
        here.targets.append(wanted)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def _refused(self, actor: Actor | None, wanted: Target) -> str:
        """Return why not, empty where nothing stands against it.

        What comes back for our mails is taken from anybody: it counts by its mark alone.
        """
        if wanted.form is Form.RETURN:
            return ""
        if actor is None:
            return "550 5.7.1 identifiez-vous : cette porte ne relaie pas"
        if actor.role == "technician" and wanted.form is not Form.WARNING:
            return "550 5.7.1 votre compte ne permet pas d'envoyer"
        if wanted.form is Form.OUTSIDE and not self._relays:
            return "550 5.3.5 aucun relais n'est configure : ce message ne partirait jamais"
        if not await self._known(actor, wanted):
            return "550 5.1.1 ce groupe ou ce scenario n'existe pas"
        return ""

    async def handle_DATA(  # noqa: N802
        self, server: Any, _: SmtpSession, envelope: Envelope
    ) -> str:
        """Keep a mail; 250 only once it is on the disk."""
        here = cast("Conversation", server)
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        if hops(raw) > MOST_HOPS:
            return "554 5.4.6 ce message tourne en rond"
        targets = [one for one in dict.fromkeys(here.targets) if one.form is not Form.RETURN]
        if len(targets) < len(here.targets):
            await self._returned(raw)
        if not targets or here.actor is None:
            return "250 2.0.0 OK"
        actor, sender = here.actor, envelope.mail_from or ""
        whom = [(one.form.value, one.value) for one in targets]
        self._count(actor)
        loop = asyncio.get_running_loop()
        mark = await loop.run_in_executor(self._pool, digest, sender, whom, raw)
        raw = self._received_line(here) + raw
        number = await self._accept(
            NewMail(
                actor.entity_id, "smtp", actor.name, actor.role, sender, whom, raw, mark
            )
        )  # fmt: skip
        return f"250 2.0.0 accepte sous le numero {number}"

    def _received_line(self, here: Conversation) -> bytes:
        """Return the trace each server leaves (RFC 5321, 4.4), by which a round trip shows."""
        town = self._town
        at = datetime.fromtimestamp(self._clock.now(), ZoneInfo(town.timezone if town else "UTC"))
        how = "ESMTPS" if here.session is not None and here.session.ssl else "ESMTP"
        return (
            f"Received: from [{here.address}] by {self._settings.domain} with {how};\r\n"
            f"\t{format_datetime(at)}\r\n"
        ).encode()

    async def handle_exception(self, error: Exception) -> str:
        """Say that it is our fault, and that trying again is worth it."""
        _log.error("mail door failed", error=type(error).__name__)
        return "451 4.3.0 panne interne : reessayez"

    # how much

    def _count(self, actor: Actor) -> None:
        kept = self._sent.setdefault(_name(actor), deque(maxlen=self._settings.per_minute))
        kept.append(self._clock.now())

    def _too_fast(self, actor: Actor) -> bool:
        sent, now = self._sent.get(_name(actor)), self._clock.now()
        while sent and not now - 60 < sent[0] <= now:
            sent.popleft()
        return bool(sent) and len(sent or ()) >= self._settings.per_minute


def _name(actor: Actor) -> str:
    return f"{actor.entity_id}/{actor.login}/{actor.name}"
