"""The daily round where homes are shared, referents have no mobile, and only keepers may look."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from gateway.errors import Refused
from gateway.services import PersonForm
from gateway.store import Connection
from modem.emulator import Behaviour
from tests.acceptance.test_asked_by_sms import PARIS, clock, texts
from tests.acceptance.test_daily_round import (
    BLAISE,
    CLIC,
    MOBILE,
    MORNING,
    SON,
    YVETTE,
    answers,
    enrolled,
    form,
    network,
    person,
    standings,
    today,
)
from tests.acceptance.test_replies import says
from tests.harness import running


async def test_two_at_one_telephone_get_one_call(tmp_path: Path) -> None:
    """And one word speaks for both; their son is asked once about both."""
    made = network()
    made.handset(YVETTE).behaviour = Behaviour(answers_after=None)
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Yvette=YVETTE, Blaise=YVETTE)
        await town.services.rounds.switch(known.keeper, form())
        await town.sleep_through(3600)
        asked = texts(made, SON)
        await says(town, made, SON, "1")
        day = await today(town, known)

    assert 2 == len(made.handset(YVETTE).calls)
    assert 1 == len(asked)
    assert "n'ont pas répondu" in asked[0]
    assert {"y va"} == {one.visit for one in day.people}
    assert "2 personnes attendent quelqu'un (2 sans réponse)" in texts(made, CLIC)[0]


async def test_a_daughter_s_telephone_makes_no_household_of_two(tmp_path: Path) -> None:
    """It comes second to both: each is called at home, and her « 1 » is nobody's by itself."""
    made = network()
    made.handset(YVETTE).behaviour = made.handset(BLAISE).behaviour = Behaviour(answers_after=None)
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Yvette=f"{YVETTE} {MOBILE}", Blaise=f"{BLAISE} {MOBILE}")
        await town.services.rounds.switch(known.keeper, form())
        await town.advance(900)
        await says(town, made, MOBILE, "1")
        after = standings(await today(town, known))
        await says(town, made, MOBILE, "rappelez-moi")
        day = await today(town, known)

    assert [1, 1] == [len(made.handset(one).calls) for one in (YVETTE, BLAISE)]
    assert {"Yvette": "waiting", "Blaise": "waiting"} == after
    assert {"Yvette": "callback", "Blaise": "callback"} == standings(day)


async def test_a_referent_without_a_mobile_is_called_and_presses_one(tmp_path: Path) -> None:
    """The neighbour has a landline only: he hears whom to see, and that his key 1 says so."""
    made = network()
    neighbour = "+33199000099"
    made.handset(YVETTE).behaviour = Behaviour(answers_after=None)
    made.handset(neighbour).behaviour = answers("1")
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Yvette=YVETTE, Voisin=neighbour)
        keeper, cards = known.keeper, known.cards
        await town.services.rounds.set_person(
            keeper, cards["Voisin"], hour="", way="voice", out_why="c'est le référent"
        )
        card = await town.services.persons.view(keeper, cards["Yvette"])
        await town.services.persons.save(
            keeper, cards["Yvette"],
            PersonForm({"name": "Cabanel", "given_name": "Yvette"},
                       endpoints=((card.reaches[0].endpoint.id, YVETTE, ""),),
                       group_ids=card.group_ids, referent=neighbour),
        )  # fmt: skip
        await town.services.rounds.switch(keeper, form())
        await town.sleep_through(3900)
        yvette = person(await today(town, known), "Yvette")

    assert ("silent", "y va") == (str(yvette.standing), yvette.visit)
    assert ["1"] == [one.keys for one in made.handset(neighbour).calls]
    assert [] == texts(made, SON)


async def test_help_and_stop_are_for_a_human(tmp_path: Path) -> None:
    """A cry is told at once and on the list; a STOP ends the round for her, and says so."""
    made = network()
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Yvette=MOBILE, Blaise="+33639980006")
        for card in known.cards.values():
            await town.services.rounds.set_person(
                known.keeper, card, hour="", way="sms", out_why=""
            )
        await town.services.rounds.switch(known.keeper, form())
        await town.advance(900)
        await says(town, made, MOBILE, "au secours je suis tombée")
        await says(town, made, "+33639980006", "STOP")
        day = await today(town, known)
        setup = await town.services.rounds.setup(known.keeper)
        await town.services.rounds.set_person(
            known.keeper, known.cards["Blaise"], hour="", way="sms", out_why=""
        )
        again = await town.services.rounds.setup(known.keeper)

    assert {"Yvette": "callback", "Blaise": "callback"} == standings(day)
    assert [("Mme Blaise Cabanel", True)] == [(one.name, one.stopped) for one in setup.left_out]
    assert () == again.left_out


async def test_seen_is_written_with_who_and_when_and_ends_the_calls(tmp_path: Path) -> None:
    made = network()
    made.handset(YVETTE).behaviour = Behaviour(answers_after=None)
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Yvette=YVETTE)
        await town.services.rounds.switch(known.keeper, form())
        await town.advance(900)
        await town.services.rounds.seen(known.keeper, person(await today(town, known), "Yvette").id)
        await town.sleep_through(3600)
        yvette = person(await today(town, known), "Yvette")
        sheet = await town.services.round_sheet.file(known.keeper, date(2026, 7, 7))

    assert ("seen", "Gardienne") == (str(yvette.standing), yvette.seen_by)
    assert yvette.seen_at is not None
    assert 1 == len(made.handset(YVETTE).calls)
    assert [] == texts(made, SON) + texts(made, CLIC)
    assert sheet.data.startswith(b"%PDF")


async def test_nobody_but_a_keeper_sees_or_sets_a_round(tmp_path: Path) -> None:
    """Nor finds it among the messages, on a card, or in the conversation with a referent."""
    made = network()
    made.handset(YVETTE).behaviour = Behaviour(answers_after=None)
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Yvette=YVETTE)
        rounds, services = town.services.rounds, town.services
        await rounds.switch(known.keeper, form())
        await town.sleep_through(3600)
        await says(town, made, SON, "1")
        for refused in (
            rounds.day(town.actor), rounds.setup(town.actor), rounds.switch(town.actor, form()),
            rounds.seen(town.actor, 1),
            rounds.set_person(town.actor, 1, hour="", way="voice", out_why=""),
            services.round_sheet.file(town.actor, date(2026, 7, 7)),
        ):  # fmt: skip
            with pytest.raises(Refused, match="gardiens"):
                await refused
        listed = await services.broadcasts.list(town.actor)
        theirs = str(await services.inbox.talk(town.actor, SON))
        keepers = str(await services.inbox.talk(known.keeper, SON))

    assert "Tournée" not in str(listed)
    assert "Cabanel n'a pas" not in theirs
    assert "tournée" not in theirs.casefold()
    assert "Cabanel n'a pas répondu à la tournée" in keepers


async def test_a_round_is_forgotten_after_its_own_months(tmp_path: Path) -> None:
    """Three months, where nobody said otherwise: before the names of other messages."""
    made = network()
    made.handset(YVETTE).behaviour = answers("1")
    async with running(tmp_path, made, clock=clock(MORNING)) as town:
        known = await enrolled(town, Yvette=YVETTE)
        await town.services.rounds.switch(known.keeper, form(last="2026-07-07"))
        await town.advance(1200)
    kept = []
    for month in (10, 11):
        moment = datetime(2026, month, 1, 8, 0, tzinfo=PARIS)
        async with running(tmp_path, made, clock=clock(moment), kept=lambda: True) as town:
            await town.sleep_through(6 * 3600 + 60)
            day = await town.services.rounds.day(known.keeper, date(2026, 7, 7))
            kept.append((len(day.people), await town.daemon.store.read(_named)))

    assert [(1, 1), (0, 0)] == kept


def _named(db: Connection) -> int:
    row = db.execute(
        "SELECT count(*) FROM recipient r JOIN broadcast b ON b.id = r.broadcast_id"
        " WHERE b.kind = 'round' AND r.contact_id IS NOT NULL"
    ).fetchone()
    return int(row[0])
