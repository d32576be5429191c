"""Who was asked during an alert to go and see somebody hears that it is over, once."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gateway.services import Draft
from modem.emulator import Behaviour
from tests.acceptance.test_asked_by_sms import clock
from tests.acceptance.test_second_thoughts import NOON, got, one_modem
from tests.acceptance.test_shared_telephones import SHARED, SISTER, looked_after
from tests.harness import Town, running

END = Draft("Fin de l'alerte : crue", channels=("sms",))
WHY = "Nous vous avions demandé de passer voir quelqu'un."


async def asked(town: Town) -> int:
    """Alert Anne, who says nothing, so that her sister is asked; return the message."""
    number = await looked_after(town, "vital", refuses=False)
    await town.finished(number)
    return number


@pytest.mark.parametrize("off", [False, True], ids=["Anne had it", "Anne's telephone is off"])
async def test_a_referent_who_was_asked_gets_the_end_too(tmp_path: Path, *, off: bool) -> None:
    """She would go through the flood for somebody whom nothing threatens any more."""
    network = one_modem()
    if off:
        network.handset(SHARED).behaviour = Behaviour(sms="refused")
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        first = await asked(town)
        proposed = await town.services.following.propose(town.actor, first, "end")
        end = await town.services.following.follow(town.actor, first, "end", END)
        report = await town.finished(end)

    assert (2 - off, 1) == (proposed.people, proposed.referents)
    (told, over), = got(network, (SISTER,))  # fmt: skip
    assert "Pouvez-vous passer voir ?" in told
    assert f"Fin de l'alerte : crue. {WHY}" == over
    assert 2 - off == report["people"]
    if not off:
        assert END.text == got(network, (SHARED,))[0][-1]


async def test_who_gets_the_end_anyway_gets_it_once(tmp_path: Path) -> None:
    """A referent who was alerted too reads what everybody reads."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        first = await asked(town)

        def alerted(db: sqlite3.Connection) -> None:
            db.execute(
                "INSERT INTO recipient(entity_id, broadcast_id, contact_id, name, state,"
                " changed_at) SELECT entity_id, ?, id, name, 'received', 0 FROM main.contact"
                " WHERE name = 'Sœur'", (first,),
            )  # fmt: skip

        await town.daemon.store.write(alerted)
        end = await town.services.following.follow(town.actor, first, "end", END)
        await town.finished(end)

    assert [END.text] == got(network, (SISTER,))[0][1:]


async def test_a_correction_and_what_is_sent_again_are_not_for_referents(tmp_path: Path) -> None:
    """They were asked to go and see somebody, not warned themselves."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        first = await asked(town)
        proposed = await town.services.following.propose(town.actor, first, "correction")

    assert (1, 0) == (proposed.people, proposed.referents)


async def test_who_looks_after_somebody_of_the_register_has_no_name_there(tmp_path: Path) -> None:
    """Their name would tell who is on it."""
    network = one_modem()
    async with running(tmp_path, network, clock=clock(NOON)) as town:
        first = await asked(town)
        await town.daemon.store.write(
            lambda db: db.execute("UPDATE recipient SET registered = 1")  # Anne's
        )
        end = await town.services.following.follow(town.actor, first, "end", END)
        report = await town.finished(end)

    assert 2 == len(got(network, (SISTER,))[0])
    assert ["Personne inscrite au registre"] * 2 == [one["contact"] for one in report["recipients"]]
