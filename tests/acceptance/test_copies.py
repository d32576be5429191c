"""A copy to fall back on is there without anybody having set up a backup."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.store import copies
from gateway.store.mending import make_sound
from modem.emulator import Network
from tests.faults.table import fault
from tests.gateway.store.test_mending import spoil
from tests.harness import running


def one_modem() -> Network:
    made = Network(seed=5)
    made.add_modem("m1")
    return made


def kept(folder: Path) -> list[Path]:
    return copies.kept(copies.folder_of(folder / "tocsin.db"), "good")


@fault(
    "base", "page abîmée, sans sauvegarde réglée",
    "Tocsin garde de lui-même, toutes les six heures, une copie prouvée, et s'en sert au "
    "démarrage.",
)  # fmt: skip
async def test_a_copy_is_made_every_six_hours_and_mends_a_bad_page(tmp_path: Path) -> None:
    """The card that dies gives no notice."""
    async with running(tmp_path, one_modem()) as town:
        await town.sleep_through(3600)
        first = kept(tmp_path)
        await town.sleep_through(4 * 3600)
        still = kept(tmp_path)
        await town.sleep_through(3 * 3600)
        later = kept(tmp_path)
    spoil(tmp_path / "tocsin.db", "contact")
    mended = make_sound(tmp_path / "tocsin.db")

    assert 1 == len(first)
    assert first == still
    assert 2 == len(later)
    assert mended is not None
    assert copies.made_at(later[0]) == mended.copied_at


async def test_no_copy_is_made_while_an_alert_is_on_its_way_or_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither may wait for it."""
    network, usage = one_modem(), shutil.disk_usage(tmp_path)
    async with running(tmp_path, network) as town:
        network.modems["m1"].register(0)
        await town.advance(30)
        number = await town.raise_alert("Crue.", to=["0639980001"])
        await town.sleep_through(3600)
        during = kept(tmp_path)
        network.modems["m1"].register(1)
        await town.finished(number)
        with monkeypatch.context() as full:
            full.setattr(shutil, "disk_usage", lambda _: usage._replace(free=50_000_000))
            await town.sleep_through(3600)
        scant = kept(tmp_path)
        await town.sleep_through(3600)
        after = kept(tmp_path)

    assert [] == during == scant
    assert 1 == len(after)
