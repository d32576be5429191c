"""The mailbox is read from a server nobody here wrote."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.changes import Changes
from gateway.clock import SystemClock
from gateway.config import MailboxSettings
from gateway.mail.imap import MOST_OCTETS, ImapBox
from gateway.mailroom import Mailroom
from gateway.store import Store, mail, mail_returns
from tests.gateway.mail.servers import PASSWORD, USER, Dovecot, dovecot

pytestmark = pytest.mark.real_time


def settings(server: Dovecot, folder: Path, **more: object) -> MailboxSettings:
    (folder / "password").write_text(PASSWORD)
    return MailboxSettings(
        host="localhost", port=server.port, username=USER, password_file=folder / "password",
        **{"ca_file": server.certificate, "every_seconds": 10.0, **more},  # type: ignore[arg-type]
    )  # fmt: skip


async def test_new_mail_is_taken_once_and_old_mail_never(tmp_path: Path) -> None:
    """A box put into service must not answer what came years ago, nor anything twice."""
    taken: list[bytes] = []

    async def keep(raw: bytes) -> bool:
        taken.append(raw)
        return b"ours" in raw

    store = Store(tmp_path / "db")
    await store.open()
    with dovecot(tmp_path) as server:
        server.put(b"Subject: old\n\nold\n")
        room = Mailroom(store, SystemClock(), Changes(), lambda: None, settings(server, tmp_path))
        room.on_mail = keep
        looked = asyncio.Event()
        room.on_look = lambda why, refused: looked.set()
        for expected in (0, 2, 2):
            looked.clear()
            running = asyncio.ensure_future(room.run())
            await looked.wait()
            await asyncio.sleep(0.3)  # for what was found to be dealt with
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            assert len(taken) == expected
            if not expected:
                assert await store.write(mail.key)
                server.put(b"Subject: ours\n\nours\n")
                server.put(b"Subject: theirs\n\ntheirs\n")
        seen = await store.read(lambda db: mail_returns.seen(db, f"{USER}@localhost/INBOX"))
        assert seen is not None
        assert seen[1] == 3
        assert server.unread() == 2  # the old one, and the one that is for people
        assert room.watched
    await store.close()


async def test_a_certificate_nobody_vouches_for_is_not_believed(tmp_path: Path) -> None:
    """The password would go to whoever sits in between."""
    store = Store(tmp_path / "db")
    await store.open()
    with dovecot(tmp_path) as server:
        known = settings(server, tmp_path, ca_file=None)
        room = Mailroom(store, SystemClock(), Changes(), lambda: None, known)
        looked = asyncio.Event()
        room.on_look = lambda why, refused: looked.set()
        running = asyncio.ensure_future(room.run())
        await looked.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    assert "CERTIFICATE_VERIFY_FAILED" in room.trouble
    assert not room.watched
    await store.close()


async def half_a_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say yes to everything, and nothing of what was asked."""
    writer.write(b"* OK hello\r\n")
    while line := await reader.readline():
        tag, word = line.split()[:2]
        said = {
            b"SELECT": b"* OK [UIDVALIDITY 7] x\r\n",
            b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
        }
        writer.write(said.get(word, b"") + tag + b" OK done\r\n")
    writer.close()


async def test_a_server_that_answers_beside_the_question_ends_nothing(tmp_path: Path) -> None:
    """A mailbox's server in trouble must not stop the box: SMS and calls know nothing of it."""
    store = Store(tmp_path / "db")
    await store.open()
    server = await asyncio.start_server(half_a_server, "127.0.0.1", 0)
    port = int(server.sockets[0].getsockname()[1])
    (tmp_path / "password").write_text(PASSWORD)
    known = MailboxSettings(
        host="127.0.0.1", port=port, tls="none", username=USER, password_file=tmp_path / "password"
    )
    room, looked = Mailroom(store, SystemClock(), Changes(), lambda: None, known), asyncio.Event()
    room.on_look = lambda why, refused: looked.set()
    running = asyncio.ensure_future(room.run())
    async with asyncio.timeout(10):
        await asyncio.wait([running, asyncio.ensure_future(looked.wait())],
                           return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
    assert not running.done()
    assert "index" in room.trouble
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    server.close()
    await store.close()


class Weekend:
    """A mailbox of forty plans of the council, five megabytes each."""

    def noop(self) -> None:
        """Say nothing."""

    def folder_status(self, _: str, __: list[str]) -> dict[bytes, int]:
        return {b"UIDNEXT": 41}

    def search(self, _: str) -> list[int]:
        return list(range(1, 41))

    def fetch(self, uids: list[int], _: list[str]) -> dict[int, dict[bytes, bytes]]:
        return {uids[0]: {b"BODY[]<0>": b"x" * 5_000_000}}


def test_a_full_mailbox_is_read_a_little_at_a_time(tmp_path: Path) -> None:
    """Two hundred megabytes at once would end a small machine, and again after its restart."""
    known = MailboxSettings(host="imap.example", username=USER, password_file=tmp_path / "none")
    box, seen, taken = ImapBox(known), 0, 0
    box._client, box._validity = Weekend(), 7
    while seen < 40:
        look = box.look((7, seen))
        assert sum(len(raw) for _, raw in look.mails) <= 2 * MOST_OCTETS
        seen, taken = look.last, taken + len(look.mails)

    assert taken == 40
