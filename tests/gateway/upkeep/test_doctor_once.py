"""What the doctor says once: no wrong finding beside the right one, no mend that cannot be done."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.store import copies, facts
from gateway.store.base import connect
from gateway.upkeep import look_data
from gateway.upkeep.doctor import examine
from gateway.upkeep.findings import Level
from tests.gateway.upkeep.test_doctor import NIGHT, a_box, levels, machine
from tests.upsd import false_upsd


async def test_a_configuration_that_is_not_there_is_not_to_be_corrected(tmp_path: Path) -> None:
    """A path typed wrong, or a machine that was never prepared."""
    gone = tmp_path / "nope.toml"
    found = await examine(gone, machine=machine(tmp_path / "m"), outside=False)
    (one,) = [each for each in found if each.code == "configuration"]

    assert (f"{gone} n'existe pas", "tocsin init, ou donnez --config") == (one.sentence, one.mend)


async def test_a_disk_that_is_read_only_is_one_fault_and_not_three(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """« Fermé à cet utilisateur », said to root, would send one looking for rights."""
    _, path = a_box(tmp_path)
    real = os.statvfs
    monkeypatch.setattr(os, "statvfs", lambda at: _ReadOnly(real(at)))
    monkeypatch.setattr(os, "access", lambda _, wish: wish == os.R_OK)
    found = await examine(path, machine=machine(tmp_path / "m"), outside=False)
    told = levels(found)

    assert Level.FAULT == told["disk.readonly"]
    assert "data" not in told
    assert Level.UNKNOWN == told["database"]


@dataclass(frozen=True)
class _ReadOnly:
    real: os.statvfs_result

    def __getattr__(self, name: str) -> int:
        value: int = getattr(self.real, name)
        return value | os.ST_RDONLY if name == "f_flag" else value


async def test_what_the_doctor_sees_himself_is_not_told_again_as_an_older_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two figures for one disk convince nobody."""
    config, path = a_box(tmp_path)
    with contextlib.closing(connect(config.database)) as db:
        facts.raise_alarm(db, "disk", "", "Disque presque plein : 81 Mo libres", "x", NIGHT)
        facts.raise_alarm(db, "power", "", "Courant coupé : sur batterie", "x", NIGHT)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=0))
    found = await examine(path, machine=machine(tmp_path / "m"), outside=False)
    told = levels(found)

    assert 1 == sum("presque plein" in one.sentence for one in found)
    assert Level.FAULT == told["disk"]
    assert Level.FAULT == told["alarm.power"], "nobody has asked the supply"


async def test_a_supply_nearly_empty_is_said_once_and_as_the_alarm_says_it(
    tmp_path: Path,
) -> None:
    """« Le courant est-il coupé ? » asks of a machine that will be off in a minute."""
    async with false_upsd("OB LB", charge=4, runtime=40) as upsd:
        config, _ = a_box(tmp_path, f'[power]\nups = "onduleur@127.0.0.1:{upsd.port}"\n')
        with contextlib.closing(connect(config.database)) as db:
            facts.raise_alarm(db, "nearly_empty", "", "Onduleur presque vide", "x", NIGHT)
        found = await examine(tmp_path / "tocsin.toml", machine=machine(tmp_path / "m"))
    (one,) = [each for each in found if "presque vide" in each.sentence]

    assert ("ups", Level.FAULT) == (one.code, one.level)
    assert one.mend.startswith("remettez le courant")


@pytest.mark.parametrize(
    ("copy", "mend"), [(True, "systemctl restart tocsin la répare"), (False, "tocsin restore")]
)
def test_the_mend_of_a_damaged_database_is_one_that_can_be_done(
    tmp_path: Path, copy: bool, mend: str
) -> None:
    """Without a copy beside it a restart would only end the service that still runs."""
    config, _ = a_box(tmp_path)
    if copy:
        copies.good_copy(config.database, NIGHT)
    config.database.write_bytes(b"\0" * 8192)
    (one,) = look_data.database(config.database)

    assert mend in one.mend
