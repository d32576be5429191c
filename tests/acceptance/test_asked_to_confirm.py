"""« Confirmation demandée »: who only received the message is not reached, wherever it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.model import Door
from gateway.services import Draft, day_words
from gateway.services.launches import progress_of
from gateway.store import people as towns
from modem.emulator import Behaviour, Network
from tests.acceptance.test_asked_by_sms import clock
from tests.acceptance.test_second_thoughts import NOON, one_modem
from tests.harness import Town, running

ANNE, BLAISE = "+33639980001", "+33639980002"
SIX = "Nom;Téléphone;Groupe\n" + "".join(f"P{n};06 39 98 00 0{n};rive\n" for n in range(1, 7))


def network() -> Network:
    """Anne answers, Blaise listens, the others receive the text and pick nothing up."""
    made = one_modem()
    made.default_behaviour = Behaviour(answers_after=None)
    made.handset(ANNE).behaviour = Behaviour(replies="OUI")
    made.handset(BLAISE).behaviour = Behaviour(answers_after=2.0)
    return made


async def asked(town: Town, *, confirm: bool = True) -> int:
    await town.services.imports.take_file(town.actor, SIX.encode())
    draft = Draft("Évacuez.", everybody=True, channels=("sms", "voice"), urgency="vital",
                  order="advised", confirm=confirm)  # fmt: skip
    number = await town.services.sending.send(town.actor, draft, Door.COMMAND)
    await town.finished(number)
    return number


@pytest.mark.parametrize(("confirm", "left"), [(True, 5), (False, 0)])
async def test_only_who_confirmed_counts_as_reached(
    tmp_path: Path, *, confirm: bool, left: int
) -> None:
    """The page, the list, the sheet, what is sent again and the day's summary say one thing."""
    async with running(tmp_path, network(), clock=clock(NOON)) as town:
        told = town.services.broadcasts
        number = await asked(town, confirm=confirm)
        view = await told.view(town.actor, number)
        (line,) = (await told.list(town.actor)).items
        sheet = await told.door_to_door(town.actor, number)
        kinds = {count.code: count.kind for count in view.counts}
        now = town.daemon.clock.now()
        summary = await town.daemon.store.read(
            lambda db: day_words.of_messages(db, towns.first_entity(db), now)  # type: ignore[arg-type]
        )
        text = await town.daemon.store.read(lambda db: progress_of(db, number, "Évacuez."))
        again = await town.services.following.propose(town.actor, number, "resend")

    assert (view.reached, line.reached, sheet.left, again.people) == (
        6 - left,
        6 - left,
        left,
        left,
    )
    assert sheet.confirm is confirm
    assert kinds["received"] == ("doubtful" if confirm else "reached")
    if confirm:
        assert kinds["acknowledged"] == "reached"
        assert str(line.answered) == str(view.summary.answered) == "1 a confirmé, 5 pas encore"
        assert "1 a répondu ou prévenu de vive voix, sur 6, 5 reçus sans confirmation" in summary[1]
        assert "1 ont confirmé, 5 pas encore (6 l'ont reçue)" in text
    else:
        assert line.answered == ""
        assert "6 joints sur 6, aucun échec" in summary[1]


async def test_who_is_told_at_the_door_needs_no_confirmation(tmp_path: Path) -> None:
    """They leave the sheet, and the sentence says why they are no longer missing."""
    async with running(tmp_path, network(), clock=clock(NOON)) as town:
        number = await asked(town)
        sheet = await town.services.broadcasts.door_to_door(town.actor, number)
        ((first, *_),) = (street.people for street in sheet.streets)
        await town.services.sending.told_in_person(town.actor, [first.id], "le garde")
        view = await town.services.broadcasts.view(town.actor, number)

    assert view.reached == 2
    assert str(view.summary.answered) == (
        "1 a confirmé, 1 a répondu non ou a été prévenu de vive voix, 4 pas encore"
    )


async def test_who_knows_that_it_is_over_is_not_asked_again(tmp_path: Path) -> None:
    """The end asks nobody to confirm: who received it has it."""
    async with running(tmp_path, network(), clock=clock(NOON)) as town:
        number = await asked(town)
        end = await town.services.following.follow(
            town.actor, number, "end", Draft("Terminé.", channels=("sms",))
        )
        await town.finished(end)
        again = await town.services.following.propose(town.actor, number, "resend")

    assert again.people == 0
