"""The encrypted register in a whole box: nothing of it on the disk, all of it for its keepers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.clock import LoopClock
from gateway.errors import NotHere, Refused
from gateway.model import Door
from gateway.services import Actor, Draft, GroupForm, PersonForm
from gateway.store import imports, veil
from modem.emulator import Behaviour, Network
from tests.gateway.store.sealed import (
    GIVEN,
    LABEL,
    MAIL,
    NAME,
    NOTE,
    NUMBER,
    STREET,
    traces,
)  # fmt: skip
from tests.harness import NIGHT, Town, key_file, running, states

WHOLE = f"{GIVEN} {NAME}"
LIST = (
    f"Nom;Prénom;Rue;Téléphone;Courriel;Note;Groupe\n"
    f"{NAME};{GIVEN};{STREET};{NUMBER};{MAIL};{NOTE};Personnes fragiles\n"
)
CORRECTED = LIST.replace(MAIL, "filleule@la-redorte.example")


def network() -> Network:
    made = Network(seed=1)
    made.add_modem("m1")
    return made


async def keeper_of(town: Town) -> Actor:
    keeper = replace(town.actor, keeper=True, name="Gardienne")
    await town.services.groupings.save(keeper, None, GroupForm("Personnes fragiles", "registre"))
    return keeper


def form(**fields: str) -> PersonForm:
    return PersonForm(
        {"name": NAME, "given_name": GIVEN, "street": STREET, "note": NOTE, **fields},
        endpoints=((0, NUMBER, LABEL), (0, MAIL, "")), group_ids=(1,),
    )  # fmt: skip


async def enrolled(town: Town) -> tuple[Actor, int]:
    """Enrol Zénaïde on the page; list a neighbour."""
    keeper = await keeper_of(town)
    number = await town.services.persons.save(keeper, None, form())
    roux = PersonForm({"name": "Roux"}, endpoints=((0, "06 39 98 00 78", ""),))
    await town.services.persons.save(town.actor, None, roux)
    return keeper, number


def files(folder: Path) -> list[tuple[str, str]]:
    """Return what a thief of the box's disk finds of her; the mailbox is another machine's."""
    return [one for one in traces(folder) if not one[0].endswith(".eml")]


def databases(folder: Path) -> list[bytes]:
    return [one.read_bytes() for one in folder.rglob("*.db*")]


async def test_enrolled_corrected_found_and_erased_they_are_never_on_the_disk(
    tmp_path: Path,
) -> None:
    """By the page, while the box runs and after it has stopped."""
    async with running(tmp_path, network()) as town:
        keeper, number = await enrolled(town)
        await town.services.persons.save(keeper, number, form(note=f"{NOTE}, 2 étages"))
        found = await town.services.directory.contacts(keeper, search="zenaide")
        view = await town.services.persons.view(keeper, number)
        past = await town.services.persons.past(keeper, number)
        with pytest.raises(NotHere):
            await town.services.persons.view(town.actor, number)
        running_box = files(tmp_path)
        await town.services.persons.erase(keeper, number)
    assert [] == running_box
    assert [] == files(tmp_path)
    assert [WHOLE] == [one.name for one in found.items]
    assert (f"{NOTE}, 2 étages", STREET) == (view.fields["note"], view.fields["street"])
    assert LABEL == view.reaches[0].endpoint.label
    assert any("2 étages" in one.said for one in past)


async def test_a_list_of_the_register_is_taken_in_and_taken_back(tmp_path: Path) -> None:
    """What each line changed is kept to undo it, encrypted too."""
    async with running(tmp_path, network()) as town:
        keeper = await keeper_of(town)
        for text in (LIST, CORRECTED):
            await town.services.imports.take_file(keeper, text.encode())
        (one,) = (await town.services.directory.contacts(keeper)).items
        exported = (await town.services.exports.contacts(keeper, "csv")).data.decode()
        on_disk = files(tmp_path)
        rows = await town.daemon.store.read(lambda db: imports.pending(db, 2, 9))
        await town.services.imports.undo(keeper, 2)
        view = await town.services.persons.view(keeper, one.id)
        left = [reach.endpoint.address for reach in view.reaches]

    assert [] == on_disk
    assert WHOLE == one.name
    for shown in (NAME, STREET, MAIL):
        assert shown in exported
    assert ['"filleule@la-redorte.example"'] == [row["detail"] for row in rows]
    assert [] == [one for one in databases(tmp_path) if b"filleule@" in one]
    assert [MAIL] == [one for one in left if "@" in one]
    assert [] == files(tmp_path)


async def test_an_sms_and_a_call_from_them_are_known_to_a_keeper(tmp_path: Path) -> None:
    """Found by a mark of the number; to everybody else it is a number."""
    made = network()
    async with running(tmp_path, made, clock=LoopClock(NIGHT)) as town:
        keeper, number = await enrolled(town)
        made.send(NUMBER, made.modems["m1"], "je ne me sens pas bien")
        await town.advance(30)
        assert (
            made.ring_modem(NUMBER, made.modems["m1"], behaviour=Behaviour(hangs_up_after=2))
            is not None
        )
        await asyncio.sleep(60)
        known = await town.services.inbox.talks(keeper)
        others = await town.services.inbox.talks(town.actor)
        past = await town.services.persons.past(keeper, number)
        twin = PersonForm({"name": "Quatre"}, endpoints=((0, NUMBER, ""),))
        await town.services.persons.save(town.actor, None, twin)
        pairs = await town.services.persons.twins(keeper)
        await town.services.persons.merge(keeper, number, pairs[0].other)
        card = await town.services.persons.view(keeper, number)

    assert [WHOLE] == [one.name for one in known.items]
    assert WHOLE not in [one.name for one in others.items]
    assert {"sms", "call"} <= {one.kind for one in past}
    assert NAME == card.fields["name"]


async def test_an_alert_reaches_them_and_leaves_no_name(tmp_path: Path) -> None:
    """Their number is with the message until it is forgotten; the technician guide says so."""
    made = network()
    async with running(tmp_path, made, clock=LoopClock(NIGHT)) as town:
        await enrolled(town)
        draft = Draft("Crue : montez.", everybody=True, channels=("sms",), urgency="vital")
        await town.finished(await town.services.sending.send(town.actor, draft, Door.COMMAND))

    assert ["Crue : montez."] == [sms.text for sms in made.handset(NUMBER).inbox]
    assert {NUMBER, "39980076"} >= {secret for _, secret in files(tmp_path)}


async def test_without_the_key_the_alert_goes_out_and_says_whom_it_cannot_reach(
    tmp_path: Path,
) -> None:
    """The file is lost in the night: nobody is dropped in silence; with it back all is well."""
    made = network()
    async with running(tmp_path, made, clock=LoopClock(NIGHT)) as town:
        await enrolled(town)
    path = key_file(tmp_path)
    kept = path.read_text()
    path.write_text("rature")
    async with running(tmp_path, made, clock=LoopClock(NIGHT)) as town:
        keeper = replace(town.actor, keeper=True)
        draft = Draft("Crue : montez.", everybody=True, channels=("sms",), urgency="vital")
        forecast = await town.services.compose.foresee(town.actor, draft)
        number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        report = await town.finished(number)
        listed = await town.services.directory.contacts(keeper)
        with pytest.raises(Refused, match="clé du registre manque"):
            await town.services.persons.save(keeper, None, form())
    path.write_text(kept)
    async with running(tmp_path, made, clock=LoopClock(NIGHT)) as town:
        back = await town.services.directory.contacts(keeper)

    assert {"Roux": "received", "Personne inscrite au registre": "excluded"} == states(report)
    assert "key_missing" in {one["reason"] for one in report["recipients"]}
    assert "la clé manque" in str(forecast)
    assert {veil.MISSING, "Roux"} == {one.name for one in listed.items}
    assert {WHOLE, "Roux"} == {one.name for one in back.items}
    assert [] == made.handset(NUMBER).inbox
