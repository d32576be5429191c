"""Nobody the door does not know gets a mail through it, whatever the trick."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from gateway.config import NeighbourSettings
from tests.gateway.mail.post import DOMAIN, Office, client, door, office
from tests.gateway.mail.relay import relay
from tests.gateway.mail.servers import certificate
from tests.tools import require

THEIRS = "victim@outside.example"
#: From whom and to whom strangers try.
ATTEMPTS = [
    ("<spam@bad.example>", f"<{THEIRS}>"),
    ("<>", f"<{THEIRS}>"),
    (f"<mairie@{DOMAIN}>", f"<{THEIRS}>"),
    ("<mairie@la-redorte.example>", f"<{THEIRS}>"),
    ("<postmaster>", f"<{THEIRS}>"),
    (f"<bounce@{DOMAIN}>", f"<{THEIRS}>"),
    *(
        ("<spam@bad.example>", to)
        for to in (
            f"<victim%outside.example@{DOMAIN}>",
            f"<victim%outside.example@sms.{DOMAIN}>",
            "<victim%outside.example>",
            f"<outside.example!victim@{DOMAIN}>",
            f"<@{DOMAIN}:{THEIRS}>",
            f"<@{DOMAIN},@a.example:{THEIRS}>",
            f'<"victim@outside.example"@{DOMAIN}>',
            f'<"victim%outside.example"@{DOMAIN}>',
            f"<victim@outside.example@{DOMAIN}>",
            f"<victim@[192.0.2.7]@{DOMAIN}>",
            "<victim@[192.0.2.7]>",
            "<victim@[IPv6:2001:db8::7]>",
            "<victim@127.0.0.1>",
            "<victim@localhost>",
            f"<victim@{DOMAIN}.outside.example>",
            f"<victim@x{DOMAIN}>",
            f"<victim@{DOMAIN}.>",
            "<victim@outside.example.>",
            f"<victim@оutside.example>",  # noqa: F541  Cyrillic o
            f"<victim@tоcsin.la-redorte.example>",  # noqa: F541  Cyrillic o in what looks like us
            "<victim@outside。example>",
            f"<{THEIRS}> ORCPT=rfc822;bounce@{DOMAIN}",
            f"<{THEIRS}> NOTIFY=NEVER",
            f"{THEIRS}",
            f"<{THEIRS}>,<bounce@{DOMAIN}>",
            f"<bounce@{DOMAIN},{THEIRS}>",
            f"<bounce@{DOMAIN} {THEIRS}>",
            f"<ack+{THEIRS}@{DOMAIN}>",
            f"<+33639980001@sms.{DOMAIN}>",
            f"<0639980001@voice.{DOMAIN}>",
            f"<elus@groupe.{DOMAIN}>",
            f"<crue@scenario.{DOMAIN}>",
            f"<avertissement@{DOMAIN}>",
            "<victim\\@outside.example>",
            f"<bounce@{DOMAIN}\0@outside.example>",
            "<>",
            "",
        )
    ),
]


async def test_no_stranger_gets_anything_through(tmp_path: Path) -> None:
    """Within a day of being open, a relay sends the spam of the world."""
    assert len(ATTEMPTS) >= 40
    async with relay() as server, office(tmp_path, server.port, door()) as box:
        for sender, to in ATTEMPTS:
            async with client(box.daemon.mail_port) as stranger:
                await stranger.say(f"MAIL FROM:{sender}")
                answer = await stranger.say(f"RCPT TO:{to}")
                assert answer[:1] in {"5", "4"}, (sender, to, answer)
                assert (await stranger.say("DATA"))[:1] == "5"
        await asyncio.sleep(60)

    assert server.taken == []


async def test_what_comes_back_is_taken_from_anybody_and_goes_nowhere(tmp_path: Path) -> None:
    """A relay that brings a bounce has no password; what it brings counts by its mark only."""
    async with relay() as server, office(tmp_path, server.port, door()) as box:
        async with client(box.daemon.mail_port) as stranger:
            await stranger.say("MAIL FROM:<>", f"RCPT TO:<bounce@{DOMAIN}>", "DATA")
            answer = await stranger.say(
                b"Subject: x\r\nTo: victim@outside.example\r\n\r\nx\r\n.\r\n"
            )
        await asyncio.sleep(60)

    assert answer.startswith("250")
    assert server.taken == []


SMUGGLED = f"MAIL FROM:<a@b.example>\r\nRCPT TO:<{THEIRS}>\r\nDATA\r\nevil\r\n".encode()


@pytest.mark.parametrize(
    "ending",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r.\r",
        b"\r\n.\r",
        b"\r.\r\n",
        b"\n\n.\n\n",
        b"\r\n\0.\r\n",
    ],
)  # fmt: skip
async def test_half_an_ending_smuggles_nothing(tmp_path: Path, ending: bytes) -> None:
    """CVE-2023-51764 and its kin: only CR LF dot CR LF ends a mail."""
    near = door(lan=(NeighbourSettings(address="127.0.0.1", name="Copieur"),))
    async with relay() as server, office(tmp_path, server.port, near) as box:
        async with client(box.daemon.mail_port) as copier:
            await copier.say("MAIL FROM:<copieur@la-redorte.example>", "RCPT TO:<a@b.example>")
            await copier.say("DATA")
            answer = await copier.say(b"Subject: x\r\n\r\nx" + ending + SMUGGLED + b"\r\n.\r\n")
            assert answer.startswith(("250", "500"))
            copier.writer.write(b"QUIT\r\n")
            rest = await copier.reader.read()
            assert rest.count(b"250 ") == 0, rest
        await asyncio.sleep(60)

    assert all(THEIRS not in to for _, to, _ in server.taken)
    assert len(server.taken) <= 1


async def under_tls(box: Office, tmp_path: Path, injected: bytes) -> list[str]:
    """Say STARTTLS with ``injected`` in the same packet; return what is said after it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", box.daemon.mail_port)
    await reader.readline()
    writer.write(b"EHLO x\r\n")
    while (await reader.readline())[3:4] == b"-":
        pass
    writer.write(b"STARTTLS\r\n" + injected)
    await reader.readline()
    context = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    await writer.start_tls(context, server_hostname="localhost")
    said = []
    for word in ("RCPT TO:<bounce@" + DOMAIN + ">", "NOOP"):
        writer.write(f"{word}\r\n".encode())
        said.append((await reader.readline()).decode())
    writer.close()
    return said


@pytest.mark.real_time
async def test_what_was_said_before_tls_counts_for_nothing(tmp_path: Path) -> None:
    """CVE-2021-33515 and its kin: words slipped in before the handshake are thrown away."""
    require("openssl")
    pem, key = certificate(tmp_path)
    safe = door(tls="starttls", certificate=pem, key=key)
    async with relay() as server, office(tmp_path, server.port, safe) as box:
        said = await under_tls(box, tmp_path, b"EHLO y\r\nMAIL FROM:<a@b.example>\r\n")

    assert said[0].startswith("503")
    assert said[1].startswith(("250", "503"))
