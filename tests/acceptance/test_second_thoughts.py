"""What comes between writing and receiving: a stop, a change of mind, a second person, a duty."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.model import Channel, Door, Purpose
from gateway.services import Draft, Meeting, Refused, Wish
from gateway.services.orders import StepForm
from gateway.services.values import BatchLine
from gateway.store import consent, settings
from modem.emulator import Network
from tests.acceptance.test_asked_by_sms import LIST, PARIS, clock
from tests.harness import Town, running, states

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=PARIS)


def one_modem(seconds: float = 0.1) -> Network:
    made = Network(seed=1, sms_seconds=seconds, report_seconds=0.1)
    made.add_modem("m1")
    return made


def crowd(count: int) -> tuple[str, ...]:
    return tuple(f"+336399810{n:02}" for n in range(count))


def got(network: Network, numbers: tuple[str, ...]) -> list[list[str]]:
    return [[sms.text for sms in network.handset(number).inbox] for number in numbers]


async def demand_approval(town: Town, above: int) -> None:
    await town.daemon.store.write(
        lambda db: settings.write(db, 1, "approval_above", above, "Essai", 0.0)
    )


async def state_of(town: Town, number: int) -> str:
    return (await town.services.broadcasts.view(town.actor, number)).summary.state


async def scheduled(town: Town, at: datetime) -> int:
    draft = Draft("Réunion.", to=crowd(1), channels=("sms",), urgency="service", at=at)
    return await town.services.sending.send(town.actor, draft, Door.COMMAND)


@pytest.mark.parametrize(
    ("late", "leaves"), [(timedelta(minutes=20), True), (timedelta(days=3), False)]
)
async def test_what_was_due_while_the_box_was_off_leaves_late_or_says_why_not(
    tmp_path: Path, late: timedelta, leaves: bool
) -> None:
    """A power cut over eight o'clock must not cost the council its reminder."""
    due = NOON + timedelta(hours=2)
    async with running(tmp_path, one_modem(), clock=clock(NOON)) as town:
        number = await scheduled(town, due)
    network = one_modem()
    async with running(tmp_path, network, clock=clock(due + late), kept=lambda: True) as town:
        await town.advance(120)
        view = await town.services.broadcasts.view(town.actor, number)

    assert got(network, crowd(1)) == [["Réunion."] if leaves else []]
    assert ("Trop tard" in view.given_up) is not leaves


async def test_a_message_leaves_at_the_minute_it_was_scheduled_for(tmp_path: Path) -> None:
    """What waited for hours can no more be taken back: it leaves on the minute."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        draft = Draft("Réunion.", to=crowd(1), channels=("sms",), urgency="service",
                      at=NOON + timedelta(minutes=10))  # fmt: skip
        await town.services.sending.send(town.actor, draft, Door.PAGE)
        await town.advance(615)

    assert got(network, crowd(1)) == [["Réunion."]]


@pytest.mark.parametrize("kind", ["correction", "end"])
async def test_nobody_gets_an_alert_after_its_correction(tmp_path: Path, kind: str) -> None:
    """« Évacuez », and a minute later « fausse alerte »: in that order, or not at all."""
    people, network = crowd(20), one_modem(2.0)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        first = await town.raise_alert("Évacuez.", to=people)
        await town.advance(9)
        after = Draft("Fausse alerte.", channels=("sms",))
        await town.services.following.follow(town.actor, first, kind, after)
        await town.advance(300)
        state = await state_of(town, first)

    assert state == "cancelled"
    inboxes = [one for one in got(network, people) if one]
    assert 3 <= len(inboxes) < 20
    assert {tuple(one) for one in inboxes} == {("Évacuez.", "Fausse alerte.")}


@pytest.mark.parametrize("kind", ["end", "correction", "resend"])
async def test_two_windows_pressed_at_once_announce_it_once(tmp_path: Path, kind: str) -> None:
    """Both were shown that nobody has said it yet."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        first = await town.raise_alert("Évacuez.", to=crowd(2))
        await town.advance(60)
        lived = "failed" if kind == "resend" else "received"
        await town.daemon.store.write(
            lambda db: db.execute("UPDATE recipient SET state = ?", (lived,))
        )
        follow = town.services.following.follow
        both = await asyncio.gather(
            *(follow(town.actor, first, kind,
                     Draft("Évacuez.", channels=("sms",), idempotency_key=key)) for key in "ab"),
            return_exceptions=True,
        )  # fmt: skip

    assert [int, Refused] == sorted(map(type, both), key=lambda one: one.__name__ != "int")


async def test_the_end_is_announced_once_unless_somebody_wants_it_again(tmp_path: Path) -> None:
    """Two people at the same alert; « Fin » twice makes everybody doubt the first."""
    network, after = one_modem(), Draft("Fin.", channels=("sms",))
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        first = await town.raise_alert("Évacuez.", to=crowd(2))
        await town.advance(60)
        following = town.services.following
        untold = (await following.propose(town.actor, first, "end")).before
        end = await following.follow(town.actor, first, "end", replace(after, idempotency_key="k"))
        same = await following.follow(town.actor, first, "end", replace(after, idempotency_key="k"))
        with pytest.raises(Refused, match="vient d'être annoncé"):
            await following.follow(town.actor, first, "end", after)
        told = (await following.propose(town.actor, first, "end")).before
        listed = (await town.services.broadcasts.list(town.actor)).items
        again = await following.follow(town.actor, first, "end", after, known=str(end))
        await town.advance(60)

    assert untold is None
    assert told is not None
    assert (end, end) == (same, told.id)
    assert again != end
    assert [["Évacuez.", "Fin.", "Fin."]] * 2 == got(network, crowd(2))
    assert {one.id: one.state for one in listed}[first] == "closed"


async def test_an_alert_that_was_ended_is_not_called_cancelled(tmp_path: Path) -> None:
    """« Annulé, 4 sur 20 » a week later would read as if nobody had been told."""
    people, network = crowd(20), one_modem(2.0)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        first = await town.raise_alert("Évacuez.", to=people)
        await town.advance(9)
        await town.services.following.follow(
            town.actor, first, "end", Draft("Fin.", channels=("sms",))
        )
        listed = (await town.services.broadcasts.list(town.actor)).items

    assert {one.id: one.state_label for one in listed}[first] == "fin annoncée"


async def test_what_two_people_stop_at_once_is_stopped_and_no_fault(tmp_path: Path) -> None:
    """The second wished what is; a message that is stopped says so, and by whom."""
    network = one_modem(2.0)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        sending = town.services.sending
        first = await town.raise_alert("Évacuez.", to=crowd(9))
        for act in (sending.pause, sending.pause, sending.resume, sending.resume):
            await act(town.actor, first)
        withdrawn = [await sending.cancel(town.actor, first) for _ in range(2)]
        for act in (sending.pause, sending.resume, sending.call_everybody, sending.send_now):
            with pytest.raises(
                Refused, match="arrêté à 12 h 00 par Essai : il n'en part plus rien"
            ):
                await act(town.actor, first)

    assert withdrawn[0] > 0
    assert withdrawn[1] == 0


async def test_what_somebody_has_stopped_does_not_leave_from_a_page_opened_before(
    tmp_path: Path,
) -> None:
    """« Envoyer maintenant » answered with « annulé », and the record said that it had left."""
    async with running(tmp_path, one_modem(), clock=clock(NOON)) as town:
        number = await scheduled(town, NOON + timedelta(days=2))
        await town.services.sending.cancel(town.actor, number)
        with pytest.raises(Refused, match="arrêté à 12 h 00 par Essai"):
            await town.services.sending.send_now(replace(town.actor, name="Paul"), number)
        rows = await town.daemon.store.read(
            lambda db: db.execute("SELECT kind FROM event WHERE broadcast_id = ?", (number,))
            .fetchall()
        )  # fmt: skip

    assert "broadcast.released" not in {row["kind"] for row in rows}


async def test_what_is_taken_back_can_be_mended_and_sent(tmp_path: Path) -> None:
    """Twenty seconds to see a wrong hour; the text is not to be written again."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        await town.services.imports.take_file(town.actor, LIST.encode())
        (group,) = await town.services.directory.groups(town.actor)
        draft = Draft("Réunion à 80 h.", group_ids=(group.id,), channels=("sms",),
                      urgency="service", idempotency_key="k")  # fmt: skip
        number = await town.services.sending.send(town.actor, draft, Door.PAGE)
        with pytest.raises(Refused, match="ne se reprend pas"):
            await town.services.unfinished.taken_back(town.actor, number)
        await town.services.sending.cancel(town.actor, number)
        view = await town.services.broadcasts.view(town.actor, number)
        kept = await town.services.unfinished.taken_back(town.actor, number)

    assert (view.again, view.can_release, view.left) == (True, False, False)
    assert (kept.text, kept.group_ids, kept.idempotency_key) == (draft.text, (group.id,), None)


async def test_two_people_who_mend_the_same_message_send_one(tmp_path: Path) -> None:
    """Both open what was taken back; its date is kept, and the second is told of the first."""
    network, at = one_modem(), NOON + timedelta(days=2)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        sending, kept = town.services.sending, town.services.unfinished
        draft = Draft("Réunion.", to=crowd(1), channels=("sms",), urgency="service", at=at,
                      expires=at + timedelta(hours=3))  # fmt: skip
        first = await sending.send(town.actor, draft, Door.PAGE)
        await sending.cancel(town.actor, first)
        mended = replace(await kept.taken_back(town.actor, first), idempotency_key="a")
        number = await sending.send(town.actor, mended, Door.PAGE)
        same = await sending.send(town.actor, mended, Door.PAGE)
        with pytest.raises(Refused, match=f"déjà été corrigé et renvoyé .* c'est le n° {number}"):
            await sending.send(town.actor, replace(mended, idempotency_key="b"), Door.PAGE)
        view = await town.services.broadcasts.view(town.actor, first)
        await sending.cancel(town.actor, number)
        again = await sending.send(town.actor, replace(mended, idempotency_key="c"), Door.PAGE)

    assert (mended.at, mended.expires, mended.again_of) == (at, draft.expires, first)
    assert same == number
    assert ((), ((number, "again"),)) == (view.followed, view.to_follow)
    assert not view.again
    assert again not in {first, number}


async def test_a_message_taken_out_of_the_calendar_offers_no_button_that_does_nothing(
    tmp_path: Path,
) -> None:
    """It waited for its hours when it was stopped; « Envoyer maintenant » sent nothing."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        at = NOON + timedelta(days=1, hours=10)  # at night
        draft = Draft("Marché.", to=crowd(1), channels=("sms",), urgency="service", at=at)
        number = await town.services.sending.send(town.actor, draft, Door.PAGE)
        before = await town.services.broadcasts.view(town.actor, number)
        await town.services.sending.cancel(town.actor, number)
        after = await town.services.broadcasts.view(town.actor, number)

    assert before.can_release
    assert not after.can_release
    assert after.again


async def test_whoever_said_no_hears_of_the_correction_too(tmp_path: Path) -> None:
    """They read « qui vient ? » like all others."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        first = await town.services.sending.send(
            town.actor, Draft("Qui vient ?", to=crowd(2), channels=("sms",), urgency="vital",
                              enough=1), Door.COMMAND,
        )  # fmt: skip
        await town.advance(60)
        network.send(crowd(2)[0], network.modems["m1"], "non")
        await town.advance(60)
        after = Draft("Plus besoin.", channels=("sms",))
        await town.services.following.follow(town.actor, first, "end", after)
        await town.advance(60)

    assert [inbox[-1] for inbox in got(network, crowd(2))] == ["Plus besoin."] * 2


async def test_a_correction_reaches_in_english_whom_the_message_reached_in_english(
    tmp_path: Path,
) -> None:
    """« Leave now », and then two words nobody there can read."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        await town.services.imports.take_file(town.actor, LIST.encode())
        (group,) = await town.services.directory.groups(town.actor)
        await town.daemon.store.write(
            lambda db: db.execute("UPDATE main.contact SET language = 'en' WHERE id = 1")
        )
        draft = Draft("Évacuez.", text_en="Leave now.", group_ids=(group.id,), channels=("sms",),
                      urgency="vital", title="Crue")  # fmt: skip
        first = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.advance(120)
        said = await town.services.following.propose(town.actor, first, "correction")
        again = await town.services.following.propose(town.actor, first, "resend")
        after = Draft("Restez.", text_en="Stay where you are.", channels=("sms",))
        await town.services.following.follow(town.actor, first, "correction", after)
        await town.advance(120)

    assert (True, "Correction: Crue.") == (said.english, said.text_en)
    assert (True, "Leave now.") == (again.english, again.text_en)
    assert got(network, ("+33639980001",))[0][-1] == "Stay where you are."
    assert got(network, ("+33639980002",))[0][-1] == "Restez."


async def test_an_import_takes_back_no_refusal_whatever_way_it_was_given(tmp_path: Path) -> None:
    """Key 9 of a call is a no as good as any."""
    async with running(tmp_path, one_modem(), clock=clock(NOON)) as town:
        await town.services.imports.take_file(town.actor, LIST.encode())
        number = "+33639980001"
        await town.daemon.store.write(
            lambda db: consent.withdraw(
                db, 1, channel=Channel.VOICE, address=number, purpose=Purpose.SERVICE,
                source="touche 9", by="Anne", now=0.0,
            )
        )  # fmt: skip
        imports = town.services.imports
        seen = await imports.preview(town.actor, "liste.csv", LIST.encode())
        columns = tuple(one.holds for one in seen.columns)
        wish = Wish(columns, replace=True, purpose="service", source="bulletin municipal")
        await imports.look_again(town.actor, seen.token, wish)
        await imports.confirm(town.actor, seen.token)
        refused = await town.daemon.store.read(
            lambda db: consent.is_refused(db, 1, Channel.VOICE, number, Purpose.SERVICE)
        )

    assert refused


async def test_a_meeting_that_is_cancelled_is_not_called_to_mind(tmp_path: Path) -> None:
    """Nor does each reminder ask a second person again, nor survive the convocation's no."""
    async with running(tmp_path, one_modem(), clock=clock(NOON)) as town:
        await town.services.imports.take_file(town.actor, LIST.encode())
        (group,) = await town.services.directory.groups(town.actor)
        meeting = Meeting(
            what="conseil municipal", at=NOON + timedelta(days=9), place="mairie",
            agenda="Budget.", group_ids=(group.id,), inhabitants=600, days_before=2,
        )  # fmt: skip
        first = await town.services.convening.convene(town.actor, meeting)
        reminders = await town.daemon.store.read(
            lambda db: [row["id"] for row in db.execute(
                "SELECT id FROM broadcast WHERE parent_id = ?", (first,))]
        )  # fmt: skip
        await town.services.sending.cancel(town.actor, first)
        ends = {await state_of(town, one) for one in reminders}

        await demand_approval(town, 1)
        second = await town.services.convening.convene(town.actor, meeting)
        waiting = await state_of(town, second)
        rows = await town.daemon.store.read(
            lambda db: [row["id"] for row in db.execute(
                "SELECT id FROM broadcast WHERE parent_id = ?", (second,))]
        )  # fmt: skip
        asked = {await state_of(town, one) for one in rows}
        await town.services.sending.refuse(town.actor, second, "non")
        after = {await state_of(town, one) for one in rows}

    assert (reminders != [], ends) == (True, {"cancelled"})
    assert (waiting, asked, after) == ("awaiting_approval", {"scheduled"}, {"cancelled"})


async def test_no_way_leads_round_the_second_person(tmp_path: Path) -> None:
    """Neither a batch, nor a login of that name, nor another text sent again to the same."""
    async with running(tmp_path, one_modem(), clock=clock(NOON)) as town:
        people = crowd(3)
        routine = Draft("Fête.", to=people, channels=("sms",), urgency="service", title="Marché")
        first = await town.services.sending.send(town.actor, routine, Door.COMMAND)
        await town.advance(60)
        await demand_approval(town, 1)
        with pytest.raises(Refused):
            await town.services.sending.send_batch(
                town.actor, [BatchLine(one, "Fête.") for one in people], channel="sms",
                urgency="service", title="Lot",
            )  # fmt: skip
        own = type(town.actor)(None, "tocsin", "Tocsin", "administrator", 1, "La Redorte")
        second = await town.services.sending.send(own, routine, Door.COMMAND)
        assert await state_of(town, second) == "awaiting_approval"
        await town.daemon.store.write(
            lambda db: db.execute("UPDATE recipient SET state = 'failed' WHERE broadcast_id = ?",
                                  (first,)))  # fmt: skip
        with pytest.raises(Refused):
            await town.services.following.follow(
                town.actor, first, "resend", Draft("Autre chose.", channels=("sms",))
            )
        again = Draft("Fête.", channels=("sms",))
        resent = await town.services.following.follow(town.actor, first, "resend", again)
        titles = [(await town.services.broadcasts.view(town.actor, one)).summary.title
                  for one in (first, resent)]  # fmt: skip

    assert ["Marché", "Marché"] == titles


async def test_a_message_cancelled_while_it_waited_for_a_word_stops_nothing(
    tmp_path: Path,
) -> None:
    """Its day is over a day later; what else is planned leaves all the same."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        await demand_approval(town, 1)
        large = Draft("Fête.", to=crowd(3), channels=("sms",), urgency="service")
        number = await town.services.sending.send(town.actor, large, Door.COMMAND)
        await town.services.sending.cancel(town.actor, number)
        with pytest.raises(Refused) as refused:
            await town.services.sending.approve(town.actor, number, "trop tard")
        await scheduled(town, NOON + timedelta(days=1, hours=1))
        await town.sleep_through(86400 + 3720)

    assert "n'attend plus" in refused.value.message
    assert got(network, crowd(3)) == [["Réunion."], [], []]


async def test_an_exercise_sent_again_is_marked_and_signed_once(tmp_path: Path) -> None:
    """EXERCICE first and last, not twice."""
    async with running(tmp_path, one_modem(), clock=clock(NOON)) as town:
        await town.services.tuning.set_rules(
            town.actor, take_back=20, approval_above=0, signature="La mairie"
        )
        draft = Draft("Crue.", to=crowd(1), channels=("sms",), urgency="vital", exercise=True)
        first = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.advance(30)
        proposed = await town.services.following.propose(town.actor, first, "resend")

    assert proposed.text == "Crue."


async def test_the_first_volunteers_suffice_whatever_the_order_has(tmp_path: Path) -> None:
    """Two are enough: the rest of the queue is withdrawn, also where there is one step only."""
    network, people = one_modem(), tuple(f"+331990000{n:02}" for n in range(8))
    from modem.emulator import Behaviour, Press

    for number in people:
        network.handset(number).behaviour = Behaviour(answers_after=2, presses=(Press("1", 12.0),))
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        draft = Draft("Qui vient sabler ?", to=people, channels=("voice",), urgency="vital",
                      enough=2)  # fmt: skip
        number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        report = await town.finished(number)
    ends = list(states(report).values())

    assert ends.count("acknowledged") == 2
    assert len([one for one in ends if one == "cancelled"]) == 6


async def test_asking_for_a_word_keeps_how_many_suffice(tmp_path: Path) -> None:
    """An order that stops at two still does where its message asks for a confirmation."""
    network, people = one_modem(), crowd(5)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        steps = [StepForm(("sms",), 0, "always", "first")]
        number = await town.services.orders.save(
            town.actor, "Deux suffisent", steps, confirm=False, enough=2
        )
        draft = Draft("Qui vient ?", to=people, order=str(number), confirm=True,
                      channels=("sms",), urgency="vital")  # fmt: skip
        asked = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.advance(60)
        for one in people[:2]:
            network.send(one, network.modems["m1"], "oui")
        await town.advance(60)
        report = await town.report(asked)

    assert 2 == list(states(report).values()).count("acknowledged")
    assert all("l'effectif est complet" in got(network, (one,))[0][-1] for one in people[2:])


async def test_nothing_leaves_after_the_hour_its_sender_gave(tmp_path: Path) -> None:
    """« Coupure jusqu'à midi » is no news in the afternoon, and absurd before it leaves."""
    network = one_modem(30.0)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        draft = Draft("Coupure.", to=crowd(6), channels=("sms",), urgency="service",
                      expires=NOON + timedelta(seconds=100))  # fmt: skip
        number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        report = await town.finished(number)
        with pytest.raises(Refused) as refused:
            await town.services.sending.send(town.actor, draft, Door.COMMAND)
        late, later = NOON.replace(hour=23), NOON.replace(hour=23, minute=30)
        night = Draft("x", to=crowd(1), channels=("sms",), urgency="service", at=late,
                      expires=later)  # fmt: skip
        with pytest.raises(Refused):
            await town.services.sending.send(town.actor, night, Door.COMMAND)
    ends = list(states(report).values())

    assert 1 <= ends.count("received") < 6
    assert ends.count("expired") + ends.count("received") == 6
    assert refused.value.field == "until"
