"""Words of each person's own, ready messages, rhythms, councils and duty, on the real daemon."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock
from zoneinfo import ZoneInfo

import pytest

from gateway.clock import LoopClock
from gateway.errors import Refused
from gateway.model import Door, Purpose
from gateway.services import Draft, Meeting
from gateway.store import broadcasts, consent, groups
from modem.emulator import Behaviour, Network
from tests.harness import Town, running

PARIS = ZoneInfo("Europe/Paris")
ANNE, CHLOE = "+33639980001", "+33639980003"
LIST = """Nom;Prénom;Téléphone;Groupe
Alibert;Anne;06 39 98 00 01;rive
Cros;;06 39 98 00 03;rive
"""


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS)


def one_modem(seed: int = 1) -> Network:
    network = Network(seed=seed)
    network.add_modem("m1")
    return network


def received(network: Network, number: str = ANNE) -> list[str]:
    return [sms.text for sms in network.handset(number).inbox]


async def pass_by(folder: Path, network: Network, *moments: datetime) -> None:
    """Let the box live two minutes from each of these moments."""
    for moment in moments:
        clock = LoopClock(moment - since_start())
        async with running(folder, network, clock=clock, kept=lambda: True) as town:
            await town.advance(120)


def since_start() -> timedelta:
    return timedelta(seconds=asyncio.get_running_loop().time())


async def draft(town: Town, text: str, **changes: object) -> Draft:
    await town.services.imports.take_file(town.actor, LIST.encode())
    (group,) = await town.services.directory.groups(town.actor)
    whole = Draft(text, group_ids=(group.id,), channels=("sms",), urgency="service")
    return replace(whole, **changes)  # type: ignore[arg-type]


async def test_everybody_reads_their_own_name(tmp_path: Path) -> None:
    """Whoever has no first name gets a text without a hole in it."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 12))) as town:
        message = await draft(town, "Bonjour {prénom}, l'eau sera coupée le {date}.")
        forecast = await town.services.compose.foresee(town.actor, message)
        number = await town.services.sending.send(town.actor, message, Door.COMMAND)
        await town.finished(number)

    assert ("Anne Alibert", "Bonjour Anne, l'eau sera coupée le mardi 24 novembre 2026.") == (
        forecast.samples[0]
    )
    assert ["Bonjour Anne, l'eau sera coupée le mardi 24 novembre 2026."] == received(network)
    assert ["Bonjour, l'eau sera coupée le mardi 24 novembre 2026."] == received(network, CHLOE)


async def test_the_call_that_follows_a_text_speaks_the_same_words(tmp_path: Path) -> None:
    """The second step of an order must not read out a field's name in braces."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 12))) as town:
        town.phone(ANNE, Behaviour(sms="refused"))
        message = await draft(town, "Bonjour {prénom}.", channels=("sms", "voice"), order="advised")
        number = await town.services.sending.send(town.actor, message, Door.COMMAND)
        await town.finished(number)
        bodies = await town.daemon.store.read(
            lambda db: [row["body"] for row in db.execute("SELECT body FROM job ORDER BY id")]
        )

    assert ["Bonjour Anne.", "Bonjour.", "Bonjour Anne."] == bodies


async def test_a_message_by_mail_too_needs_no_title_for_names(tmp_path: Path) -> None:
    """The subject is made of its words; one typed with a field is refused before it leaves."""
    async with running(tmp_path, one_modem(), clock=LoopClock(at(24, 12))) as town:
        ways = ("sms", "voice", "email")
        message = await draft(town, "Bonjour {prénom}, la route est coupée.", channels=ways)
        forecast = await town.services.compose.foresee(town.actor, message)
        titled = replace(message, title="Pour {prénom}")
        with pytest.raises(Refused, match=r"enlevez {prénom} du titre") as refused:
            await town.services.sending.send(town.actor, titled)

    assert () == forecast.problems
    assert "title" == refused.value.field


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Bonjour {prenon}", "Champ inconnu"),
        ("Votre quartier : {quartier}", "Personne dans cette liste"),
    ],
)
async def test_a_field_that_cannot_be_filled_is_refused_while_it_can_be_mended(
    tmp_path: Path, text: str, said: str
) -> None:
    """Six hundred people must not read a brace."""
    async with running(tmp_path, one_modem(), clock=LoopClock(at(24, 12))) as town:
        message = await draft(town, text)
        with pytest.raises(Refused, match=said):
            await town.services.sending.send(town.actor, message)
        with pytest.raises(Refused, match=said):
            await town.services.ready.keep(town.actor, "Coupure", message)


async def test_a_ready_message_is_kept_changed_and_launched(tmp_path: Path) -> None:
    """Written on a quiet day, sent in the night: as it was kept, to whoever is there then."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 3))) as town:
        message = await draft(town, "L'Argent-Double déborde.", urgency="vital")
        first = await town.services.ready.keep(town.actor, "Crue", message)
        again = await town.services.ready.keep(
            town.actor, "Crue", replace(message, text="L'eau monte.")
        )
        (kept,) = await town.services.ready.list(town.actor)
        launched = await town.services.ready.draft(town.actor, again)
        await town.finished(await town.services.sending.send(town.actor, launched))
        await town.services.ready.drop(town.actor, again)

        assert first == again
        assert (True, "", ("rive",)) == (kept.complete, kept.problem, kept.groups)
        assert ["L'eau monte."] == received(network)
        assert [] == await town.services.ready.list(town.actor)


async def test_a_message_that_comes_again_leaves_each_monday_and_once_over_a_restart(
    tmp_path: Path,
) -> None:
    """The bins go out on Tuesday; the clocks changed meanwhile, nobody was told twice."""
    network = one_modem()
    monday = at(19, 18, month=10)  # the Monday before winter time
    async with running(tmp_path, network, clock=LoopClock(at(19, 12, month=10))) as town:
        message = await draft(town, "Sortez les bacs.", at=monday)
        await town.services.agenda.repeat(town.actor, message, "weekly")
        days = await town.services.agenda.days(town.actor)
    assert [monday, at(26, 18, month=10)] == [day.entries[0].at for day in days[:2]]
    await pass_by(tmp_path, network, at(19, 17, 59, month=10), at(19, 18, 2, month=10))
    assert 1 == len(received(network))
    winter = at(26, 17, 59, month=10)
    await pass_by(tmp_path, network, winter - timedelta(hours=1))
    assert 1 == len(received(network))
    await pass_by(tmp_path, network, winter, winter + timedelta(minutes=3))
    assert 2 == len(received(network))


async def test_a_rhythm_that_loses_its_people_says_why_in_the_calendar(tmp_path: Path) -> None:
    """Silence would look like success."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 12))) as town:
        message = await draft(town, "Sortez les bacs.", at=at(24, 12, 1))
        await town.services.agenda.repeat(town.actor, message, "daily")
        await town.daemon.store.write(lambda db: db.execute("DELETE FROM membership"))
        await town.advance(120)
        days = await town.services.agenda.days(town.actor)

        assert [] == received(network)
        assert "Personne à prévenir" in days[0].entries[0].problem
        await town.services.agenda.end_series(town.actor, days[0].entries[0].series)
        assert [] == await town.services.agenda.days(town.actor)


async def test_a_time_that_passed_while_the_box_was_off_is_told_in_the_calendar(
    tmp_path: Path,
) -> None:
    """Seven hours late the market is over; that nobody was told must not be found out there."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 12))) as town:
        message = await draft(town, "Marché demain.", at=at(25, 9))
        await town.services.agenda.repeat(town.actor, message, "weekly")
    clock = LoopClock(at(25, 16) - since_start())
    async with running(tmp_path, network, clock=clock, kept=lambda: True) as town:
        await town.advance(120)
        days = await town.services.agenda.days(town.actor)
        told = await town.daemon.store.read(
            lambda db: db.execute("SELECT count(*) FROM event WHERE kind = 'series.failed'")
            .fetchone()[0]
        )  # fmt: skip

    assert [] == received(network)
    (entry,) = days[0].entries
    assert "N'est pas parti le 25/11/2026 à 9\u00a0h\u00a000" in entry.problem
    assert 1 == told


@pytest.mark.parametrize("when", [None, at(25, 8)])
async def test_what_waits_for_the_morning_goes_to_the_group_as_it_is_then(
    tmp_path: Path, when: datetime | None
) -> None:
    """Moved in yesterday: told. Erased, gone from the group, or said STOP since: left alone."""
    people = LIST + "Dumas;;06 39 98 00 04;rive\nEsteve;;06 39 98 00 05;rive\n"
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 22))) as town:
        await town.services.imports.take_file(town.actor, people.encode())
        message = await draft(town, "L'eau sera coupée.", at=when)
        number = await town.services.sending.send(town.actor, message, Door.COMMAND)
        waiting = (await town.services.broadcasts.view(town.actor, number)).summary.state
        listed = await town.services.directory.contacts(town.actor)
        known = {one.endpoints[0].address: one.id for one in listed.items}
        await town.services.persons.erase(town.actor, known["+33639980004"])
        await town.daemon.store.write(lambda db: groups.leave(db, 1, known[CHLOE]))
        await town.daemon.store.write(
            lambda db: consent.withdraw(
                db, 1, channel=None, address="+33639980005", purpose=Purpose.SERVICE,
                source="STOP", by="Esteve", now=0.0,
            )
        )  # fmt: skip
        late = "Nom;Téléphone;Groupe\nFabre;06 39 98 00 06;rive\n"
        await town.services.imports.take_file(town.actor, late.encode())
    await pass_by(tmp_path, network, at(25, 8))

    assert "scheduled" == waiting
    told = {one for one in (ANNE, CHLOE, *(f"+3363998000{n}" for n in (4, 5, 6)))
            if received(network, one)}  # fmt: skip
    assert {ANNE, "+33639980006"} == told


async def test_what_waited_for_its_hours_ends_when_it_was_to_end(tmp_path: Path) -> None:
    """The box came back after closing time: the end does not move with the beginning."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 22))) as town:
        message = await draft(town, "L'eau sera coupée.")
        number = await town.services.sending.send(town.actor, message, Door.COMMAND)
        first = await town.daemon.store.read(lambda db: broadcasts.waiting(db, number))
    clock = LoopClock(at(25, 21) - since_start())
    async with running(tmp_path, network, clock=clock, kept=lambda: True) as town:
        await town.advance(60)
        then = await town.daemon.store.read(lambda db: broadcasts.waiting(db, number))
    await pass_by(tmp_path, network, at(27, 9))

    assert first is not None
    assert then is not None
    assert (at(25, 8).timestamp(), at(26, 8).timestamp()) == (first["starts_at"], then["starts_at"])
    assert first["expires_at"] == then["expires_at"]
    assert [] == received(network)


async def test_somebody_erased_while_a_message_was_being_made_is_not_in_it(tmp_path: Path) -> None:
    """Between looking people up and writing them down lies a moment."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 12))) as town:
        message = await draft(town, "L'eau sera coupée.")
        prepared = await town.services.compose.prepare(town.actor, message)
        sending = town.services.sending
        new, _ = await sending.assembled(town.actor, message, prepared, Door.COMMAND)
        await town.services.persons.erase(town.actor, prepared.people[0].id or 0)
        report = await town.finished(await sending.store_and_go(new))

    assert ["Cros"] == [one["contact"] for one in report["recipients"]]


def council(**changes: object) -> Meeting:
    meeting = Meeting(
        "conseil municipal", at(3, 18, 30, month=12), "salle du conseil",
        "Budget ; voirie.", (1,), days_before=2, inhabitants=1200, key="k",
    )  # fmt: skip
    return replace(meeting, **changes)  # type: ignore[arg-type]


async def test_a_council_is_convened_and_reminded_on_the_morning(tmp_path: Path) -> None:
    """What the secretary does every month, in one form; three clear days are kept."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(27, 10))) as town:
        await draft(town, "x")
        view = await town.services.convening.foresee_meeting(town.actor, council())
        number = await town.services.convening.convene(town.actor, council())
        twice = await town.services.convening.convene(town.actor, council())
        await town.advance(60)
        convened = received(network)
    await pass_by(tmp_path, network, at(1, 8, month=12), at(3, 8, month=12))
    texts = received(network)

    assert number == twice
    assert ("", 3) == (view.warning, view.plan.clear_days)
    assert [at(1, 8, month=12), at(3, 8, month=12)] == [when for when, _ in view.reminders]
    assert (
        "Vous êtes convoqué(e) : conseil municipal, le jeudi 3 décembre 2026 à 18 h 30"
        in (convened[0])
    )
    assert 3 == len(texts)
    assert "le jeudi 3 décembre 2026 à 18 h 30, salle du conseil" in texts[2]


async def test_a_stop_half_way_leaves_no_convocation_without_its_reminders(
    tmp_path: Path,
) -> None:
    """All of a meeting is written at once, or nothing is: the secretary can ask again."""
    async with running(tmp_path, one_modem(), clock=LoopClock(at(27, 10))) as town:
        await draft(town, "x")
        written: list[str] = []

        def until_the_last(db: sqlite3.Connection, new: broadcasts.NewBroadcast, now: float) -> int:
            written.append(new.kind)
            if len(written) == 3:
                raise OSError("the power goes")
            return create(db, new, now)

        create = broadcasts.create
        with (
            mock.patch.object(broadcasts, "create", until_the_last),
            pytest.raises(OSError, match="power"),
        ):
            await town.services.convening.convene(town.actor, council())
        left = await town.daemon.store.read(
            lambda db: [row["kind"] for row in db.execute("SELECT kind FROM broadcast")]
        )
        number = await town.services.convening.convene(town.actor, council())
        kinds = await town.daemon.store.read(
            lambda db: [row["kind"] for row in db.execute("SELECT kind FROM broadcast")]
        )

    assert ["convocation", "reminder", "reminder"] == written
    assert ([], 1) == (left, number)
    assert written == kinds


async def test_a_convocation_too_late_for_its_clear_days_is_told_before(tmp_path: Path) -> None:
    """A council convened too late can be annulled in court."""
    async with running(tmp_path, one_modem(), clock=LoopClock(at(30, 10))) as town:
        await draft(town, "x")
        view = await town.services.convening.foresee_meeting(town.actor, council(inhabitants=9000))

        assert "5 jours francs" in view.warning
        assert "vendredi 27 novembre 2026" in view.warning
        with pytest.raises(Refused, match="ordre du jour"):
            await town.services.convening.convene(town.actor, council(agenda=" "))


async def test_clear_days_are_counted_from_when_the_convocation_leaves(tmp_path: Path) -> None:
    """Written on Sunday night for Thursday, it leaves on Monday: two clear days, not three."""
    network = one_modem()
    thursday = council(at=at(26, 20, 30), days_before=3)
    async with running(tmp_path, network, clock=LoopClock(at(22, 21))) as town:
        await draft(town, "x")
        view = await town.services.convening.foresee_meeting(town.actor, thursday)
        number = await town.services.convening.convene(town.actor, thursday)
        await town.services.sending.send_now(town.actor, number)
        await town.advance(60)
        tonight = received(network)

    assert at(23, 8) == view.leaves
    assert 1 == view.plan.late
    assert "doit partir le dimanche 22 novembre 2026 au plus tard" in view.warning
    assert "lundi 23 novembre 2026 à 8 h" in view.warning
    assert "Envoyer maintenant" in view.warning
    assert [at(26, 8)] == [when for when, _ in view.reminders], "not one with the convocation"
    assert 1 == len(tonight), "what the warning advises is possible"


async def test_a_convocation_that_would_leave_after_its_meeting_is_refused(tmp_path: Path) -> None:
    """Written at 21 h for the next morning at 7 h 30, before any hour it may leave at."""
    async with running(tmp_path, one_modem(), clock=LoopClock(at(22, 21))) as town:
        await draft(town, "x")
        with pytest.raises(Refused, match="partirait après la réunion") as refused:
            await town.services.convening.foresee_meeting(town.actor, council(at=at(23, 7, 30)))

    assert "at" == refused.value.field


async def test_the_reminders_of_a_meeting_that_is_off_do_not_leave(tmp_path: Path) -> None:
    """Nobody comes through the rain for nothing."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(27, 10))) as town:
        await draft(town, "x")
        number = await town.services.convening.convene(town.actor, council())
        await town.advance(60)
        withdrawn = await town.services.convening.drop_reminders(town.actor, number)
    await pass_by(tmp_path, network, at(1, 8, month=12), at(3, 8, month=12))

    assert 2 == withdrawn
    assert 1 == len(received(network))


async def test_a_message_to_those_on_duty_reaches_whoever_is_then(tmp_path: Path) -> None:
    """Anne has this week, Chloé the next; the message names neither."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 12))) as town:
        await draft(town, "x")
        duties = town.services.duties
        await duties.add_turn(town.actor, "Astreinte", ANNE, at(23, 8), at(25, 8))
        await duties.add_turn(town.actor, "Astreinte", CHLOE, at(25, 8), at(30, 8))
        message = Draft("Arbre tombé.", duties=("Astreinte",), channels=("sms",), urgency="service")
        send = town.services.sending.send
        await town.finished(await send(town.actor, message, Door.COMMAND))
        await send(town.actor, replace(message, text="Route coupée.", at=at(26, 9)), Door.COMMAND)
        with pytest.raises(Refused, match="Personne n'est de garde"):
            await send(town.actor, replace(message, at=at(5, 9, month=12)))
        with pytest.raises(Refused, match="avant de commencer"):
            await duties.add_turn(town.actor, "Astreinte", ANNE, at(30, 9), at(29, 9))
    await pass_by(tmp_path, network, at(26, 9))

    assert ["Arbre tombé."] == received(network)
    assert ["Route coupée."] == received(network, CHLOE)


async def test_whoever_speaks_english_is_written_to_and_called_in_english(tmp_path: Path) -> None:
    """The campers on the river bank too."""
    people = "Nom;Téléphone;Langue;Groupe\nCros;06 39 98 00 03;anglais;rive\n"
    network = one_modem()
    network.handset(CHLOE).behaviour = Behaviour(presses_when_prompted="1")
    async with running(tmp_path, network, clock=LoopClock(at(24, 12))) as town:
        await town.services.imports.take_file(town.actor, people.encode())
        message = await draft(
            town, "Crue : montez à l'étage.", text_en="Flood: go upstairs, {prénom}.",
            channels=("sms", "voice"), urgency="vital", order="",
        )  # fmt: skip
        number = await town.services.sending.send(town.actor, message, Door.COMMAND)
        report = await town.finished(number)
        spoken = await town.daemon.store.read(
            lambda db: db.execute("SELECT DISTINCT language, channel, body FROM job").fetchall()
        )

    assert ["Crue : montez à l'étage."] == received(network)
    assert ["Flood: go upstairs."] == received(network, CHLOE)
    assert {"acknowledged"} <= {one["state"] for one in report["recipients"]}
    assert {("en", "voice", "Flood: go upstairs."), ("", "voice", None)} <= set(map(tuple, spoken))


async def test_a_file_goes_with_the_mail_and_with_nothing_else(tmp_path: Path) -> None:
    """The agenda of the council; it survives the wait and a restart."""
    network, when = one_modem(), at(25, 10)
    people = "Nom;Courriel;Groupe\nRoux;odette@mairie.example;élus\n"
    async with running(tmp_path, network, clock=LoopClock(at(24, 12))) as town:
        await town.services.imports.take_file(town.actor, people.encode())
        (group,) = await town.services.directory.groups(town.actor)
        kept = await town.services.files.keep(town.actor, "../Ordre du jour.pdf", b"%PDF-1.7")
        message = Draft(
            "Convocation.", group_ids=(group.id,), channels=("email",), urgency="service",
            file_ids=(kept,), at=when,
        )  # fmt: skip
        texted = await town.services.compose.foresee(
            town.actor, replace(message, channels=("sms",))
        )
        lost = await town.services.compose.foresee(town.actor, replace(message, file_ids=(99,)))
        await town.services.sending.send(town.actor, message)
    clock = LoopClock(when - since_start())
    async with running(tmp_path, network, clock=clock, kept=lambda: True) as town:
        await town.advance(120)
        ((_, mail),) = town.mailbox.messages

    (file,) = list(mail.iter_attachments())
    assert ("Ordre du jour.pdf", "application/pdf") == (
        file.get_filename(),
        file.get_content_type(),
    )
    assert b"%PDF-1.7" == file.get_content()
    assert "cochez Courriel" in texted.problems[0]
    assert "n'est plus là" in lost.problems[0]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("virus.exe", b"MZ", "programme"), ("vide.pdf", b"", "vide"),
        ("gros.pdf", bytes(8 * 1024 * 1024), "7 Mo"), ("\0/..", b"x", "pas de nom"),
    ],
)  # fmt: skip
async def test_a_file_no_relay_would_carry_is_refused_when_it_is_chosen(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    """Not by six hundred bounces later."""
    async with running(tmp_path, one_modem()) as town:
        with pytest.raises(Refused, match=said):
            await town.services.files.keep(town.actor, name, data)
