"""A town hall's list with the people to warn: taken in, handed out, taken back, and kept secret."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.model import Door
from gateway.services import Actor, Draft, GroupForm, PersonForm, Refused, Wish
from gateway.store import appointing
from modem.emulator import Network
from tests.gateway.store.sealed import NAME as SECRET_NAME
from tests.gateway.store.sealed import NUMBER as SECRET_NUMBER
from tests.gateway.store.sealed import traces
from tests.harness import Town, running

MOTHER, DAUGHTER, SON = "+33639980001", "+33639980002", "+33639980003"
LIST = """Nom;Prénom;Adresse;Téléphone;Personne à prévenir;Tél. de la personne à prévenir;Groupe
Icher;Yvette;3 rue Haute;06 39 98 00 01;Lou Icher;06 39 98 00 02;rive
Roux;Anne;5 rue Haute;06 39 98 00 04;Max Roux;06 39 98 00 05;
Roux;Max;9 rue Basse;06 39 98 00 05;;;
"""
REGISTER = """Nom;Téléphone;Personne à prévenir;Tél. de la personne à prévenir;Groupe
Icher;06 39 98 00 01;{};{};Personnes fragiles
"""


def network() -> Network:
    made = Network(seed=1)
    made.add_modem("m1")
    return made


async def people(town: Town, actor: Actor | None = None) -> dict[str, str]:
    """Return everybody of a directory and who looks after them, as one who asks sees it."""
    actor, found = actor or town.actor, {}
    for one in (await town.services.directory.contacts(actor)).items:
        view = await town.services.persons.view(actor, one.id)
        found[view.name] = view.referent[1] if view.referent else ""
    return found


async def take(town: Town, text: str, actor: Actor | None = None, **wish: Any) -> int:
    lists, actor = town.services.imports, actor or town.actor
    seen = await lists.preview(actor, "liste.csv", text.encode())
    if wish:
        seen = await lists.look_again(actor, seen.token, replace(seen.wish, **wish))
    return (await lists.confirm(actor, seen.token)).number


async def keeper_of(town: Town) -> Actor:
    keeper = replace(town.actor, keeper=True, name="Gardienne")
    await town.services.groupings.save(keeper, None, GroupForm("Personnes fragiles", "registre"))
    return keeper


async def test_a_list_says_who_will_look_after_whom_and_does_it(tmp_path: Path) -> None:
    """Shown before: who is in the list, who will be added. A second look finds nothing to do."""
    async with running(tmp_path, network()) as town:
        first = await town.services.imports.preview(town.actor, "liste.csv", LIST.encode())
        result = await town.services.imports.confirm(town.actor, first.token)
        found = await people(town)
        again = await town.services.imports.preview(town.actor, "liste.csv", LIST.encode())
        await town.services.imports.undo(town.actor, result.number)
        left = await people(town)

    assert [
        "référent : Lou Icher (sera ajouté au carnet)", "référent : Max Roux (dans cette liste)"
    ] == [one.said for one in first.of_added]  # fmt: skip
    assert (3, 1, 1) == (result.added, result.referents, first.referents)
    assert found == {"Yvette Icher": "Lou Icher", "Anne Roux": "Max Roux", "Max Roux": "",
                     "Lou Icher": ""}  # fmt: skip
    assert (0, 3, 0) == (again.useful, again.unchanged, again.referents)
    assert {} == left


async def test_the_daughter_is_not_sent_what_her_mother_is(tmp_path: Path) -> None:
    """Her number was taken for her mother's own."""
    made = network()
    async with running(tmp_path, made) as town:
        await take(town, LIST)
        group = next(one.id for one in await town.services.directory.groups(town.actor))
        draft = Draft("Crue : montez.", group_ids=(group,), channels=("sms",), urgency="vital")
        await town.finished(await town.services.sending.send(town.actor, draft, Door.COMMAND))

    assert ["Crue : montez."] == [sms.text for sms in made.handset(MOTHER).inbox]
    assert [] == made.handset(DAUGHTER).inbox


async def test_what_was_taken_for_her_own_number_the_last_time_is_proposed_anew(
    tmp_path: Path,
) -> None:
    """Columns are remembered; that mistake is not."""
    async with running(tmp_path, network()) as town:
        mistaken = ("name", "given_name", "", "phone", "", "phone", "groups")
        await take(town, LIST, columns=mistaken)
        seen = await town.services.imports.preview(town.actor, "liste.csv", LIST.encode())

    assert ["name", "given_name", "", "phone", "", "referent", "groups"] == [
        column.holds for column in seen.columns
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_directory_handed_out_comes_in_the_same(tmp_path: Path, kind: str) -> None:
    """Into a town that has nobody, and again into the one it came from."""
    async with running(tmp_path / "one", network()) as town:
        await take(town, LIST)
        file = await town.services.exports.contacts(town.actor, kind)
        before = await people(town)
        again = await town.services.imports.preview(town.actor, file.name, file.data)
    async with running(tmp_path / "two", network()) as town:
        await town.services.imports.take_file(town.actor, file.data)
        after = await people(town)

    assert before == after
    assert (0, ()) == (again.useful, again.kept)


async def test_a_referent_whose_name_a_spreadsheet_would_count_goes_out_quoted(
    tmp_path: Path,
) -> None:
    """A name that begins with = is a formula to Excel, and comes back as it was."""
    async with running(tmp_path, network()) as town:
        await take(town, LIST.replace("Lou Icher", "=1+1"))
        file = await town.services.exports.contacts(town.actor, "csv")
        again = await town.services.imports.preview(town.actor, file.name, file.data)

    assert ";'=1+1;" in file.data.decode()
    assert 0 == again.useful


async def test_undone_everybody_has_the_referent_of_before(tmp_path: Path) -> None:
    """Who came with the second list goes; who was there gets back whom it had replaced."""
    async with running(tmp_path, network()) as town:
        await take(town, LIST)
        before = await people(town)
        other = LIST.replace("Lou Icher", "Zoé Icher").replace("06 39 98 00 02", "06 39 98 00 03")
        number = await take(town, other, replace=True)
        meanwhile = await people(town)
        stayed = await town.services.imports.undo(town.actor, number)
        after = await people(town)

    assert "Zoé Icher" == meanwhile["Yvette Icher"]
    assert (0, before) == (stayed, after)


async def test_without_replace_the_referent_that_is_there_stays(tmp_path: Path) -> None:
    """Nobody is added for what is not taken, and the page says what differs."""
    async with running(tmp_path, network()) as town:
        await take(town, LIST)
        other = LIST.replace("Lou Icher", "Zoé").replace("06 39 98 00 02", "06 39 98 00 03")
        seen = await town.services.imports.preview(town.actor, "liste.csv", other.encode())
        chosen = Wish(seen.wish.columns, replace=True)
        instead = await town.services.imports.look_again(town.actor, seen.token, chosen)

    assert (0, 0) == (seen.useful, seen.referents)
    assert ["Référent : « Lou Icher » gardé, la liste dit « Zoé »"] == [k.said for k in seen.kept]
    assert ["référent : Zoé (sera ajouté au carnet), au lieu de Lou Icher"] == [
        one.said for one in instead.changes
    ]


async def test_a_referent_of_use_since_stays_when_the_list_is_taken_back(tmp_path: Path) -> None:
    """Put into a group, or looking after somebody who stays because a message reached them."""
    async with running(tmp_path, network()) as town:
        more = "Blanc;Luc;7 rue Haute;06 39 98 00 06;Noé Blanc;06 39 98 00 07;\n"
        await take(town, LIST + more)
        listed = await town.services.directory.contacts(town.actor)
        ids = {one.name: one.id for one in listed.items}
        group = await town.services.groupings.save(town.actor, None, GroupForm("élus", "alerte"))
        await town.services.groupings.move(town.actor, group, [ids["Noé Blanc"]], into=True)
        draft = Draft("Bonjour", to=(MOTHER,), channels=("sms",), urgency="vital")
        await town.finished(await town.services.sending.send(town.actor, draft, Door.COMMAND))
        stayed = await town.services.imports.undo(town.actor, 1)
        left = await people(town)

    assert 3 == stayed
    assert {"Yvette Icher": "Lou Icher", "Lou Icher": "", "Noé Blanc": ""} == left


@pytest.mark.parametrize("step", ["make", "link"])
async def test_a_stop_before_the_referents_are_in_leaves_nothing_of_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Taken back at once; where that fails too, at the next start."""

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("disk I/O error")

    async with running(tmp_path, network()) as town:
        with monkeypatch.context() as patch:
            patch.setattr(appointing, step, fail)
            with pytest.raises(Refused, match="carnet est resté comme il était"):
                await town.services.imports.take_file(town.actor, LIST.encode())
            at_once = await people(town)
            patch.setattr("gateway.store.imports.undo", fail)
            with pytest.raises(Refused, match="prochain démarrage"):
                await town.services.imports.take_file(town.actor, LIST.encode())
    async with running(tmp_path, network()) as town:
        assert ({}, {}) == (at_once, await people(town))


# --- the register ---------------------------------------------------------------------------


async def test_who_looks_after_somebody_of_the_register_is_for_its_keepers_alone(
    tmp_path: Path,
) -> None:
    """In no view, no file and not on the disk: her name would say whose daughter she is."""
    async with running(tmp_path, network()) as town:
        keeper = await keeper_of(town)
        await take(town, REGISTER.format(SECRET_NAME, SECRET_NUMBER), keeper)
        theirs, ours = await people(town), await people(town, keeper)
        file = await town.services.exports.contacts(town.actor, "csv")
        whole = await town.services.exports.contacts(keeper, "csv")
        again = await town.services.imports.preview(keeper, "carnet.csv", whole.data)
        on_disk = list(traces(tmp_path))
        await town.services.imports.undo(keeper, 1)
        left = await people(town, keeper)

    assert {} == theirs
    assert {"Icher": SECRET_NAME, SECRET_NAME: ""} == ours
    assert SECRET_NAME not in file.data.decode()
    assert SECRET_NAME in whole.data.decode()
    assert 0 == again.useful
    assert {} == left
    assert [] == [one for one in (*on_disk, *traces(tmp_path)) if not one[0].endswith(".eml")]


async def test_who_looks_after_somebody_else_too_is_known_to_all(tmp_path: Path) -> None:
    """The link to the register is not."""
    async with running(tmp_path, network()) as town:
        keeper = await keeper_of(town)
        text = REGISTER.format("Lou", "06 39 98 00 02") + "Roux;06 39 98 00 04;Lou;0639980002;\n"
        await take(town, text, keeper)

        assert {"Roux": "Lou", "Lou": ""} == await people(town)
        assert {"Icher": "Lou", "Roux": "Lou", "Lou": ""} == await people(town, keeper)


async def test_a_list_from_somebody_else_does_not_find_a_hidden_referent(tmp_path: Path) -> None:
    """By the same number another card is made; that somebody hidden has it is not told."""
    async with running(tmp_path, network()) as town:
        keeper = await keeper_of(town)
        await take(town, REGISTER.format("Lou", "06 39 98 00 02"), keeper)
        seen = await town.services.imports.preview(town.actor, "liste.csv", LIST.encode())

    assert "référent : Lou Icher (sera ajouté au carnet)" == seen.of_added[0].said
    assert [] == [one for one in seen.warnings if "aussi" in one.message]


async def test_who_may_not_know_a_referent_neither_reads_nor_takes_them_away(
    tmp_path: Path,
) -> None:
    """The card, its file and the exports are silent; saving the card changes nothing of it."""
    async with running(tmp_path, network()) as town:
        keeper = await keeper_of(town)
        await take(town, REGISTER.format("Lou", "06 39 98 00 02"), keeper)
        roux = PersonForm({"name": "Roux"}, referent="06 39 98 00 02")
        number = await town.services.persons.save(keeper, None, roux)
        file = await town.services.persons.file(town.actor, number)
        table = await town.services.exports.contacts(town.actor, "csv")
        await town.services.persons.save(
            town.actor, number, PersonForm({"name": "Roux", "zone": "Z"})
        )
        view = await town.services.persons.view(keeper, number)

    assert "" == file["referent"]
    assert "Lou" not in table.data.decode()
    assert view.referent is not None
    assert "Lou" == view.referent[1]


async def test_saving_a_card_keeps_the_referent_among_those_who_share_a_number(
    tmp_path: Path,
) -> None:
    """The form knows them by their number alone."""
    async with running(tmp_path, network()) as town:
        text = "Nom;Tel;Référent;Tél. référent\nA;0199000001;;\nB;0199000001;;\nC;0639980009;"
        await take(town, text + "B;01 99 00 00 01\n")
        number = (await town.services.directory.contacts(town.actor, search="C")).items[0].id
        form = PersonForm({"name": "C", "zone": "Z"}, referent="01 99 00 00 01")
        await town.services.persons.save(town.actor, number, form)

        assert "B" == (await people(town))["C"]
