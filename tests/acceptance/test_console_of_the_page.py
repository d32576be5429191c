"""The raw console of the page, on the running daemon: a modem lent to a browser, and given back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.model import Door
from gateway.services import AuditFilter, Draft, NotAllowed, Refused
from modem.emulator import Network
from tests.harness import Town, running


def network() -> Network:
    made = Network(seed=1, sms_seconds=0.1, report_seconds=0.1)
    made.add_modem("m1")
    return made


async def ready(town: Town) -> None:
    while (await town.services.fleet.modems(town.actor))[0].state != "ready":
        await town.advance(1.0)


async def test_one_command_at_a_time_is_said_and_its_answer_kept(tmp_path: Path) -> None:
    """The answer stands below the command, and in the record who said it."""
    async with running(tmp_path, network()) as town:
        await ready(town)
        console = town.services.bench.console

        await console.say(town.actor, "m1", "AT+CGMM")
        await console.say(town.actor, "m1", "AT+CSQ")
        talk = console.view(town.actor, "m1")

        assert ["AT+CGMM", "AT+CSQ"] == [said for said, _ in talk.lines]
        assert "OK" == talk.lines[0][1][-1]
        assert talk.lines[1][1][0].startswith("+CSQ:")
        assert talk.lent
        listed = (await town.services.audit.page(town.actor, AuditFilter("box"))).items
        assert 2 == sum(one.what == "a parlé à un modem (console)" for one in listed)


async def test_a_browser_that_goes_away_gives_the_modem_back(tmp_path: Path) -> None:
    """Nobody says goodbye when a telephone's battery dies."""
    async with running(tmp_path, network()) as town:
        await ready(town)
        console = town.services.bench.console
        await console.say(town.actor, "m1", "AT")

        await town.advance(125.0)
        await ready(town)

        assert not console.view(town.actor, "m1").lent
        assert "deux minutes" in console.view(town.actor, "m1").ended


async def test_an_alert_takes_the_modem_back_at_once(tmp_path: Path) -> None:
    """And the console says why."""
    async with running(tmp_path, network()) as town:
        await ready(town)
        console = town.services.bench.console
        await console.say(town.actor, "m1", "AT")
        draft = Draft("La crue arrive.", to=("+33639980001",), channels=("sms",), urgency="vital")

        number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.finished(number)

        assert 1 == len(town.network.handset("+33639980001").inbox)
        assert "alerte" in console.view(town.actor, "m1").ended


async def test_a_console_given_back_is_over(tmp_path: Path) -> None:
    """Its lines stay on the page; the next command borrows the modem anew."""
    async with running(tmp_path, network()) as town:
        await ready(town)
        console = town.services.bench.console
        await console.say(town.actor, "m1", "AT")
        console.give_back(town.actor, "m1")
        await town.advance(1.0)
        over = console.view(town.actor, "m1")

        await ready(town)
        await console.say(town.actor, "m1", "ATI")

        assert not over.lent
        assert ["AT", "ATI"] == [said for said, _ in console.view(town.actor, "m1").lines]


async def test_what_dials_or_sends_never_reaches_the_modem(tmp_path: Path) -> None:
    """Refused with why, before the modem is even borrowed."""
    async with running(tmp_path, network()) as town:
        await ready(town)
        console = town.services.bench.console

        for command in ("ATD0639980001;", "AT+CSQ;+CMGS=23", "AT+CPIN=1234", "AT&F", ""):
            with pytest.raises(Refused):
                await console.say(town.actor, "m1", command)

        assert () == console.view(town.actor, "m1").lines
        assert (await town.services.fleet.modems(town.actor))[0].state == "ready"


async def test_two_people_do_not_talk_to_one_modem(tmp_path: Path) -> None:
    """The second is told who has it; nobody reads the other's lines."""
    async with running(tmp_path, network()) as town:
        await ready(town)
        console, other = town.services.bench.console, replace(town.actor, login="autre")
        await console.say(town.actor, "m1", "AT")

        with pytest.raises(Refused, match="entre les mains"):
            await console.say(other, "m1", "AT")
        assert () == console.view(other, "m1").lines
        with pytest.raises(Refused, match="modem"):
            await console.say(other, "nulle-part", "AT")


async def test_only_administrators_hold_it(tmp_path: Path) -> None:
    """A technician's page has trials instead."""
    async with running(tmp_path, network()) as town:
        for role in ("technician", "sender", "auditor"):
            with pytest.raises(NotAllowed):
                await town.services.bench.console.say(replace(town.actor, role=role), "m1", "AT")


async def test_a_daemon_that_stops_leaves_no_command_waiting(tmp_path: Path) -> None:
    """The page gets an answer, not a browser's timeout."""
    async with running(tmp_path, network()) as town:
        await ready(town)
        console = town.services.bench.console
        await console.say(town.actor, "m1", "AT")
        asked = asyncio.gather(
            *(console.say(town.actor, "m1", "AT+CSQ") for _ in range(3)), return_exceptions=True
        )
        console.give_back(town.actor, "m1")
        said = await asked

        assert all(one is None or isinstance(one, Refused) for one in said)


async def test_a_call_is_seen_and_heard_on_the_technicians_page(tmp_path: Path) -> None:
    """Ringing, speaking, and how loud; a masked number, no name."""
    made = network()
    async with running(tmp_path, made) as town:
        await ready(town)
        technician = replace(town.actor, role="technician")
        town.phone("+33639980001")
        draft = Draft("La crue arrive : montez à l'étage.", to=("+33639980001",),
                      channels=("voice",), urgency="vital")  # fmt: skip
        number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        seen = []
        while not (await town.services.broadcasts.view(town.actor, number)).summary.closed_at:
            call = town.services.status.call(technician, "m1")
            if call is not None:
                seen.append(call)
            await town.advance(0.5)

        speaking = [one for one in seen if one.said == "parle"]
        assert {"+33 *** 01"} == {one.number for one in seen}
        assert "le téléphone sonne" in {one.said for one in seen}
        assert max(one.sent for one in speaking) > 40
        assert town.services.status.call(technician, "m1") is None
