"""A trial goes to one person, and a group's own hours hold for that group alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from gateway.services import Draft
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
