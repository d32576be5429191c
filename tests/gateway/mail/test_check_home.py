"""``tocsin mail check``: what comes home to the mailbox, and our own door."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.config import MailboxSettings, SmtpSettings
from tests.acceptance.box import free_port
from tests.gateway.mail.checking import (
    ACCOUNT,
    certificate,
    password,
    relay,
    settings,
    states,
    steps,
)
from tests.gateway.mail.post import door, office
from tests.gateway.mail.relay import Relay
from tests.gateway.mail.servers import PASSWORD, USER, Dovecot, dovecot

# what comes home


def mailbox(server: Dovecot, place: Path, **more: Any) -> MailboxSettings:
    return MailboxSettings(
        **{"host": "localhost", "port": server.port, "username": USER,
           "ca_file": server.certificate, "password_file": password(place, PASSWORD), **more}
    )  # fmt: skip


async def carried(there: Relay, server: Dovecot, *before: bytes) -> None:
    """Be the network between relay and mailbox."""
    await there.first.wait()
    for raw in (*before, there.taken[0][2]):
        server.put(raw)


@pytest.mark.real_time
async def test_our_mail_is_waited_for_and_only_it_is_marked_as_read(tmp_path: Path) -> None:
    """People read this mailbox too: their mail stays new, and the test does not."""
    with dovecot(tmp_path) as server:
        server.put(b"Subject: old\n\nold\n")
        async with relay() as there, asyncio.TaskGroup() as tasks:
            tasks.create_task(carried(there, server, b"Subject: of a person\n\nhello\n"))
            found = await steps(settings(there.port), mailbox=mailbox(server, tmp_path), wait=20)
        unread = server.unread()

    assert ["mailbox", "self", "back"] == list(found)[-3:]
    assert {True} == set(states(found).values())
    assert "l'essai est revenu en " in found["back"].said
    assert 2 == unread


@pytest.mark.real_time
async def test_a_mail_that_never_comes_back_says_where_to_look(tmp_path: Path) -> None:
    """Sent to another mailbox than the one read, every bounce would be lost."""
    with dovecot(tmp_path) as server:
        async with relay() as there:
            found = await steps(settings(there.port), mailbox=mailbox(server, tmp_path))

    assert False is found["back"].ok
    assert "indésirables" in found["back"].mend
    assert ACCOUNT in found["back"].mend


@pytest.mark.real_time
async def test_a_bounce_of_our_mail_is_not_our_mail_come_home(tmp_path: Path) -> None:
    """It quotes the test's Message-ID, and says the contrary."""
    with dovecot(tmp_path) as server:

        async def bounced(there: Relay) -> None:
            await there.first.wait()
            server.put(
                b"Subject: Undelivered Mail\r\nContent-Type: multipart/report; boundary=b\r\n\r\n"
                b"--b\r\nContent-Type: message/rfc822\r\n\r\n"
                + there.taken[0][2]
                + b"\r\n--b--\r\n"
            )

        async with relay() as there, asyncio.TaskGroup() as tasks:
            tasks.create_task(bounced(there))
            found = await steps(settings(there.port), mailbox=mailbox(server, tmp_path), wait=20)

    assert False is found["back"].ok
    assert "a été renvoyé : Undelivered Mail" in found["back"].said


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("more", "said", "mend"),
    [
        ({"password_file": "wrong"}, "refuse l'identification", "[mailbox] username"),
        ({"password_file": Path("/no/such/file")}, "n'existe pas", "[mailbox] password_file"),
        ({"folder": "Nulle part"}, "refuse", "folder (Nulle part)"),
        ({"ca_file": None}, "autorité inconnue", "[mailbox] ca_file"),
        ({"host": "nothing.invalid"}, "DNS", "[mailbox]"),
        ({"port": 1}, "refuse la connexion", "993"),
    ],
    ids=["password", "password file", "folder", "authority", "name", "port"],
)  # fmt: skip
async def test_a_mailbox_that_cannot_be_read_says_why_and_the_rest_goes_on(
    tmp_path: Path, more: dict[str, Any], said: str, mend: str
) -> None:
    """Mail goes out all the same, and that is worth knowing."""
    if more.get("password_file") == "wrong":
        (tmp_path / "wrong").write_text("faux", encoding="utf-8")
        more = {"password_file": tmp_path / "wrong"}
    with dovecot(tmp_path) as server:
        async with relay() as there:
            found = await steps(settings(there.port), mailbox=mailbox(server, tmp_path, **more))

    assert (False, True, None) == tuple(found[n].ok for n in ("mailbox", "self", "back"))
    assert said in found["mailbox"].said
    assert mend in found["mailbox"].mend or "resolvectl" in found["mailbox"].mend


async def test_a_mailroom_that_runs_leaves_the_test_alone(tmp_path: Path) -> None:
    """The daemon reads the same mailbox meanwhile: the test is no answer and no order."""
    async with relay() as there, office(tmp_path, there.port) as here:
        found = await steps(settings(there.port))
        raw = there.taken[0][2]
        taken = await here.daemon._mailroom.take(raw)

    assert True is found["self"].ok
    assert not taken
    assert b"auto-generated" in raw


# our own door


async def test_our_door_answers_while_the_daemon_runs(tmp_path: Path) -> None:
    """The check comes in as any program of the building does, and sends nothing."""
    port = free_port()
    listening = door().model_copy(update={"listen": f"127.0.0.1:{port}"})
    async with relay() as there, office(tmp_path, there.port, listening):
        found = await steps(settings(there.port), smtp=listening)

    assert True is found["door"].ok
    assert f"127.0.0.1:{port}" in found["door"].said


@pytest.mark.real_time
@pytest.mark.parametrize("days", [300, -1], ids=["valid", "expired"])
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_our_door_shows_its_certificate(tmp_path: Path, tls: Any, days: int) -> None:
    """Printers stop sending the day it ends, and say so to nobody."""
    port = free_port()
    pem, key = certificate(tmp_path, days=(-30, days))
    listening = SmtpSettings(listen=f"127.0.0.1:{port}", domain="tocsin.la-redorte.example",
                             tls=tls, certificate=pem, key=key)  # fmt: skip
    async with relay() as there, office(tmp_path, there.port, listening):
        found = await steps(settings(there.port), smtp=listening)

    assert (days > 0) is found["door"].ok
    assert "certificat" in found["door"].said
    assert days > 0 or str(pem) in found["door"].mend


async def test_a_door_that_is_shut_is_told_though_the_relay_is_unknown() -> None:
    """The two have nothing to do with each other."""
    shut = door().model_copy(update={"listen": f"127.0.0.1:{free_port()}"})
    found = await steps(settings(25, host="nothing.invalid"), smtp=shut)

    assert False is found["door"].ok
    assert "systemctl start tocsin" in found["door"].mend


async def test_another_program_on_our_port_is_not_taken_for_the_door() -> None:
    """A Postfix on the same machine answers politely too."""
    async with relay() as there:
        taken = door().model_copy(update={"listen": f"127.0.0.1:{there.port}"})
        found = await steps(settings(there.port), smtp=taken)

    assert "un autre programme" in found["door"].said
