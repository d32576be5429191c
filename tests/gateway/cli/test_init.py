"""``tocsin init``: the modems found and named, the whole file written, the first account made."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gateway import config as configuration
from gateway import provisional
from gateway.cli.finding import Found
from gateway.cli.init_file import Answers, text_of
from gateway.provisional import is_provisional
from modem.probe import Probe
from tests.acceptance.box import TOCSIN, emulated

STICK = Found(
    "modem-1", "/dev/ttyUSB2", True,
    Probe("/dev/ttyUSB2", answers=True, manufacturer="SIMCOM", model="SIM7600G-H",
          imei="860000000000001", iccid="8933"),
)  # fmt: skip


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    """A file that its own program refuses would be found out after the technician has left."""
    path = tmp_path / "tocsin.toml"
    answers = Answers(
        'L\'Haÿ "les" Roses', "Europe/Paris", tmp_path, "127.0.0.1:8080", "smtp.example.org:587",
        "starttls", "mairie@example.org", "/etc/tocsin/secrets/relay-password",
        "mairie@example.org", "technicien@example.org", ("usb:TOCSIN",),
    )  # fmt: skip
    path.write_text(text_of(answers, [STICK]), encoding="utf-8")
    config = configuration.load(path)

    assert 'L\'Haÿ "les" Roses' == config.town.name
    assert config.relay is not None
    assert ("smtp.example.org", 587) == (config.relay.host, config.relay.port)
    assert config.modem[0].match is not None
    assert ("modem-1", "860000000000001") == (config.modem[0].name, config.modem[0].match.imei)
    assert "ttyUSB" not in path.read_text(encoding="utf-8"), "a name that changes is not written"
    assert ("usb:TOCSIN",) == config.backup.to


def test_a_file_with_nothing_but_the_town_is_read_too(tmp_path: Path) -> None:
    """The rest is in comments, ready to be filled in."""
    path = tmp_path / "tocsin.toml"
    answers = Answers("La Redorte", "Indian/Reunion", tmp_path, "127.0.0.1:8080")
    path.write_text(text_of(answers, []), encoding="utf-8")

    assert ((), None) == (configuration.load(path).modem, configuration.load(path).relay)
    for line in path.read_text(encoding="utf-8").splitlines():
        assert "\n" not in line


@pytest.mark.real_time
def test_a_machine_is_made_ready_in_one_command(tmp_path: Path) -> None:
    """Half an hour is what the technician has, and most of it is for the aerial."""
    config = tmp_path / "etc/tocsin.toml"
    with emulated(tmp_path / "e", "--modems", "1", "--pace", "fast") as emulator:
        done = subprocess.run(
            [*TOCSIN, "init", "--config", str(config), "--town", "La Redorte",
             "--data-dir", str(tmp_path / "data"), "--admin", "maire",
             "--port", emulator.modems[0]["at"], "--port", str(tmp_path / "absent")],
            input="un mot de passe bien long\n", capture_output=True, text=True, check=False,
        )  # fmt: skip
    loaded = configuration.load(config)

    assert 0 == done.returncode, done.stderr
    assert [emulator.modems[0]["at"]] == [modem.port for modem in loaded.modem]
    assert "absent" in done.stderr
    assert "Compte « maire » créé" in done.stdout
    assert 0 == config.stat().st_mode & 0o007


@pytest.mark.real_time
def test_a_relay_without_a_sender_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    """Mail from nobody is refused by every relay."""
    config = tmp_path / "tocsin.toml"
    done = subprocess.run(
        [*TOCSIN, "init", "--config", str(config), "--town", "x", "--relay", "smtp.example.org"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert 1 == done.returncode
    assert "--sender" in done.stderr
    assert not config.exists()


@pytest.mark.real_time
def test_the_file_of_the_package_is_replaced_and_that_of_a_human_never(tmp_path: Path) -> None:
    """The service runs from the first minute; what somebody has written since is theirs."""
    config = tmp_path / "tocsin.toml"
    base = [*TOCSIN, "init", "--config", str(config), "--data-dir", str(tmp_path / "data")]

    def asked(*more: str) -> str:
        return subprocess.run([*base, *more], capture_output=True, text=True, check=True).stdout

    asked("--provisional")
    assert is_provisional(config)
    assert provisional.TOWN == configuration.load(config).town.name

    said = asked("--town", "La Redorte")
    assert "écrit" in said
    assert "La Redorte" == configuration.load(config).town.name
    assert is_provisional(config.with_name("tocsin.toml.old")), "what was there is kept beside it"

    written = config.read_text(encoding="utf-8")
    assert "gardé tel quel" in asked("--town", "Azille")
    asked("--provisional")
    assert written == config.read_text(encoding="utf-8")


@pytest.mark.real_time
def test_each_modem_proves_itself_before_the_technician_leaves(tmp_path: Path) -> None:
    """A modem that answers and cannot send is found out while somebody stands beside it."""
    config = tmp_path / "tocsin.toml"
    with emulated(tmp_path / "e", "--modems", "1", "--pace", "fast") as emulator:
        done = subprocess.run(
            [*TOCSIN, "init", "--config", str(config), "--town", "La Redorte", "--check",
             "--data-dir", str(tmp_path / "data"), "--port", emulator.modems[0]["at"]],
            capture_output=True, text=True, check=True,
        )  # fmt: skip

    assert "modem-1" in done.stdout
    assert "✓" in done.stdout
