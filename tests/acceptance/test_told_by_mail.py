"""What the box tells chosen mailboxes: the SMS that come in, and each day's summary."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.model import Door
from gateway.services import Draft, Refused
from gateway.store import budgets, entities, sims
from modem.emulator import Network
from tests.acceptance.test_asked_by_sms import ANNE, LIST, PARIS, clock
from tests.harness import Town, running

STRANGER = "+33639980099"
EARLY = datetime(2026, 11, 25, 7, 0, tzinfo=PARIS)


def box() -> Network:
    made = Network(seed=1)
    made.add_modem("orange-1")
    return made


def mails(town: Town) -> list[Any]:
    return [message for _, message in town.mailbox.messages]


def body(message: Any) -> str:
    part = message.get_body(("plain",))
    return str(part.get_content())


async def test_an_sms_that_came_in_is_in_the_mailbox_within_the_minute(tmp_path: Path) -> None:
    """From somebody known under their name, from a stranger under the number."""
    made = box()
    async with running(tmp_path, made, clock=clock()) as town:
        await town.services.imports.take_file(town.actor, LIST.encode())
        made.send(ANNE, made.modems["orange-1"], "Avant.")
        await town.advance(30)
        await town.services.mailing.set_told(town.actor, "accueil@la-redorte.example", "", "")
        made.send(ANNE, made.modems["orange-1"], "Je n'ai pas d'eau, rue du Port.")
        await town.advance(30)
        made.send(STRANGER, made.modems["orange-1"], "Qui êtes-vous ?")
        await town.advance(90)
        found = mails(town)
        shown = await town.services.broadcasts.list(town.actor)

    assert [one["Subject"] for one in found] == [
        "SMS de Anne (06 39 98 00 01)", "SMS de 06 39 98 00 99",
    ]  # fmt: skip
    assert {one["To"] for one in found} == {"accueil@la-redorte.example"}
    assert body(found[0]).startswith("Je n'ai pas d'eau, rue du Port.")
    assert "sur orange-1" in body(found[0])
    assert shown.items == ()


async def test_a_long_sms_is_one_mail_and_a_stop_doubles_none(tmp_path: Path) -> None:
    """Parts in any order; the daemon stopped in between."""
    long = "Il y a de l'eau dans la cave. " * 12
    for turn in range(2):
        made = box()
        async with running(tmp_path, made, clock=clock()) as town:
            if turn == 0:
                to = "accueil@la-redorte.example"
                await town.services.mailing.set_told(town.actor, to, "", "")
                made.send(ANNE, made.modems["orange-1"], long)
            await town.advance(120)
            found = mails(town)
            if turn == 0:
                (mail,) = found
                assert long.strip() in " ".join(body(mail).split())
    assert found == []


async def test_what_is_missing_is_said(tmp_path: Path) -> None:
    """A part that never came is told after ten minutes; better half a call for help than none."""
    made = box()
    async with running(tmp_path, made, clock=clock()) as town:
        await town.services.mailing.set_told(town.actor, "a@la-redorte.example", "", "")
        now = town.daemon.clock.now()
        await town.daemon.store.write(
            lambda db: sims.keep_received(db, "sim", ANNE, "Au secours, ", None, 7, 1, 2, now)
        )
        town.daemon._message_kept()
        await town.advance(120)
        assert mails(town) == []
        await town.advance(600)
        (mail,) = mails(town)

    assert "Au secours, […]" in body(mail)
    assert "1 partie(s) sur 2 manquent" in body(mail)


async def test_a_storm_of_sms_waits_its_turn(tmp_path: Path) -> None:
    """Sixty mails an hour; the rest are on the page meanwhile, and follow."""
    made = box()
    async with running(tmp_path, made, clock=clock()) as town:
        await town.services.mailing.set_told(town.actor, "a@la-redorte.example", "", "")
        now = town.daemon.clock.now()

        def storm(db: Any) -> None:
            for number in range(70):
                sims.keep_received(db, "sim", ANNE, f"n° {number}", None, None, 1, 1, now)

        await town.daemon.store.write(storm)
        town.daemon._message_kept()
        await town.advance(300)
        early = len(mails(town))
        await town.sleep_through(3700)

    assert (early, len(mails(town))) == (60, 70)


async def test_the_day_is_told_each_morning_once(tmp_path: Path) -> None:
    """What was sent, who was not reached, how the box is; also over a restart."""
    for turn in range(2):
        made = box()
        begin = clock(EARLY + timedelta(hours=turn))
        async with running(tmp_path, made, clock=begin) as town:
            if turn == 0:
                await town.services.imports.take_file(town.actor, LIST.encode())
                await town.services.mailing.set_told(town.actor, "", "dgs@la-redorte.example", "")
                draft = Draft("L'eau monte.", title="Crue", everybody=True, channels=("sms",),
                              urgency="vital")  # fmt: skip
                await town.services.sending.send(town.actor, draft, Door.COMMAND)
                await town.advance(1700)
                assert mails(town) == []
                await town.advance(200)
                (mail,) = mails(town)
                text = body(mail)
            await town.advance(600)
            assert len(mails(town)) == 1 - turn

    assert mail["Subject"] == "Tocsin La Redorte : résumé du mercredi 25 novembre 2026"
    assert text.startswith("Tout va bien : 1 modem en service.")
    assert "- Crue (Alerte) : 2 joints sur 2, aucun échec" in text
    assert "Reçus : 0 SMS, 0 appel." in text


async def test_the_day_says_what_waits_and_why_and_what_the_box_suffers_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """« Tout va bien … encore en cours », of a full disk and a message that was paused."""
    made, forty = box(), tuple(f"+3363998{n:04d}" for n in range(100, 140))
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=400_000_000))
    async with running(tmp_path, made, clock=clock(EARLY - timedelta(hours=26))) as town:
        await town.services.imports.take_file(town.actor, LIST.encode())
        water = Draft("L'eau est coupée.", title="Eau", to=forty, channels=("sms",),
                      at_any_hour=True)  # fmt: skip
        paused = await town.services.sending.send(town.actor, water, Door.COMMAND)
        await town.advance(5)
        await town.services.sending.pause(town.actor, paused)
        await town.sleep_through(3600)
    async with running(tmp_path, made, clock=clock(EARLY)) as town:
        await town.services.mailing.set_told(town.actor, "", "dgs@la-redorte.example", "")
        for title, urgency in (("Crue", "vital"), ("Marché", "information")):
            draft = Draft(f"{title} ce matin.", title=title, everybody=True, channels=("sms",),
                          urgency=urgency)  # fmt: skip
            await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.sleep_through(1900)
        (mail,) = mails(town)
        text = body(mail)

    assert text.replace("\r\n", "\n").startswith(
        "À voir :\n"
        "- Disque presque plein : 400 Mo libres. À faire : faites de la place.\n"
        "\n"
        "Messages des dernières 24 heures, et ceux encore en cours :\n"
        "- Eau (Service) : 3 joints sur 40, aucun échec, 37 en attente (en pause : « Reprendre »"
        " est sur sa page)\n"
        "- Crue (Alerte) : 2 joints sur 2, aucun échec\n"
        "\n"
        "À venir dans les 24 heures :\n"
        "- Marché (Information) : partira à 10 h 00\n"
    )


async def test_a_budget_nearly_used_is_on_the_page_and_in_the_summary(tmp_path: Path) -> None:
    """Who pays the SIM reads neither gauges nor settings."""
    made = box()
    async with running(tmp_path, made, clock=clock(EARLY)) as town:
        sim = made.modems["orange-1"].iccid
        limits = budgets.Limits(segments_per_day=2)
        await town.daemon.store.write(lambda db: budgets.set_limits(db, sim, limits, "Essai", 0.0))
        before = await town.services.fleet.notices(town.actor)
        await town.finished(await town.raise_alert("Crue.", to=[ANNE, "+33639980002"]))
        (notice,) = await town.services.fleet.notices(town.actor)
        await town.services.mailing.set_told(town.actor, "", "dgs@la-redorte.example", "")
        await town.advance(2000)
        (mail,) = mails(town)

    assert before == ()
    assert "Forfait épuisé, SIM de orange-1 : 2 SMS sur 2 aujourd'hui." in notice
    assert f"- {notice}" in body(mail)


@pytest.mark.parametrize(
    ("typed", "field"),
    [(("pas une adresse", "", ""), "forward"), (("", "x@", ""), "summary"),
     (("", "a@b.example", "7h30"), "summary_at"),
     ((",".join(f"a{n}@b.example" for n in range(11)), "", ""), "forward")],
)  # fmt: skip
async def test_a_mailbox_nobody_has_is_refused_with_its_field(
    tmp_path: Path, typed: tuple[str, str, str], field: str
) -> None:
    """While it is typed."""
    async with running(tmp_path, box(), clock=clock()) as town:
        with pytest.raises(Refused) as refused:
            await town.services.mailing.set_told(town.actor, *typed)

    assert refused.value.field == field


async def test_each_town_of_a_box_gets_what_is_its_own(tmp_path: Path) -> None:
    """And no other town's; what is nobody's goes to the first."""
    made = box()
    async with running(tmp_path, made, clock=clock()) as town:
        now = town.daemon.clock.now()
        number = await town.daemon.store.write(
            lambda db: entities.add(db, 1, "Azille", "Europe/Paris", "Essai", now)
        )
        other = replace(town.actor, entity_id=number or 0, entity_name="Azille")
        await town.services.imports.take_file(other, LIST.encode())
        for actor, to in ((town.actor, "un@b.example"), (other, "deux@b.example")):
            await town.services.mailing.set_told(actor, to, "", "")
        for sender, said in ((ANNE, "Plus d'eau."), (STRANGER, "Qui êtes-vous ?")):
            made.send(sender, made.modems["orange-1"], said)
            await town.advance(90)
        found = mails(town)

    assert [("deux@b.example", "SMS de Anne (06 39 98 00 01)"),
            ("un@b.example", "SMS de 06 39 98 00 99")] == [
        (one["To"], one["Subject"]) for one in found
    ]  # fmt: skip
