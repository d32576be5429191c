"""Nothing routine reaches many people before a second person has agreed, whatever way it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.model import Door
from gateway.services import Draft, Meeting, Refused
from gateway.services.values import BatchLine
from modem.emulator import Network
from tests.acceptance.test_asked_by_sms import LIST, MAYOR, answer, clock, texts
from tests.acceptance.test_second_thoughts import (
    NOON,
    crowd,
    demand_approval,
    got,
    one_modem,
    state_of,
)
from tests.harness import Town, running

EVENING = NOON.replace(hour=17, minute=50)
MEETING = NOON.replace(day=25, hour=8)  # a reminder leaves at six the evening before
PEOPLE = ("+33639980001", "+33639980002")
WAITING, LEFT = "awaiting_approval", {"sending", "closed"}


async def group(town: Town) -> int:
    """Take two people in; return their group."""
    await town.services.imports.take_file(town.actor, LIST.encode())
    (found,) = await town.services.directory.groups(town.actor)
    return found.id


async def grow(town: Town, by: int = 20) -> None:
    """Let so many more people come into that group."""
    rows = "\n".join(f"N{n};+336399810{n:02};rive" for n in range(by))
    await town.services.imports.take_file(town.actor, f"Nom;Tel;Groupe\n{rows}\n".encode())


async def convened(town: Town, above: int) -> tuple[int, int]:
    """Convene for tomorrow at eight, reminded at six tonight; return convocation and reminder."""
    number = await group(town)
    await demand_approval(town, above)
    meeting = Meeting(
        what="réunion publique", at=MEETING, place="mairie",
        agenda="Budget.", group_ids=(number,), inhabitants=600, days_before=0,
    )  # fmt: skip
    first = await town.services.convening.convene(town.actor, meeting)
    rows = await town.daemon.store.read(
        lambda db: db.execute("SELECT id FROM broadcast WHERE parent_id = ?", (first,)).fetchall()
    )
    return first, rows[0]["id"]


def heard(network: Network) -> list[list[str]]:
    return [[text.split(" :")[0] for text in one] for one in got(network, PEOPLE)]


async def test_a_reminder_waits_for_the_word_its_convocation_waits_for(tmp_path: Path) -> None:
    """Nobody is reminded of a meeting to which nobody was convened."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(EVENING)) as town:
        first, reminder = await convened(town, above=1)
        await town.advance(660)
        early = heard(network)
        view = await town.services.broadcasts.view(town.actor, reminder)
        with pytest.raises(Refused) as refused:
            await town.services.sending.send_now(town.actor, reminder)
        await town.services.sending.approve(town.actor, first, "le maire est absent")
        await town.advance(120)

    assert early == [[], []]
    assert "convocation" in view.leaves
    assert "seconde personne" in refused.value.message
    assert heard(network) == [["Vous êtes convoqué(e)", "Rappel"]] * 2


async def test_a_yes_just_before_the_power_went_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The yes is kept and the box stops before the message left: it leaves when the box is back."""

    async def stopped(*_: object, **__: object) -> None:
        raise ConnectionError

    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        await demand_approval(town, above=1)
        draft = Draft(
            "Coupure d'eau.", group_ids=(await group(town),), urgency="service", channels=("sms",)
        )  # fmt: skip
        number = await town.services.sending.send(town.actor, draft)
        monkeypatch.setattr(town.services.sending, "launch", stopped)
        with pytest.raises(ConnectionError):
            await town.services.sending.approve(town.actor, number, "le maire est absent")
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        await town.advance(120)
        state = await state_of(town, number)

    assert [1, 1] == [len(texts) for texts in got(network, PEOPLE)]
    assert state in LEFT


@pytest.mark.parametrize("end", ["refused", "expired"])
async def test_a_reminder_falls_with_the_convocation_nobody_agreed_to(
    tmp_path: Path, end: str
) -> None:
    """A no, or no answer before the meeting begins: both are told, and nobody gets anything."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(EVENING)) as town:
        first, reminder = await convened(town, above=1)
        if end == "refused":
            await town.services.sending.refuse(town.actor, first, "non")
        await town.advance(660)
        early = heard(network)
    network = one_modem()
    later = clock(MEETING + timedelta(minutes=1))
    async with running(tmp_path, network, clock=later, kept=lambda: True) as town:
        await town.advance(60)
        ends = {await state_of(town, one) for one in (first, reminder)}

    assert ends == {"cancelled"}
    assert (early, heard(network)) == ([[], []], [[], []])


async def test_a_reminder_to_many_more_than_were_convened_asks_itself(tmp_path: Path) -> None:
    """Two were convened and nobody had to agree; twenty-two would be reminded."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(EVENING)) as town:
        _, reminder = await convened(town, above=5)
        await grow(town)
        await town.advance(660)
        state = await state_of(town, reminder)

    assert state == WAITING
    assert heard(network) == [["Vous êtes convoqué(e)"]] * 2


@pytest.mark.parametrize("kind", ["correction", "end"])
async def test_what_follows_a_routine_message_asks_like_any_other(
    tmp_path: Path, kind: str
) -> None:
    """Any text might stand in it; it goes to those who had the first, once somebody agreed."""
    network, people = one_modem(), crowd(3)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        await town.services.telephones.trust(town.actor, "Mme le maire", MAYOR)
        routine = Draft("Fête.", to=people, channels=("sms",), urgency="service")
        first = await town.services.sending.send(town.actor, routine, Door.COMMAND)
        await town.advance(60)
        await demand_approval(town, 2)
        after = Draft("Votez pour moi.", channels=("sms",), idempotency_key="k")
        follow = town.services.following.follow
        proposed = await town.services.following.propose(town.actor, first, kind)
        numbers = {await follow(town.actor, first, kind, after) for _ in range(2)}
        await town.advance(60)
        before, asked = got(network, people), len(texts(network, MAYOR))
        states = {await state_of(town, one) for one in numbers}
        await answer(town, network, MAYOR, "OUI CODE")
        await town.advance(60)

    assert proposed.approval
    assert (before, states, len(numbers), asked) == ([["Fête."]] * 3, {WAITING}, 1, 1)
    assert got(network, people) == [["Fête.", "Votez pour moi."]] * 3


async def test_a_correction_refused_reaches_nobody_and_one_to_few_asks_nobody(
    tmp_path: Path,
) -> None:
    """No is no; and two people may be put right by whoever wrote to them."""
    network, people = one_modem(), crowd(3)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        routine = Draft("Fête.", to=people, channels=("sms",), urgency="service")
        first = await town.services.sending.send(town.actor, routine, Door.COMMAND)
        await town.advance(60)
        after, follow = Draft("À 19 h.", channels=("sms",)), town.services.following.follow
        await demand_approval(town, 2)
        no = await follow(town.actor, first, "correction", after)
        await town.services.sending.refuse(town.actor, no, "trop tôt")
        said = await town.services.broadcasts.view(town.actor, no)
        await demand_approval(town, 3)
        few = await follow(town.actor, first, "correction", replace(after, text="À 20 h."))
        await town.advance(60)
        states = [await state_of(town, one) for one in (no, few)]

    assert states[0] == "cancelled"
    assert said.given_up == f"Refusé par {town.actor.name} : trop tôt"
    assert said.summary.state_label == "refusé"
    assert states[1] in LEFT
    assert got(network, people) == [["Fête.", "À 20 h."]] * 3


@pytest.mark.parametrize("kind", ["correction", "end"])
async def test_what_follows_an_alert_waits_for_nobody(tmp_path: Path, kind: str) -> None:
    """« Fausse alerte » must not wait until somebody has read an SMS."""
    network, people = one_modem(), crowd(3)
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        await demand_approval(town, 1)
        first = await town.raise_alert("Évacuez.", to=people)
        await town.advance(60)
        after = Draft("Fausse alerte.", channels=("sms",))
        await town.services.following.follow(town.actor, first, kind, after)
        await town.advance(60)

    assert got(network, people) == [["Évacuez.", "Fausse alerte."]] * 3


@pytest.mark.parametrize("above", [5, 30])
async def test_a_group_that_grew_meanwhile_asks_when_its_message_would_leave(
    tmp_path: Path, above: int
) -> None:
    """Written for two, due for twenty-two: the approver is told of how many it is now."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        await town.services.telephones.trust(town.actor, "Mme le maire", MAYOR)
        number = await group(town)
        await demand_approval(town, above)
        later = Draft("Plus tard.", group_ids=(number,), channels=("sms",),
                      at=NOON + timedelta(hours=2))  # fmt: skip
        sent = await town.services.sending.send(town.actor, later, Door.COMMAND)
        await grow(town)
        await town.sleep_through(2 * 3600 + 120)
        state, early = await state_of(town, sent), got(network, PEOPLE)
        if above == 5:
            told = texts(network, MAYOR)[-1]
            await answer(town, network, MAYOR, "OUI CODE")
            await town.advance(60)

    if above == 5:
        assert (state, early) == (WAITING, [[], []])
        assert "22 personnes" in told
    else:
        assert state in LEFT
    assert got(network, PEOPLE) == [["Plus tard."]] * 2
    assert got(network, crowd(20)) == [["Plus tard."]] * 20


@pytest.mark.parametrize("more", [1, 20])
async def test_what_was_agreed_to_for_two_leaves_to_three_and_asks_for_a_crowd(
    tmp_path: Path, more: int
) -> None:
    """Also over a restart: how many it was agreed to for is kept."""
    async with running(tmp_path, one_modem(), clock=clock(NOON)) as town:
        number = await group(town)
        await demand_approval(town, 1)
        later = Draft("Plus tard.", group_ids=(number,), channels=("sms",),
                      at=NOON + timedelta(hours=2))  # fmt: skip
        sent = await town.services.sending.send(town.actor, later, Door.COMMAND)
        waits = await state_of(town, sent)
        await town.services.sending.approve(town.actor, sent, "le maire est absent")
        agreed = await state_of(town, sent)
        await grow(town, more)
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON + timedelta(hours=2))) as town:
        await town.advance(120)
        state = await state_of(town, sent)

    assert (waits, agreed) == (WAITING, "scheduled")
    assert (state in LEFT) is (more == 1)
    assert state in {WAITING, *LEFT}
    assert got(network, PEOPLE) == [["Plus tard."] * (more == 1)] * 2


async def test_a_batch_is_refused_with_what_is_allowed_instead(tmp_path: Path) -> None:
    """No advice to cut it up, which would lead round the second person."""
    async with running(tmp_path, one_modem(), clock=clock(NOON)) as town:
        await demand_approval(town, 1)
        with pytest.raises(Refused) as refused:
            await town.services.sending.send_batch(
                town.actor, [BatchLine(one, "Fête.") for one in crowd(3)], channel="sms",
                urgency="service", title="Lot",
            )  # fmt: skip

    assert "coupez" not in refused.value.message
    assert "depuis la page" in refused.value.message
