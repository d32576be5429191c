"""The package's own files, as far as they can be judged without building it (see acceptance)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

HOME = Path(__file__).resolve().parents[2]
DEBIAN = HOME / "systemd/debian"
SCRIPTS = sorted(
    path for path in [*DEBIAN.iterdir(), HOME / "systemd/activate", HOME / "systemd/usb-reset"]
    if path.read_bytes().startswith(b"#!/bin/sh")
)  # fmt: skip


@pytest.mark.real_time
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_script_can_be_read_by_the_shell_and_stops_at_the_first_error(script: Path) -> None:
    """A maintainer script that goes on after an error leaves a box half installed."""
    done = subprocess.run(["sh", "-n", script], capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)
    assert any(line in {"set -e", "set -eu"} for line in script.read_text("utf-8").splitlines())


@pytest.mark.real_time
def test_the_package_brings_all_that_runs_and_nothing_that_only_tests() -> None:
    """A library forgotten is a box that does not start; pytest on it is a room for strangers."""
    done = subprocess.run(
        [sys.executable, DEBIAN / "runtime-lock"], capture_output=True, text=True, check=True
    )
    brought = {line.partition("==")[0] for line in done.stdout.splitlines() if "==" in line}
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {Requirement(text).name for text in project["dependencies"]}
    testing = {Requirement(text).name for text in project["optional-dependencies"]["dev"]}

    assert set() == wanted - brought
    assert set() == testing & brought
    assert "--hash=sha256:" in done.stdout


def test_everything_the_box_needs_beside_its_program_is_put_in_place() -> None:
    """A rule or a unit that stays in the source folder protects nobody."""
    stage = (DEBIAN / "stage").read_text("utf-8")
    for path in (HOME / "systemd").iterdir():
        if path.is_file() and path.suffix not in {".service", ".timer"}:
            assert f" {path.name} /usr/" in stage, path.name
    assert "systemd/*.service" in stage
    assert "systemd/*.timer" in stage


def test_the_package_is_for_one_debian_and_starts_the_service_by_one_way() -> None:
    """A virtual environment of another Python is an empty folder to it."""
    control = (DEBIAN / "control").read_text("utf-8")

    assert "python3 (>= @PYTHON@~), python3 (<< @NEXT_PYTHON@)" in control
    assert "/usr/lib/tocsin/activate" in (DEBIAN / "postinst").read_text("utf-8")
    assert "/usr/lib/tocsin/activate" in (DEBIAN / "install").read_text("utf-8")


@pytest.mark.real_time
@pytest.mark.skipif(os.geteuid() != 0, reason="NOT RUN: uninstall wants root")
@pytest.mark.parametrize("purge", [False, True])
def test_uninstall_takes_away_all_that_install_has_put_and_keeps_the_data(
    tmp_path: Path, purge: bool
) -> None:
    """A unit left behind starts a program that is gone; a base gone is a town without its list."""
    stage = (DEBIAN / "stage").read_text("utf-8")
    put = re.findall(r"^put \d+ \S+ (/\S+)$", stage, re.MULTILINE)
    put += [f"/usr/lib/systemd/system/{one.name}" for one in (HOME / "systemd").iterdir()
            if one.suffix in {".service", ".timer"}]  # fmt: skip
    put += ["/usr/bin/tocsin", "/opt/tocsin/package/bin/tocsin", "/opt/tocsin/venv/x"]
    data = ["/var/lib/tocsin/tocsin.db", "/etc/tocsin/secrets/register.key"]
    kept = ["/var/backups/tocsin/b.tar.zst", "/usr/lib/udev/rules.d/60-other.rules"]
    for name in put + data + kept:
        file = tmp_path / name.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    done = subprocess.run(
        [DEBIAN / "uninstall", *(["--purge"] if purge else [])], capture_output=True, text=True,
        check=False, env={**os.environ, "TOCSIN_ROOT": str(tmp_path)},
    )  # fmt: skip
    left = {f"/{one.relative_to(tmp_path)}" for one in tmp_path.rglob("*") if one.is_file()}

    assert 0 == done.returncode, done.stderr
    assert len(put) > 15
    assert left == {*kept, *([] if purge else data)}
    assert "/var/backups/tocsin" in done.stdout


@pytest.mark.real_time
@pytest.mark.skipif(os.geteuid() != 0, reason="NOT RUN: uninstall wants root")
def test_a_purge_says_which_data_it_leaves_elsewhere(tmp_path: Path) -> None:
    """« j'efface la base », and everybody's number stayed on the disk that was given away."""
    config, base = tmp_path / "etc/tocsin/tocsin.toml", tmp_path / "srv/tocsin/tocsin.db"
    for file in (config, base):
        file.parent.mkdir(parents=True)
        file.touch()
    config.write_text('data_dir = "/srv/tocsin"\n[town]\nname = "La Redorte"\n', encoding="utf-8")
    done = subprocess.run([DEBIAN / "uninstall", "--purge"], capture_output=True, text=True,
                          check=True, env={**os.environ, "TOCSIN_ROOT": str(tmp_path)})  # fmt: skip

    assert "restent dans /srv/tocsin" in done.stdout
    assert base.exists()
    assert not config.exists()
    assert "restent dans $data" in (DEBIAN / "postrm").read_text("utf-8")
