"""The daemon as systemd runs it: its words on the notify socket, its secrets, its last words."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.credentials import secret
from tests.acceptance.box import TOCSIN, Box, end

pytestmark = pytest.mark.real_time


@contextlib.contextmanager
def systemd_listens(folder: Path) -> Iterator[tuple[dict[str, str], socket.socket]]:
    """Yield the environment of a service with a watchdog of one second, and where it speaks."""
    address = folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(address))
        ear.settimeout(30)
        yield {**os.environ, "NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "1000000"}, ear


def words(ear: socket.socket, wanted: str) -> list[str]:
    """Return what is said up to ``wanted``."""
    heard: list[str] = []
    while not heard or wanted not in heard[-1]:
        heard.append(ear.recv(4096).decode())
    return heard


def test_systemd_hears_ready_then_the_heart_then_the_end(tmp_path: Path) -> None:
    """ExecStart as it stands in the unit, by hand, with somebody at the other end."""
    box = Box(tmp_path / "box")
    with systemd_listens(tmp_path) as (environment, ear):
        child = subprocess.Popen(
            [*TOCSIN, "serve", "--config", str(box.config)], env=environment, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            before = words(ear, "READY=1")
            beats = words(ear, "WATCHDOG=1")
            child.send_signal(signal.SIGTERM)
            last = words(ear, "STOPPING=1")
        finally:
            status = end(child)

    assert not any("STOPPING" in word for word in [*before, *beats])
    assert last
    assert 0 == status


def test_a_wrong_configuration_ends_with_the_status_systemd_does_not_try_again(
    tmp_path: Path,
) -> None:
    """A start every two seconds for a night fills the disk with one sentence."""
    box = Box(tmp_path / "box")
    box.config.write_text('[town]\nname = "La Redorte"\nhour = 3\n', encoding="utf-8")
    done = box.tocsin("serve")
    unit = (Path(__file__).parents[2] / "systemd/tocsin.service").read_text(encoding="utf-8")

    assert 78 == done.returncode
    assert "ligne 3" in done.stderr
    assert f"RestartPreventExitStatus={done.returncode}\n" in unit


def test_secrets_are_read_where_systemd_has_put_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file itself is root's alone; without systemd it is read where it is."""
    own = tmp_path / "relay-password"
    own.write_text("as configured\n")
    given = tmp_path / "credentials"
    given.mkdir()

    assert "as configured" == secret(own)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    assert "as configured" == secret(own), "systemd has none of this name"
    (given / "secret_relay-password").write_text("handed over\n")
    assert "handed over" == secret(own)
