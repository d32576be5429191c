"""A group that an alert needs is not deleted from under it; one gone all the same is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.errors import Refused
from gateway.services import Draft, GroupForm
from gateway.services.wall_time import at_wall_time
from gateway.store import groups
from tests.harness import NIGHT
from tests.web.real import RealTown, real_town
from tests.web.site import site

pytestmark = pytest.mark.real_time
FIRE = Draft("Le feu approche.", group_ids=(1,), channels=("sms",), urgency="vital")


async def gone(town: RealTown, number: int) -> None:
    """Delete a group under whatever uses it, as no page does."""
    await town.box.daemon.store.write(lambda db: groups.remove(db, number, "Camille", 1.0))


async def other_group(town: RealTown, name: str, phone: str) -> int:
    number = await town.services.groupings.save(town.actor, None, GroupForm(name))
    await town.services.imports.add(town.actor, name="Fabre", phones=[phone], groups=[name])
    return number


async def test_a_group_that_a_ready_alert_uses_is_not_deleted(tmp_path: Path) -> None:
    """The alert would die in silence, and be found dead at three in the morning."""
    async with real_town(tmp_path) as town:
        await town.services.ready.keep(town.actor, "Incendie", FIRE)
        async with site(cast("Any", town)) as browser:
            form = await browser.text("/groupes/1")
            asked = await browser.text("/groupes/1/supprimer")
            refused = await browser.post("/groupes/1/supprimer", {})
            told = await refused.text()
        left = [one.name for one in await town.services.directory.groups(town.actor)]

    assert "/messages/nouveau?modele=1" in form
    assert "/messages/nouveau?modele=1" in asked
    assert '<button class="vital">Supprimer le groupe' not in asked
    assert 400 == refused.status
    assert "Incendie" in told
    assert ["Quartier inondable"] == left


async def test_so_are_those_of_messages_that_wait_or_come_again(tmp_path: Path) -> None:
    """What was promised for Thursday would leave for nobody, and nobody would know."""
    async with real_town(tmp_path) as town:
        at = at_wall_time(f"{NIGHT + timedelta(days=3):%Y-%m-%dT%H:%M}", "Europe/Paris")
        later = replace(FIRE, urgency="service", title="Eau coupée", at=at)
        await town.services.sending.send(town.actor, later)
        await town.services.agenda.repeat(town.actor, replace(later, title="Marché"), "weekly")
        with pytest.raises(Refused, match="message prévu « Eau coupée », message qui revient"):
            await town.services.groupings.remove(town.actor, 1)
        async with site(cast("Any", town)) as browser:
            asked = await browser.text("/groupes/1/supprimer")

    assert "/messages/1" in asked
    assert "/calendrier" in asked


async def test_a_group_that_nothing_needs_is_deleted_once_confirmed(tmp_path: Path) -> None:
    """What does without it, paper and SIMs, is told first."""
    async with real_town(tmp_path) as town:
        await town.services.trees.set(town.actor, to="", place="", owner="", chosen=[1])
        await town.services.tuning.allow_groups(town.actor, {1})
        async with site(cast("Any", town)) as browser:
            asked = await browser.text("/groupes/1/supprimer")
            done = await browser.post("/groupes/1/supprimer", {})
        left = await town.services.directory.groups(town.actor)

    assert "/papier" in asked
    assert "/reglages/forfaits" in asked
    assert 303 == done.status
    assert [] == left


async def test_an_alert_whose_group_is_gone_goes_to_its_others_and_says_so(tmp_path: Path) -> None:
    """On the mayor's page, the secretary's, the administrator's; never « rechargez la page »."""
    async with real_town(tmp_path) as town:
        number = await other_group(town, "Pompiers", "06 39 98 00 09")
        draft = replace(FIRE, group_ids=(1, number))
        await town.services.ready.keep(town.actor, "Incendie", draft)
        await gone(town, 1)
        async with site(cast("Any", town)) as browser:
            pages = {
                path: await browser.text(path)
                for path in ("/alerter", "/alerter/1", "/modeles", "/messages", "/reglages",
                             "/messages/nouveau?modele=1")
            }  # fmt: skip
        seen = await town.services.alerting.look(town.actor, 1)
        left = await town.services.alerting.launch(town.actor, 1, "k")
        sent = await town.services.broadcasts.view(town.actor, left)

    for path, text in pages.items():
        assert "le groupe « quartier inondable » n&#39;existe plus" in text.casefold(), path
        assert "rechargez" not in text, path
    assert "Oui, alerter" in pages["/alerter/1"]
    assert 1 == seen.forecast.recipients
    assert "Pompiers" == sent.summary.groups


async def test_one_that_has_no_other_group_says_which_it_lacks(tmp_path: Path) -> None:
    """It stays on the mayor's page: what has vanished cannot be asked after."""
    async with real_town(tmp_path) as town:
        await town.services.ready.keep(town.actor, "Incendie", FIRE)
        await gone(town, 1)
        (button,) = (await town.services.alerting.home(town.actor)).alerts
        with pytest.raises(Refused, match=r"Quartier inondable.*le secrétariat"):
            await town.services.alerting.launch(town.actor, 1, "k")

    assert "Le groupe « Quartier inondable » n'existe plus." == button.missing


async def test_a_new_group_never_takes_the_place_of_one_that_is_gone(tmp_path: Path) -> None:
    """Or the fire alert would go to the chess club."""
    async with real_town(tmp_path) as town:
        await town.services.groupings.remove(town.actor, 1)
        made = await town.services.groupings.save(town.actor, None, GroupForm("Échecs"))
        listed = await other_group(town, "Boules", "06 39 98 00 08")

    assert 1 not in {made, listed}


async def test_taking_a_list_back_leaves_the_group_an_alert_uses(tmp_path: Path) -> None:
    """It is empty then, which the alert says and which is mended by filling it."""
    async with real_town(tmp_path) as town:
        await town.services.ready.keep(town.actor, "Incendie", FIRE)
        await town.services.imports.undo(town.actor, 1)
        (kept,) = await town.services.ready.list(town.actor)

    assert ("", ("Quartier inondable",)) == (kept.missing, kept.groups)
    assert "le groupe est vide" in kept.problem


async def test_a_group_that_went_to_the_register_is_not_named(tmp_path: Path) -> None:
    """Who is in the register is its keepers' to know, the name of its groups too."""
    async with real_town(tmp_path) as town:
        await town.services.ready.keep(town.actor, "Incendie", FIRE)
        await town.services.groupings.name_keeper(town.actor, town.actor.user_id or 0, on=True)
        keeper = replace(town.actor, keeper=True)
        await town.services.groupings.save(keeper, 1, GroupForm("Fragiles", "registre"))
        (seen,) = await town.services.ready.list(replace(town.actor, keeper=False))

    assert "ou est au registre, qu'un gardien prévient" in seen.missing.casefold()
    assert "Fragiles" not in seen.missing
