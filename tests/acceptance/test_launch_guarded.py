"""Whoever only seems to be the mayor: guesses, spoofed numbers, PINs that go astray."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.store import calls
from tests.acceptance.launching import (
    ANNE,
    DEPUTY,
    MAYOR,
    OTHER_PIN,
    PIN,
    TEXT,
    alerts,
    code_in,
    ready,
    says,
    texts,
    written,
)  # fmt: skip
from tests.acceptance.test_asked_by_sms import clock, network
from tests.acceptance.test_launch_by_sms import NIGHT
from tests.acceptance.test_replies import inbox
from tests.harness import running


async def test_a_wrong_pin_is_counted_told_and_launches_nothing(tmp_path: Path) -> None:
    """Three of them hold the number off for a quarter of an hour; then the right one works."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        answers = [await says(town, made, MAYOR, f"CRUE {wrong}") for wrong in (1111, 2222, 3333)]
        right = await says(town, made, MAYOR, f"CRUE {PIN}")
        await town.advance(900)
        later = await says(town, made, MAYOR, f"CRUE {PIN}")
        tried = await written(town, "launch.%")

    assert "Encore 2 essais" in answers[0]
    assert "Plus aucun PIN n'est accepté avant 3 h 1" in answers[2]
    assert "sauf si un autre responsable" in right
    assert TEXT in later
    first, locked = texts(made, DEPUTY)
    assert "PIN faux depuis le téléphone de Mme le maire (06 39 98 00 07)" in first
    assert "bloqué avant 3 h 1" in locked
    assert 3 == sum(one.startswith("launch.wrong") for one in tried)
    assert all(MAYOR not in one for one in tried)


async def test_another_launcher_lifts_the_lock_with_the_code_of_the_warning(tmp_path: Path) -> None:
    """And nobody else can: the code went to that one telephone."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        for wrong in (1111, 2222, 3333):
            await says(town, made, MAYOR, f"CRUE {wrong}")
        code = code_in(texts(made, DEPUTY)[-1])
        await says(town, made, MAYOR, f"OUI {code}")  # not by the one who is held off
        still = await says(town, made, MAYOR, f"CRUE {PIN}")
        lifted = await says(town, made, DEPUTY, f"Oui {code}")
        told = texts(made, MAYOR)[-1]
        again = await says(town, made, MAYOR, f"CRUE {PIN}")

    assert TEXT not in still
    assert "06 39 98 00 07 peut de nouveau donner son PIN" in lifted
    assert "peut de nouveau" in told
    assert TEXT in again


async def test_another_launcher_lifts_the_lock_by_the_number_and_a_pin(tmp_path: Path) -> None:
    """LEVE works without the warning, but not without the PIN."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        for wrong in (1111, 2222, 3333):
            await says(town, made, MAYOR, f"CRUE {wrong}")
        asked = await says(town, made, DEPUTY, "LEVE 06 39 98 00 07")
        lifted = await says(town, made, DEPUTY, OTHER_PIN)
        again = await says(town, made, MAYOR, f"CRUE {PIN}")

    assert "PIN ?" in asked
    assert "peut de nouveau" in lifted
    assert TEXT in again


async def test_a_spoofed_number_without_the_pin_gets_nothing(tmp_path: Path) -> None:
    """Whoever only shows the mayor's number changes nothing of what she has begun."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        read_back = await says(town, made, MAYOR, f"CRUE {PIN}")
        code = code_in(read_back)
        wrong = f"{(int(code) + 1) % 10_000:04}"
        for said in ("CRUE", "NON", "oui", f"OUI {wrong}", "LISTE", "1", "FEU"):
            await says(town, made, MAYOR, said)
        before = await alerts(town)
        await says(town, made, MAYOR, f"OUI {code}")
        after = await alerts(town)
        kept = await town.services.inbox.talks(town.actor)

    assert [] == before
    assert 1 == len(after)
    assert MAYOR in {one.number for one in kept.items}


async def test_a_script_that_guesses_pins_is_hopeless_and_makes_no_storm(tmp_path: Path) -> None:
    """A hundred guesses in two hours: some ten are compared, and few texts are paid for."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        for guess in range(100):
            made.send(MAYOR, made.modems["m1"], f"CRUE {guess:04}")
            await town.advance(72)
        tried = await written(town, "launch.wrong%")
        compared = len([one for one in tried if one.startswith("launch.wrong{")])

    assert 3 <= compared <= 3 + 2 * 4 + 1
    assert len(texts(made, MAYOR)) <= 10 * 4 * 3, "ten a quarter of an hour at most"
    assert len(texts(made, DEPUTY)) <= 6 * 3, "six an hour at most"
    assert [] == texts(made, ANNE)


async def test_who_shows_the_mayors_number_makes_no_storm_of_read_backs(tmp_path: Path) -> None:
    """While her code is good her number needs no PIN again; still few texts are paid for."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        await says(town, made, MAYOR, f"CRUE {PIN}")
        for _ in range(40):
            await says(town, made, MAYOR, "CRUE", wait=8)
        count = len(texts(made, MAYOR))

    assert count <= 11


async def test_codes_cannot_be_guessed_either(tmp_path: Path) -> None:
    """Three wrong ones, and all begins anew."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        code = code_in(await says(town, made, MAYOR, f"CRUE {PIN}"))
        for away in (1, 2, 3):
            last = await says(town, made, MAYOR, f"OUI {(int(code) + away) % 10_000:04}")
        late = await says(town, made, MAYOR, f"OUI {code}")
        sent = await alerts(town)

    assert "Rien ne part" in last
    assert "n'est plus valable" in late
    assert [] == sent


async def test_whoever_calls_back_never_hears_a_code(tmp_path: Path) -> None:
    """A code told by SMS is worth something because only that telephone has it."""
    made = network()
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        await says(town, made, MAYOR, f"CRUE {PIN}")
        now = town.daemon.clock.now()
        waiting = await town.daemon.store.read(lambda db: calls.last_message(db, MAYOR, now))

    assert waiting is None


@pytest.mark.parametrize(
    "said",
    ["mon PIN est 482157", "482157 c'est la crue", "crue 48 21 57 vite vite", "crue 4821 57",
     "lance alerte crue 482157"],
)  # fmt: skip
async def test_a_pin_in_other_words_is_not_read_by_the_town_hall(tmp_path: Path, said: str) -> None:
    """Nobody understood it, a human reads it: without the digits."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await ready(town)
        await says(town, made, MAYOR, said)
        await says(town, made, MAYOR, "Rendez-vous au 06 39 98 00 01.")
        first, second = await inbox(town)
        kept = await town.daemon.store.read(
            lambda db: [
                row[0]
                for row in db.execute(
                    "SELECT text FROM received_sms UNION ALL"
                    " SELECT coalesce(payload, '') FROM event"
                    " WHERE kind = 'sms.received'"
                )
            ]
        )

    told = "".join([first["text"], *kept])
    assert 1 == first["to_read"]
    assert not re.search("4821|48 21|21 57", told)
    assert "06 39 98 00 01" in second["text"]


async def test_a_pin_from_a_telephone_that_was_lent_is_not_read(tmp_path: Path) -> None:
    """It launches nothing, and the code stays the mayor's."""
    made = network()
    async with running(tmp_path, made, clock=clock()) as town:
        await ready(town)
        told = await says(town, made, ANNE, "CRUE 482157")
        (kept,) = await inbox(town)

    assert "" == told
    assert ("CRUE ••••", 1) == (kept["text"], kept["to_read"])
