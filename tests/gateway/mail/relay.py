"""A relay that does what a test tells it, word by word: refuses, hangs, dies, and keeps a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

DIE, HANG = "die", "hang"


@dataclass
class Relay:
    """What it answers at each word (``MAIL``, ``RCPT``, ``DATA``, ``.``) instead of its yes."""

    says: dict[str, str] = field(default_factory=dict)
    offers: tuple[str, ...] = ("SIZE 10000000", "8BITMIME", "DSN", "SMTPUTF8")
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    once: bool = False  # each answer told is given once
    charset: str = "utf-8"  # that it speaks in
    first: asyncio.Event = field(default_factory=asyncio.Event)  # a first mail was taken
    connections: int = 0
    port: int = 0

    @property
    def messages(self) -> list[EmailMessage]:
        return [
            cast("EmailMessage", message_from_bytes(raw, policy=default))
            for _, _, raw in self.taken
        ]  # fmt: skip

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # a task of the streams' own: before Python 3.12 they take its end for a defect
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender = to = ""
        if not await self._say(writer, "greeting", "220 relay.example"):
            return
        while line := (await reader.readline()).decode("utf-8", "replace").strip():
            self.lines.append(line)
            word = line.split(" ")[0].split(":")[0].upper()
            if word == "EHLO":
                known = ["relay.example", *self.offers]
                writer.write(
                    b"".join(
                        f"250{'-' if n < len(known) - 1 else ' '}{one}\r\n".encode()
                        for n, one in enumerate(known)
                    )
                )
                continue
            sender = line if word == "MAIL" else sender
            to = line if word == "RCPT" else to
            if not await self._say(writer, word, "354 go" if word == "DATA" else "250 2.0.0 ok"):
                return
            if word == "QUIT":
                return
            if word == "DATA" and "DATA" not in self.says:
                raw = (await reader.readuntil(b"\r\n.\r\n"))[:-3]
                if "." not in self.says or self.says["."] in {DIE, HANG}:
                    self.taken.append((sender, to, raw))
                    self.first.set()
                if not await self._say(writer, ".", "250 2.0.0 queued"):
                    return

    async def _say(self, writer: asyncio.StreamWriter, word: str, yes: str) -> bool:
        answer = self.says.get(word, yes)
        if self.once:
            self.says.pop(word, None)
        if answer == HANG:
            await asyncio.sleep(3600)
        if answer in {DIE, HANG}:
            return False
        writer.write(f"{answer}\r\n".encode(self.charset))
        return True


@asynccontextmanager
async def relay(**told: str) -> AsyncIterator[Relay]:
    """Run a relay until the block ends."""
    made = Relay({word.replace("dot", "."): answer for word, answer in told.items()})
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = int(server.sockets[0].getsockname()[1])
    try:
        yield made
    finally:
        server.close()
