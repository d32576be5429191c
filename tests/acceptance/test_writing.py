"""Writing a message: whom it can be for, and what was begun and not sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.criteria import Criteria
from gateway.french import folded
from gateway.services import Actor, Draft, GroupForm, PersonForm, Refused
from gateway.services.choosing import SHOWN
from gateway.services.measuring import marked, measured
from modem.emulator import Network
from tests.harness import Town, running, states

PEOPLE = """Nom;Prénom;Téléphone;Quartier;Rue;Groupe
Alibert;Anne;06 39 98 00 01;Le Port;rue du Port;Élus
Bonnet;Blaise;06 39 98 00 02;Le Port;rue du Port;
Cros;Chloé;06 39 98 00 03;Les Berges;chemin du Canal;
Denat;Denis;06 39 98 00 04;Les Berges;chemin du Canal;Élus
"""


def network() -> Network:
    made = Network(seed=1, sms_seconds=0.1, report_seconds=0.1)
    made.add_modem("m1")
    return made


async def secretary(town: Town) -> Actor:
    """Take the list in; return whoever writes, with an account of their own."""
    await town.services.imports.take_file(town.actor, PEOPLE.encode())
    number = await town.services.accounts.add(
        "secretaire", "Secrétaire", "trois mots au hasard", "sender"
    )
    return replace(town.actor, user_id=number, name="Secrétaire", role="sender")


async def test_a_part_of_town_and_two_people_are_told_once_each(tmp_path: Path) -> None:
    """Whoever is in the group, in the part of town and picked by name still gets one text."""
    async with running(tmp_path, network()) as town:
        who = await secretary(town)
        offered = await town.services.choosing.offer(who, "alib", (), (), ())
        anne = offered.people[0]
        draft = Draft(
            "Le pont est fermé.", group_ids=(1,), zones=("Le Port",), contact_ids=(anne.id,),
            channels=("sms",), urgency="service", at_any_hour=True,
        )  # fmt: skip

        sent = await town.services.sending.send(who, draft)
        lived = states(await town.finished(sent))

        assert ("Anne Alibert", "rue du Port, Le Port") == (anne.name, anne.where)
        assert {"Anne Alibert", "Blaise Bonnet", "Denis Denat"} == set(lived)
        assert 1 == len(town.network.handset("+33639980001").inbox)
        view = await town.services.broadcasts.view(who, sent)
        assert "Élus, quartier Le Port, 1 personne au choix" == view.summary.groups


async def test_typing_offers_groups_parts_of_town_and_people(tmp_path: Path) -> None:
    """And keeps what is ticked already."""
    async with running(tmp_path, network()) as town:
        who, offer = await secretary(town), town.services.choosing.offer

        berges = await offer(who, "berg", (), (), ("Le Port",))
        elus = await offer(who, "élu", (), (4,), ())
        nobody = await offer(who, "zzz", (1,), (), ())

        assert ("Le Port", "Les Berges") == berges.zones
        assert ["Élus"] == [one.name for one in elus.groups]
        assert ["Denis Denat"] == [one.name for one in elus.people]
        assert nobody.nothing
        assert ["Élus"] == [one.name for one in nobody.groups]


async def test_a_town_with_many_groups_is_offered_those_it_writes_to(tmp_path: Path) -> None:
    """The whole town and the last group written to first; what is ticked is always there."""
    async with running(tmp_path, network()) as town:
        who = await secretary(town)
        everybody = GroupForm("Tout Ventenac", criteria=Criteria(zones=("Le Port", "Les Berges")))
        await town.services.groupings.save(who, None, everybody)
        made = [
            await town.services.groupings.save(who, None, GroupForm(f"Comité {n:02}", "service"))
            for n in range(14)
        ]
        one = Draft("Réunion à 18 h.", group_ids=(made[12],), contact_ids=(1,), channels=("sms",))
        await town.services.sending.send(who, one)

        offered = await town.services.choosing.offer(who, "", (made[13],), (), ())
        names = [group.name for group in offered.groups]

    assert {"Tout Ventenac", "Élus", "Comité 12", "Comité 13"} < set(names)
    assert SHOWN + 1 == len(names)  # with the ticked one
    assert names == sorted(names, key=folded)
    assert 16 - len(names) == offered.more_groups


async def test_nobody_of_the_register_is_picked_by_who_does_not_keep_it(tmp_path: Path) -> None:
    """A number typed into the form opens no card that the page would not."""
    async with running(tmp_path, network()) as town:
        keeper = replace(await secretary(town), keeper=True)
        group = await town.services.groupings.save(
            keeper, None, GroupForm("Personnes fragiles", "registre")
        )
        form = PersonForm(
            {"name": "Habitant"}, endpoints=((0, "06 39 98 00 09", ""),), group_ids=(group,)
        )
        hidden = await town.services.persons.save(keeper, None, form)

        other = replace(keeper, keeper=False)
        draft = Draft("Bonjour.", contact_ids=(hidden,), channels=("sms",))

        assert 1 == (await town.services.compose.foresee(keeper, draft)).recipients
        assert () == (await town.services.choosing.offer(other, "", (), (hidden,), ())).people
        assert 0 == (await town.services.compose.foresee(other, draft)).recipients


async def test_what_was_begun_survives_a_restart_and_is_its_authors_alone(tmp_path: Path) -> None:
    """The browser was closed, the power went: the text is still there."""
    async with running(tmp_path, network()) as town:
        who = await secretary(town)
        await town.services.unfinished.keep(who, "clé", "Crue", [("text", "Crue : montez")])
    async with running(tmp_path, network()) as town:
        other = replace(who, user_id=None)

        assert ["Crue"] == [one.title for one in await town.services.unfinished.list(who)]
        assert [("text", "Crue : montez")] == await town.services.unfinished.fields(who, "clé")
        assert [] == await town.services.unfinished.list(other)
        with pytest.raises(Refused, match="n'existe plus"):
            await town.services.unfinished.fields(replace(who, user_id=77), "clé")


async def test_begun_messages_are_few_and_not_for_ever(tmp_path: Path) -> None:
    """Ten, thirty days; one too long for any message is refused."""
    async with running(tmp_path, network()) as town:
        who, begun = await secretary(town), town.services.unfinished
        for number in range(12):
            await begun.keep(who, f"clé {number}", f"n° {number}", [("text", "x")])
            await town.advance(1)
        kept = [one.title for one in await begun.list(who)]
        with pytest.raises(Refused, match="trop long"):
            await begun.keep(who, "clé", "long", [("text", "x" * 400_000)])
        await begun.drop(who, "clé 11")
        one_less = await begun.list(who)
        await town.daemon.store.write(
            lambda db: db.execute("UPDATE unfinished SET saved_at = saved_at - 31 * 86400.0")
        )

        assert [f"n° {number}" for number in range(11, 1, -1)] == kept
        assert 9 == len(one_less)
        assert [] == await begun.list(who)


def test_dear_characters_are_marked_where_they_stand() -> None:
    """So that one sees which apostrophe it is."""
    found = measured("L’eau monte… à 17 h").marked

    assert (
        ("L", False),
        ("’", True),
        ("eau monte", False),
        ("…", True),
        (" à 17 h", False),
    ) == found
    assert (("abc", False),) == marked("abc", ())
    assert () == marked("", ())


async def test_who_lacks_a_field_of_the_text_is_counted_before_it_leaves(tmp_path: Path) -> None:
    """Read only afterwards, on the telephone of whoever has no street in the directory."""
    async with running(tmp_path, network()) as town:
        await secretary(town)
        await town.services.imports.take_file(
            town.actor, b"Nom;T\xc3\xa9l\xc3\xa9phone;Groupe\nEmery;06 39 98 00 05;\xc3\x89lus\n"
        )
        foresee = town.services.compose.foresee
        draft = Draft("{prénom}, votre rue : {adresse}.", everybody=True, channels=("sms",),
                      urgency="vital")  # fmt: skip
        lacking = await foresee(town.actor, draft)
        whole = await foresee(town.actor, replace(draft, text="{nom}, l'eau monte."))

    assert [
        "Il manque {prénom} à 1 personne : son texte se lira sans.",
        "Il manque {adresse} à 1 personne : son texte se lira sans.",
    ] == [one for one in lacking.warnings if "manque" in one]
    assert not any("manque" in one for one in whole.warnings)
