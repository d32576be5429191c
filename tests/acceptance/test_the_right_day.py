"""No text tells its readers the wrong day because it was moved, or left late."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from gateway.clock import LoopClock
from gateway.errors import Refused
from gateway.model import Door
from gateway.services import Draft
from gateway.services.foresight import taken_up
from gateway.services.moving import OtherDay
from gateway.services.values import BatchLine
from gateway.store import scenarios
from modem.emulator import Behaviour, Network
from tests.acceptance.test_what_leaves_later import (
    ANNE,
    at,
    council,
    draft,
    one_modem,
    pass_by,
    received,
    since_start,
)
from tests.harness import Town, running

TOMORROW = "L'eau sera coupée demain."


async def reminders(town: Town, number: int) -> list[int]:
    rows = await town.daemon.store.read(lambda db: scenarios.reminders(db, 1, number))
    return [row["id"] for row in rows]


async def test_a_reminder_moved_to_the_day_before_says_the_day_of_the_meeting(
    tmp_path: Path,
) -> None:
    """« Conseil aujourd'hui » on the day before empties the room on the right one."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(27, 10))) as town:
        await draft(town, "x")
        number = await town.services.convening.convene(town.actor, council())
        morning = (await reminders(town, number))[-1]
        await town.services.agenda.move(town.actor, morning, at(2, 17, month=12))
    await pass_by(tmp_path, network, at(2, 17, month=12))

    assert "Rappel : conseil municipal le jeudi 3 décembre 2026 à 18 h 30" in received(network)[-1]


async def test_a_message_that_says_tomorrow_is_moved_to_another_day_only_knowingly(
    tmp_path: Path,
) -> None:
    """The same day at another hour it stays true."""
    async with running(tmp_path, one_modem(), clock=LoopClock(at(24, 10))) as town:
        message = await draft(town, TOMORROW, at=at(26, 9))
        number = await town.services.sending.send(town.actor, message, Door.COMMAND)
        agenda = town.services.agenda
        await agenda.move(town.actor, number, at(26, 11))
        with pytest.raises(OtherDay, match="« demain »"):
            await agenda.move(town.actor, number, at(27, 11))
        await agenda.move(town.actor, number, at(27, 11), sure=True)
        view = await town.services.broadcasts.view(town.actor, number)

    assert "scheduled" == view.summary.state


async def test_a_series_that_says_tomorrow_changes_its_weekday_only_knowingly(
    tmp_path: Path,
) -> None:
    """« Collecte demain », each Monday: moved to Tuesdays it is a day late for ever."""
    async with running(tmp_path, one_modem(), clock=LoopClock(at(24, 10))) as town:
        agenda = town.services.agenda
        message = await draft(town, "Collecte demain.", at=at(26, 9))
        weekly = await agenda.repeat(town.actor, message, "weekly")
        daily = await agenda.repeat(town.actor, message, "daily")
        with pytest.raises(OtherDay, match="« demain »"):
            await agenda.move_series(town.actor, weekly, at(27, 9))
        await agenda.move_series(town.actor, weekly, at(27, 9), sure=True)
        await agenda.move_series(town.actor, daily, at(27, 9))


async def left_late(folder: Path, network: Network, text: str, **changes: object) -> list[str]:
    """Return what came of a message for the 24th at five of the evening; the box was off."""
    async with running(folder, network, clock=LoopClock(at(24, 10))) as town:
        message = await draft(town, text, at=at(24, 17), **changes)
        number = await town.services.sending.send(town.actor, message, Door.COMMAND)
    clock = LoopClock(at(25, 9) - since_start())
    async with running(folder, network, clock=clock, kept=lambda: True) as town:
        await town.advance(120)
        view = await town.services.broadcasts.view(town.actor, number)
    return [view.summary.state, view.given_up]


async def test_a_message_that_says_tomorrow_does_not_leave_a_day_late(tmp_path: Path) -> None:
    """The box was off: read on the 25th, « demain » would be the 26th."""
    network = one_modem()
    state, why = await left_late(tmp_path, network, TOMORROW)

    assert "cancelled" == state
    assert "le texte dit « demain »" in why
    assert [] == received(network)


@pytest.mark.parametrize("changes", [{"urgency": "vital"}, {"text": "L'eau sera coupée jeudi."}])
async def test_an_alert_and_a_text_with_its_own_day_leave_late(
    tmp_path: Path, changes: dict[str, str]
) -> None:
    """What is true all the same is not held back, and an alert is by nothing."""
    network = one_modem()
    text = changes.pop("text", TOMORROW)
    late = {"expires": at(25, 20), **changes}
    await left_late(tmp_path, network, text, **late)

    assert 1 == len(received(network))


async def test_a_message_that_comes_again_and_says_tomorrow_is_left_out_a_day_late(
    tmp_path: Path,
) -> None:
    """Its hour was ten to eight in the evening; after eight it would wait for the morning."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 10))) as town:
        message = await draft(town, "Collecte demain.", at=at(24, 19, 50))
        await town.services.agenda.repeat(town.actor, message, "weekly")
    await pass_by(tmp_path, network, at(24, 21))
    async with running(tmp_path, network, clock=LoopClock(at(25, 9) - since_start())) as town:
        await town.advance(120)
        days = await town.services.agenda.days(town.actor)

    assert [] == received(network)
    assert "le texte dit « demain »" in days[0].entries[0].problem


async def test_a_wrong_hour_is_still_refused_first(tmp_path: Path) -> None:
    """Nobody is asked about words where the hour has passed."""
    async with running(tmp_path, one_modem(), clock=LoopClock(at(24, 10))) as town:
        message = await draft(town, TOMORROW, at=at(26, 9))
        number = await town.services.sending.send(town.actor, message, Door.COMMAND)
        with pytest.raises(Refused, match="déjà passée"):
            await town.services.agenda.move(town.actor, number, at(23, 9))


@pytest.mark.parametrize(
    ("text", "hour", "chosen", "warned"),
    [
        (TOMORROW, 21, None, True), (TOMORROW, 10, None, False),
        ("L'eau sera coupée jeudi.", 21, None, False), (TOMORROW, 10, 19, False),
        (TOMORROW, 10, 22, True),
    ],
)  # fmt: skip
async def test_who_writes_demain_at_night_is_told_that_it_leaves_the_next_day(
    tmp_path: Path, text: str, hour: int, chosen: int | None, warned: bool
) -> None:
    """Written at nine in the evening, read at eight: the water is cut a day earlier than told."""
    async with running(tmp_path, one_modem(), clock=LoopClock(at(24, hour))) as town:
        leaves = at(25, chosen) if chosen else None
        message = await draft(town, text, at=leaves)
        seen = await town.services.compose.foresee(town.actor, message)

    told = [one for one in seen.warnings if "« demain »" in one]
    assert warned == bool(told)
    assert not told or "mais ce message ne partira que le" in told[0]


@pytest.mark.parametrize(
    ("kind", "text", "hour", "told", "leaves"),
    [
        ("resend", TOMORROW, 10, True, None), ("end", TOMORROW, 10, True, None),
        ("resend", "L'eau sera coupée jeudi.", 10, False, None),
        ("resend", TOMORROW, 21, True, at(26, 8)),
    ],
)  # fmt: skip
async def test_what_follows_on_another_day_points_out_the_word_that_is_true_no_more(
    tmp_path: Path, kind: str, text: str, hour: int, told: bool, leaves: object
) -> None:
    """Who had a telephone switched off read « demain » the day it was cut; nothing had said so."""
    network = one_modem()
    network.handset("+33639980003").behaviour = Behaviour(sms="refused")
    async with running(tmp_path, network, clock=LoopClock(at(24, 10) - since_start())) as town:
        message = await draft(town, text)
        number = await town.services.sending.send(town.actor, message, Door.COMMAND)
        await town.advance(120)
        today = await town.services.following.propose(town.actor, number, kind)
    clock = LoopClock(at(25, hour) - since_start())
    async with running(tmp_path, network, clock=clock, kept=lambda: True) as town:
        found = await town.services.following.propose(town.actor, number, kind)

    assert "" == today.dated
    assert told is ("mardi 24 novembre 2026" in found.dated and "« demain »" in found.dated)
    assert leaves == found.leaves_at


async def test_what_was_begun_or_stopped_on_another_day_says_so_when_it_is_taken_up(
    tmp_path: Path,
) -> None:
    """« Demain », typed on Monday and sent on Tuesday, is a day late for everybody."""
    network, texts = one_modem(), [TOMORROW]
    async with running(tmp_path, network, clock=LoopClock(at(24, 21) - since_start())) as town:
        code = await town.services.accounts.issue_first_code() or ""
        actor = (await town.services.accounts.create_first(code, "a", "Anne", "quatre mots")).actor
        begun = town.services.unfinished
        await begun.keep(actor, "k", "Eau", [("text", TOMORROW)])
        numbers = [
            await town.services.sending.send(actor, await draft(town, TOMORROW, at=chosen))
            for chosen in (None, at(26, 9))
        ]
        for number in numbers:
            await town.services.sending.cancel(actor, number)
        today = await begun.dated(actor, texts, key="k")
    clock = LoopClock(at(25, 9) - since_start())
    async with running(tmp_path, network, clock=clock, kept=lambda: True) as town:
        begun = town.services.unfinished
        found = [
            await begun.dated(actor, texts, key="k"), await begun.dated(actor, ["x"], key="k"),
            *[await begun.dated(actor, texts, stopped=number) for number in numbers],
        ]  # fmt: skip

    assert "" == today
    assert [True, False, True, False] == ["24 novembre" in one for one in found]


@pytest.mark.parametrize("door", [Door.API, Door.MAIL, Door.COMMAND])
async def test_demain_written_at_night_by_a_program_or_a_mail_is_refused(
    tmp_path: Path, door: Door
) -> None:
    """No page points out to them that it leaves on the next day; an alert leaves at once."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 21))) as town:
        sending = town.services.sending
        message = await draft(town, TOMORROW)
        lines = [BatchLine(ANNE, TOMORROW)]
        with pytest.raises(Refused, match="ne partirait que le mercredi 25 novembre"):
            await sending.send(town.actor, message, door)
        with pytest.raises(Refused, match="« demain »"):
            await sending.send_batch(
                town.actor, lines, channel="sms", urgency="service", title="Rendez-vous"
            )
        await sending.send(town.actor, replace(message, at=at(26, 9)), door)
        await sending.send(town.actor, replace(message, urgency="vital"), door)
        await town.advance(60)

    assert received(network) == [TOMORROW]


@pytest.mark.parametrize("urgency", ["service", "vital"])
async def test_what_is_sent_again_is_useful_no_longer_than_the_first(
    tmp_path: Path, urgency: str
) -> None:
    """« Eau coupée jusqu'à midi », sent again at eleven, came the next evening to a telephone."""
    network = one_modem()
    network.handset("+33639980003").behaviour = Behaviour(sms="refused")
    async with running(tmp_path, network, clock=LoopClock(at(24, 10) - since_start())) as town:
        following, again = town.services.following, Draft("Eau coupée.", channels=("sms",))
        message = await draft(town, "Eau coupée.", expires=at(24, 12), urgency=urgency)
        first = await town.services.sending.send(town.actor, message)
        await town.finished(first)
        second = await following.follow(town.actor, first, "resend", again)
        ends = await town.daemon.store.read(
            lambda db: db.execute("SELECT max(expires_at) FROM broadcast").fetchone()[0]
        )
        await town.sleep_through(3 * 3600)
        with pytest.raises(Refused, match="plus utile après 12 h 00"):
            await following.follow(town.actor, second, "resend", again)
        with pytest.raises(Refused, match="plus utile après 12 h 00"):
            await following.follow(town.actor, first, "resend", again)

    assert at(24, 12).timestamp() == ends


@pytest.mark.parametrize(("back", "texts"), [(16, []), (11, ["Collecte ce matin."])])
async def test_a_message_that_says_this_morning_does_not_leave_in_the_afternoon(
    tmp_path: Path, back: int, texts: list[str]
) -> None:
    """The box was off at its hour: nobody is told at four of what passed this morning."""
    network = one_modem()
    async with running(tmp_path, network, clock=LoopClock(at(24, 7))) as town:
        message = await draft(town, "Collecte ce matin.", at=at(24, 8, 30))
        number = await town.services.sending.send(town.actor, message)
    clock = LoopClock(at(24, back) - since_start())
    async with running(tmp_path, network, clock=clock, kept=lambda: True) as town:
        await town.advance(120)
        view = await town.services.broadcasts.view(town.actor, number)

    assert texts == received(network)
    assert bool(texts) or "« ce matin », et ce message ne partirait que" in view.given_up


async def test_what_would_wait_until_it_is_useless_is_refused_by_what_its_form_has(
    tmp_path: Path,
) -> None:
    """« Changez l'heure d'envoi », said a form without one."""
    network, evening = one_modem(), at(24, 21)
    network.handset("+33639980003").behaviour = Behaviour(sms="refused")
    async with running(tmp_path, network, clock=LoopClock(evening - since_start())) as town:
        message = await draft(town, "Eau coupée.", expires=at(24, 23), at_any_hour=True)
        first = await town.services.sending.send(town.actor, message, Door.COMMAND)
        await town.finished(first)
        again = Draft("Eau coupée.", channels=("sms",))
        with pytest.raises(Refused, match="après 23 h 00, et ne partirait que demain à 8 h 00"):
            await town.services.following.follow(town.actor, first, "resend", again)


@pytest.mark.parametrize("kind", ["correction", "end", "resend"])
async def test_demain_typed_at_night_into_what_follows_is_pointed_out_before_it_leaves(
    tmp_path: Path, kind: str
) -> None:
    """Written at nine in the evening it is read the next morning, a day late; shown, it leaves."""
    network = one_modem()
    network.handset("+33639980003").behaviour = Behaviour(sms="refused")
    async with running(tmp_path, network, clock=LoopClock(at(24, 21) - since_start())) as town:
        following, typed = town.services.following, Draft("Eau coupée demain.", channels=("sms",))
        message = await draft(town, "Eau coupée jeudi.", at_any_hour=True)
        first = await town.services.sending.send(town.actor, message, Door.COMMAND)
        await town.finished(first)
        with pytest.raises(Refused, match="« demain », mais ce message ne partira que le mercredi"):
            await following.follow(town.actor, first, kind, typed)
        shown = await following.propose(town.actor, first, kind, typed)
        sent = await following.follow(town.actor, first, kind, typed, word=shown.word)
        view = await town.services.broadcasts.view(town.actor, sent)

    assert ("demain", typed.text) == (shown.word, shown.text)
    assert "partira demain à 8 h 00" == view.leaves


@pytest.mark.parametrize(
    ("text", "written", "leaves", "told"),
    [
        ("Réunion ce matin.", at(24, 9), at(24, 15), "écrit à 9 h 00 et dit « ce matin »"),
        ("Réunion ce matin.", at(24, 9), at(24, 11), ""),
        ("Réunion ce soir.", at(24, 9), at(24, 15), ""),
        ("Réunion ce matin.", at(24, 9), at(25, 9), "du mardi 24 novembre 2026 et dit"),
    ],
)  # fmt: skip
def test_ce_matin_sent_again_in_the_afternoon_is_pointed_out(
    text: str, written: datetime, leaves: datetime, told: str
) -> None:
    """Whoever read it at three waited for the next morning."""
    said = taken_up([text], written.timestamp(), leaves.timestamp(), "Europe/Paris")

    assert bool(told) == bool(said)
    assert told in said
