"""The mailbox where our mails come back to, looked at by IMAP. Blocking: it lives in a thread.

Nothing is deleted and nothing is marked as read but what was ours: people use this mailbox too.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gateway.config import MailboxSettings
from gateway.mail.session import context, read_password

#: Seconds the server may take for one answer.
TIME_LIMIT: Final = 30.0
#: Mails taken at one look, and octets of one: of a larger one the beginning is enough. A look ends
#: with the mail that comes to as much in all: after a weekend without internet they are many.
MOST_MAILS: Final = 50
MOST_OCTETS: Final = 12 * 1024 * 1024


class Unreachable(Exception):
    """The mailbox cannot be read now; the text says why, ``refused`` that its server did."""

    def __init__(self, why: str, *, refused: bool) -> None:
        super().__init__(why)
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found: mails by their UID in this UIDVALIDITY; ``last`` is the newest seen."""

    validity: int
    last: int
    mails: tuple[tuple[int, bytes], ...] = ()


class ImapBox:
    """One mailbox, its connection kept from look to look."""

    def __init__(self, settings: MailboxSettings, limit: float = TIME_LIMIT) -> None:
        """Read this mailbox; ``limit``: seconds the server may take for one answer."""
        self._settings, self._limit = settings, limit
        self._client: Any = None
        self._validity = 0

    def look(self, seen: tuple[int, int] | None) -> Look:
        """Return what came since ``seen`` (UIDVALIDITY and UID); at a first look, nothing.

        Raises `Unreachable`.
        """
        from imapclient.exceptions import LoginError

        try:
            return self._look(seen)
        except Exception as error:  # the library raises whatever an odd answer leads it to
            self.close()
            refused = isinstance(error, LoginError)
            raise Unreachable(str(error) or type(error).__name__, refused=refused) from error

    def _look(self, seen: tuple[int, int] | None) -> Look:
        client = self._connected()
        client.noop()
        newest = client.folder_status(self._settings.folder, ["UIDNEXT"])
        before = int(newest[b"UIDNEXT"]) - 1
        if seen is None or seen[0] != self._validity:
            return Look(self._validity, before)
        fresh = sorted(uid for uid in client.search(f"UID {seen[1] + 1}:*") if uid > seen[1])
        if not fresh:
            return Look(self._validity, seen[1])
        mails: list[tuple[int, bytes]] = []
        last = seen[1]
        for last in fresh[:MOST_MAILS]:
            mails += self._fetched(last)
            if sum(len(raw) for _, raw in mails) >= MOST_OCTETS:
                break
        return Look(self._validity, last, tuple(mails))

    def _fetched(self, uid: int) -> Iterator[tuple[int, bytes]]:
        """Yield a mail, or nothing where somebody has deleted it meanwhile."""
        part = f"BODY.PEEK[]<0.{MOST_OCTETS}>"
        for answer in self._client.fetch([uid], [part]).values():
            raw = next((v for k, v in answer.items() if k.startswith(b"BODY[")), b"")
            yield uid, raw if isinstance(raw, bytes) else b""

    def mark_read(self, uids: list[int]) -> None:
        """Spare people what was addressed to this program; a failure here loses nothing."""
        with contextlib.suppress(Exception):  # whatever it is, the next look meets it again
            self._connected().add_flags(uids, [rb"\Seen"])

    def _connected(self) -> Any:
        if self._client is not None:
            return self._client
        from imapclient import IMAPClient

        settings = self._settings
        tls = None if settings.tls == "none" else context(settings.ca_file)
        client = IMAPClient(
            settings.host, port=settings.port, ssl=settings.tls == "implicit", ssl_context=tls,
            timeout=self._limit,
        )  # fmt: skip
        try:
            if settings.tls == "starttls":
                client.starttls(tls)
            client.login(settings.username, read_password(settings.password_file))
            found = client.select_folder(settings.folder)
        except BaseException:
            with contextlib.suppress(Exception):
                client.shutdown()
            raise
        self._validity, self._client = int(found[b"UIDVALIDITY"]), client
        return client

    def certificate(self) -> Any:
        """Return the certificate the server shows, as `ssl` tells it; None without one."""
        wire = self._client.socket() if self._client is not None else None
        return wire.getpeercert() if isinstance(wire, ssl.SSLSocket) else None

    def close(self) -> None:
        """Leave the server."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):
                client.shutdown()
