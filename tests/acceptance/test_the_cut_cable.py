"""The day the internet falls: people are told by telephone, and no mail is lost or doubled."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from gateway.config import RelaySettings
from gateway.model import Door
from gateway.probing import Probing
from gateway.services import Draft
from gateway.services.outage import RELAY
from modem.emulator import Network, Pace
from tests.faults.table import fault
from tests.gateway.mail.relay import HANG, Relay
from tests.harness import NIGHT, Town, running, states

LIST = "Nom;Téléphone;Courriel;Groupe\n" + "".join(
    f"P{n:03};06 39 98 {n // 100:02} {n % 100:02};p{n}@example.org;Cantine\n" for n in range(1, 21)
)


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    network = Network(seed=1, pace=Pace.FAST, sms_seconds=0.1, report_seconds=0.5)
    network.add_modem("orange-1")
    async with running(folder, network) as box:
        await box.services.imports.take_file(box.actor, LIST.encode())
        yield box


async def information(box: Town, *channels: str) -> int:
    (group,) = await box.services.directory.groups(box.actor)
    draft = Draft("Pas de cantine demain.", title="Cantine", group_ids=(group.id,),
                  channels=channels, urgency="information", order="advised",
                  at_any_hour=True)  # fmt: skip
    return await box.services.sending.send(box.actor, draft, Door.COMMAND)


def cut(box: Town) -> int:
    assert box.mailbox._server is not None
    port = int(box.mailbox._server.sockets[0].getsockname()[1])
    box.mailbox.close()
    return port


def texts(box: Town) -> list[str]:
    return [
        message.text
        for n in range(1, 21)
        for message in box.phone(f"+3363998{n // 100:02}{n % 100:02}").inbox
    ]


@fault(
    "internet", "coupé",
    "Passé le délai, on prévient par SMS et téléphone ; le courriel suit au retour.",
)  # fmt: skip
async def test_after_the_grace_telephones_tell_and_the_mail_follows(tmp_path: Path) -> None:
    """An information by mail to twenty parents, with the cable cut for an hour."""
    async with town(tmp_path) as box:
        port = cut(box)
        number = await information(box, "email", "sms")
        await box.advance(60)
        assert "ne répond pas depuis" in box.services.outage.notice()
        assert "SMS et voix fonctionnent." in box.services.outage.notice()
        assert texts(box) == []
        await box.advance(300)
        told = texts(box)
        assert len(told) == 20
        assert all(text.endswith("le courriel suivra.") for text in told)
        await box.advance(600)
        assert len(texts(box)) == 20
        assert await box.mailbox.open("127.0.0.1", port) == port
        report = await box.finished(number)

        assert Counter(states(report).values()) == {"received": 20}
        assert Counter(to for to, _ in box.mailbox.messages) == {
            f"p{n}@example.org": 1 for n in range(1, 21)
        }
        for _, message in box.mailbox.messages:
            body = message.get_body(("plain",))
            assert body is not None
            assert "déjà été annoncé par téléphone" in body.get_content()
        assert box.services.outage.notice() == ""
        (past,) = await box.services.outage.past(box.actor)
        assert past.until is not None
        assert past.what == "Courriel arrêté"  # as the day's summary says it


@pytest.mark.parametrize("silent", ["greeting", "RCPT"])
async def test_a_mail_in_hand_holds_nobody_past_the_grace(tmp_path: Path, silent: str) -> None:
    """A relay that picks up and says nothing takes half a minute of each try."""
    async with town(tmp_path) as box:
        port, mute = cut(box), Relay({silent: HANG})
        server = await asyncio.start_server(mute.serve, "127.0.0.1", port)
        await information(box, "email", "sms")
        outage, lanes = box.services.outage, box.daemon.dispatcher.lanes
        while not outage.state.mail or not any(lane.job for lane in lanes):
            await box.advance(0.5)
        outage._grace = box.daemon.clock.now() + 5 - outage.state.since
        outage._turn.set()
        await box.advance(4)
        assert any(lane.job for lane in lanes)
        assert texts(box) == []
        await box.advance(6)
        assert len(texts(box)) == 20
        server.close()


async def test_within_the_grace_nobody_is_told_twice(tmp_path: Path) -> None:
    """A relay that restarts costs no SMS and no line in anybody's mail."""
    async with town(tmp_path) as box:
        port = cut(box)
        number = await information(box, "email", "sms")
        await box.advance(120)
        await box.mailbox.open("127.0.0.1", port)
        report = await box.finished(number)

        assert set(states(report).values()) == {"sent"}
        assert texts(box) == []
        body = box.mailbox.messages[0][1].get_body(("plain",))
        assert body is not None
        assert "annoncé" not in body.get_content()


async def test_a_mail_with_no_telephone_behind_it_waits_and_expires(tmp_path: Path) -> None:
    """No state lasts for ever, and no mail leaves after its time."""
    async with town(tmp_path) as box:
        cut(box)
        until = datetime.fromtimestamp(box.daemon.clock.now() + 1200, NIGHT.tzinfo)
        draft = Draft("Crue", to=("luc@example.org",), channels=("email",), urgency="vital",
                      expires=until)  # fmt: skip
        number = await box.services.sending.send(box.actor, draft, Door.COMMAND)
        await box.advance(1260)
        report = await box.report(number)

    assert states(report) == {"luc@example.org": "expired"}


async def test_a_call_waits_for_no_mail(tmp_path: Path) -> None:
    """An alert whose SMS fails goes on to the call though a mail hangs in the queue."""
    async with town(tmp_path) as box:
        cut(box)
        number = await box.raise_alert("Crue", groups=("Cantine",), channels=("sms", "email"))
        await box.advance(30)
        report = await box.report(number)

    assert Counter(states(report).values()) == {"received": 20}


async def test_a_cut_is_noticed_within_a_minute_though_nobody_sends(tmp_path: Path) -> None:
    """The page must say it before the alert is written."""
    async with town(tmp_path) as box:
        port = cut(box)
        await box.mailbox.open("127.0.0.1", port)
        relay = RelaySettings(port=port)
        witness = box.services.outage.witness(RELAY, outside=True)
        probing = Probing(relay, box.daemon.clock, witness)
        probing._quiet = 30.0  # as for a relay that is not on this machine
        asking = asyncio.ensure_future(probing.run())
        await box.advance(100)
        assert box.services.outage.notice() == ""
        box.mailbox.close()
        await box.advance(60)
        assert "ne répond pas" in box.services.outage.notice()
        asking.cancel()
