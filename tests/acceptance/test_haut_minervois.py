"""A community of seventeen communes lives a week: flood, council, closed road, a letter.

Small here; the whole fourteen thousand under ``-m bench``. Every report is compared with what the
emulated people lived.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.clock import LoopClock
from gateway.model import Door
from gateway.services import Actor, Draft, Meeting
from gateway.store import entities
from modem.emulator import Behaviour, Network, Pace
from tests.harness import Town, running

PARIS = ZoneInfo("Europe/Paris")
COMMUNES = 17
FLOOD = "Crue : montez à l'étage, coupez le courant."


@dataclass(frozen=True)
class Size:
    """How large the community is: people of each commune, and of the flooded quarter."""

    commune: int
    flooded: int
    landlines: int


SIZES = [
    pytest.param(Size(20, 40, 3), id="small"),
    pytest.param(Size(824, 600, 20), id="whole", marks=pytest.mark.bench),
]


def at(day: int, hour: int, minute: int = 0) -> LoopClock:
    moment = datetime(2026, 11, day, hour, minute, tzinfo=PARIS)
    return LoopClock(moment - timedelta(seconds=asyncio.get_running_loop().time()))


def morning_of(meeting: Meeting) -> LoopClock:
    """Return a clock that stands just before eight on the day of a meeting."""
    moment = meeting.at.replace(hour=7, minute=59, second=50)
    return LoopClock(moment - timedelta(seconds=asyncio.get_running_loop().time()))


def numbers() -> Iterator[int]:
    return count(1)


def mobile(n: int) -> str:
    """Return one of the numbers nobody has; beyond ten thousand their neighbours."""
    return f"06 39 {98 - n // 10_000} {n // 100 % 100:02} {n % 100:02}"


def rows_of(size: Size, commune: int, serial: Iterator[int]) -> str:
    """Return a commune's list; the first has the flooded quarter, its staff and its council."""
    lines = ["Nom;Prénom;Tel;Courriel;Rue;Quartier;Groupes"]
    for turn in range(size.flooded if commune == 0 else size.commune):
        n = next(serial)
        groups = ["Population"] + ["Partenaires"] * (commune == 1 and turn % 5 == 4)
        if commune == 0:
            groups.append("Quartier inondable")
            groups += ["Aides à domicile"] * (0 <= turn - size.landlines < 6) + ["Conseil"] * (
                turn >= size.flooded - 9
            )
        phone = f"01 99 00 {n // 100 % 100:02} {n % 100:02}" if turn < size.landlines else mobile(n)
        if commune == 0 and turn >= size.flooded - 9:
            phone = mobile(n)
        mail = (
            f"p{n}@mairie.example"
            if turn % 5 == 4 or (commune == 0 and turn >= size.flooded - 9)
            else ""
        )
        lines.append(
            f"Personne{n};P{n};{phone};{mail};{turn} rue du Port;Berges;{','.join(groups)}"
        )
    return "\n".join(lines)


async def settled(town: Town, size: Size) -> list[Actor]:
    """Found the community and its communes, each with its people; return who acts for each."""
    store, now = town.daemon.store, town.daemon.clock.now()
    actors, serial = [], numbers()
    for turn in range(COMMUNES):
        name = "La Redorte" if turn == 0 else f"Commune {turn}"
        number = await store.write(
            lambda db, name=name, turn=turn: entities.add(  # type: ignore[misc]
                db, 1, f"{name} ({turn})", "Europe/Paris", "Essai", now
            )
        )
        assert number is not None
        actor = replace(town.actor, entity_id=number, entity_name=name)
        await town.services.imports.take_file(actor, rows_of(size, turn, serial).encode())
        actors.append(actor)
    return actors


async def ids(town: Town, actor: Actor, *names: str) -> tuple[int, ...]:
    known = {group.name: group.id for group in await town.services.directory.groups(actor)}
    return tuple(known[name] for name in names)


async def over(town: Town, actor: Actor, number: int) -> dict[str, object]:
    async for _ in town.services.live.watch(actor, f"broadcast:{number}"):
        if (await town.services.broadcasts.view(actor, number)).summary.closed_at is not None:
            break
    return await town.services.broadcasts.report(actor, number)


def network(size: Size) -> Network:
    made = Network(
        seed=7, pace=Pace.FAST, sms_seconds=0.5, report_seconds=2.0,
    )  # fmt: skip
    for name in ("orange", "sfr", "bouygues"):
        made.add_modem(name)
    for turn in range(size.landlines):
        habit = Behaviour(presses_when_prompted="1") if turn else Behaviour(answers_after=None)
        made.handset(f"+33199{turn + 1:06}").behaviour = habit
    return made


@pytest.mark.parametrize("size", SIZES)
async def test_a_week_of_the_haut_minervois(tmp_path: Path, size: Size) -> None:
    """Four messages, four publics, one box in the community's cupboard."""
    made = network(size)
    async with running(tmp_path, made, clock=at(24, 3)) as town:
        actors = await settled(town, size)
        redorte, neighbour = actors[0], actors[1]
        services = town.services

        # at three in the morning the mayor of La Redorte warns the quarter by the river
        quarter = await ids(town, redorte, "Quartier inondable")
        alert = Draft(FLOOD, group_ids=quarter, channels=("sms", "voice", "email"),
                      urgency="vital", order="advised", title="Crue")  # fmt: skip
        forecast = await services.compose.foresee(redorte, alert)
        number = await services.sending.send(redorte, alert, Door.COMMAND)
        flood = await over(town, redorte, number)
        sheet = await services.broadcasts.door_to_door(redorte, number)
        others = await services.broadcasts.list(neighbour)

        # the neighbours write to their partners of tourism, with a file; hours hold it till ten
        partners = await ids(town, neighbour, "Partenaires")
        kept = await services.files.keep(neighbour, "saison.pdf", b"%PDF-1.7")
        letter = Draft("La saison.", group_ids=partners, channels=("email",), title="Lettre",
                       urgency="information", file_ids=(kept,))  # fmt: skip
        await services.sending.send(neighbour, letter)

        # the road is closed for the home helps of La Redorte, and its council is convened
        helps = await ids(town, redorte, "Aides à domicile")
        road = Draft("Route de Puichéric fermée.", group_ids=helps, channels=("sms",),
                     urgency="service", at_any_hour=True)  # fmt: skip
        road_report = await over(
            town, redorte, await services.sending.send(redorte, road, Door.COMMAND)
        )
        (council,) = await ids(town, redorte, "Conseil")
        meeting = Meeting(
            "Conseil municipal", datetime(2026, 12, 3, 20, 30, tzinfo=PARIS), "la mairie",
            "Budget.", (council,), days_before=0, morning=True, inhabitants=1200,
        )  # fmt: skip
        await services.convening.convene(redorte, meeting)
    # in the morning convocation and letter leave; on the day itself, the reminder
    async with running(tmp_path, made, clock=at(24, 10)) as town:
        await town.advance(120)
        mails = [message for _, message in town.mailbox.messages]
    async with running(tmp_path, made, clock=morning_of(meeting)) as town:
        await town.advance(120)
    told = {str(sms.text) for handset in made.handsets for sms in handset.inbox}
    reached = [h for h in made.handsets if any(FLOOD in sms.text for sms in h.inbox)]
    called = [h for h in made.handsets if h.calls]

    assert size.flooded == forecast.recipients
    assert size.flooded == len(flood["recipients"])  # type: ignore[arg-type]
    lived = {one["contact"]: one["state"] for one in flood["recipients"]}  # type: ignore[attr-defined]
    assert "failed" == lived["P1 Personne1"]  # nobody picked up there
    assert size.flooded - size.landlines == list(lived.values()).count("received")
    assert size.landlines - 1 == list(lived.values()).count("acknowledged")
    assert size.flooded - size.landlines == len(reached)
    assert size.landlines == len(called)
    assert all(len([s for s in h.inbox if FLOOD in s.text]) == 1 for h in reached)
    assert 1 == sheet.left
    assert () == others.items  # the neighbours see nothing of it
    assert 6 == len(road_report["recipients"])  # type: ignore[arg-type]
    assert any("Route de Puichéric" in text for text in told)
    letters = [mail for mail in mails if mail["Subject"] == "Lettre"]
    assert size.commune // 5 == len(letters)
    assert all(len(list(mail.iter_attachments())) == 1 for mail in letters)
    assert 9 == len(mails) - len(letters)
    assert 9 == sum(
        any("20 h 30" in sms.text for sms in handset.inbox) for handset in made.handsets
    )
