"""The package's own files, as far as they can be judged without building it (see acceptance)."""

from __future__ import annotations

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
