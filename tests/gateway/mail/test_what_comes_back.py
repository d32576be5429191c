"""What comes back for a mail changes what is known of the person, and what is done next."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tests.gateway.mail.fixtures import dsn
from tests.gateway.mail.post import Office, office
from tests.gateway.mail.relay import HANG, Relay, relay
from tests.harness import states


def envid(server: Relay, number: int = 0) -> str:
    return server.taken[number][0].rpartition("ENVID=")[2]


def reply(server: Relay, body: str) -> bytes:
    to = server.messages[0]["Message-ID"]
    return f"From: anne@example.org\nIn-Reply-To: {to}\n\n{body}\n".encode()


async def comes_back(box: Office, raw: bytes) -> bool:
    return await box.daemon._mailroom.take(raw)


async def told(box: Office, number: int) -> dict[str, Any]:
    return await box.services.broadcasts.report(box.actor, number)


async def test_a_bounce_turns_sent_into_failed(tmp_path: Path) -> None:
    """*Handed to the relay* is not *delivered*."""
    async with relay() as server, office(tmp_path, server.port) as box:
        number = await box.send("anne@example.org")
        await box.finished(number)
        assert await comes_back(box, dsn("failed", envid=envid(server)))
        report = await told(box, number)

    assert states(report) == {"anne@example.org": "failed"}
    assert report["recipients"][0]["reason"] == "bounced"


async def test_a_delivery_is_no_reading_and_a_delay_changes_nothing(tmp_path: Path) -> None:
    """A mail in a box is not yet in anybody's head."""
    async with relay() as server, office(tmp_path, server.port) as box:
        number = await box.send("anne@example.org")
        await box.finished(number)
        await comes_back(box, dsn("delayed", envid=envid(server)))
        await comes_back(box, dsn("delivered", envid=envid(server)))
        report = await told(box, number)

    assert states(report) == {"anne@example.org": "sent"}
    assert report["recipients"][0]["reason"] == "in_mailbox"


async def test_an_answer_acknowledges(tmp_path: Path) -> None:
    """Whoever writes back has read it."""
    async with relay() as server, office(tmp_path, server.port) as box:
        number = await box.send("anne@example.org")
        await box.finished(number)
        await comes_back(box, reply(server, "Bien reçu"))
        await comes_back(box, dsn("failed", envid=envid(server)))  # a copy of theirs, forwarded
        report = await told(box, number)

    assert states(report) == {"anne@example.org": "acknowledged"}


async def test_stop_by_mail_ends_routine_mail_only(tmp_path: Path) -> None:
    """The law's right to object; an alert still comes."""
    async with relay() as server, office(tmp_path, server.port) as box:
        await box.finished(await box.send("anne@example.org"))
        await comes_back(box, reply(server, "STOP"))
        routine = await box.finished(await box.send("anne@example.org"))
        alert = await box.finished(await box.send("anne@example.org", urgency="vital"))

    assert states(routine) == {"anne@example.org": "excluded"}
    assert states(alert) == {"anne@example.org": "sent"}


async def test_a_return_settles_a_doubt(tmp_path: Path) -> None:
    """The relay died after the dot, and yet it came through."""
    async with relay(dot="die") as server, office(tmp_path, server.port) as box:
        number = await box.send("anne@example.org")
        assert states(await box.finished(number)) == {"anne@example.org": "uncertain"}
        await comes_back(box, dsn("delivered", envid=envid(server)))
        report = await told(box, number)

    assert states(report) == {"anne@example.org": "sent"}


async def test_where_returns_are_watched_the_plan_waits_for_a_bounce(tmp_path: Path) -> None:
    """An information whose mail bounces goes on by SMS; closed too early, it never would."""
    async with relay() as server, office(tmp_path, server.port) as box:
        box.daemon._mailroom.door_open = lambda: True
        number = await box.send("anne@example.org")
        await asyncio.sleep(60)
        view = await box.services.broadcasts.view(box.actor, number)
        assert view.summary.closed_at is None
        report = await box.finished(number)

    assert report["recipients"][0]["reason"] == "returns_watched"


async def test_an_answer_that_overtakes_the_relays_own_counts(tmp_path: Path) -> None:
    """Anne wrote back while the relay still owed us its yes: the alert is not sent again."""
    async with relay(dot=HANG) as server, office(tmp_path, server.port) as box:
        number = await box.send("anne@example.org", urgency="vital")
        await server.first.wait()
        assert await comes_back(box, reply(server, "Bien reçu"))
        report = await box.finished(number)

    assert states(report) == {"anne@example.org": "acknowledged"}
    assert len(server.taken) == 1


async def test_a_bounce_that_overtakes_the_relays_own_answer_counts(tmp_path: Path) -> None:
    """A relay next door brings the bounce before we have written down that it took the mail."""
    async with relay(dot=HANG) as server, office(tmp_path, server.port) as box:
        number = await box.send("anne@example.org")
        await server.first.wait()
        assert await comes_back(box, dsn("failed", envid=envid(server)))
        report = await box.finished(number)

    assert states(report) == {"anne@example.org": "failed"}
