"""What is announced before sending, against what is lived: the same box, on driven time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.model import Channel, Door
from gateway.services import Draft
from gateway.store import budgets, consent
from gateway.store.budgets import Limits
from modem.emulator import Network
from tests.harness import NIGHT, Town, running

PEOPLE = 40
LIST = "Nom;Prénom;Téléphone;Groupe\n" + "".join(
    f"N{n};{'François' if n % 4 == 0 else 'Anne'};06 39 98 01 {n:02};Tous\n" for n in range(PEOPLE)
)
#: One has no mobile, one another's; the last wants no messages.
FIVE = """Nom;Téléphone;Groupe
A;06 39 98 01 01;rive
B;06 39 98 01 02;rive
C;01 99 00 00 01;rive
D;06 39 98 01 02;rive
E;06 39 98 01 03;rive
"""
THREE_PARTS = "L'eau sera coupée jeudi. " * 16


def network() -> Network:
    made = Network(seed=1, sms_seconds=4.0, report_seconds=1.0)
    made.add_modem("m1", "generic")
    return made


async def prepared(town: Town) -> Draft:
    await town.services.imports.take_file(town.actor, LIST.encode())
    (group,) = await town.services.directory.groups(town.actor)
    return Draft(THREE_PARTS, group_ids=(group.id,), channels=("sms",), urgency="service",
                 at_any_hour=True)  # fmt: skip


async def lived(town: Town, draft: Draft) -> float:
    """Send, and return how long (seconds) it took until the last SMS was taken."""
    began = town.daemon.clock.now()
    number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
    await town.finished(number)
    taken: float = await town.daemon.store.read(
        lambda db: db.execute("SELECT max(accepted_at) FROM part").fetchone()[0]
    )
    return taken - began


async def test_what_the_box_has_learned_does_not_count_its_parts_twice(tmp_path: Path) -> None:
    """Three SMS to each took three times as long; the next were announced with nine."""
    async with running(tmp_path, network()) as town:
        draft = await prepared(town)
        for _ in range(2):
            said = (await town.services.compose.foresee(town.actor, draft)).duration_seconds
            took = await lived(town, draft)

            assert said == pytest.approx(took, rel=0.25)


async def test_a_limit_a_minute_is_in_what_is_announced(tmp_path: Path) -> None:
    """Ten minutes, not four: whoever waits for the last one knows when to go home."""
    async with running(tmp_path, network()) as town:
        draft = await prepared(town)
        limits, sim = Limits(segments_per_minute=6), town.network.modems["m1"].iccid
        await town.daemon.store.write(lambda db: budgets.set_limits(db, sim, limits, "Essai", 0.0))
        said = (await town.services.compose.foresee(town.actor, draft)).duration_seconds

        assert said == pytest.approx(await lived(town, draft), rel=0.25)


async def test_whoever_has_a_c_with_a_cedilla_in_their_name_gets_two_sms_and_it_is_said(
    tmp_path: Path,
) -> None:
    """« Bonjour {prénom} » is one SMS for Anne; the dearest is shown, all are counted."""
    async with running(tmp_path, network()) as town:
        draft = await prepared(town)
        text = "Bonjour {prénom}, l'eau sera coupée jeudi de 9 h à 12 h ; pensez à en garder."
        seen = await town.services.compose.foresee(
            town.actor, Draft(text, group_ids=draft.group_ids, channels=("sms",))
        )

        assert 2 == seen.sms_segments
        assert seen.duration_seconds == pytest.approx((PEOPLE + PEOPLE / 4) * 4.0)


async def test_between_two_calls_the_modem_is_not_said_to_be_away(tmp_path: Path) -> None:
    """Its pause of some seconds is none of the secretary's business."""
    made = Network(seed=1)
    made.add_modem("m1")
    async with running(tmp_path, made) as town:
        to = ("+33199000001", "+33199000002", "+33199000003")
        draft = Draft("Crue.", to=to, channels=("voice",), urgency="vital")
        number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        said, over = set(), False
        while not over:
            view = await town.services.broadcasts.view(town.actor, number)
            said.add(view.waiting_for)
            over = view.summary.closed_at is not None
            await town.advance(0.5)

        assert not any("Aucun modem" in one for one in said)


async def test_what_waits_before_a_message_is_in_its_time_before_and_after_it_is_sent(
    tmp_path: Path,
) -> None:
    """Forty texts of three SMS are before it: eight minutes, not forty texts' two, nor none."""
    async with running(tmp_path, network()) as town:
        first = await prepared(town)
        await town.services.sending.send(town.actor, first, Door.COMMAND)
        last = Draft("Le marché est place Haute.", to=("06 39 98 01 11",), channels=("sms",),
                     urgency="service", at_any_hour=True)  # fmt: skip
        said = (await town.services.compose.foresee(town.actor, last)).duration_seconds
        began = town.daemon.clock.now()
        number = await town.services.sending.send(town.actor, last, Door.COMMAND)
        view = await town.services.broadcasts.view(town.actor, number)
        await town.finished(number)
        took = town.daemon.clock.now() - began

    assert said == pytest.approx(took, rel=0.25)
    assert view.remaining_seconds == pytest.approx(took, rel=0.25)


async def test_the_page_says_what_may_follow_while_the_texts_leave(tmp_path: Path) -> None:
    """« Temps restant : 1 min » was followed by an hour of calls to those who never answered."""
    made = Network(seed=1, sms_seconds=4.0)
    made.add_modem("m1")
    async with running(tmp_path, made) as town:
        people = tuple(f"+336399801{n:02}" for n in range(10))
        draft = Draft("Crue.", to=people, channels=("sms", "voice"), urgency="vital",
                      order="advised")  # fmt: skip
        number = await town.services.sending.send(town.actor, draft)
        await town.advance(10)
        view = await town.services.broadcasts.view(town.actor, number)

    assert view.then.startswith("Puis, si besoin, des SMS et des appels, jusque vers ")


async def test_what_waits_is_for_as_many_people_as_was_announced(tmp_path: Path) -> None:
    """« 10 personnes » before, « 12 personnes » on its page: two of them get nothing."""
    at = NIGHT + timedelta(hours=6)
    async with running(tmp_path, network()) as town:
        await town.services.imports.take_file(town.actor, FIVE.encode())
        await town.daemon.store.write(
            lambda db: consent.no_more_routine(db, 1, Channel.SMS, "+33639980103", "SMS", 0.0)
        )
        (group,) = await town.services.directory.groups(town.actor)
        draft = Draft("Réunion.", group_ids=(group.id,), channels=("sms",), urgency="service",
                      at=at)  # fmt: skip
        before = await town.services.compose.foresee(town.actor, draft)
        number = await town.services.sending.send(town.actor, draft, Door.PAGE)
        waits = await town.services.broadcasts.view(town.actor, number)
        await town.services.agenda.move(town.actor, number, at + timedelta(hours=1))
        moved = await town.services.broadcasts.view(town.actor, number)
        await town.sleep_through(7 * 3600 + 300)
        left = await town.services.broadcasts.view(town.actor, number)

    assert 2 == before.recipients
    assert [2, 2, 2] == [one.recipients_total for one in (waits, moved, left)]
    assert left.summary.closed_at is not None
