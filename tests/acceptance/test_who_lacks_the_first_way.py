"""Who has nothing of what the first step asks for: reached by the next, or by whoever looks after.

« SMS ; puis appel » is no reason never to call a house that has a landline only.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.model import Channel, Door, Purpose
from gateway.services import Draft
from gateway.services.orders import StepForm
from gateway.store import consent
from modem.emulator import Behaviour, Network
from tests.acceptance.test_asked_by_sms import clock, texts
from tests.acceptance.test_second_thoughts import NOON, one_modem
from tests.harness import Town, running, states

MOBILE, LANDLINE, SON = "+33639980001", "+33199000003", "+33639980009"
TOWN = """Nom;Téléphone;Courriel;Groupe
Mobile;06 39 98 00 01;;Port
Fixe;01 99 00 00 03;;Port
Voisin;01 99 00 00 03;;Port
Courriel;;m@x.example;Port
Rien;;;Port
"""
ALONE = """Nom;Téléphone;Courriel;Référent : nom;Référent : téléphone;Groupe
Sans;;;Fils;06 39 98 00 09;Port
Écrit;;m@x.example;Fils;06 39 98 00 09;Port
Seule;;;;;Port
Joint;06 39 98 00 01;;;;Port
"""
THEN = {
    "sms": (StepForm(("sms",), 0, "always", "first"), StepForm(("voice",), 3, "uncalled", "first")),
    "email": (
        StepForm(("email",), 0, "always", "first"),
        StepForm(("sms",), 5, "unreached", "first"),
        StepForm(("voice",), 5, "uncalled", "first"),
    ),
}


async def order_of(town: Town, first: str) -> Draft:
    await town.services.imports.take_file(town.actor, TOWN.encode())
    (group,) = await town.services.directory.groups(town.actor)
    number = await town.services.orders.save(
        town.actor, "à moi", THEN[first], confirm=False, enough=0
    )
    ways = tuple(dict.fromkeys(way for step in THEN[first] for way in step.channels))
    return Draft("Crue.", group_ids=(group.id,), channels=ways, urgency="vital", order=str(number))


def answering() -> Network:
    network = one_modem()
    network.handset(LANDLINE).behaviour = Behaviour(answers_after=2)
    return network


@pytest.mark.parametrize("first", THEN)
async def test_who_lacks_the_first_way_is_reached_by_the_next(tmp_path: Path, first: str) -> None:
    """What is foreseen is what is lived, and only who has no way at all is left out."""
    network = answering()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        draft = await order_of(town, first)
        seen = await town.services.compose.foresee(town.actor, draft)
        lived = states(await town.finished(await send(town, draft)))

    writes = {"Courriel": "sent"} if first == "email" else {"Courriel": "excluded"}
    assert {"Mobile": "received", "Fixe": "listened", "Voisin": "excluded", "Rien": "excluded",
            **writes} == lived  # fmt: skip
    assert len(network.handset(LANDLINE).calls) == 1
    assert sorted(name for name, state in lived.items() if state == "excluded") == sorted(
        name for name, _ in seen.excluded
    )
    assert (seen.recipients, seen.by_channel["voice"], seen.problems) == (
        2 + (first == "email"), 1, ()
    )  # fmt: skip


async def test_a_house_with_a_landline_is_called_at_once(tmp_path: Path) -> None:
    """Nothing was sent that could be waited for."""
    network = answering()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        await send(town, await order_of(town, "sms"))
        await town.advance(60)

        assert network.handset(LANDLINE).calls


async def test_who_said_stop_is_not_called_instead(tmp_path: Path) -> None:
    """A refusal is an answer, no lack of a way."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        draft = replace(await order_of(town, "sms"), urgency="service")
        await town.daemon.store.write(
            lambda db: consent.withdraw(
                db, 1, channel=Channel.SMS, address=MOBILE, purpose=Purpose.SERVICE,
                source="SMS", by="lui", now=0.0,
            )
        )  # fmt: skip
        lived = states(await town.finished(await send(town, draft)))

    assert lived["Mobile"] == "excluded"
    assert not network.handset(MOBILE).calls


@pytest.mark.parametrize("says", ["1", ""])
async def test_whoever_looks_after_somebody_without_a_number_is_asked(
    tmp_path: Path, says: str
) -> None:
    """One text for each of them, which does not say that they were asked and kept silent."""
    network = one_modem()
    network.handset(SON).behaviour = Behaviour(replies=says or None)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        await town.services.imports.take_file(town.actor, ALONE.encode())
        groups = await town.services.directory.groups(town.actor)
        port = next(one.id for one in groups if one.name == "Port")
        draft = Draft("Crue.", group_ids=(port,), channels=("sms", "voice"), urgency="vital",
                      order="advised")  # fmt: skip
        seen = await town.services.compose.foresee(town.actor, draft)
        lived = states(await town.finished(await send(town, draft)))

    assert {
        f"Mairie de La Redorte : {name} ne peut pas recevoir l'alerte « Crue. ». Pouvez-vous passer"
        " voir ? Répondez 1 si vous y allez."
        for name in ("Sans", "Écrit")
    } == {*texts(network, SON)[:2]}
    assert (seen.recipients, seen.by_channel["sms"]) == (3, 3)
    assert [name for name, _ in seen.excluded] == ["Seule"]
    assert lived["Seule"] == "excluded"
    answers = {lived["Sans"], lived["Écrit"]}
    assert ("acknowledged" in answers) is bool(says)
    assert answers <= ({"acknowledged", "failed"} if says else {"failed"})


async def send(town: Town, draft: Draft) -> int:
    return await town.services.sending.send(town.actor, draft, Door.COMMAND)
