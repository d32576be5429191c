"""What an elected member does with a ready alert, and what the record says of it afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from gateway.services import ORIGIN, Actor, AuditFilter, Draft, NotAllowed, Refused
from modem.emulator import Network
from tests.harness import Town, running, states

PEOPLE = "Nom;Téléphone;Groupe\nAlibert;06 39 98 00 01;Inondable\nBonnet;06 39 98 00 02;Inondable\n"


def network() -> Network:
    made = Network(seed=1, sms_seconds=0.1, report_seconds=0.1)
    made.add_modem("m1")
    return made


def as_role(town: Town, role: str, name: str = "Maire") -> Actor:
    return replace(town.actor, role=role, name=name, login=name)


async def ready_alert(town: Town, urgency: str = "vital") -> int:
    await town.services.imports.take_file(town.actor, PEOPLE.encode())
    draft = Draft("La rivière déborde.", group_ids=(1,), channels=("sms",), urgency=urgency)
    return await town.services.ready.keep(town.actor, "Crue", draft)


async def test_a_mayor_launches_what_was_made_ready_and_watches_it(tmp_path: Path) -> None:
    """Press, confirm, watch: the whole night's work."""
    async with running(tmp_path, network()) as town:
        number, mayor = await ready_alert(town), as_role(town, "approver")

        seen = await town.services.alerting.look(mayor, number)
        sent = await town.services.alerting.launch(mayor, number, "clé")
        home = await town.services.alerting.home(mayor)

        assert 2 == seen.forecast.recipients
        assert ["Crue"] == [one.name for one in home.alerts]
        assert [sent] == [one.id for one in home.under_way]
        assert {"received"} == set(states(await town.finished(sent)).values())


async def test_a_button_pressed_twice_launches_once(tmp_path: Path) -> None:
    """Fingers shake at three in the morning."""
    async with running(tmp_path, network()) as town:
        number, mayor = await ready_alert(town), as_role(town, "approver")

        twice = {await town.services.alerting.launch(mayor, number, "clé") for _ in range(2)}

        assert 1 == len(twice)


async def test_an_exercise_says_so_and_is_no_alert(tmp_path: Path) -> None:
    """The button is tried once a year; nobody must pack their bags for it."""
    async with running(tmp_path, network()) as town:
        number, mayor = await ready_alert(town), as_role(town, "approver")

        sent = await town.services.alerting.launch(mayor, number, "clé", exercise=True)
        await town.finished(sent)

        [text] = [sms.text for sms in town.network.handset("+33639980001").inbox]
        assert text.startswith("EXERCICE")


async def test_a_mayor_writes_no_message_of_their_own(tmp_path: Path) -> None:
    """The right to press the button is not the right to change what it says."""
    async with running(tmp_path, network()) as town:
        number, mayor = await ready_alert(town), as_role(town, "approver")
        draft = await town.services.ready.draft(mayor, number)

        with pytest.raises(NotAllowed, match="préparer ou d'envoyer"):
            await town.services.sending.send(mayor, replace(draft, text="Autre chose."))
        with pytest.raises(NotAllowed):
            await town.services.ready.keep(mayor, "Autre", draft)


async def test_a_ready_message_without_people_has_no_button(tmp_path: Path) -> None:
    """A text to start from is not something to launch."""
    async with running(tmp_path, network()) as town:
        draft = Draft("Coupure d'eau.", channels=("sms",), urgency="vital")
        number = await town.services.ready.keep(town.actor, "Eau", draft)

        home = await town.services.alerting.home(town.actor)
        with pytest.raises(Refused, match="n'a pas de destinataires"):
            await town.services.alerting.look(town.actor, number)

        assert () == home.alerts


async def test_the_record_tells_who_launched_from_where(tmp_path: Path) -> None:
    """What the council asks the week after."""
    async with running(tmp_path, network()) as town:
        number, mayor = await ready_alert(town), as_role(town, "approver")
        ORIGIN.set("192.0.2.7")
        sent = await town.services.alerting.launch(mayor, number, "clé")
        ORIGIN.set("")
        await town.finished(sent)
        auditor = as_role(town, "auditor", "Contrôle")

        listed = (await town.services.audit.page(auditor, AuditFilter("messages", "mai"))).items

        launched = next(one for one in listed if one.broadcast_id == sent)
        assert ("Maire", "192.0.2.7") == (launched.who, launched.origin)
        assert "« Crue », Alerte, personnes : 2" == launched.facts
        assert "a préparé ou envoyé un message" == launched.what
        assert not (await town.services.audit.page(auditor, AuditFilter("contacts", "mai"))).items
        early = AuditFilter(until=date(2020, 1, 1))
        assert not (await town.services.audit.page(auditor, early)).items


async def test_a_changed_record_is_noticed(tmp_path: Path) -> None:
    """Even by somebody who holds the database."""
    async with running(tmp_path, network()) as town:
        await ready_alert(town)
        auditor = as_role(town, "auditor", "Contrôle")
        whole = await town.services.audit.check(auditor)
        await town.daemon.store.write(
            lambda db: db.execute("UPDATE event SET at = at + 1 WHERE seq = 2")
        )

        assert whole.broken_at is None
        assert 2 == (await town.services.audit.check(auditor)).broken_at


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
async def test_the_record_can_be_taken_away_and_that_is_recorded(tmp_path: Path, kind: str) -> None:
    """The file carries the seal of the moment it was made."""
    async with running(tmp_path, network()) as town:
        await ready_alert(town)
        auditor = as_role(town, "auditor", "Contrôle")

        file = await town.services.audit.file(auditor, AuditFilter(), kind)
        last = (await town.services.audit.page(auditor, AuditFilter("accounts"))).items[0]

        assert len(file.data) > 200
        assert ("Contrôle", "a emporté le journal") == (last.who, last.what)


async def test_the_record_is_for_those_who_may_read_it(tmp_path: Path) -> None:
    """Names stand in it."""
    async with running(tmp_path, network()) as town:
        for role in ("sender", "approver", "technician", "keeper"):
            with pytest.raises(NotAllowed):
                await town.services.audit.page(as_role(town, role), AuditFilter())
