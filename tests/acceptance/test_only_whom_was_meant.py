"""A trial goes to one person, and a group's own hours hold for that group alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from gateway.model import Door
from gateway.services import Draft, GroupForm
from modem.emulator import Behaviour
from tests.acceptance.test_asked_by_sms import PARIS, clock
from tests.acceptance.test_second_thoughts import demand_approval, got, one_modem
from tests.harness import Town, running

NIGHT = datetime(2026, 11, 24, 5, 30, tzinfo=PARIS)
LIST = """Nom;Téléphone;Rue;N°;Quartier;Groupe
Anne;06 39 98 00 01;rue du Port;12;Port;Rive
Blaise;06 39 98 00 02;chemin du Canal;7;Canal;Rive
Chloé;06 39 98 00 03;;;;Cantine
"""
PEOPLE = tuple(f"+3363998000{n}" for n in (1, 2, 3))
OWN = "+33639980009"


async def known(town: Town) -> tuple[dict[str, int], tuple[int, ...]]:
    """Take the list in; return the groups' numbers by name, and those of the people."""
    await town.services.imports.take_file(town.actor, LIST.encode())
    groups = {one.name: one.id for one in await town.services.directory.groups(town.actor)}
    people = (await town.services.directory.contacts(town.actor)).items
    return groups, tuple(one.id for one in people)


async def test_a_trial_goes_to_one_number_whoever_is_ticked(tmp_path: Path) -> None:
    """« Un essai à moi-même » at night, without anybody's word: it must wake nobody else."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NIGHT)) as town:
        groups, people = await known(town)
        await demand_approval(town, 1)
        draft = Draft(
            "Bonjour.", group_ids=tuple(groups.values()), contact_ids=people, to=PEOPLE,
            zones=("Port", "Canal"), everybody=True, channels=("sms",),
        )  # fmt: skip
        await town.services.sending.try_out(town.actor, draft, OWN)
        await town.advance(120)

    assert got(network, (*PEOPLE, OWN)) == [[], [], [], ["Bonjour."]]


@pytest.mark.parametrize("kind", ["correction", "end", "resend"])
async def test_what_follows_a_message_keeps_the_hours_of_its_group(
    tmp_path: Path, kind: str
) -> None:
    """At 5:35 the agents are at the garage: a correction at eight finds them gone."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NIGHT)) as town:
        agents = GroupForm("Agents", "service", None, "05:00", "22:00")
        group = await town.services.groupings.save(town.actor, None, agents)
        people = "Nom;Téléphone;Groupe\nA;06 39 98 00 01;Agents\nB;06 39 98 00 02;Agents"
        await town.services.imports.take_file(town.actor, people.encode())
        off = town.phone("+33639980002", Behaviour(sms="refused"))
        message = Draft("Prise de poste au garage.", group_ids=(group,), channels=("sms",),
                        urgency="service")  # fmt: skip
        first = await town.services.sending.send(town.actor, message, Door.COMMAND)
        await town.finished(first)
        off.behaviour = Behaviour()
        text = message.text if kind == "resend" else "Prise de poste à la mairie."
        follow = Draft(text, channels=("sms",))
        second = await town.services.following.follow(town.actor, first, kind, follow)
        await town.advance(120)
        view = await town.services.broadcasts.view(town.actor, second)

    assert "" == view.leaves
    got = "+33639980002" if kind == "resend" else "+33639980001"
    assert text == network.handset(got).inbox[-1].text


async def test_a_groups_own_hours_open_the_night_for_nobody_else(tmp_path: Path) -> None:
    """The canteen is written to from five o'clock; the two quarters beside it sleep until eight."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NIGHT)) as town:
        groups, people = await known(town)
        own = GroupForm("Cantine", "service", None, "05:00", "22:00", sundays=False)
        await town.services.groupings.save(town.actor, groups["Cantine"], own)
        begin = NIGHT.replace(hour=23)
        await town.services.duties.add_turn(
            town.actor, "Astreinte", PEOPLE[0], begin.replace(day=23), begin
        )
        alone = Draft("Grève.", group_ids=(groups["Cantine"],), channels=("sms",))
        mixed = [
            replace(alone, **more)
            for more in ({"zones": ("Port", "Canal")}, {"contact_ids": people[:1]},
                         {"to": PEOPLE[:1]}, {"duties": ("Astreinte",)}, {"everybody": True},
                         {"group_ids": tuple(groups.values())})
        ]  # fmt: skip
        seen = [await town.services.compose.foresee(town.actor, one) for one in (alone, *mixed)]
        await town.services.sending.send(town.actor, mixed[0], Door.COMMAND)
        await town.services.sending.send(town.actor, alone, Door.COMMAND)
        await town.advance(300)
        early = got(network, PEOPLE)
        await town.sleep_through(2.5 * 3600)

    at_eight = NIGHT.replace(hour=8, minute=0)
    assert [one.leaves_at for one in seen] == [None, *[at_eight] * 6]
    assert {one.held for one in seen[1:]} == {"hours"}
    assert early == [[], [], ["Grève."]]
    assert got(network, PEOPLE) == [["Grève."], ["Grève."], ["Grève.", "Grève."]]
