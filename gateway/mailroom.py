"""The mailroom: looks into the mailbox, and gives each mail to whom it concerns.

What comes back for a mail of ours settles that mail; anything else is offered to `on_mail`. A mail
is written down as seen only once what it says is on the disk.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from gateway.changes import Changes
from gateway.clock import Clock
from gateway.config import MailboxSettings
from gateway.errors import StoreError
from gateway.logs import log_for
from gateway.mail import returns
from gateway.mail.imap import ImapBox, Look, Unreachable
from gateway.store import Store, mail, mail_returns

_log = log_for(__name__)

#: A mailbox not read for so long (seconds) is not watched: nobody would see a mail come back.
BLIND: Final = 900.0


class Mailroom:
    """Takes in what comes back, from the mailbox or from our own door."""

    def __init__(
        self, store: Store, clock: Clock, changes: Changes, wake: Callable[[], None],
        settings: MailboxSettings | None,
    ) -> None:  # fmt: skip
        self._store, self._clock, self._changes, self._wake = store, clock, changes, wake
        self._settings = settings
        self._box = ImapBox(settings) if settings else None
        self._read_at: float | None = None
        self._key = b""
        # a hostile mail takes its time: never the loop's
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="mail-reading")
        self.trouble = ""
        #: Given each mail that is no return; tells whether it was for this program.
        self.on_mail: Callable[[bytes], Awaitable[bool]] | None = None
        #: Told how each look went: why it failed (empty: it did not), and whether it was refused.
        self.on_look: Callable[[str, bool], None] = lambda _why, _refused: None
        #: Whether our own door takes bounces in.
        self.door_open: Callable[[], bool] = lambda: False

    @property
    def watched(self) -> bool:
        """Whether a mail that comes back would be seen now."""
        if self.door_open():
            return True
        return self._read_at is not None and self._clock.now() - self._read_at < BLIND

    async def run(self) -> None:
        """Look into the mailbox for ever; without one, do nothing."""
        if self._box is None or self._settings is None:
            return
        with ThreadPoolExecutor(1, thread_name_prefix="mailbox") as pool:
            try:
                while True:
                    more = await self._look(self._box, pool)
                    if not more:
                        await asyncio.sleep(self._settings.every_seconds)
            finally:
                self._box.close()

    async def _look(self, box: ImapBox, pool: ThreadPoolExecutor) -> bool:
        """Look once; return whether there may be more at once."""
        loop, name = asyncio.get_running_loop(), self._name()
        seen = await self._store.read(lambda db: mail_returns.seen(db, name))
        try:
            found = await loop.run_in_executor(pool, box.look, seen)
        except Unreachable as error:
            if not self.trouble:
                _log.warning("mailbox cannot be read", error=str(error))
            self.trouble = str(error)[:200]
            self.on_look(self.trouble, error.refused)
            return False
        self.trouble, self._read_at = "", self._clock.now()
        self.on_look("", False)
        if not found.mails and seen != (found.validity, found.last):
            await self._see(name, found.validity, found.last)
        await self._take_all(found, box, pool, name)
        return len(found.mails) > 0

    async def _take_all(
        self, found: Look, box: ImapBox, pool: ThreadPoolExecutor, name: str
    ) -> None:
        loop, ours = asyncio.get_running_loop(), []
        for uid, raw in found.mails:
            if await self.take(raw):
                ours.append(uid)
            await self._see(name, found.validity, uid)
        if ours:
            await loop.run_in_executor(pool, box.mark_read, ours)

    async def _see(self, name: str, validity: int, uid: int) -> None:
        now = self._clock.now()
        await self._store.write(lambda db: mail_returns.see(db, name, validity, uid, now))

    def close(self) -> None:
        """Read no more."""
        self._reader.shutdown(wait=False)

    def _name(self) -> str:
        settings = self._settings
        return f"{settings.username}@{settings.host}/{settings.folder}" if settings else ""

    async def take(self, raw: bytes) -> bool:
        """Deal with one mail; return whether it was for this program."""
        try:
            if await self.take_return(raw):
                return True
            return self.on_mail is not None and await self.on_mail(raw)
        except (sqlite3.Error, StoreError):
            raise
        except Exception:  # noqa: BLE001  one mail's defect never stops the mailroom
            _log.exception("a mail could not be dealt with")
            return False

    async def take_return(self, raw: bytes) -> bool:
        """Settle what a mail says of one of ours; return whether it says anything."""
        if not self._key:
            self._key = await self._store.write(mail.key)
        loop = asyncio.get_running_loop()
        returned = await loop.run_in_executor(self._reader, returns.read, raw, self._key)
        if returned is None:
            return False
        now = self._clock.now()
        number = await self._store.write(lambda db: mail_returns.take(db, returned, now))
        _log.info("mail came back", kind=returned.kind, broadcast=number)
        if number is not None:
            self._changes.touch_broadcasts([number])
            self._wake()
        return True
