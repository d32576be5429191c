"""What NUT says of the supply is read right, and what it does not say is never taken for mains."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.config_box import PowerSettings
from gateway.errors import TocsinError
from gateway.upkeep import look_supply, nut
from gateway.upkeep.findings import Finding, Level
from gateway.upkeep.supply import Supply, SupplyState
from tests.gateway.upkeep.test_doctor import a_box, machine
from tests.upsd import FalseUpsd, Mood, false_upsd


async def refused(settings: PowerSettings) -> str:
    """Ask a supply that does not answer; return why."""
    with pytest.raises(TocsinError) as why:
        await Supply(settings).look()
    return str(why.value)


async def test_a_supply_on_battery_says_charge_and_minutes() -> None:
    """Whatever else it has, a maker with an accent in his name included."""
    async with false_upsd("OB DISCHRG", charge=62, runtime=1500) as upsd:
        state = await Supply(upsd.settings()).look()

    assert SupplyState(frozenset({"OB", "DISCHRG"}), 62.0, 25.0) == state
    assert "sur batterie, batterie à 62 %, encore 25 min" == state.sentence
    assert state.on_battery
    assert not state.nearly_empty


async def test_a_supply_without_gauge_is_read_all_the_same() -> None:
    """The cheapest ones tell whether the mains are there, and nothing else."""
    async with false_upsd() as upsd:
        upsd.variables = {"ups.status": "OL RB", "battery.charge": "?"}
        state = await Supply(upsd.settings()).look()

    assert "sur secteur" == state.sentence
    assert state.replace_battery


async def test_figures_that_are_none_are_left_out() -> None:
    """Some drivers say « nan »: the SMS said « batterie à nan % », and /metrics had NaN."""
    async with false_upsd() as upsd:
        upsd.variables = {"ups.status": "OB", "battery.charge": "nan", "battery.runtime": "inf"}
        state = await Supply(upsd.settings()).look()

    assert SupplyState(frozenset({"OB"})) == state
    assert "sur batterie" == state.sentence


@pytest.mark.parametrize(
    "where", ["ups@127.0.0.1:99999", "ups@127.0.0.1:0", "ups@nas:x", "ups@:1", "ups@::1"]
)
def test_a_port_that_is_none_is_refused_by_the_configuration(where: str) -> None:
    """Taken, it raised at every look, and the box watched nothing at all any more."""
    with pytest.raises(ValidationError, match="comme « onduleur@localhost »"):
        PowerSettings(ups=where)


async def test_a_port_beyond_all_ports_is_a_supply_that_does_not_answer() -> None:
    """Whatever the configuration let through: one part that fails is one alarm."""
    beyond = PowerSettings.model_construct(
        ups="ups@127.0.0.1:99999", username=None, password_file=None
    )

    assert "NUT n'est pas joignable" in await refused(beyond)


@pytest.mark.parametrize(
    ("status", "near"),
    [("OB LB", True), ("FSD OB LB", True), ("FSD OL", True), ("OB", False), ("OL LB CHRG", False)],
)
async def test_the_end_is_near_on_a_low_battery_without_mains_or_when_nut_has_decided_it(
    status: str, near: bool
) -> None:
    """A battery that is low while it is charged again is no reason to stop anything."""
    async with false_upsd(status) as upsd:
        state = await Supply(upsd.settings()).look()

    assert near == state.nearly_empty


@pytest.mark.parametrize(
    ("mood", "said"),
    [
        (Mood.STALE, "NUT n'a plus de nouvelles de l'onduleur"),
        (Mood.NO_DRIVER, "le pilote de NUT pour l'onduleur ne tourne pas"),
        (Mood.HALF_A_LINE, "NUT ne répond pas en 5 s"),
        (Mood.SILENT, "NUT ne répond pas en 5 s"),
        (Mood.HANGS_UP, "NUT a coupé la communication"),
        (Mood.BABBLES, "NUT n'est pas joignable"),
    ],
)
async def test_whatever_nut_does_on_a_bad_day_has_its_sentence(mood: Mood, said: str) -> None:
    """In five seconds at most, and nothing is left open."""
    async with false_upsd("OB") as upsd:
        upsd.mood = mood
        began = asyncio.get_running_loop().time()
        why = await refused(upsd.settings())
        took = asyncio.get_running_loop().time() - began
        await asyncio.sleep(1)
        open_ = upsd.visitors

    assert said in why
    assert took <= nut.PATIENCE + 0.1
    assert 0 == open_


@pytest.mark.parametrize("status", ["", "WAIT", "ALARM"])
async def test_a_supply_that_does_not_say_where_the_current_comes_from_is_not_on_mains(
    status: str,
) -> None:
    """A driver that has just started says WAIT: that is no good news."""
    async with false_upsd(status) as upsd:
        assert "NUT ne dit pas si le courant est là" == await refused(upsd.settings())


async def test_nobody_at_the_port_a_wrong_name_and_a_wrong_password_are_told_apart(
    tmp_path: Path,
) -> None:
    key = tmp_path / "ups"
    key.write_text("autre\n")
    async with false_upsd() as upsd:
        named = upsd.settings()
        upsd.account = ("tocsin", "clair-de-lune")
        closed = named.model_copy(update={"username": "tocsin", "password_file": key})
        wrong_password = await refused(closed)
        key.write_text("clair-de-lune\n")
        state = await Supply(closed).look()
        upsd.account = None
        wrong_name = await refused(PowerSettings(ups=f"autre@127.0.0.1:{upsd.port}"))
    nobody = await refused(named)

    assert "NUT refuse ce compte ou cette machine" == wrong_password
    assert "sur secteur, batterie à 100 %, encore 30 min" == state.sentence
    assert "NUT ne connaît pas d'onduleur de ce nom" == wrong_name
    assert "NUT n'est pas joignable" in nobody


async def looked(folder: Path, upsd: FalseUpsd, *programs: str) -> dict[str, Finding]:
    config, _ = a_box(folder, f'[power]\nups = "onduleur@127.0.0.1:{upsd.port}"\n')
    found = look_supply.power(config, machine(folder / "root", *programs))
    return {one.code: one async for one in found}


async def test_doctor_says_that_nothing_would_stop_the_machine_in_time(tmp_path: Path) -> None:
    """A supply that is only read gives twenty minutes, then the fall it was bought against."""
    async with false_upsd() as upsd:
        found = await looked(tmp_path, upsd)

    assert Level.GOOD is found["ups"].level
    assert Level.WARNING is found["ups.stop"].level
    assert "nut-monitor" in found["ups.stop"].mend


async def test_doctor_is_content_where_upsmon_runs_and_says_what_a_silent_nut_lacks(
    tmp_path: Path,
) -> None:
    async with false_upsd() as upsd:
        upsd.mood = Mood.NO_DRIVER
        found = await looked(tmp_path, upsd, "upsmon")

    assert ["ups"] == list(found)
    assert Level.FAULT is found["ups"].level
    assert "le pilote de NUT" in found["ups"].sentence
    assert "upsc onduleur@127.0.0.1" in found["ups"].mend
