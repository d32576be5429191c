"""What was set, by whom, and back to before: a new change each time, never a rewritten past."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import Refused
from gateway.services import town_settings
from gateway.services.permits import NotAllowed
from gateway.services.setting_history import SettingHistory, restored
from gateway.services.tuning import SimView
from gateway.store import settings
from gateway.upkeep.backup import make
from modem.emulator import Network
from tests.harness import NIGHT, Town, running

DAYS = dict.fromkeys(range(5), ("09:00", "12:00"))


@contextlib.asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    network = Network(seed=1)
    network.add_modem("orange-1")
    async with running(folder, network) as box:
        yield box


async def test_what_is_saved_as_it_was_is_no_change(tmp_path: Path) -> None:
    """« nombre d'habitants 1200 → 1200 » under every convocation buried what had changed."""
    async with town(tmp_path) as box:
        (hours, _) = (await box.services.tuning.view(box.actor)).hours
        days = {day: (opens, closes) for day, _, opens, closes in hours.days}
        await box.services.tuning.set_hours(
            box.actor, "service", days, holidays=hours.on_holidays
        )  # fmt: skip
        for number in (1200, 1200, 1300):
            await box.daemon.store.write(
                lambda db, number=number: settings.write(
                    db, box.actor.entity_id, "inhabitants", number, "Essai", NIGHT.timestamp()
                )
            )
        await box.services.tuning.set_hours(box.actor, "service", DAYS, holidays=False)
        changes = await box.services.history.changes(box.actor)

    assert ["heures d'envoi", "nombre d'habitants", "nombre d'habitants"] == [
        one.what for one in changes
    ]
    assert [("1200", "1300"), ("pas encore dit", "1200")] == [
        (one.before, one.after) for one in changes[1:]
    ]


async def test_a_change_says_who_from_what_to_what(tmp_path: Path) -> None:
    """A secretary who finds the hours changed learns by whom, without asking round."""
    async with town(tmp_path) as box:
        await box.services.tuning.set_hours(box.actor, "service", DAYS, holidays=False)
        (change,) = await box.services.history.changes(box.actor)

    assert ("Essai", "heures d'envoi") == (change.who, change.what)
    assert "lundi à dimanche 08:00–20:00" in change.before
    assert "lundi à vendredi 09:00–12:00, sauf jours fériés" in change.after
    assert change.can_go_back


async def test_going_back_is_a_change_of_its_own(tmp_path: Path) -> None:
    """The wrong change stays in the list, and so does who put it right."""
    async with town(tmp_path) as box:
        await box.services.tuning.set_rules(
            box.actor, take_back=0, approval_above=500, signature="Le maire"
        )
        first = await box.services.history.changes(box.actor)
        signed = next(one for one in first if one.what == "signature")
        other = replace(box.actor, name="Dominique")
        await box.services.history.put_back(other, signed.id)
        after = await box.services.history.changes(box.actor)
        view = await box.services.tuning.view(box.actor)
        with pytest.raises(Refused, match="déjà"):
            await box.services.history.put_back(other, signed.id)

    assert (view.signature, view.approval_above, view.take_back) == ("", 500, 0)
    assert len(after) == len(first) + 1
    assert ("Dominique", "Le maire", "aucune") == (after[0].who, after[0].before, after[0].after)
    assert not next(one for one in after if one.id == signed.id).can_go_back


async def test_a_nought_set_over_the_default_goes_back_too(tmp_path: Path) -> None:
    """No delay to take a message back is not the twenty seconds nobody ever set."""
    async with town(tmp_path) as box:
        await box.services.tuning.set_rules(box.actor, take_back=0, approval_above=0, signature="")
        changes = await box.services.history.changes(box.actor)
        delay = next(one for one in changes if one.what == "délai pour reprendre un message")
        await box.services.history.put_back(box.actor, delay.id)
        view = await box.services.tuning.view(box.actor)

    assert delay.can_go_back
    assert {one.what for one in changes if one.can_go_back} == {delay.what}
    assert 20 == view.take_back


async def test_hours_of_another_urgency_stay_as_they_are_now(tmp_path: Path) -> None:
    """Undoing Monday's mistake must not undo Tuesday's decision."""
    async with town(tmp_path) as box:
        tuning = box.services.tuning
        await tuning.set_hours(box.actor, "service", DAYS, holidays=False)
        await tuning.set_hours(box.actor, "information", DAYS, holidays=False)
        changes = await box.services.history.changes(box.actor)
        await box.services.history.put_back(box.actor, changes[1].id)
        service, information = (await tuning.view(box.actor)).hours

    assert "lundi à dimanche 08:00–20:00" == service.said
    assert "lundi à vendredi 09:00–12:00, sauf jours fériés" == information.said


async def test_the_limits_of_a_sim_go_back_too_each_sims_own(tmp_path: Path) -> None:
    """A nought too few holds a town's messages for a month: one press mends it."""
    async with town(tmp_path) as box:
        tuning, history = box.services.tuning, box.services.history
        (sim,) = [one.sim for one in await tuning.sims(box.actor)]
        await tuning.set_limits(box.actor, sim, {"segments_per_day": 200, "reserve_percent": 10})
        await tuning.set_limits(box.actor, sim, {"segments_per_day": 20})
        await tuning.set_limits(box.actor, sim, {"segments_per_day": 20})  # no change
        wrong, first = await history.changes(box.actor)
        await history.put_back(replace(box.actor, name="Dominique"), wrong.id)
        (now,) = await tuning.sims(box.actor)
        with pytest.raises(Refused, match="déjà"):
            await history.put_back(box.actor, wrong.id)
        back, again, _ = await history.changes(box.actor)
        await history.put_back(box.actor, first.id)
        (none,) = await tuning.sims(box.actor)

    assert (f"…{sim[-4:]} – SMS par jour : 200, 10 % gardés pour les alertes") == wrong.before
    assert f"…{sim[-4:]} – SMS par jour : 20" == wrong.after
    assert f"…{sim[-4:]} – aucune limite" == first.before
    assert wrong.can_go_back
    assert (200, 10) == (limit_of(now, "segments_per_day"), now.reserve)
    assert ("Dominique", wrong.before) == (back.who, back.after)
    assert not again.can_go_back
    assert (0, 0) == (limit_of(none, "segments_per_day"), none.reserve)


def limit_of(view: SimView, code: str) -> int:
    return next(one.limit for one in view.gauges if one.code == code)


async def test_whom_it_concerns_only_may_look_or_go_back(tmp_path: Path) -> None:
    """Nor may one town touch another's."""
    async with town(tmp_path) as box:
        await box.services.tuning.set_retention(box.actor, names=6, received=12)
        changes = await box.services.history.changes(box.actor)
        secretary, elsewhere = replace(box.actor, role="sender"), replace(box.actor, entity_id=99)
        with pytest.raises(NotAllowed):
            await box.services.history.changes(secretary)
        with pytest.raises(NotAllowed):
            await box.services.history.put_back(secretary, changes[0].id)
        with pytest.raises(Refused):
            await box.services.history.put_back(elsewhere, changes[0].id)
        view = await box.services.tuning.view(box.actor)

    assert 6 == view.names_months


async def test_who_may_come_in_is_shown_as_changed_but_not_put_back_from_there(
    tmp_path: Path,
) -> None:
    """A telephone trusted again by a click in a list would be a door left open."""
    async with town(tmp_path) as box:
        await box.services.telephones.trust(box.actor, "Anne", "06 39 98 00 01")
        (change,) = await box.services.history.changes(box.actor)
        with pytest.raises(Refused, match="pas d'un clic"):
            await box.services.history.put_back(box.actor, change.id)

    assert ("téléphones autorisés", "aucun", "Anne 06 39 98 00 01") == (
        change.what, change.before, change.after,
    )  # fmt: skip
    assert "sur la page Téléphone" in change.why_not


def test_a_mailbox_put_back_does_not_get_what_came_meanwhile() -> None:
    """SMS of the weeks in between are nobody's news any more."""
    before, after = {"to": ["a@exemple.fr"], "since": 1.0}, {"to": [], "since": 2.0}

    found = restored(town_settings.FORWARD_SMS, before, after, after, 50.0)

    assert {"to": ["a@exemple.fr"], "since": 50.0} == found


async def test_it_is_all_there_after_a_restart(tmp_path: Path) -> None:
    """The history is on the disk."""
    async with town(tmp_path) as box:
        await box.services.tuning.set_retention(box.actor, names=6, received=24)
    network = Network(seed=1)
    network.add_modem("orange-1")
    async with running(tmp_path, network) as box:
        (change, *_) = await box.services.history.changes(box.actor)
        history = SettingHistory(box.daemon.store, box.daemon.clock)
        await history.put_back(box.actor, change.id)
        view = await box.services.tuning.view(box.actor)

    assert NIGHT - timedelta(days=1) < change.at < NIGHT + timedelta(days=1)
    assert 12 == view.received_months


async def test_backups_are_shown_with_what_is_to_be_done(tmp_path: Path) -> None:
    """A box that nobody backs up says so where the secretary looks, not only in a terminal."""
    async with town(tmp_path) as box:
        view = await box.services.safekeeping.view(box.actor)

    assert not view.well
    assert any("aucune sauvegarde" in one.sentence and one.mend for one in view.findings)


async def test_a_backup_by_hand_that_failed_stands_beside_the_last_good_one(
    tmp_path: Path,
) -> None:
    """The page shows what is safe, and which place did not take it."""
    async with town(tmp_path) as box:
        config = box.daemon.config
        (tmp_path / "out").mkdir()
        make(config, tmp_path / "none", [str(tmp_path / "out")], NIGHT.timestamp())
        make(config, tmp_path / "none", ["usb:ABSENTE"], NIGHT.timestamp() + 3600)
        view = await box.services.safekeeping.view(box.actor)
    places = {one.name: one for one in view.places}

    assert NIGHT == view.at
    assert view.name.startswith("tocsin-la-redorte")
    assert (NIGHT, "") == (places[str(tmp_path / "out")].at, places[str(tmp_path / "out")].trouble)
    assert None is places["usb:ABSENTE"].at
    assert "n'est pas branché" in places["usb:ABSENTE"].trouble
