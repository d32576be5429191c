"""The box gives its mail to a relay that is not always kind."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import aiosmtplib
import pytest

from gateway.mail import session
from gateway.store import jobs
from tests.faults.table import fault
from tests.gateway.mail.post import office
from tests.gateway.mail.relay import DIE, HANG, relay
from tests.harness import states


def people(count: int) -> Sequence[str]:
    return [f"p{number}@example.org" for number in range(count)]


def tries(report: dict[str, Any]) -> list[str]:
    return [a["result"] for p in report["recipients"] for j in p["jobs"] for a in j["attempts"]]


def details(report: dict[str, Any]) -> list[str]:
    return [a["detail"] for p in report["recipients"] for j in p["jobs"] for a in j["attempts"]]


async def test_one_connection_carries_many(tmp_path: Path) -> None:
    """A connection each is what makes relays slow down."""
    async with relay() as server, office(tmp_path, server.port, connections=1) as box:
        report = await box.finished(await box.send(*people(8)))

    assert set(states(report).values()) == {"sent"}
    assert (len(server.taken), server.connections) == (8, 1)
    assert len({message["Message-ID"] for message in server.messages}) == 8


async def test_the_envelope_asks_for_what_comes_back(tmp_path: Path) -> None:
    """Without ENVID a bounce is nobody's."""
    async with relay() as server, office(tmp_path, server.port, verp=True) as box:
        await box.finished(await box.send("anne@example.org"))

    mail, to, _ = server.taken[0]
    assert "ENVID=tocsin." in mail
    assert mail.startswith("MAIL FROM:<mairie+tocsin.")
    assert "NOTIFY=FAILURE,DELAY" in to


async def test_an_unknown_address_fails_for_ever_and_the_next_goes(tmp_path: Path) -> None:
    """One bad address never stops the rest."""
    async with relay(RCPT="550 5.1.1 unknown") as server, office(tmp_path, server.port) as box:
        number = await box.send("anne@example.org")
        assert states(await box.finished(number)) == {"anne@example.org": "failed"}
        server.says.clear()
        report = await box.finished(await box.send("luc@example.org"))

    assert set(states(report).values()) == {"sent"}


@fault(
    "relay", "refuse le compte ou l'expéditeur",
    "Personne n'est compté en échec ; les courriels attendent la réparation.",
)  # fmt: skip
async def test_a_wrong_password_fails_nobody(tmp_path: Path) -> None:
    """It is ours to mend, and the mail waits for that."""
    async with (
        relay(MAIL="550 5.7.1 sender denied") as server,
        office(tmp_path, server.port) as box,
    ):
        number = await box.send(*people(5))
        await asyncio.sleep(600)
        server.says.clear()
        report = await box.finished(number)

    assert set(states(report).values()) == {"sent"}
    assert len(server.taken) == 5


@pytest.mark.parametrize("word", ["greeting", "MAIL", "RCPT", "DATA", "."])
async def test_a_relay_that_refuses_in_a_charset_of_old_is_understood(
    tmp_path: Path, word: str
) -> None:
    """Its French could not be written down: mails stayed in hand for ever, then the box fell."""
    async with relay() as server, office(tmp_path, server.port) as box:
        server.charset, server.says[word] = "latin-1", "550 5.7.1 accès refusé"
        number = await box.send(*people(14))
        await asyncio.sleep(3600)
        refused = details(await box.report(number))
        server.says.clear()
        report = await box.finished(number)

    assert any("accès refusé" in one for one in refused)
    assert not {"queued", "running"} & {j["state"] for p in report["recipients"] for j in p["jobs"]}


@fault(
    "relay", "refuse pour l'instant (4xx)",
    "Les courriels attendent et partent dès qu'il accepte, dans leur délai.",
)  # fmt: skip
async def test_a_relay_that_refuses_for_an_hour_loses_nobody(tmp_path: Path) -> None:
    """4xx is *later*, and later is within the life of the message."""
    async with relay(RCPT="451 4.3.0 later") as server, office(tmp_path, server.port) as box:
        number = await box.send(*people(12))
        await asyncio.sleep(3600)
        assert server.taken == []
        server.says.clear()
        report = await box.finished(number)

    assert sorted(to for _, to, _ in server.taken) == sorted(
        f"RCPT TO:<{one}> NOTIFY=FAILURE,DELAY" for one in people(12)
    )
    assert set(states(report).values()) == {"sent"}


async def test_one_full_mailbox_cuts_nothing_off(tmp_path: Path) -> None:
    """Nor is its relay asked every two seconds how it is: hosted relays count connections."""
    full = {"RCPT": "452 4.2.2 mailbox full"}
    async with relay(**full) as server, office(tmp_path, server.port) as box:
        await box.send("luc@example.org")
        await asyncio.sleep(3000)
        assert box.services.outage.notice() == ""

    assert server.connections < 40


async def test_a_relay_that_dies_before_the_text_is_tried_again(tmp_path: Path) -> None:
    """Nothing had left: no doubt, no double."""
    async with relay(DATA=DIE) as server, office(tmp_path, server.port) as box:
        number = await box.send("anne@example.org")
        await asyncio.sleep(5)
        server.says.clear()
        report = await box.finished(number)

    assert states(report) == {"anne@example.org": "sent"}
    assert len(server.taken) == 1


@fault(
    "relay", "tombe avant de dire qu'il a pris le courriel",
    "Le courriel est « incertain » ; une alerte repart et le dit.",
)  # fmt: skip
async def test_a_relay_that_dies_after_the_final_dot_leaves_a_doubt(tmp_path: Path) -> None:
    """Neither sent twice nor called sent: *incertain*."""
    async with relay(dot=DIE) as server, office(tmp_path, server.port) as box:
        report = await box.finished(await box.send("anne@example.org"))

    assert states(report) == {"anne@example.org": "uncertain"}
    assert len(server.taken) == 1


async def test_an_alert_in_doubt_is_sent_again_and_says_so(tmp_path: Path) -> None:
    """An alert heard twice hurts nobody, under the same Message-ID least of all."""
    async with relay(dot=DIE) as server, office(tmp_path, server.port) as box:
        server.once = True
        number = await box.send("anne@example.org", urgency="vital")
        report = await box.finished(number)

    assert states(report) == {"anne@example.org": "sent"}
    assert len(server.taken) == 2
    assert len({message["Message-ID"] for message in server.messages}) == 1
    body = server.messages[1].get_body(("plain",))
    assert body is not None
    assert "Rappel" in body.get_content()


@fault(
    "relay", "décroche et ne dit rien",
    "Il est quitté au bout d'une demi-minute, puis rappelé.",
)  # fmt: skip
async def test_a_relay_that_hangs_is_left(tmp_path: Path) -> None:
    """Half a minute at most, then another try."""
    async with relay(greeting=HANG) as server, office(tmp_path, server.port) as box:
        number = await box.send("anne@example.org")
        await asyncio.sleep(40)
        server.says.clear()
        report = await box.finished(number)

    assert states(report) == {"anne@example.org": "sent"}


@fault(
    "internet", "le DNS ne répond pas",
    "Le courriel est réessayé et part dès que le nom est trouvé.",
)  # fmt: skip
async def test_a_name_that_is_not_found_in_time_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resolver without a way out says nothing for minutes; the mail does not fail for it."""
    real, mute = asyncio.BaseEventLoop.getaddrinfo, [True]

    async def find(loop: Any, host: Any, *more: Any, **options: Any) -> Any:
        if host == "relais.example":
            await asyncio.sleep(1e9 if mute[0] else 0)
            host = "127.0.0.1"
        return await real(loop, host, *more, **options)

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", find)
    async with relay() as server, office(tmp_path, server.port, host="relais.example") as box:
        number = await box.send("anne@example.org")
        await asyncio.sleep(120)
        assert "Internet coupé" in box.services.outage.notice()
        mute[0] = False
        report = await box.finished(number)

    assert states(report) == {"anne@example.org": "sent"}


async def test_a_stop_between_dot_and_answer_is_a_doubt_after_the_start(tmp_path: Path) -> None:
    """A crash must not send a mail twice in silence."""
    async with relay(dot=HANG) as server, office(tmp_path, server.port) as box:
        number = await box.send("anne@example.org")
        await server.first.wait()
        now = box.daemon.clock.now()
        await box.daemon.store.write(lambda db: jobs.recover(db, now))
        report = await box.services.broadcasts.report(box.actor, number)

        assert states(report) == {"anne@example.org": "uncertain"}
        server.says.clear()


async def test_one_domain_never_gets_more_than_its_share(tmp_path: Path) -> None:
    """Providers shut out who comes all at once; the others need not wait."""
    async with relay() as server, office(
        tmp_path, server.port, per_domain_per_minute=3, connections=1
    ) as box:  # fmt: skip
        to = [*people(5), "luc@laposte.example", "zoe@free.example"]
        number = await box.send(*to)
        await asyncio.sleep(10)
        assert len(server.taken) == 5
        report = await box.finished(number)

    assert len(server.taken) == 7
    assert all(len(p["jobs"][0]["attempts"]) == 1 for p in report["recipients"])


async def test_an_address_with_accents_needs_a_relay_that_takes_them(tmp_path: Path) -> None:
    """Where it does not, that is said, and nothing breaks."""
    async with relay() as server, office(tmp_path, server.port) as box:
        await box.finished(await box.send("zoé@example.org"))
        assert "SMTPUTF8" in server.taken[0][0]
        server.offers = ("SIZE 1000",)
        await box.daemon._mail[0].close()
        await box.daemon._mail[1].close()
        report = await box.finished(await box.send("eloïse@example.org"))

    assert set(states(report).values()) == {"failed"}


class Forgetful:
    """A library that takes its own cancellation for the end of a wait, as 3.11's `wait_for` may."""

    is_connected = True

    async def quit(self, **_: object) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


async def test_a_stop_is_heeded_though_the_library_forgets_it() -> None:
    """A daemon that waits for ever for its own probe is killed by systemd, in mid-whatever."""
    leaving = asyncio.ensure_future(session.leave(cast("aiosmtplib.SMTP", Forgetful())))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])

    assert leaving.cancelled()
