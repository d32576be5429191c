"""The daily round of the register: called at their hour, heard, or gone to see."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Refused
from gateway.services import Actor, DayPerson, GroupForm, PersonForm, RoundDay, RoundForm
from modem.emulator import Behaviour, Network
from tests.acceptance.test_asked_by_sms import PARIS, clock, texts
from tests.acceptance.test_replies import says
from tests.harness import Town, running

MORNING = datetime(2026, 7, 7, 8, 50, tzinfo=PARIS)
#: The social worker, and the son of Yvette and Blaise.
CLIC, SON = "+33639980090", "+33639980091"
YVETTE, BLAISE, CELINE, DENISE = (f"+3319900000{n}" for n in range(1, 5))
MOBILE = "+33639980005"


@dataclass
class Register:
    """The keeper, and the cards by given name."""

    keeper: Actor
    cards: dict[str, int]


def form(**changes: Any) -> RoundForm:
    known = RoundForm("2026-07-07", "2026-07-10", "09:00", "30", "06 39 98 00 90", on=True)
    return replace(known, **changes)


def network(*modems: str, **behaviours: Behaviour) -> Network:
    made = Network(seed=1)
    for name in modems or ("m1",):
        made.add_modem(name)
    return made


def answers(digit: str | None) -> Behaviour:
    return Behaviour(presses_when_prompted=digit)


async def enrolled(town: Town, **numbers: str) -> Register:
    """Put people with these numbers (by given name) on the register, their son their referent."""
    keeper = replace(town.actor, keeper=True, name="Gardienne")
    services = town.services
    group = await services.groupings.save(keeper, None, GroupForm("Fragiles", "registre"))
    await services.persons.save(
        town.actor, None, PersonForm({"name": "Cabanel", "given_name": "Paul"},
                                     endpoints=((0, SON, ""),)),
    )  # fmt: skip
    cards = {}
    for name, number in numbers.items():
        card = PersonForm(
            {"name": "Cabanel", "given_name": name, "honorific": "Mme", "number": "3",
             "street": f"rue de {name}", "note": "clé chez la voisine"},
            endpoints=tuple((0, one, "") for one in number.split()), group_ids=(group,),
            referent=SON,
        )  # fmt: skip
        cards[name] = await services.persons.save(keeper, None, card)
    return Register(keeper, cards)


async def today(town: Town, known: Register) -> RoundDay:
    return await town.services.rounds.day(known.keeper)


def person(day: RoundDay, given: str) -> DayPerson:
    return next(one for one in day.people if f" {given} " in f" {one.name} ")


def standings(day: RoundDay) -> Mapping[str, str]:
    return {one.name.split()[1]: str(one.standing) for one in day.people}


async def test_one_presses_one_one_presses_two_and_one_is_silent(tmp_path: Path) -> None:
    """Well; to be called back; called again, then her son is asked, who goes."""
    made = network("m1", "m2")
    made.handset(YVETTE).behaviour = answers("1")
    made.handset(BLAISE).behaviour = answers("2")
    made.handset(CELINE).behaviour = Behaviour(answers_after=None)
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Yvette=YVETTE, Blaise=BLAISE, Céline=CELINE)
        await town.services.rounds.switch(known.keeper, form())
        await town.advance(300)
        before = [len(made.handset(one).calls) for one in (YVETTE, BLAISE, CELINE)]
        await town.advance(900)
        first = await today(town, known)
        told = texts(made, CLIC)
        await town.advance(1500)
        second = await today(town, known)
        asked = texts(made, SON)
        await says(town, made, SON, "1")
        third = await today(town, known)

    assert [0, 0, 0] == before
    assert {"Yvette": "well", "Blaise": "callback", "Céline": "waiting"} == standings(first)
    assert [
        "Tournée de La Redorte : 1 personne attend quelqu'un (1 à rappeler). Voir la tournée."
    ] == told
    assert "silent" == standings(second)["Céline"]
    assert [1, 1, 2] == [len(made.handset(one).calls) for one in (YVETTE, BLAISE, CELINE)]
    (wish,) = asked
    assert wish == (
        "Mairie de La Redorte : Mme Cabanel n'a pas répondu à la tournée de ce matin. Pouvez-vous "
        "passer la voir ? Répondez 1 si vous y allez."
    )
    assert "1 sans réponse" in texts(made, CLIC)[-1]
    assert not any("Cabanel" in one for one in texts(made, CLIC))
    celine = person(third, "Céline")
    assert ("y va", "Paul Cabanel", "06 39 98 00 91", "clé chez la voisine") == (
        celine.visit, celine.referent, celine.referent_phone, celine.note,
    )  # fmt: skip
    assert "silent" == celine.standing, "whoever goes has not yet seen her"
    assert "vous passez" in texts(made, SON)[-1]


async def test_whoever_prefers_an_sms_answers_in_their_own_words(tmp_path: Path) -> None:
    """« tout va bien » is 1, « rappelez-moi » is 2; the first text is not yet a silence."""
    made = network()
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Yvette=MOBILE)
        rounds = town.services.rounds
        await rounds.set_person(known.keeper, known.cards["Yvette"], hour="", way="sms", out_why="")
        await rounds.switch(known.keeper, form())
        await town.advance(900)
        waiting = standings(await today(town, known))
        await says(town, made, MOBILE, "Tout va bien, merci !")
        well = await today(town, known)
        await town.sleep_through(3600)
        await says(town, made, MOBILE, "J'ai un peu chaud, mais la voisine est là")
        wrote = person(await today(town, known), "Yvette")
        await says(town, made, MOBILE, "rappelez moi svp")
        recalled = await today(town, known)
        await town.advance(60)

    assert {"Yvette": "waiting"} == waiting
    first, *answered = texts(made, MOBILE)
    assert first.startswith("Mairie de La Redorte : tout va bien ? Répondez 1.")
    assert [] == made.handset(MOBILE).calls
    assert ("well", "SMS") == (
        str(person(well, "Yvette").standing),
        person(well, "Yvette").word_way,
    )
    assert "Bonne journée" in answered[0]
    assert ("well", "J'ai un peu chaud, mais la voisine est là") == (
        str(wrote.standing), wrote.wrote,
    )  # fmt: skip
    assert {"Yvette": "callback"} == standings(recalled)
    assert "la mairie vous rappelle" in answered[1]
    assert 2 == len(answered), "whoever answered is not written to again"
    assert ["1 à rappeler" in one for one in texts(made, CLIC)] == [True]


async def test_whoever_asks_for_help_is_never_said_to_have_answered_no(tmp_path: Path) -> None:
    """A two, « au secours »: on the round's page, their card, the report and its sealed sheet."""
    made = network("m1", "m2")
    made.handset(BLAISE).behaviour = answers("2")
    made.handset(CELINE).behaviour = Behaviour(answers_after=None)
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Blaise=BLAISE, Céline=CELINE)
        await town.services.rounds.switch(known.keeper, form())
        await town.advance(1200)
        await says(town, made, CELINE, "Au secours je suis coincée")
        day = await today(town, known)
        shown = [str(one) for given in ("Blaise", "Céline") for one in person(day, given).calls]
        db = town.daemon.store
        rows = await db.read(
            lambda db: db.execute("SELECT id FROM broadcast WHERE kind = 'round'").fetchall()
        )
        keeper, services = known.keeper, town.services
        for row in rows:
            view = await services.broadcasts.view(keeper, row["id"])
            shown += [one.label for one in view.counts]
            for one in (await services.broadcasts.recipients(keeper, row["id"])).items:
                shown += [one.label, *(str(job.outcome) for job in one.jobs),
                          *(tried.said for job in one.jobs for tried in job.attempts)]  # fmt: skip
            shown.append((await services.reports.file(keeper, row["id"], "csv")).data.decode())
        for given in ("Blaise", "Céline"):
            contact = person(day, given).contact_id
            assert contact is not None
            shown += [one.said for one in await services.persons.past(keeper, contact)]

    asks = [one for one in shown if "demande de l’aide ou un rappel" in one]
    assert not any("a répondu non" in one for one in shown), shown
    assert 8 <= len(asks)


async def test_two_texts_without_an_answer_are_silence_like_two_calls(tmp_path: Path) -> None:
    """Each is left its half hour; then the referent is asked, and says they cannot."""
    made = network()
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Yvette=MOBILE)
        await town.services.rounds.set_person(
            known.keeper, known.cards["Yvette"], hour="", way="sms", out_why=""
        )
        await town.services.rounds.switch(known.keeper, form())
        seen = []
        for _ in range(3):  # 9 h 25, 9 h 58, 10 h 31
            await town.advance(2000)
            seen.append((standings(await today(town, known))["Yvette"], len(texts(made, MOBILE))))
        await town.advance(300)
        asked = texts(made, SON)
        await says(town, made, SON, "non")
        yvette = person(await today(town, known), "Yvette")

    assert [("waiting", 1), ("waiting", 2), ("silent", 2)] == seen
    assert ["Pouvez-vous passer la voir" in one for one in asked] == [True]
    assert ("silent", "ne peut pas y aller") == (str(yvette.standing), yvette.visit)


async def test_a_word_by_sms_ends_the_calls_to_the_landline(tmp_path: Path) -> None:
    """She was in the garden, and writes from her mobile before the second call."""
    made = network()
    made.handset(YVETTE).behaviour = Behaviour(answers_after=None)
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Yvette=f"{MOBILE} {YVETTE}")
        await town.services.rounds.switch(known.keeper, form())
        await town.advance(900)
        await says(town, made, MOBILE, "1")
        await town.sleep_through(3600)
        day = await today(town, known)

    assert {"Yvette": "well"} == standings(day)
    assert 1 == len(made.handset(YVETTE).calls), "the landline rings first, and once"
    assert [] == texts(made, CLIC)


async def test_a_crash_in_mid_round_calls_nobody_twice_and_forgets_nobody(tmp_path: Path) -> None:
    """The box falls while somebody listens; started again, the round goes on."""
    made = network()
    for number in (YVETTE, BLAISE, CELINE):
        made.handset(number).behaviour = answers("1")
    beginning = clock(MORNING)
    keeper = Actor(None, "test", "Gardienne", "administrator", 1, "La Redorte", keeper=True)

    async def falls() -> None:
        async with running(tmp_path, made, clock=beginning) as town:
            await enrolled(town, Yvette=YVETTE, Blaise=BLAISE, Céline=CELINE)
            await town.services.rounds.switch(keeper, form())
            await town.advance(660)
            raise RuntimeError("the plug is pulled")

    with pytest.raises(ExceptionGroup):
        await falls()
    async with running(tmp_path, made, clock=beginning) as town:
        await town.advance(900)
        day = await town.services.rounds.day(keeper)
        setup = await town.services.rounds.setup(keeper)

    assert {"Yvette": "well", "Blaise": "well", "Céline": "well"} == standings(day)
    assert 1 == len(made.handset(BLAISE).calls), "whoever had answered is not called again"
    assert 1 == len(made.handset(YVETTE).calls)
    assert setup.on, "it survives a restart"
    assert ("09:00", 30, "06 39 98 00 90") == (setup.hour, setup.pause, setup.numbers)


async def test_an_alert_in_mid_round_goes_first_and_the_round_goes_on(tmp_path: Path) -> None:
    """A call of the round gives way on the modem the alert needs, and is made again."""
    made = network()
    made.handset(YVETTE).behaviour = Behaviour(presses_when_prompted=None)
    neighbour = "+33639980071"
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Yvette=YVETTE, Blaise=BLAISE)
        await town.services.rounds.switch(known.keeper, form())
        await town.advance(630)
        made.handset(YVETTE).behaviour = made.handset(BLAISE).behaviour = answers("1")
        begun = asyncio.get_running_loop().time()
        await town.raise_alert("L'Aude monte.", to=[neighbour])
        await town.advance(30)
        at = made.handset(neighbour).inbox[0].at
        await town.advance(1200)
        day = await today(town, known)

    assert at - begun < 15
    assert 2 == len(made.handset(BLAISE).calls), "the call that gave way is made again"
    assert {"Yvette": "well", "Blaise": "well"} == standings(day)


async def test_a_box_off_at_the_hour_makes_up_for_it_within_two_hours(tmp_path: Path) -> None:
    """Off from 8 h 50 to 10 h: called late, and the page says why."""
    made = network()
    made.handset(YVETTE).behaviour = answers("1")
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Yvette=YVETTE)
        await town.services.rounds.switch(known.keeper, form())
        await town.advance(60)
    async with running(tmp_path, made, clock=clock(MORNING.replace(hour=10))) as town:
        await town.advance(300)
        yvette = person(await today(town, known), "Yvette")

    assert ("well", 1) == (str(yvette.standing), len(made.handset(YVETTE).calls))
    assert "en retard" in yvette.why


async def test_a_box_off_too_long_calls_nobody_and_says_so(tmp_path: Path) -> None:
    """At noon it is too late: on the list at once, told by SMS. The day before as well."""
    made = network()
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Yvette=YVETTE)
        await town.services.rounds.switch(known.keeper, form())
        await town.advance(60)
    late = datetime(2026, 7, 8, 12, 0, tzinfo=PARIS)
    async with running(tmp_path, made, clock=clock(late)) as town:
        await town.advance(300)
        yvette = person(await today(town, known), "Yvette")
        before = await town.services.rounds.day(known.keeper, date(2026, 7, 7))

    assert [] == made.handset(YVETTE).calls
    assert ("missed", "Tocsin était arrêté à cette heure") == (str(yvette.standing), yvette.why)
    assert {"Yvette": "missed"} == standings(before)
    assert ["(2 pas appelées)" in one for one in texts(made, CLIC)] == [True]


async def test_on_the_morning_the_clocks_change_nine_is_nine(tmp_path: Path) -> None:
    """Sunday 25 October 2026: the night has an hour more, the round does not come early."""
    made = network()
    made.handset(YVETTE).behaviour = answers("1")
    saturday = datetime(2026, 10, 24, 23, 30, tzinfo=PARIS)
    async with running(tmp_path, made, clock=clock(saturday)) as town:
        known = await enrolled(town, Yvette=YVETTE)
        await town.services.rounds.switch(known.keeper, form(first="2026-10-24", last="2026-10-26"))
        begun = asyncio.get_running_loop().time()
        await town.sleep_through(10.4 * 3600)
        await town.advance(0.6 * 3600)
        yvette = person(await today(town, known), "Yvette")
        (call,) = made.handset(YVETTE).calls

    assert 10.5 * 3600 <= call.at - begun < 10.5 * 3600 + 90
    assert ("well", 9) == (str(yvette.standing), yvette.hour.hour)


async def test_their_own_hour_and_whoever_wants_none(tmp_path: Path) -> None:
    """One is called at 9, one at 11; one is left out, and the page says why."""
    made = network("m1", "m2")
    for number in (YVETTE, BLAISE, CELINE):
        made.handset(number).behaviour = answers("1")
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Yvette=YVETTE, Blaise=BLAISE, Céline=CELINE)
        rounds, cards = town.services.rounds, known.cards
        await rounds.set_person(
            known.keeper, cards["Blaise"], hour="11:00", way="voice", out_why=""
        )
        await rounds.set_person(
            known.keeper, cards["Céline"], hour="", way="voice", out_why="chez sa fille"
        )
        await rounds.switch(known.keeper, form())
        await town.advance(1200)
        early = [len(made.handset(one).calls) for one in (YVETTE, BLAISE, CELINE)]
        await town.sleep_through(8000)
        late = [len(made.handset(one).calls) for one in (YVETTE, BLAISE, CELINE)]
        setup = await rounds.setup(known.keeper)
        wrong = form(hour="23:00"), form(numbers=""), form(last="2026-07-01"), form(pause="2")
        fields = []
        for one in wrong:
            with pytest.raises(Refused) as refused:
                await rounds.switch(known.keeper, one)
            fields.append(refused.value.field)

    assert ([1, 0, 0], [1, 1, 0]) == (early, late)
    assert [("Mme Céline Cabanel", "chez sa fille")] == [
        (one.name, one.out_why) for one in setup.left_out
    ]
    assert [("09:00", 1), ("11:00", 1)] == [(one.hour, one.people) for one in setup.hours]
    assert 2 == setup.modems
    assert ["hour", "numbers", "last", "pause"] == fields


async def test_a_round_is_spread_over_the_modems(tmp_path: Path) -> None:
    """Ten people and two modems take half the time; the page said so before."""
    made = network("m1", "m2")
    numbers = {f"N{n}": f"+331990001{n:02}" for n in range(10)}
    for number in numbers.values():
        made.handset(number).behaviour = answers("1")
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, **numbers)
        (hour,) = (await town.services.rounds.setup(known.keeper)).hours
        await town.services.rounds.switch(known.keeper, form())
        await town.advance(1500)
        day = await today(town, known)
    modems = [one.modem for n in numbers.values() for one in made.handset(n).calls]

    assert {"well"} == set(standings(day).values())
    assert min(modems.count("m1"), modems.count("m2")) >= 3
    assert (10, 300.0) == (hour.people, hour.seconds)
