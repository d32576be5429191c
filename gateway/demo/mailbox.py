"""A local mailbox behind a real SMTP exchange: keeps what it receives, and says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession


class Mailbox:
    """Takes in all mail of the demonstration."""

    def __init__(self, folder: Path, tell: Callable[[str], None] | None = None) -> None:
        self._folder, self._tell = folder, tell or (lambda _: None)
        self.messages: list[tuple[str, EmailMessage]] = []
        self._server: asyncio.Server | None = None

    async def handle_DATA(  # noqa: N802  aiosmtpd's name for it
        self,
        server: SMTP,  # noqa: ARG002  aiosmtpd gives them
        session: SmtpSession,  # noqa: ARG002
        envelope: Envelope,
    ) -> str:
        """Keep one message for each of its recipients."""
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        message: Any = message_from_bytes(raw, policy=default)
        for address in envelope.rcpt_tos:
            self.messages.append((address, message))
            name = f"{len(self.messages):04}-{address.replace('/', '_')}.eml"
            (self._folder / name).write_bytes(raw)
            self._tell(f"courriel reçu par {address} : {message['Subject']}")
        return "250 kept"

    async def open(self, host: str, port: int) -> int:
        """Listen; return the port, which is any free one when ``port`` is 0."""
        self._folder.mkdir(parents=True, exist_ok=True)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, loop=loop, hostname="mailbox.example"), host, port
        )
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
