"""A convocation that would reach people after its last day says so: before, and when it happens."""

from __future__ import annotations

from pathlib import Path

from gateway.services import Meeting, MeetingView, day_words
from tests.acceptance.test_over_the_closing_hour import clock, slow_network, written
from tests.acceptance.test_second_thoughts import demand_approval
from tests.acceptance.test_what_leaves_later import at, council
from tests.harness import Town, running

#: Three clear days before Thursday the third of December.
LAST = "dimanche 29 novembre 2026"


async def asked(town: Town) -> tuple[Meeting, MeetingView]:
    """Ask what convening sixty people for that Thursday would send."""
    message = await written(town, "x")
    meeting = council(group_ids=message.group_ids, days_before=0, morning=False)
    return meeting, await town.services.convening.foresee_meeting(town.actor, meeting)


async def late(town: Town, number: int) -> str:
    return (await town.services.broadcasts.view(town.actor, number)).late


async def day(town: Town) -> str:
    """Return what the day's summary says of the messages."""
    now = town.daemon.clock.now()

    def work(db: object) -> str:
        entity = db.execute("SELECT * FROM entity").fetchone()  # type: ignore[attr-defined]
        return "\n".join(day_words.of_messages(db, entity, now))  # type: ignore[arg-type]

    return str(await town.daemon.store.read(work))


async def test_what_closing_would_make_late_is_said_before_and_when_it_does(tmp_path: Path) -> None:
    """Two minutes before closing, on the last day: a council can be annulled in court for it."""
    async with running(tmp_path, slow_network(), clock=clock(at(29, 19, 58))) as town:
        meeting, view = await asked(town)
        number = await town.services.convening.convene(town.actor, meeting)
        await town.advance(600)
        evening = await late(town, number)
        summary = await day(town)
        await town.sleep_through(14 * 3600)
        monday = await late(town, number)

    assert "les derniers ne partiraient que le lundi 30 novembre 2026" in view.warning
    assert f"le dernier jour est le {LAST}" in view.warning
    assert "personnes ne seraient convoquées que demain à 8 h 00, trop tard" in evening
    assert "« Envoyer maintenant »" in evening
    assert evening in summary
    assert "personnes n'ont pas été convoquées à temps pour les 3 jours francs" in monday
    assert f"le dernier jour d'envoi était le {LAST}" in monday


async def test_what_all_leaves_on_the_last_day_says_nothing(tmp_path: Path) -> None:
    """An hour before closing there is time, and in the evening for whoever lets the rest go."""
    async with running(tmp_path, slow_network(), clock=clock(at(29, 19, 58))) as town:
        meeting, _ = await asked(town)
        number = await town.services.convening.convene(town.actor, meeting)
        await town.advance(600)
        await town.services.sending.send_now(town.actor, number)
        await town.sleep_through(14 * 3600)
        hurried = await late(town, number)
    async with running(tmp_path / "b", slow_network(), clock=clock(at(29, 19))) as town:
        meeting, view = await asked(town)
        number = await town.services.convening.convene(town.actor, meeting)
        await town.advance(1200)
        early = await late(town, number)

    assert ("", "", "") == (hurried, view.warning, early)


async def test_a_yes_that_would_come_too_late_is_told_before_and_after(tmp_path: Path) -> None:
    """The approver may take a day; the law does not wait for them."""
    async with running(tmp_path, slow_network(), clock=clock(at(29, 10))) as town:
        await demand_approval(town, 1)
        meeting, view = await asked(town)
        number = await town.services.convening.convene(town.actor, meeting)
        waits = await late(town, number)
        await town.sleep_through(11 * 3600)
        night = await late(town, number)
        await town.services.sending.approve(town.actor, number, "le maire est absent")
        agreed = await late(town, number)
        entries = [
            one for day in await town.services.agenda.days(town.actor) for one in day.entries
        ]

    assert "Pour les 3 jours francs, la convocation doit être validée avant 19 h 5" in view.yes_by
    assert view.yes_by == waits
    assert "Trop tard pour que tout parte à temps : il faut 3 jours francs" in night
    assert f"le dernier jour d'envoi est le {LAST}" in night
    assert "ne partira que demain à 8 h 00, et il faut 3 jours francs" in agreed
    assert [agreed] == [one.late for one in entries]


async def test_a_message_that_convenes_nobody_has_no_clear_days(tmp_path: Path) -> None:
    """Whatever closing catches of it."""
    async with running(tmp_path, slow_network(), clock=clock(at(29, 19, 58))) as town:
        message = await written(town, "La piscine ferme.")
        number = await town.services.sending.send(town.actor, message)
        await town.advance(600)

        assert "" == await late(town, number)


async def test_a_meeting_on_a_day_without_sends_is_convened_and_says_which_reminder_falls(
    tmp_path: Path,
) -> None:
    """It was refused by a sentence about fields that the form has not, its preview being fine."""
    weekdays = dict.fromkeys(range(5), ("09:00", "12:00"))
    async with running(tmp_path, slow_network(), clock=clock(at(26, 10))) as town:
        await town.services.tuning.set_hours(town.actor, "service", weekdays, holidays=False)
        group = (await written(town, "x")).group_ids
        sunday = council(group_ids=group, at=at(6, 10, 30, month=12))
        seen = await town.services.convening.foresee_meeting(town.actor, sunday)
        number = await town.services.convening.convene(town.actor, sunday)
        left = await town.services.broadcasts.view(town.actor, number)
        monday = council(group_ids=group, at=at(7, 18, 30, month=12), days_before=1)
        once = await town.services.convening.foresee_meeting(town.actor, monday)

    assert [at(4, 9, month=12)] == [when for when, _ in seen.reminders]
    assert (at(6, 8, month=12),) == seen.unreminded
    assert left.reminders
    assert [at(7, 9, month=12)] == [when for when, _ in once.reminders]
