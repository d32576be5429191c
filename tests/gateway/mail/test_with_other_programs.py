"""Mail given to, and taken from, programs nobody here wrote: Postfix, swaks, msmtp, smtplib."""

from __future__ import annotations

import asyncio
import email
import smtplib
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.config import (
    Config,
    MailboxSettings,
    NeighbourSettings,
    RelaySettings,
    SmtpSettings,
    TownSettings,
)
from gateway.daemon import Daemon
from gateway.model import Door
from gateway.services import Actor, Draft
from tests.acceptance.box import free_port
from tests.gateway.mail.post import DOMAIN
from tests.gateway.mail.servers import Postfix, certificate, postfix
from tests.tools import require

pytestmark = pytest.mark.real_time

LIST = "Nom;Téléphone;Courriel;Groupe\nAlibert;06 39 98 00 01;;Élus\nBonnet;06 39 98 00 02;;Élus\n"
PASSWORD = "crue de l'Argent-Double"
NEAR = (NeighbourSettings(address="127.0.0.1", name="Supervision"),)


class Town:
    """A box without modems, in real time, with its doors open."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon, self.services = daemon, daemon.services
        self.actor = Actor(None, "t", "Essai", "administrator", 1, "La Redorte")

    async def until(self, true: Callable[[], Awaitable[bool]], what: str) -> None:
        for _ in range(300):
            if await true():
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"not within 15 s: {what}")

    async def messages(self) -> list[Any]:
        page = await self.services.broadcasts.list(self.actor)
        return [one for one in page.items if not one.title.startswith("Re: ")][::-1]

    async def send(self, *to: str) -> int:
        draft = Draft("L'eau est coupée jusqu'à midi.", title="Eau", to=to, channels=("email",),
                      urgency="service", at_any_hour=True)  # fmt: skip
        return await self.services.sending.send(self.actor, draft, Door.COMMAND)

    async def report(self, number: int) -> list[dict[str, Any]]:
        found = await self.services.broadcasts.report(self.actor, number)
        return list(found["recipients"])


@asynccontextmanager
async def town(
    folder: Path, relay: RelaySettings | None, mailbox: MailboxSettings | None = None, **door: Any
) -> AsyncIterator[Town]:
    smtp = SmtpSettings(**{"listen": "127.0.0.1:0", "domain": DOMAIN, **door})
    config = Config(
        data_dir=folder / "box", town=TownSettings(name="La Redorte"), smtp=smtp, relay=relay,
        mailbox=mailbox,
    )  # fmt: skip
    daemon = Daemon(config, clock=SystemClock(), seed=1, page=False)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(daemon.run(), name="daemon")
        await daemon.ready.wait()
        try:
            made = Town(daemon)
            await made.services.imports.take_file(made.actor, LIST.encode())
            code = await made.services.accounts.issue_first_code()
            await made.services.accounts.create_first(code or "", "camille", "Camille", PASSWORD)
            yield made
        finally:
            daemon.stop()


def through(server: Postfix, **more: Any) -> RelaySettings:
    known = {"ca_file": server.certificate, "sender": "Mairie <mairie@town.example>"}
    return RelaySettings(
        host="localhost", port=server.port, tls="starttls", **{**known, **more}
    )  # fmt: skip


async def run(*words: str, given: str = "") -> str:
    """Run a program to its end; return what it said, with its exit status on the last line."""
    child = await asyncio.create_subprocess_exec(
        *words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said, _ = await child.communicate(given.encode())
    return f"{said.decode(errors='replace')}\n{child.returncode}"


async def test_postfix_takes_our_mail_and_delivers_it_as_we_wrote_it(tmp_path: Path) -> None:
    """STARTTLS with the one authority we believe, headers that other servers leave alone."""
    with postfix() as server:
        async with town(tmp_path, through(server)) as box:
            number = await box.send("anne@town.example", "blaise@town.example")

            async def arrived() -> bool:
                sent = {one["state"] for one in await box.report(number)} == {"sent"}
                return sent and len(server.mails()) == 2

            await box.until(arrived, "both mails are in the maildir, and said to be sent")
        found = [email.message_from_bytes(raw, policy=default) for raw in server.mails()]

    assert {str(one["To"]) for one in found} == {"anne@town.example", "blaise@town.example"}
    assert {one["Auto-Submitted"] for one in found} == {"auto-generated"}
    assert all("TLS" in str(one["Received"]) or "ESMTPS" in str(one["Received"]) for one in found)
    body = found[0].get_body(("plain",))
    assert body is not None
    assert "L'eau est coupée jusqu'à midi." in body.get_content()


async def test_a_relay_with_another_certificate_gets_no_mail(tmp_path: Path) -> None:
    """Whoever sits in between must not read whom the town warns."""
    other = tmp_path / "other"
    other.mkdir()
    pem, _ = certificate(other)
    with postfix() as server:
        async with town(tmp_path, through(server, ca_file=pem)) as box:
            number = await box.send("anne@town.example")

            async def tried() -> bool:
                (one,) = await box.report(number)
                return any(job["attempts"] for job in one["jobs"])

            await box.until(tried, "it was tried")
            (one,) = await box.report(number)

    assert server.mails() == []
    assert one["state"] in {"pending", "in_progress"}


async def test_what_postfix_sends_back_ends_the_mail_with_its_reason(tmp_path: Path) -> None:
    """A real DSN, from the server that could not deliver, through our own door."""
    door = free_port()
    with postfix(door, DOMAIN) as server:
        relay = through(server, sender=f"Mairie <mairie@{DOMAIN}>", return_path=f"bounce@{DOMAIN}")
        async with town(tmp_path, relay, listen=f"127.0.0.1:{door}", lan=NEAR) as box:
            number = await box.send("nobody@gone.example")

            async def came_back() -> bool:
                (one,) = await box.report(number)
                return one["state"] == "failed"

            await box.until(came_back, f"the bounce settles it: {server.said()}")
            (one,) = await box.report(number)

    assert (one["state"], one["reason"]) == ("failed", "bounced")


async def test_postfix_brings_a_mail_to_our_door(tmp_path: Path) -> None:
    """The town's own server needs one line in its transport map."""
    door = free_port()
    with postfix(door, DOMAIN) as server:
        async with town(tmp_path, None, listen=f"127.0.0.1:{door}", lan=NEAR) as box:
            context = ssl.create_default_context(cafile=str(server.certificate))

            def give() -> None:
                with smtplib.SMTP("localhost", server.port, timeout=10) as client:
                    client.starttls(context=context)
                    client.sendmail(
                        "camille@town.example", [f"elus@groupe.{DOMAIN}"],
                        "From: camille@town.example\r\nSubject: [sms] Reunion\r\n\r\nA 18 h.\r\n",
                    )  # fmt: skip

            await asyncio.to_thread(give)

            async def there() -> bool:
                return len(await box.messages()) == 1

            await box.until(there, f"the message is made: {server.said()}")
            (one,) = await box.messages()

    assert (one.title, one.recipients) == ("Reunion", 2)


@pytest.mark.parametrize("who", ["account", "token", "wrong password", "nobody"])
async def test_swaks_is_let_in_by_what_it_knows(tmp_path: Path, who: str) -> None:
    """STARTTLS and AUTH as an administrator's Swiss army knife speaks them."""
    swaks = require("swaks")
    pem, key = certificate(tmp_path)
    door: dict[str, Any] = {"tls": "starttls", "certificate": pem, "key": key}
    async with town(tmp_path, None, **door) as box:
        token = await box.services.software.issue(box.actor, "Zabbix")
        login = {
            "account": ["--auth-user", "camille", "--auth-password", PASSWORD],
            "token": ["--auth-user", "zabbix", "--auth-password", token],
            "wrong password": ["--auth-user", "camille", "--auth-password", "wrong"],
            "nobody": [],
        }[who]
        said = await run(
            swaks, "--server", "127.0.0.1", "--port", str(box.daemon.mail_port), "--tls",
            *(("--auth", "PLAIN,LOGIN", *login) if login else ()),
            "--from", "camille@town.example", "--to", f"0639980001@sms.{DOMAIN}",
            "--header", "Subject: Essai", "--body", "Coupure d'eau.",
        )  # fmt: skip

        async def dealt_with() -> bool:
            return len(await box.messages()) == 1

        if who in {"account", "token"}:
            await box.until(dealt_with, said)
        found = await box.messages()

    assert (len(found) == 1) is (who in {"account", "token"}), said
    assert (said.strip().endswith("\n0")) is (who in {"account", "token"}), said


async def test_swaks_cannot_relay_through_us_without_a_name(tmp_path: Path) -> None:
    """The classic test of an open relay, from outside the listed machines."""
    swaks = require("swaks")
    async with town(tmp_path, None) as box:
        said = await run(
            swaks, "--server", "127.0.0.1", "--port", str(box.daemon.mail_port),
            "--from", "spam@elsewhere.example", "--to", "victim@elsewhere.example",
        )  # fmt: skip

    assert "550 5.7.1" in said


async def test_msmtp_sends_what_a_script_pipes_into_it(tmp_path: Path) -> None:
    """`cron`, Nagios and a copier's script all end in a sendmail like this one."""
    msmtp = require("msmtp")
    pem, key = certificate(tmp_path)
    door: dict[str, Any] = {"tls": "starttls", "certificate": pem, "key": key}
    async with town(tmp_path, None, **door) as box:
        token = await box.services.software.issue(box.actor, "cron")
        said = await run(
            msmtp, "--file=/dev/null", "--host=localhost", f"--port={box.daemon.mail_port}",
            "--tls=on", "--tls-starttls=on", f"--tls-trust-file={pem}", "--auth=plain",
            "--user=cron", f"--passwordeval=echo {token}", "--from=cron@town.example",
            f"elus@groupe.{DOMAIN}",
            given="Subject: [sms] Sauvegarde\n\nLa sauvegarde a échoué.\n",
        )  # fmt: skip

        async def there() -> bool:
            return len(await box.messages()) == 1

        await box.until(there, said)
        (one,) = await box.messages()

    assert (one.title, one.author) == ("Sauvegarde", "cron")
