"""What the doctor sees where people come in: the page's port, its certificate, the town's name."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import config as configuration
from gateway import provisional
from gateway.config import Config
from gateway.upkeep import look_data, look_page, look_ports, readable
from gateway.upkeep.findings import Finding, Level

#: A network kept for documents (RFC 5737): no machine has it.
NOWHERE = "192.0.2.1"


def a_box(folder: Path, listen: str = "127.0.0.1:8080", more: str = "") -> Config:
    """Return the configuration of a box whose page listens there."""
    path = folder / "tocsin.toml"
    path.write_text(
        f'data_dir = "{folder}"\n[town]\nname = "La Redorte"\n[web]\nlisten = "{listen}"\n{more}'
    )
    return configuration.load(path)


@contextlib.contextmanager
def taken() -> Iterator[int]:
    """Hold a port, as another program does; yield it."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen(1)
        yield one.getsockname()[1]


@contextlib.contextmanager
def running(config: Config) -> Iterator[None]:
    """Hold the box's lock, as its daemon does."""
    with config.lock.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def only(found: Iterator[Finding]) -> Finding:
    """Return the one finding there is."""
    (one,) = found
    return one


def test_a_port_that_another_program_holds_is_told_with_its_name(tmp_path: Path) -> None:
    """The service cannot start, and its journal is the last place anybody looks."""
    with taken() as port:
        found = only(look_ports.listening(a_box(tmp_path, f"127.0.0.1:{port}")))

    assert Level.FAULT == found.level
    assert f"(pid {os.getpid()})" in found.sentence


def test_a_port_that_the_service_holds_is_as_it_should_be(tmp_path: Path) -> None:
    """It could not run without it."""
    with taken() as port:
        config = a_box(tmp_path, f"127.0.0.1:{port}")
        with running(config):
            found = only(look_ports.listening(config))

    assert Level.GOOD == found.level


def test_a_free_port_is_good_before_the_start_and_strange_after_it(tmp_path: Path) -> None:
    """The configuration was changed and the service still has the old one."""
    with taken() as port:
        config = a_box(tmp_path, f"127.0.0.1:{port}")
    before = only(look_ports.listening(config))
    with running(config):
        after = only(look_ports.listening(config))

    assert Level.GOOD == before.level
    assert Level.WARNING == after.level
    assert "restart" in after.mend


@pytest.mark.parametrize(
    ("listen", "said"),
    [(f"{NOWHERE}:8443", "de cette machine"), ("127.0.0.1:80", "réservé"),
     ("nulle-part.invalid:8080", "personne")],
)  # fmt: skip
def test_an_address_nobody_can_reach_the_page_at_is_told(
    tmp_path: Path, listen: str, said: str
) -> None:
    """The box was moved to another network: the daemon listens, and nobody comes."""
    found = only(look_ports.listening(a_box(tmp_path, listen)))

    assert Level.FAULT == found.level
    assert said in found.sentence
    assert "web.listen" in found.mend


def test_the_door_for_mail_is_looked_at_too(tmp_path: Path) -> None:
    """It is a port like the other."""
    with taken() as port:
        more = f'[smtp]\nlisten = "127.0.0.1:{port}"\ndomain = "tocsin.example"\n'
        found = list(look_ports.listening(a_box(tmp_path, more=more)))

    assert [("smtp.port", Level.FAULT)] == [
        (one.code, one.level) for one in found if one.code == "smtp.port"
    ]


def test_a_key_that_only_root_can_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Doctor runs as root and sees nothing wrong; the service does not start."""
    monkeypatch.setattr(readable, "service_reads", lambda path: path.name != "key.pem")
    from gateway import certificates

    pem = certificates.authority("La Redorte", ("tocsin",))
    (tmp_path / "cert.pem").write_bytes(pem.certificate)
    (tmp_path / "key.pem").write_bytes(pem.key)
    more = f'certificate = "{tmp_path}/cert.pem"\nkey = "{tmp_path}/key.pem"\n'
    found = {one.code: one for one in look_page.certificate(a_box(tmp_path, more=more), 1.8e9)}

    assert Level.FAULT == found["page.rights"].level
    assert "key.pem" in found["page.rights"].sentence


@pytest.mark.parametrize(
    ("mode", "folder", "group", "reads"),
    [
        (0o640, 0o750, True, True), (0o640, 0o750, False, False), (0o644, 0o700, True, False),
        (0o644, 0o755, False, True), (0o600, 0o755, True, False),
    ],
)  # fmt: skip
def test_a_file_is_read_where_it_and_the_folders_on_its_way_allow_it(
    tmp_path: Path, mode: int, folder: int, group: bool, reads: bool
) -> None:
    """Certbot's folder is closed although its files are open."""
    for above in (tmp_path, *tmp_path.parents):
        if above.stat().st_uid == os.getuid() and above.is_relative_to(tempfile.gettempdir()):
            above.chmod(above.stat().st_mode | 0o755)
    home = tmp_path / "home"
    home.mkdir()
    file = home / "file"
    file.touch()
    file.chmod(mode)
    home.chmod(folder)
    somebody = os.getuid() + 12345
    try:
        assert reads == readable.allowed(file, somebody, file.stat().st_gid if group else 54321)
    finally:
        home.chmod(0o755)


def test_a_town_that_nobody_has_named_is_told(tmp_path: Path) -> None:
    """Its alerts would be signed by nobody."""
    config = a_box(tmp_path)
    path = tmp_path / "tocsin.toml"
    path.chmod(0o640)
    named = list(look_data.town(config, path))
    config.town.__dict__["name"] = provisional.TOWN
    (found,) = look_data.town(config, path)

    assert [] == named
    assert ("town", Level.FAULT, "sudo tocsin init") == (found.code, found.level, found.mend)


def test_a_configuration_that_all_may_change_is_told(tmp_path: Path) -> None:
    """Whoever writes it can have the box dial out."""
    config = a_box(tmp_path)
    path = tmp_path / "tocsin.toml"
    path.chmod(0o666)
    (found,) = look_data.town(config, path)

    assert ("configuration.rights", Level.FAULT) == (found.code, found.level)
    assert "chmod 640" in found.mend


def test_a_configuration_that_the_service_cannot_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written by root with the editor of the day."""
    config = a_box(tmp_path)
    monkeypatch.setattr(look_data, "service_reads", lambda _: False)
    (tmp_path / "tocsin.toml").chmod(0o600)
    (found,) = look_data.town(config, tmp_path / "tocsin.toml")

    assert ("configuration.rights", Level.FAULT) == (found.code, found.level)
    assert "chgrp tocsin" in found.mend
