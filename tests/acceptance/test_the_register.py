"""The register of vulnerable people: reached by an alert, seen by its named keepers only."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.clock import LoopClock
from gateway.errors import NotHere, Refused
from gateway.model import Door
from gateway.services import Actor, Draft, GroupForm, PersonForm
from gateway.store import events, register
from modem.emulator import Behaviour, Network
from tests.harness import NIGHT, Town, running

NAME, NUMBER, LANDLINE = "Yvette Cabanel", "+33639980077", "01 99 00 00 77"


async def with_register(town: Town) -> tuple[Actor, int]:
    """Enrol Yvette; return the keeper, and the number of her card."""
    keeper = replace(town.actor, keeper=True, name="Gardienne")
    group = await town.services.groupings.save(
        keeper, None, GroupForm("Personnes fragiles", "registre")
    )
    form = PersonForm(
        {"name": "Cabanel", "given_name": "Yvette", "street": "rue Basse", "note": "oxygène"},
        endpoints=((0, NUMBER, ""),), group_ids=(group,),
    )  # fmt: skip
    number = await town.services.persons.save(keeper, None, form)
    neighbour = PersonForm({"name": "Roux"}, endpoints=((0, "06 39 98 00 78", ""),))
    await town.services.persons.save(town.actor, None, neighbour)
    return keeper, number


def network() -> Network:
    made = Network(seed=1)
    made.add_modem("m1")
    return made


async def test_nobody_but_a_keeper_finds_them_by_any_door(tmp_path: Path) -> None:
    """Not the administrator, not the community, not a program, not by number, not in a file."""
    async with running(tmp_path, network()) as town:
        keeper, number = await with_register(town)
        services, other = town.services, town.actor
        for typed in ("", "yvette", "rue basse", "0639980077"):
            found = await services.directory.contacts(other, search=typed)
            assert NAME not in [one.name for one in found.items]
        assert NAME in [one.name for one in (await services.directory.contacts(keeper)).items]
        assert [] == await services.directory.groups(other)
        for refused in (
            services.persons.view(other, number), services.persons.past(other, number),
            services.persons.file(other, number), services.persons.erase(other, number),
            services.groupings.form(other, 1), services.exports.contacts(other, "csv", 1),
        ):  # fmt: skip
            with pytest.raises(NotHere):
                await refused
        file = await services.exports.contacts(other, "csv")
        assert "Cabanel" not in file.data.decode("utf-8-sig")
        assert "Cabanel" in (await services.exports.contacts(keeper, "csv")).data.decode()
        draft = Draft("Bonjour", to=(NUMBER,), channels=("sms",), urgency="vital")
        assert NAME not in (await services.compose.foresee(other, draft)).sample_names
        forecast = await services.compose.foresee(other, replace(draft, to=(), group_ids=(1,)))
        assert "n'existe plus" in forecast.problems[0]


async def test_an_alert_to_all_reaches_them_without_a_name(tmp_path: Path) -> None:
    """Whoever launches at three in the morning saves them, and learns nothing of them."""
    made = network()
    async with running(tmp_path, made, clock=LoopClock(NIGHT)) as town:
        keeper, _ = await with_register(town)
        draft = Draft("Crue : montez.", everybody=True, channels=("sms",), urgency="vital")
        routine = replace(draft, urgency="service", at_any_hour=True)
        number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        report = await town.finished(number)
        seen = await town.services.broadcasts.recipients(town.actor, number)
        known = await town.services.broadcasts.recipients(keeper, number)
        sheet = await town.services.broadcasts.door_to_door(town.actor, number)
        file = await town.services.reports.file(town.actor, number, "csv")
        later = await town.services.sending.send(town.actor, routine, Door.COMMAND)
        routine_report = await town.finished(later)

    assert ["Crue : montez."] == [sms.text for sms in made.handset(NUMBER).inbox]
    said = json.dumps(report, ensure_ascii=False) + file.data.decode("utf-8-sig")
    assert NAME not in said
    assert NUMBER not in said
    assert register.NAMELESS in [one.name for one in seen.items]
    assert "06 39 98 00 77" not in str(seen)
    assert NAME in [one.name for one in known.items]
    assert "06 39 98 00 77" in str(known)
    assert NAME not in str(sheet)
    assert ["Roux"] == [one["contact"] for one in routine_report["recipients"]]


async def test_the_sheet_of_doors_is_printed_whole_by_a_keeper_only(tmp_path: Path) -> None:
    """Everybody else is told how many doors are missing on theirs."""
    made = network()
    async with running(tmp_path, made) as town:
        keeper, _ = await with_register(town)
        made.handset(NUMBER).behaviour = Behaviour(sms="switched_off")
        draft = Draft("Crue.", everybody=True, channels=("sms",), urgency="vital")
        number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.advance(60)
        theirs = await town.services.broadcasts.door_to_door(town.actor, number)
        whole = await town.services.broadcasts.door_to_door(keeper, number)

    assert 1 == theirs.kept_back
    assert "rue Basse" not in str(theirs)
    assert "rue Basse" in str(whole)
    assert NAME in str(whole)


async def test_only_the_town_itself_names_its_keepers(tmp_path: Path) -> None:
    """The community's administrator, acting for it, does not open it for himself."""
    async with running(tmp_path, network()) as town:
        code = await town.services.accounts.issue_first_code()
        session = await town.services.accounts.create_first(
            code or "", "maire", "Mme le maire", "crue de l'Argent-Double"
        )
        mayor = session.actor
        assert mayor.user_id is not None
        for stranger in (replace(mayor, at_home=False), replace(mayor, role="sender")):
            with pytest.raises(Refused, match="la commune elle-même"):
                await town.services.groupings.name_keeper(stranger, mayor.user_id, on=True)
        await town.services.groupings.name_keeper(mayor, mayor.user_id, on=True)
        resumed = await town.services.accounts.resume(session.token)
        keepers = await town.services.groupings.keepers(mayor)
        await town.services.groupings.name_keeper(mayor, mayor.user_id, on=False)
        after = await town.services.accounts.resume(session.token)
        whole = await town.daemon.store.read(events.first_broken)

    assert resumed is not None
    assert resumed.actor.keeper
    assert ["Mme le maire"] == [one.name for one in keepers]
    assert after is not None
    assert not after.actor.keeper
    assert whole is None


async def test_who_leaves_the_register_does_not_fall_into_everybodys_view(tmp_path: Path) -> None:
    """Taken out of the group by mistake, they stay reserved; put into another, they are known."""
    async with running(tmp_path, network()) as town:
        keeper, number = await with_register(town)
        alert = await town.services.groupings.save(keeper, None, GroupForm("Alerte", "alerte"))
        await town.services.groupings.move(keeper, 1, [number], into=False)
        hidden = await town.services.directory.contacts(town.actor, search="yvette")
        await town.services.groupings.move(keeper, alert, [number], into=True)
        shown = await town.services.directory.contacts(town.actor, search="yvette")

    assert 0 == hidden.total
    assert 1 == shown.total


async def test_a_list_from_somebody_else_learns_and_changes_nothing(tmp_path: Path) -> None:
    """The same name and street in a list makes a card of its own."""
    async with running(tmp_path, network()) as town:
        keeper, number = await with_register(town)
        data = "Nom;Prénom;Rue;Tel\nCabanel;Yvette;rue Basse;01 99 00 00 77\n".encode()
        result = await town.services.imports.take_file(town.actor, data)
        view = await town.services.persons.view(keeper, number)
        groups = b"Nom;Tel;Groupe\nX;06 39 98 00 79;Personnes fragiles\n"
        with pytest.raises(Refused, match="réservé à ses gardiens"):
            await town.services.imports.take_file(town.actor, groups)

    assert 1 == result.added
    assert 1 == len(view.reaches)


async def test_a_typed_answer_does_not_name_them(tmp_path: Path) -> None:
    """Its title is read by whoever reads the messages, also where a keeper wrote it."""
    async with running(tmp_path, network()) as town:
        keeper, _ = await with_register(town)
        for actor in (town.actor, keeper):
            number = await town.services.inbox.answer(actor, NUMBER, "Oui.", actor.name)
            view = await town.services.broadcasts.view(town.actor, number)
            report = await town.services.broadcasts.report(town.actor, number)
            assert "Cabanel" not in f"{view} {report}"
            assert "06 39 98 00 77" in view.summary.title


async def test_a_conversation_tells_no_stranger_what_the_register_sent(tmp_path: Path) -> None:
    """Neither that anything was, nor that a reply answers it; a cry for help stays one."""
    made = network()
    async with running(tmp_path, made) as town:
        keeper, _ = await with_register(town)
        draft = Draft("Buvez.", everybody=True, channels=("sms",), urgency="vital")
        await town.services.sending.send(keeper, draft, door=Door.PAGE)
        await town.advance(60)
        with pytest.raises(NotHere):
            await town.services.inbox.talk(town.actor, NUMBER)
        for words in ("oui", "au secours"):
            made.send(NUMBER, made.modems["m1"], words)
            await town.advance(30)
        theirs = await town.services.inbox.talk(town.actor, NUMBER)
        whole = await town.services.inbox.talk(keeper, NUMBER)

    assert ["oui", "au secours"] == [one.text for one in theirs.said if not one.ours]
    assert not [one for one in theirs.said if "Buvez" in one.text + one.title]
    assert [("", None)] == [(o.effect, o.broadcast_id) for o in theirs.said if o.text == "oui"]
    assert "DANGER" in theirs.said[-1].effect + theirs.said[-2].effect
    assert [one for one in whole.said if "Buvez" in one.text]


async def test_the_page_of_an_alert_shows_no_stranger_the_number_of_the_register(
    tmp_path: Path,
) -> None:
    """A number without a name, under an alert, is that of a nameless line of its people."""
    made = network()
    async with running(tmp_path, made) as town:
        keeper, _ = await with_register(town)
        draft = Draft("Buvez.", everybody=True, channels=("sms",), urgency="vital")
        alert = await town.services.sending.send(keeper, draft, door=Door.PAGE)
        await town.advance(60)
        for number in (NUMBER, "+33639980078"):
            made.send(number, made.modems["m1"], "au secours")
            await town.advance(30)
        theirs, whole = [
            {one.number for one in await town.services.inbox.about(actor, alert)}
            for actor in (town.actor, keeper)
        ]
        waiting = town.services.inbox.unread(town.actor)

    assert {"+33639980078"} == theirs
    assert {NUMBER, "+33639980078"} == whole
    assert (2, 2) == waiting, "what cries for help is still counted on every page"


async def test_a_contact_one_may_see_is_found_behind_the_registers(tmp_path: Path) -> None:
    """The same number on both: its conversation has the visible name, and links to that card."""
    made = network()
    async with running(tmp_path, made) as town:
        await with_register(town)
        son = PersonForm({"name": "Voisin"}, endpoints=((0, NUMBER, ""),))
        card = await town.services.persons.save(town.actor, None, son)
        made.send(NUMBER, made.modems["m1"], "Bonjour")
        await town.advance(30)
        talk = await town.services.inbox.talk(town.actor, NUMBER)
        answered = await town.services.inbox.answer(town.actor, NUMBER, "Oui.", "k")
        view = await town.services.broadcasts.view(town.actor, answered)

    assert ("Voisin", card) == (talk.name, talk.contact_id)
    assert "Réponse à Voisin" == view.summary.title
