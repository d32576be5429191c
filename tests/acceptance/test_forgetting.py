"""A person erased, a list taken back, a stop in mid-import: what goes, and what stays."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from gateway.attachments import Attachment
from gateway.errors import Refused
from gateway.model import Door
from gateway.services import Draft, PersonForm, StepForm
from gateway.services.retention import PAUSE, Retention
from gateway.store import attachments, events, imports
from modem.emulator import Behaviour, Network
from tests.acceptance.test_asked_by_sms import PARIS, clock
from tests.harness import Town, running

OTHER = "+33639980007"
NUMBER, TEXT = "+33639980001", "Bonjour {prénom}, l'eau est coupée."
SECRET = ("Alibert", "Anne", "39980001", "39 98 00 01", "rue du Port", "appelez ma fille")


def network() -> Network:
    made = Network(seed=1)
    made.add_modem("m1")
    return made


async def anne(town: Town) -> int:
    fields = {"name": "Alibert", "given_name": "Anne", "street": "rue du Port"}
    return await town.services.persons.save(
        town.actor, None, PersonForm(fields, endpoints=((0, NUMBER, ""),))
    )


async def test_an_erased_person_is_nowhere_and_the_counts_and_the_chain_hold(
    tmp_path: Path,
) -> None:
    """Not in a table, not in an event, not in a PDU: the file itself is searched."""
    made = network()
    async with running(tmp_path, made) as town:
        number = await anne(town)
        draft = Draft(TEXT, to=(NUMBER,), channels=("sms",), urgency="vital")
        sent = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.finished(sent)
        made.send(NUMBER, made.modems["m1"], "appelez ma fille")
        await town.advance(5)
        await town.services.consents.say(
            town.actor, number, NUMBER, "information", given=False, source="au guichet"
        )
        trial = Draft("Essai.", channels=("sms",))
        await town.services.sending.try_out(town.actor, trial, "06 39 98 00 01")
        await town.advance(30)
        await town.services.persons.erase(town.actor, number)
        report = await town.report(sent)
        whole = await town.daemon.store.read(events.first_broken)

    assert "Personne effacée" == report["recipients"][0]["contact"]
    assert "received" == report["recipients"][0]["state"]
    assert whole is None
    with sqlite3.connect(tmp_path / "tocsin.db") as db:
        db.execute("VACUUM")
        said = "\n".join(db.iterdump())
    db.close()
    kept_no = [one for one in said.splitlines() if "consent" in one and "39980001" in one]
    left = [one for one in said.splitlines() if any(secret in one for secret in SECRET)]
    assert 1 == len(kept_no)  # the refusal stays, or the next list would bring her back
    assert left == kept_no


async def test_a_message_begun_that_names_somebody_erased_goes_with_them(tmp_path: Path) -> None:
    """A number typed into a form that was never sent stood there for a month."""
    named = {
        "picked": ("person", "{contact}"), "number": ("text", "Appelez le 06.39.98 00-01."),
        "e164": ("test_to", "+33639980001"), "mail": ("text", "à Anne@Example.org"),
        "name": ("text", "Merci à Mme ALIBERT  Anne pour les clés."),
    }  # fmt: skip
    others = {
        "surname": ("text", "Travaux rue Alibert, voyez Anne Cros."), "id": ("group", "{contact}"),
        "other": ("text", "Appelez le 06 39 98 00 07."), "shared": ("text", "06 39 98 00 02"),
    }  # fmt: skip
    async with running(tmp_path, network()) as town:
        persons, begun = town.services.persons, town.services.unfinished
        account = await town.services.accounts.add("s", "S", "trois mots au hasard", "sender")
        who = replace(town.actor, user_id=account)
        fields = {"name": "Alibert", "given_name": "Anne"}
        ends = ((0, NUMBER, ""), (0, "anne@example.org", ""), (0, "06 39 98 00 02", ""))
        contact = await persons.save(town.actor, None, PersonForm(fields, endpoints=ends))
        await persons.save(
            town.actor, None, PersonForm({"name": "Bob"}, endpoints=((0, "06 39 98 00 02", ""),))
        )
        for key, (field, value) in (named | others).items():
            await begun.keep(who, key, "Essai", [(field, value.format(contact=contact))])
        gone = await persons.erase(town.actor, contact)
        left = {one.key for one in await begun.list(who)}
        with pytest.raises(Refused, match="une personne effacée"):
            await begun.fields(who, "picked")
        with pytest.raises(Refused, match="une personne effacée"):  # the page that is still open
            await begun.keep(who, "name", "Essai", [named["name"]])
        left &= {one.key for one in await begun.list(who)}

    assert (len(named), set(others)) == (gone, left)
    with sqlite3.connect(tmp_path / "tocsin.db") as db:
        said = "\n".join(one for one in db.iterdump() if 'INTO "unfinished"' in one)
    db.close()
    assert "ALIBERT" not in said


async def test_a_message_begun_that_speaks_of_a_hall_stays_when_its_entry_is_erased(
    tmp_path: Path,
) -> None:
    """« Salle des fêtes » is a contact with a telephone, and a place that every message names."""
    async with running(tmp_path, network()) as town:
        persons, begun = town.services.persons, town.services.unfinished
        account = await town.services.accounts.add("s", "S", "trois mots au hasard", "sender")
        who = replace(town.actor, user_id=account)
        hall = await persons.save(
            town.actor, None,
            PersonForm({"name": "Salle des fêtes"}, endpoints=((0, "06 39 98 00 09", ""),)),
        )  # fmt: skip
        await begun.keep(who, "loto", "Loto", [("text", "Loto à la salle des fêtes, à 14 h.")])
        await begun.keep(who, "keys", "Clés", [("text", "Les clés : 06 39 98 00 09.")])
        gone = await persons.erase(town.actor, hall)
        left = [one.key for one in await begun.list(who)]

    assert (1, ["loto"]) == (gone, left)


async def test_a_number_that_a_program_gave_for_tomorrow_goes_with_its_person(
    tmp_path: Path,
) -> None:
    """Erased today, they were written to the next day; the message given up says why."""
    made, at = network(), datetime(2026, 11, 26, 10, tzinfo=PARIS)
    noon, shown = datetime(2026, 11, 25, 12, tzinfo=PARIS), "06 39 98 00 01"
    async with running(tmp_path, made, clock=clock(noon)) as town:
        number, sending = await anne(town), town.services.sending
        draft = Draft("Rendez-vous.", channels=("sms",), urgency="service", at=at)
        alone = await sending.send(town.actor, replace(draft, to=(shown,)), Door.API)
        await sending.send(town.actor, replace(draft, to=(shown, OTHER)), Door.API)
        await town.services.agenda.repeat(town.actor, replace(draft, to=(shown, OTHER)), "weekly")
        await town.services.persons.erase(town.actor, number)
    async with running(tmp_path, made, clock=clock(at), kept=lambda: True) as town:
        await town.advance(60)
        view = await town.services.broadcasts.view(town.actor, alone)

    assert (0, 2) == tuple(len(made.handset(one).inbox) for one in (NUMBER, OTHER))
    assert "cancelled" == view.summary.state
    assert view.given_up
    with sqlite3.connect(tmp_path / "tocsin.db") as db:
        said = "\n".join(db.iterdump())
    db.close()
    assert shown not in said


async def test_of_what_the_box_told_others_of_somebody_erased_nothing_is_left(
    tmp_path: Path,
) -> None:
    """Their SMS was sent on to a mailbox, their cry to those on duty: name, number and words."""
    made = network()
    async with running(tmp_path, made) as town:
        number = await anne(town)
        await town.services.mailing.set_told(town.actor, "accueil@la-redorte.example", "", "")
        await town.services.telephones.trust(town.actor, "Mme le maire", OTHER)
        made.send(NUMBER, made.modems["m1"], "au secours, appelez ma fille")
        await town.advance(120)
        cried, sent_on = list(made.handset(OTHER).inbox), list(town.mailbox.messages)
        await town.services.persons.erase(town.actor, number)
        whole = await town.daemon.store.read(events.first_broken)

    assert (1, 1) == (len(cried), len(sent_on))
    assert whole is None
    with sqlite3.connect(tmp_path / "tocsin.db") as db:
        db.execute("VACUUM")
        said = "\n".join(db.iterdump())
    db.close()
    assert [] == [secret for secret in (*SECRET, "au secours") if secret in said]


async def test_of_a_referent_erased_nothing_is_left_in_what_others_were_sent(
    tmp_path: Path,
) -> None:
    """Nor in the answers to a STOP, which bear the number for a name."""
    made = network()
    async with running(tmp_path, made) as town:
        persons = town.services.persons
        number = await anne(town)
        other = PersonForm({"name": "Bob"}, endpoints=((0, OTHER, ""),), referent=NUMBER)
        bob = await persons.save(town.actor, None, other)
        order = await town.services.orders.save(
            town.actor, "Avec référent",
            [StepForm(("sms",), 0, "always", "first"),
             StepForm(("sms",), 1, "unreached", "referent")],
            confirm=True, enough=0,
        )  # fmt: skip
        draft = Draft("Crue.", contact_ids=(bob,), channels=("sms",), urgency="vital",
                      order=str(order))  # fmt: skip
        sent = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.advance(900)
        asked = list(made.handset(NUMBER).inbox)
        made.send(NUMBER, made.modems["m1"], "1")
        await town.advance(60)
        made.send(NUMBER, made.modems["m1"], "STOP")
        await town.advance(60)
        file = await persons.file(town.actor, number)
        await persons.erase(town.actor, number)
        report = await town.report(sent)

    assert 1 == len(asked)
    assert {"referent", "answer"} <= {one["why"] for one in file["beside"]}  # type: ignore[attr-defined]
    assert "39980001" not in json.dumps(report)
    with sqlite3.connect(tmp_path / "tocsin.db") as db:
        said = "\n".join(db.iterdump())
    db.close()
    assert all("consent" in one for one in said.splitlines() if "39980001" in one)


async def test_a_refusal_outlives_the_person_and_meets_the_next_list(tmp_path: Path) -> None:
    """A name that comes back with a bought list is not written to."""
    made = network()
    async with running(tmp_path, made) as town:
        number = await anne(town)
        await town.services.consents.say(
            town.actor, number, NUMBER, "information", given=False, source="courrier"
        )
        await town.services.persons.erase(town.actor, number)
        await anne(town)
        draft = Draft(
            "Fête.", everybody=True, channels=("sms",), urgency="information", at_any_hour=True
        )
        sent = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        report = await town.finished(sent)

    assert [("excluded", "opted_out")] == [
        (one["state"], one["reason"]) for one in report["recipients"]
    ]
    assert [] == made.handset(NUMBER).inbox


async def test_nobody_is_erased_while_a_message_is_on_its_way(tmp_path: Path) -> None:
    """Else its report would find nobody."""
    made = network()
    async with running(tmp_path, made) as town:
        number = await anne(town)
        made.handset(NUMBER).behaviour = Behaviour(sms="switched_off")
        draft = Draft("Crue.", to=(NUMBER,), channels=("sms",), urgency="vital")
        await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.advance(5)
        with pytest.raises(Refused, match="encore en cours"):
            await town.services.persons.erase(town.actor, number)


async def test_old_files_wait_while_an_alert_is_on_its_way_and_go_after_it(tmp_path: Path) -> None:
    """Posters of last spring are overwritten page by page; the disk is the alert's first."""
    made = network()
    made.handset(NUMBER).behaviour = Behaviour(sms="switched_off")
    async with running(tmp_path, made) as town:
        store, clock = town.daemon.store, town.daemon.clock
        old = clock.now() - 40 * 86400
        for n in range(3):
            poster = Attachment(f"{n}.pdf", "application/pdf", bytes(2_000_000))
            await store.write(lambda db, one=poster: attachments.keep(db, 1, one, "Essai", old))  # type: ignore[misc]
        number = await town.raise_alert("Crue.", to=[NUMBER])
        await town.advance(5)
        await Retention(store, clock).forget()
        during = await store.read(files)
        await town.services.sending.cancel(town.actor, number)
        await town.advance(60)
        before = clock.now()
        await Retention(store, clock).forget()
        after, took = await store.read(files), clock.now() - before

    assert (3, 0) == (during, after)
    assert took >= 3 * PAUSE, "each file in a slice of its own, with room for others between"


def files(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM stored_file").fetchone()[0])


class PowerCut(BaseException):
    """Nothing catches it, and nothing of the daemon's goes on."""


async def test_an_import_cut_short_by_a_stop_is_taken_back_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a list is never left."""
    rows = "".join(f"P{n};06 39 98 {n // 100:02} {n % 100:02};rive\n" for n in range(700))
    data = f"Nom;Tel;Groupe\n{rows}".encode()
    written = imports.write
    calls = []

    def fail(*arguments: object) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise PowerCut
        written(*arguments)  # type: ignore[arg-type]

    async with running(tmp_path, network()) as town:
        monkeypatch.setattr(imports, "write", fail)
        with pytest.raises(PowerCut):
            await town.services.imports.take_file(town.actor, data)
        half = await town.services.directory.contacts(town.actor)
    monkeypatch.undo()
    async with running(tmp_path, network()) as town:
        after = await town.services.directory.contacts(town.actor)
        groups = await town.services.directory.groups(town.actor)

    assert 600 == half.total
    assert 0 == after.total
    assert [] == groups


async def test_who_was_written_to_since_stays_when_the_list_is_taken_back(tmp_path: Path) -> None:
    """Their report must go on having a name."""
    data = b"Nom;Tel;Groupe\nAnne;06 39 98 00 01;rive\nBlaise;06 39 98 00 02;rive\n"
    async with running(tmp_path, network()) as town:
        result = await town.services.imports.take_file(town.actor, data)
        draft = Draft("Crue.", to=(NUMBER,), channels=("sms",), urgency="vital")
        await town.finished(await town.services.sending.send(town.actor, draft, Door.COMMAND))
        stayed = await town.services.imports.undo(town.actor, result.number)
        left = await town.services.directory.contacts(town.actor)
        with pytest.raises(Refused, match="déjà été annulé"):
            await town.services.imports.undo(town.actor, result.number)

    assert 1 == stayed
    assert ["Anne"] == [one.name for one in left.items]
