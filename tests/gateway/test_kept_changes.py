"""What has a table of its own is in the history of settings too, and comes back from there."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from gateway.errors import Refused
from gateway.services import Draft
from gateway.services.orders import StepForm
from gateway.services.setting_history import ChangeView
from gateway.services.values import Actor
from gateway.store import events, groups
from gateway.store.settings import forget_texts
from modem.emulator import Network
from tests.harness import Town, running

LIST = "Nom;Téléphone;Groupe\nAlibert;06 39 98 00 01;Élus\nBonnet;06 39 98 00 02;Pompiers\n"
PASSWORD = "crue de l'Argent-Double"
FIRE = Draft("Le feu approche.", group_ids=(1,), channels=("sms",), urgency="vital")
STEPS = [StepForm(("sms",), 0, "always", "first")]


@contextlib.asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    network = Network(seed=1)
    network.add_modem("orange-1")
    async with running(folder, network) as box:
        box.services.accounts._hasher = PasswordHasher(1, 8, 1)
        await box.services.imports.take_file(box.actor, LIST.encode())
        yield box


async def last(box: Town, what: str = "") -> ChangeView:
    """Return the newest change, of a kind where one is named."""
    changes = await box.services.history.changes(box.actor)
    return next(one for one in changes if one.what.startswith(what))


async def back(box: Town, change: ChangeView, actor: Actor | None = None) -> None:
    await box.services.history.put_back(actor or box.actor, change.id)


async def test_a_ready_message_that_was_deleted_comes_back_whole(tmp_path: Path) -> None:
    """With its word, its place, and its number: a warning that proposes it finds it again."""
    async with town(tmp_path) as box:
        number = await box.services.ready.keep(box.actor, "Incendie", FIRE)
        await box.services.launching.set_word(box.actor, number, "feu")
        await box.services.ready.keep(box.actor, "Crue", replace(FIRE, text="L'eau monte."))
        before = await box.services.launching.scenarios(box.actor)
        await box.services.ready.drop(box.actor, number)
        gone = await last(box)
        await back(box, gone)
        after = await box.services.launching.scenarios(box.actor)
        with pytest.raises(Refused, match="déjà"):
            await back(box, gone)

    assert "message prêt « Incendie »" == gone.what
    assert "Alerte, « Le feu approche. », à Élus" == gone.before
    assert "aucun" == gone.after
    assert before == after


async def test_a_text_changed_by_mistake_is_put_back(tmp_path: Path) -> None:
    """The one that was tried in an exercise, and rehearsed with everybody."""
    async with town(tmp_path) as box:
        await box.services.ready.keep(box.actor, "Incendie", FIRE)
        await box.services.ready.keep(box.actor, "Incendie", replace(FIRE, text="essai"))
        await back(box, await last(box))
        (kept,) = await box.services.ready.list(box.actor)
        first = (await box.services.history.changes(box.actor))[-1]

    assert "Le feu approche." == kept.text
    assert not first.can_go_back
    assert "Messages prêts" in first.why_not


async def test_one_of_that_name_made_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    """Whoever wrote it anew did so on purpose."""
    async with town(tmp_path) as box:
        await box.services.ready.drop(
            box.actor, await box.services.ready.keep(box.actor, "Incendie", FIRE)
        )
        gone = await last(box)
        await box.services.ready.keep(box.actor, "Incendie", replace(FIRE, text="Neuf."))
        with pytest.raises(Refused, match="porte maintenant ce nom"):
            await back(box, gone)


async def test_a_message_that_comes_back_says_which_group_it_lacks(tmp_path: Path) -> None:
    """And no new message or group has taken a number that it names."""
    async with town(tmp_path) as box:
        number = await box.services.ready.keep(
            box.actor, "Incendie", replace(FIRE, group_ids=(1, 2))
        )
        await box.services.ready.drop(box.actor, number)
        gone = await last(box)
        await box.daemon.store.write(lambda db: groups.remove(db, 2, "Camille", 1.0))
        other = await box.services.ready.keep(box.actor, "Crue", FIRE)
        told = (await last(box, "message prêt « Incendie »")).before
        await back(box, gone)
        broken = await box.services.ready.broken(box.actor)

    assert number != other
    assert "Le groupe « Pompiers » n'existe plus." in told
    assert ["Incendie"] == [one.name for one in broken]


async def test_how_a_word_is_said_goes_back_and_forth(tmp_path: Path) -> None:
    """A new word is taken away again, one taken away comes again."""
    async with town(tmp_path) as box:
        await box.services.sounds.set_pronunciation(box.actor, "Azille", "a zi ye")
        first = await last(box)
        await back(box, first)
        none = await box.services.sounds.pronunciations(box.actor)
        second = await last(box)
        await back(box, second)
        (again,) = await box.services.sounds.pronunciations(box.actor)

    assert ("prononciation « Azille »", "lu comme il s'écrit", "« a zi ye »") == (
        first.what, first.before, first.after,
    )  # fmt: skip
    assert [] == none
    assert ("Azille", "a zi ye") == (again.written, again.spoken)


async def test_a_role_is_given_back_an_account_closed_is_not_opened(tmp_path: Path) -> None:
    """What was reached with an account that was closed is for somebody to decide anew."""
    async with town(tmp_path) as box:
        await box.services.accounts.add("camille", "Camille", PASSWORD, "administrator")
        number = await box.services.accounts.open_for(
            box.actor, "luc", "Luc Thérond", "le canal gèle en janvier", "auditor"
        )
        made = await last(box)
        await box.services.account_care.change_role(box.actor, number, "sender")
        changed = await last(box)
        await back(box, changed)
        listed = await box.services.accounts.list(box.actor)
        (role,) = [one.role for one in listed if one.id == number]
        await box.services.accounts.disable(box.actor, number)
        closed, late = await last(box), await last(box, changed.what)
        with pytest.raises(Refused, match="ne se rouvre pas"):
            await back(box, closed)
        stale = next(
            one for one in await box.services.history.changes(box.actor) if one.id == changed.id
        )

    assert ("rôle d'un compte « Luc Thérond »", "pas de compte") == (made.what, made.before)
    assert ("Essai", "auditor") == (changed.who, role)
    assert changed.before.startswith("contrôle")
    assert "compte fermé" == closed.after
    assert late == closed
    assert not stale.can_go_back


async def test_the_last_administrator_is_not_lost_by_going_back(tmp_path: Path) -> None:
    """The same checks hold as on the page of accounts."""
    async with town(tmp_path) as box:
        code = await box.services.accounts.issue_first_code()
        session = await box.services.accounts.create_first(
            code or "", "camille", "Camille", PASSWORD
        )
        number = await box.services.accounts.open_for(
            session.actor, "luc", "Luc", "le canal gèle en janvier", "sender"
        )
        await box.services.account_care.change_role(session.actor, number, "administrator")
        promoted = await last(box)
        camille = session.actor.user_id or 0
        luc = replace(session.actor, user_id=number, login="luc", name="Luc")
        await box.services.account_care.change_role(luc, camille, "sender")
        with pytest.raises(Refused, match="dernier administrateur"):
            await back(box, promoted)
        with pytest.raises(Refused, match="votre propre rôle"):
            await back(box, promoted, luc)


async def test_a_key_that_is_kept_nowhere_is_not_given_again(tmp_path: Path) -> None:
    """It says so, and who gave and took it."""
    async with town(tmp_path) as box:
        await box.services.software.issue(box.actor, "Panneau")
        await box.services.software.revoke(box.actor, 1)
        change = await last(box)
        with pytest.raises(Refused, match="nouvel accès"):
            await back(box, change)

    assert ("accès d'un logiciel « Panneau »", "a accès", "pas d'accès") == (
        change.what, change.before, change.after,
    )  # fmt: skip
    assert not change.can_go_back


async def test_an_order_of_sends_comes_back_under_its_number(tmp_path: Path) -> None:
    """What named it finds it again; changed, it is put back as it was."""
    async with town(tmp_path) as box:
        orders = box.services.orders
        number = await orders.save(box.actor, "Tout", STEPS, confirm=False, enough=0)
        changed = [*STEPS, StepForm(("voice",), 5, "unreached", "first")]
        await orders.save(box.actor, "Tout", changed, confirm=True, enough=0, editing=number)
        await back(box, await last(box))
        (first,) = await orders.list(box.actor)
        await orders.delete(box.actor, number)
        gone = await last(box)
        other = await orders.save(box.actor, "Autre", STEPS, confirm=False, enough=0)
        await back(box, gone)
        known = {one.id: one.name for one in await orders.list(box.actor)}

    assert (1, False) == (len(first.steps), first.confirm)
    assert {number: "Tout", other: "Autre"} == known


async def test_an_order_of_sends_that_an_alert_uses_is_not_deleted(tmp_path: Path) -> None:
    """The alert would die of it in silence."""
    async with town(tmp_path) as box:
        number = await box.services.orders.save(box.actor, "Tout", STEPS, confirm=False, enough=0)
        await box.services.ready.keep(box.actor, "Incendie", replace(FIRE, order=str(number)))
        with pytest.raises(Refused, match="message prêt « Incendie »"):
            await box.services.orders.delete(box.actor, number)


async def test_what_a_sim_serves_goes_back_its_operators_word_does_not(tmp_path: Path) -> None:
    """To the careful regime by one press; to the other only with the paper's reference."""
    async with town(tmp_path) as box:
        tuning = box.services.tuning
        (sim,) = [one.sim for one in await tuning.sims(box.actor)]
        await tuning.set_route(box.actor, sim, "06 39")
        route = await last(box)
        await back(box, route)
        await tuning.set_regime(box.actor, sim, "ordinary", "")
        to_ordinary = await last(box)
        await tuning.set_regime(box.actor, sim, "automated", "lettre du 3 mai")
        to_automated = await last(box)
        await back(box, to_automated)
        (now,) = await tuning.sims(box.actor)
        with pytest.raises(Refused, match="référence"):
            await back(box, to_ordinary)

    assert ("aucun en particulier", "0639") == (route.before, route.after)
    assert sim[-4:] in route.what
    assert "lettre du 3 mai" in to_automated.after
    assert (True, "") == (now.ordinary, now.prefixes)


async def test_a_group_allowed_by_mistake_is_taken_back(tmp_path: Path) -> None:
    """Unless it is gone meanwhile: then there is nothing to press."""
    async with town(tmp_path) as box:
        await box.services.tuning.allow_groups(box.actor, {1})
        change = await last(box)
        await back(box, change)
        names = await box.services.directory.group_names(box.actor)
        await box.services.groupings.remove(box.actor, 1)
        stale = await last(box, "groupe permis")

    assert ("« Élus »", "pas permis", "permis") == (change.what[-8:], change.before, change.after)
    assert [False, False] == [one.any_sim for one in names]
    assert not stale.can_go_back


async def test_second_steps_and_numbers_are_told_and_go_back(tmp_path: Path) -> None:
    """The paper's owner is told too, by name."""
    async with town(tmp_path) as box:
        await box.services.account_care.ask_roles(box.actor, ["sender", "auditor"])
        roles = await last(box)
        await back(box, roles)
        asked = await box.services.account_care.roles_asked(box.actor)
        await box.services.launching.set_numbers(box.actor, "06 39 98 00 50")
        numbers = await last(box)
        await back(box, numbers)
        left = await box.services.launching.numbers(box.actor)
        await box.services.trees.set(box.actor, to="", place="", owner="Mme Roux", chosen=[1])
        paper = await last(box)

    assert "aucun" == roles.before
    assert "envoi de messages" in roles.after
    assert frozenset() == asked
    assert "06 39 98 00 50" == numbers.after
    assert "06 39 98 00 50" not in left
    assert "personne ; tenu par Mme Roux ; 1 groupe imprimé" == paper.after


async def test_what_a_ready_message_said_is_forgotten_at_its_date(tmp_path: Path) -> None:
    """That it was changed, by whom and when, stays; the chain of events verifies."""
    async with town(tmp_path) as box:
        number = await box.services.ready.keep(box.actor, "Incendie", FIRE)
        await box.services.ready.drop(box.actor, number)
        await box.daemon.store.write(lambda db: forget_texts(db, 1, 1e12))
        change = await last(box)
        with pytest.raises(Refused, match="effacé"):
            await back(box, change)
        broken = await box.daemon.store.read(events.first_broken)

    assert ("", "", "effacé à sa date") == (change.before, change.after, change.why_not)
    assert "Incendie" in change.what
    assert broken is None
