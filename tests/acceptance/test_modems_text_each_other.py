"""So often one modem texts another: what does not arrive is told, once, for as long as it is so."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway import phone
from gateway.config_box import HealthSettings
from gateway.store import heartbeats
from modem.emulator import Network
from tests.acceptance.test_asked_by_sms import NOON, clock, texts
from tests.acceptance.test_the_box_watches_itself import TECHNICIAN, settings, two_modems
from tests.harness import Town, running


async def test_modems_write_to_each_other_and_a_lost_text_is_told(tmp_path: Path) -> None:
    """The network, both SIMs and both sticks in one proof, so often."""
    made = two_modems()
    health = HealthSettings(technician_sms="06 39 98 00 50", heartbeat_hours=2)
    async with running(tmp_path, made, clock=clock(), health=health) as town:
        await town.sleep_through(3600)
        first = await beats(town)
        inbox = await town.services.inbox.talks(town.actor)
        told = texts(made, TECHNICIAN)
        lose_all_texts(made)
        await town.sleep_through(2 * 3600)
        lost = texts(made, TECHNICIAN)

    assert [("m1", True), ("m2", True)] == first
    assert () == inbox.items, "the box's own talk is nobody's to read"
    assert [] == told
    assert any("Un SMS d'essai de m1 vers m2 n'est pas arrivé" in one for one in lost)


async def test_modems_whose_sims_do_not_know_their_numbers_say_so_and_take_the_town_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proof that is never made must not look like one that never fails."""
    made = two_modems()
    monkeypatch.setattr(phone, "of_caller", lambda _: "")
    health = HealthSettings(technician_sms="06 39 98 00 50", heartbeat_hours=24)
    async with running(tmp_path, made, clock=clock(), health=health) as town:
        await town.sleep_through(2 * 3600)
        silent, told = await beats(town), texts(made, TECHNICIAN)
        numbers = "\n".join(one.number for one in made.modems.values())
        await town.services.launching.set_numbers(town.actor, numbers)
        await town.sleep_through(3600)
        then, over = await beats(town), texts(made, TECHNICIAN)

    assert [] == silent
    assert ["leurs numéros sont inconnus" in one for one in told] == [True]
    assert [("m1", True), ("m2", True)] == then
    assert "C'est réglé" in over[-1]


@pytest.mark.parametrize("how", ["taken away", "renamed", "switched off"])
async def test_a_trial_text_that_nobody_will_send_again_is_awaited_no_longer(
    tmp_path: Path, how: str
) -> None:
    """The stick that failed is replaced: an alarm about it would stand for ever."""
    made = two_modems()
    health = HealthSettings(technician_sms="06 39 98 00 50", heartbeat_hours=2)
    async with running(tmp_path, made, clock=clock(), health=health) as town:
        lose_all_texts(made)
        await town.sleep_through(2 * 3600)
        before = {one.sentence for one in await town.services.watching.standing(town.actor)}
    later, names = clock(NOON + timedelta(hours=3)), ["m1", "m2"]
    after = two_modems()
    if how == "taken away":
        names = ["m2"]
    elif how == "renamed":
        after.add_modem("m3")
        names = ["m2", "m3"]
    else:
        health = settings()
    async with running(tmp_path, after, names=names, clock=later, health=health) as town:
        await town.sleep_through(3600)
        calm = await town.services.watching.standing(town.actor)
        numbers = (await town.services.metrics.text()).decode()

    assert {f"Un SMS d'essai de {pair} n'est pas arrivé" for pair in (
        "m1 vers m2", "m2 vers m1")} == before  # fmt: skip
    assert [] == calm
    assert "tocsin_heartbeats_lost 0.0" in numbers


async def test_a_trial_text_that_is_lost_each_time_is_told_once(tmp_path: Path) -> None:
    """« C'est réglé » as each next one left, and the same alarm half an hour later."""
    made = two_modems()
    health = HealthSettings(technician_sms="06 39 98 00 50", heartbeat_hours=2)
    async with running(tmp_path, made, clock=clock(), health=health) as town:
        lose_all_texts(made)
        await town.sleep_through(7 * 3600)

    told = texts(made, TECHNICIAN)
    assert ["m1 vers m2" in one for one in told] == [True, False]
    assert ["m2 vers m1" in one for one in told] == [False, True]


async def test_modems_text_each_other_again_after_a_clock_that_was_a_year_ahead(
    tmp_path: Path,
) -> None:
    """They waited for that year to be over."""
    made = two_modems()
    health = HealthSettings(technician_sms="06 39 98 00 50", heartbeat_hours=2)
    async with running(tmp_path, made, clock=clock(), health=health) as town:
        ahead = NOON.timestamp() + 365 * 86400
        await town.daemon.store.write(lambda db: heartbeats.begin(db, "m1", "m2", ahead))
        await town.sleep_through(3600)
        told = await beats(town)

    assert [("m1", True), ("m2", True)] == told[1:]


async def beats(town: Town) -> list[tuple[str, bool]]:
    rows = await town.daemon.store.read(
        lambda db: db.execute("SELECT sender, came_at FROM heartbeat ORDER BY id").fetchall()
    )
    return [(row["sender"], row["came_at"] is not None) for row in rows]


def lose_all_texts(network: Network) -> None:
    """Let the network take texts and forget them."""
    network.send = lambda *_: None  # type: ignore[method-assign]
