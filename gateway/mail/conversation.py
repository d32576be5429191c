"""One client at the mail door: who they are, how much they may send, how long they may stay.

aiosmtpd speaks the protocol; this bounds what it leaves open (a line without end, a client who
says a word a minute) and keeps passwords off the loop.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aiosmtpd.smtp import MISSING, SMTP, AuthResult

from gateway.logs import log_for
from gateway.mail.addresses import Target
from gateway.services import Actor

_log = log_for(__name__)

#: Seconds a client may be silent, and stay in all.
SILENCE: Final = 60.0
LONGEST_STAY: Final = 600.0
#: Clients at once, and from one address.
MOST_CLIENTS: Final = 150
MOST_FROM_ONE: Final = 60
#: Octets of all that clients are saying at once: a small machine's memory is everybody's.
MOST_HELD: Final = 96 * 1024 * 1024
#: Octets of conversation that are no message: commands, many of them.
_TALK: Final = 512 * 1024
_TOO_MUCH: Final = b"552 5.3.4 message trop grand\r\n"
_BUSY: Final = b"421 4.3.1 trop de messages a la fois : revenez plus tard\r\n"
_FULL: Final = b"421 4.7.0 trop de connexions : revenez plus tard\r\n"
_REFUSED: Final = AuthResult(success=False, handled=False)
_THROTTLED: Final = AuthResult(
    success=False, handled=False, message="454 4.7.0 trop d'essais : attendez cinq minutes"
)


class Throttled(Exception):
    """Too many wrong passwords came from there."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the door allows; ``who`` says for whom a login and password speak, None for nobody."""

    who: Callable[[str, str, str], Awaitable[Actor | None]]
    neighbour: Callable[[str], Actor | None]  # by address, without a password
    size: int
    tls: ssl.SSLContext | None = None
    starttls: bool = False
    hostname: str = "tocsin"


@dataclass(slots=True)
class Crowd:
    """Who is at the door now."""

    by_address: dict[str, int] = field(default_factory=dict)
    held: int = 0  # octets

    def enter(self, address: str) -> bool:
        """Let one more in from an address; return whether there is room."""
        here = self.by_address.get(address, 0)
        if here >= MOST_FROM_ONE or sum(self.by_address.values()) >= MOST_CLIENTS:
            return False
        self.by_address[address] = here + 1
        return True

    def leave(self, address: str) -> None:
        """Note that one of an address has gone."""
        self.by_address[address] = self.by_address.get(address, 1) - 1
        if self.by_address[address] <= 0:
            del self.by_address[address]


class Conversation(SMTP):
    """What one client says. ``actor`` is whom they speak for, ``targets`` whom they write to."""

    def __init__(self, handler: Any, rules: Rules, crowd: Crowd) -> None:
        super().__init__(
            handler, loop=asyncio.get_running_loop(), data_size_limit=rules.size,
            enable_SMTPUTF8=True, hostname=rules.hostname, ident="Tocsin", timeout=SILENCE,
            tls_context=rules.tls if rules.starttls else None,
            # without TLS the door is open to this machine alone: the settings see to that
            auth_require_tls=rules.starttls, command_call_limit={"*": 2000},
        )  # fmt: skip
        self._rules, self._crowd = rules, crowd
        self._octets, self._inside, self._address = 0, False, ""
        self._farewell: asyncio.TimerHandle | None = None
        self.actor: Actor | None = None
        self.targets: list[Target] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let a client in, or say that the door is full."""
        if self._address:  # the same client, now under TLS: nothing said before counts
            self.actor = self._rules.neighbour(self._address)
            self.targets = []
            super().connection_made(transport)
            return
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if peer else "?"
        self._inside = self._crowd.enter(self._address)
        if not self._inside:
            assert isinstance(transport, asyncio.Transport)  # noqa: S101  TCP is both ways
            transport.write(_FULL)
            transport.close()
            return
        self.actor = self._rules.neighbour(self._address)
        self._farewell = self.loop.call_later(LONGEST_STAY, self._send_away, transport)
        super().connection_made(transport)

    def _send_away(self, transport: asyncio.BaseTransport) -> None:
        _log.warning("mail client sent away", peer=self._address)
        (self.transport or transport).close()

    def data_received(self, data: bytes) -> None:
        """Take in what a client says, up to a limit: a line without end would fill the memory."""
        if not self._inside:
            return
        self._octets += len(data)
        self._crowd.held += len(data)
        if self._octets > self._rules.size + _TALK:
            self._interrupt(_TOO_MUCH)
        elif self._crowd.held > MOST_HELD and self._octets > _TALK:
            self._interrupt(_BUSY)
        else:
            super().data_received(data)

    def _interrupt(self, answer: bytes) -> None:
        if self.transport is None or self.transport.is_closing():
            return
        assert isinstance(self.transport, asyncio.Transport)  # noqa: S101  TCP is both ways
        self.transport.write(answer)
        self.transport.close()

    def eof_received(self) -> bool | None:
        """Note that a client has no more to say."""
        return super().eof_received() if self._inside else None

    def connection_lost(self, error: Exception | None) -> None:
        """Forget a client."""
        if not self._inside:
            return
        self._inside = False
        self._forget_octets()
        self._crowd.leave(self._address)
        if self._farewell is not None:
            self._farewell.cancel()
        super().connection_lost(error)

    def begin_message(self) -> None:
        """Begin a new mail."""
        self._forget_octets()
        self.targets = []

    def _forget_octets(self) -> None:
        self._crowd.held -= self._octets
        self._octets = 0

    @property
    def address(self) -> str:
        """Where the client is."""
        return self._address

    # who they are

    async def auth_PLAIN(self, _: Any, args: list[str]) -> AuthResult:  # noqa: N802  as it wants
        """Take identity, login and password in one word (RFC 4616)."""
        if len(args) > 1:
            try:
                blob = base64.b64decode(args[1], validate=True)
            except (binascii.Error, ValueError):
                return AuthResult(success=False, handled=False, message="501 5.5.2 illisible")
        else:
            answer = await self.challenge_auth("")
            if answer is MISSING:
                return AuthResult(success=False)
            blob = bytes(answer)
        words = blob.split(b"\0")
        if len(words) != 3:
            return AuthResult(success=False, handled=False, message="501 5.5.2 illisible")
        return await self._judge(words[1], words[2])

    async def auth_LOGIN(self, _: Any, args: list[str]) -> AuthResult:  # noqa: N802  as it wants
        """Take login and password in two words."""
        login: Any = None
        if len(args) > 1:
            try:
                login = base64.b64decode(args[1], validate=True)
            except (binascii.Error, ValueError):
                return AuthResult(success=False, handled=False, message="501 5.5.2 illisible")
        else:
            login = await self.challenge_auth("User Name\0")
        if login is MISSING:
            return AuthResult(success=False)
        password = await self.challenge_auth("Password\0")
        if password is MISSING:
            return AuthResult(success=False)
        return await self._judge(bytes(login), bytes(password))

    async def _judge(self, login: bytes, password: bytes) -> AuthResult:
        try:
            actor = await self._rules.who(
                login.decode("utf-8", "replace"), password.decode("utf-8", "replace"),
                self._address,
            )  # fmt: skip
        except Throttled:
            return _THROTTLED
        if actor is None:
            _log.warning("mail login refused", peer=self._address)
            return _REFUSED
        self.actor = actor
        return AuthResult(success=True)
