"""A message, the same sent again and its corrections end together, once, for whoever had any."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.model import Door
from gateway.services import Draft, Refused
from modem.emulator import Behaviour, Network
from tests.acceptance.test_asked_by_sms import LIST
from tests.acceptance.test_second_thoughts import (
    NOON,
    clock,
    crowd,
    demand_approval,
    got,
    one_modem,
    state_of,
)  # fmt: skip
from tests.harness import Town, running

FARM = "+33199000009"
ALERT = Draft("Évacuez.", channels=("sms",), urgency="vital")
END = Draft("C'est fini.", channels=("sms",))


def mended(network: Network, numbers: tuple[str, ...]) -> None:
    for number in numbers:
        network.handset(number).behaviour = Behaviour()


async def label_of(town: Town, number: int) -> str:
    return (await town.services.broadcasts.view(town.actor, number)).summary.state_label


async def alert(town: Town, network: Network, reached: int, people: tuple[str, ...]) -> int:
    """Send an alert of which the first ``reached`` get it, the others only if it is sent again."""
    for number in people[reached:]:
        network.handset(number).behaviour = Behaviour(sms="refused")
    number = await town.services.sending.send(town.actor, replace(ALERT, to=people), Door.COMMAND)
    await town.finished(number)
    mended(network, people)
    return number


@pytest.mark.parametrize("kind", ["end", "correction"])
async def test_an_end_cannot_be_ended(tmp_path: Path, kind: str) -> None:
    """Whoever pressed it on the page of the end stopped the end, for six people."""
    people, network = crowd(8), one_modem(2.0)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        following = town.services.following
        first = await town.raise_alert("Évacuez.", to=people)
        await town.advance(60)
        end = await following.follow(town.actor, first, "end", END)
        await town.advance(5)
        with pytest.raises(Refused, match="déjà la fin d'une alerte"):
            await following.propose(town.actor, end, kind)
        with pytest.raises(Refused, match="déjà la fin d'une alerte"):
            await following.follow(town.actor, end, kind, Draft("Encore.", channels=("sms",)))
        await town.advance(120)
        views = [await town.services.broadcasts.view(town.actor, one) for one in (first, end)]

    assert got(network, people) == [["Évacuez.", "C'est fini."]] * 8
    assert [view.is_end for view in views] == [False, True]


async def test_an_end_sent_again_is_an_end_still(tmp_path: Path) -> None:
    """Its page offers no end either, and it asks nothing before it goes."""
    people, network = crowd(2), one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        following = town.services.following
        first = await town.raise_alert("Évacuez.", to=people)
        await town.advance(60)
        network.handset(people[1]).behaviour = Behaviour(sms="refused")
        end = await following.follow(town.actor, first, "end", END)
        await town.finished(end)
        mended(network, people)
        asked = await following.propose(town.actor, end, "resend")
        again = await following.follow(town.actor, end, "resend", END)
        await town.finished(again)
        with pytest.raises(Refused, match="déjà la fin"):
            await following.propose(town.actor, again, "end")

    assert (asked.people, asked.before) == (1, None)
    assert got(network, people) == [["Évacuez.", "C'est fini."]] * 2


@pytest.mark.parametrize("opened_on", ["first", "again"])
async def test_an_end_goes_once_to_whoever_had_the_alert_at_all(
    tmp_path: Path, opened_on: str
) -> None:
    """Two had it at once, three when it was sent again, and one not at all."""
    people, network = crowd(6), one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        following = town.services.following
        first = await alert(town, network, 2, people)
        network.handset(people[5]).behaviour = Behaviour(sms="refused")
        again = await following.follow(town.actor, first, "resend", ALERT)
        await town.finished(again)
        mended(network, people)
        on = first if opened_on == "first" else again
        proposed = await following.propose(town.actor, on, "end")
        end = await following.follow(town.actor, on, "end", END)
        await town.finished(end)
        other = await following.propose(town.actor, again, "end")
        view = await town.services.broadcasts.view(town.actor, end)

    assert proposed.people == view.recipients_total == 5
    assert got(network, people) == [["Évacuez.", "C'est fini."]] * 5 + [[]]
    assert view.parent_id == first
    assert other.before is not None
    assert other.before.id == end


@pytest.mark.parametrize("kind", ["end", "correction"])
async def test_what_is_sent_again_is_stopped_with_the_rest(tmp_path: Path, kind: str) -> None:
    """Nobody hears « évacuez » after « c'est fini »; and what stopped it stands beside it."""
    people, network = crowd(6), one_modem(2.0)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        following = town.services.following
        first = await alert(town, network, 2, people)
        again = await following.follow(town.actor, first, "resend", ALERT)
        await town.advance(5)
        await following.follow(town.actor, first, kind, END)
        await town.advance(120)
        label = await label_of(town, again)

    had = [one for one in got(network, people) if one]
    assert 3 <= len(had) < 6
    assert {tuple(one) for one in had} == {("Évacuez.", "C'est fini.")}
    assert label == {"end": "fin annoncée", "correction": "suivi d'un rectificatif"}[kind]


async def test_an_end_pressed_on_a_correction_ends_the_alert(tmp_path: Path) -> None:
    """And the correction that is on its way goes no further."""
    people, network = crowd(12), one_modem(2.0)
    mend = Draft("Par le nord.", channels=("sms",))
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        following = town.services.following
        first = await alert(town, network, 12, people)
        corrected = await following.follow(town.actor, first, "correction", mend)
        await town.advance(7)
        end = await following.follow(town.actor, corrected, "end", END)
        await town.advance(120)
        label = await label_of(town, corrected)
        parent = (await town.services.broadcasts.view(town.actor, end)).parent_id

    inboxes = got(network, people)
    assert all(one[0] == "Évacuez." and one[-1] == "C'est fini." for one in inboxes)
    assert 0 < sum("Par le nord." in one for one in inboxes) < 12
    assert (label, parent) == ("fin annoncée", first)


async def test_whoever_was_reached_the_second_time_is_not_alerted_a_third(tmp_path: Path) -> None:
    """Nor whoever was told at the door, nor whoever it is on its way to."""
    people, network = crowd(5), one_modem(2.0)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        following, sending = town.services.following, town.services.sending
        first = await alert(town, network, 1, people)
        network.handset(people[4]).behaviour = Behaviour(sms="refused")
        again = await following.follow(town.actor, first, "resend", ALERT)
        on_its_way = await following.propose(town.actor, first, "resend")
        await town.finished(again)
        left = [await following.propose(town.actor, one, "resend") for one in (first, again)]
        listed = (await town.services.broadcasts.recipients(town.actor, again)).items
        await sending.told_in_person(
            town.actor, [one.id for one in listed if one.state == "failed"], "Camille"
        )
        nobody = await following.propose(town.actor, first, "resend")

    assert [on_its_way.people, *(one.people for one in left), nobody.people] == [0, 1, 1, 0]


@pytest.mark.parametrize("kind", ["end", "correction"])
async def test_an_alert_that_was_ended_is_said_again_only_by_who_knows(
    tmp_path: Path, kind: str
) -> None:
    """The form is open at two desks: « évacuez » would leave after « c'est fini »."""
    people, network = crowd(3), one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        following = town.services.following
        first = await alert(town, network, 1, people)
        end = await following.follow(town.actor, first, kind, END)
        await town.finished(end)
        warned = (await following.propose(town.actor, first, "resend")).before
        with pytest.raises(Refused, match="vient d'être annoncé"):
            await following.follow(town.actor, first, "resend", ALERT)
        silent = got(network, people)[1:]
        again = await following.follow(town.actor, first, "resend", ALERT, known=str(end))
        await town.finished(again)

    assert warned is not None
    assert (warned.id, warned.kind) == (end, kind)
    assert silent == [[], []]
    assert got(network, people)[1:] == [["Évacuez."]] * 2


async def test_another_text_goes_round_no_second_person_by_being_sent_to_one_first(
    tmp_path: Path,
) -> None:
    """Changed for one, where nobody need agree; then sent again unchanged to all the others."""
    people, network = crowd(4), one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        following = town.services.following
        first = await alert(town, network, 3, people)
        await town.daemon.store.write(
            lambda db: db.execute("UPDATE broadcast SET urgency = 'service'")
        )
        other = Draft("Fête annulée.", channels=("sms",))
        again = await following.follow(town.actor, first, "resend", other)
        await town.finished(again)
        await town.services.tuning.set_rules(
            town.actor, take_back=0, approval_above=1, signature=""
        )
        await town.daemon.store.write(
            lambda db: db.execute("UPDATE recipient SET state = 'failed'")
        )
        with pytest.raises(Refused, match="seconde personne"):
            await following.follow(town.actor, again, "resend", other)

    assert got(network, people)[3] == ["Fête annulée."]


async def test_an_end_rings_nobody_who_has_read_it(tmp_path: Path) -> None:
    """The alert went by all ways at once: thirty telephones rang for what was over and read."""
    people, network = crowd(3), one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        following = town.services.following
        both = Draft("Évacuez.", to=people, channels=("sms", "voice"), urgency="vital")
        first = await town.services.sending.send(town.actor, both, Door.COMMAND)
        await town.finished(first)
        rang = [len(network.handset(one).calls) for one in people]
        network.handset(people[2]).behaviour = Behaviour(sms="switched_off", answers_after=3)
        said = await following.propose(town.actor, first, "end")
        end = await following.follow(
            town.actor, first, "end", Draft("Fini.", channels=said.channels)
        )
        await town.finished(end)
        rings = [len(network.handset(one).calls) for one in people]

    assert said.way == "D'abord par SMS, puis par appel à qui n'est pas joint."
    assert [after - before for before, after in zip(rang, rings, strict=True)] == [0, 0, 1]


async def test_whoever_was_two_cards_then_is_told_once_that_it_is_over(tmp_path: Path) -> None:
    """The two cards were found to be one person after the alert."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        await town.services.imports.take_file(town.actor, LIST.encode())
        (group,) = await town.services.directory.groups(town.actor)
        draft = replace(ALERT, group_ids=(group.id,))
        first = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.finished(first)
        await town.daemon.store.write(
            lambda db: db.execute("UPDATE recipient SET contact_id = 1 WHERE contact_id = 2")
        )
        proposed = await town.services.following.propose(town.actor, first, "end")
        end = await town.services.following.follow(town.actor, first, "end", END)
        await town.finished(end)
        told = (await town.services.broadcasts.recipients(town.actor, end)).items

    assert proposed.people == len(told)
    assert len({one.name for one in told}) == len(told)
    assert got(network, ("+33639980001",)) == [["Évacuez.", "C'est fini."]]


async def test_a_correction_that_waits_for_a_second_person_is_withdrawn_by_the_end(
    tmp_path: Path,
) -> None:
    """Agreed to in the evening, it would have spoken of what was over since noon."""
    people, network = crowd(3), one_modem()
    mend = Draft("Par le nord.", channels=("sms",))
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        following = town.services.following
        draft = Draft("Fête.", to=people, channels=("sms",), urgency="service")
        first = await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.finished(first)
        await demand_approval(town, 1)
        corrected = await following.follow(town.actor, first, "correction", mend)
        waited = await state_of(town, corrected)
        end = await following.follow(town.actor, first, "end", END)
        after = [await state_of(town, one) for one in (corrected, end)]
        with pytest.raises(Refused, match="n'attend plus"):
            await town.services.sending.approve(town.actor, corrected, "oui")
        await town.services.sending.approve(town.actor, end, "oui")
        await town.finished(end)

    assert (waited, after) == ("awaiting_approval", ["cancelled", "awaiting_approval"])
    assert got(network, people) == [["Fête.", "C'est fini."]] * 3


async def test_who_knows_that_it_is_over_is_sent_nothing_again(tmp_path: Path) -> None:
    """Of two whose telephone was off during the alert one had its end, and a third had neither."""
    people, network = crowd(4), one_modem()
    quiet = Behaviour(sms="switched_off")
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        following = town.services.following
        for number in people[1:3]:
            network.handset(number).behaviour = quiet
        first = await alert(town, network, 3, people)
        network.handset(people[2]).behaviour = quiet
        before = await following.propose(town.actor, first, "resend")
        end = await following.follow(town.actor, first, "end", END)
        await town.finished(end)
        mended(network, people)
        after = await following.propose(town.actor, first, "resend")

    assert (3, 2) == (before.people, after.people)


async def test_a_correction_agreed_to_that_waits_for_the_hours_is_withdrawn_by_the_end(
    tmp_path: Path,
) -> None:
    """Both left at eight: whoever read that it was over then read when the water would be cut."""
    network, evening = one_modem(), NOON.replace(hour=21)
    async with running(tmp_path, network, clock=clock(evening)) as town:
        await town.services.imports.take_file(town.actor, LIST.encode())
        await demand_approval(town, 1)
        people = ("+33639980001", "+33639980002")
        cut = Draft("Coupure d'eau.", to=people, channels=("sms",), at_any_hour=True)
        first = await town.services.sending.send(town.actor, cut, Door.COMMAND)
        await town.services.sending.approve(town.actor, first, "le maire est absent")
        await town.finished(first)
        mend = Draft("Coupure reportée.", channels=("sms",))
        correction = await town.services.following.follow(town.actor, first, "correction", mend)
        await town.services.sending.approve(town.actor, correction, "le maire est absent")
        waits = await state_of(town, correction)
        await town.services.following.follow(town.actor, first, "end", END)
        stopped = await state_of(town, correction)

    assert ["scheduled", "cancelled"] == [waits, stopped]


async def test_the_end_goes_to_whoever_was_on_the_line_when_the_modem_was_pulled_out(
    tmp_path: Path,
) -> None:
    """They may have heard of the flood, and of nothing after it once the alert was stopped."""
    network = one_modem(2.0)
    network.handset(FARM).behaviour = Behaviour(answers_after=1.0)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        first = await town.raise_alert("Évacuez.", to=(FARM,), channels=("voice",))
        while network.modems["m1"].call is None or network.modems["m1"].call.answered_at is None:
            await town.advance(1)
        network.modems["m1"].unplug()
        await town.advance(1)
        await town.services.sending.cancel(town.actor, first)
        await town.advance(1)
        seen = await town.services.broadcasts.view(town.actor, first)
        proposed = await town.services.following.propose(town.actor, first, "end")

    assert {"uncertain": 1} == {one.code: one.people for one in seen.counts if one.people}
    assert seen.left
    assert 1 == proposed.people
