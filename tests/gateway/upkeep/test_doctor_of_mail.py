"""What the doctor says of mail that comes in: the mailbox, and our own door."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.health import exclusive
from gateway.upkeep import look_mail
from gateway.upkeep.findings import Finding, Level
from tests.acceptance.box import free_port
from tests.acceptance.nursery import Nursery
from tests.gateway.mail.checking import password
from tests.gateway.mail.servers import PASSWORD, USER, Dovecot, dovecot
from tests.gateway.upkeep.test_doctor import RELAY, a_box

SECRET = "ne-me-montrez-pas"


def table(server: Dovecot, key: Path, more: str = "") -> str:
    return (
        f'[mailbox]\nhost = "localhost"\nport = {server.port}\nusername = "{USER}"\n'
        f'ca_file = "{server.certificate}"\npassword_file = "{key}"\n{more}'
    )


async def looked(folder: Path, more: str) -> list[Finding]:
    config, _ = a_box(folder, more)
    return [one async for one in look_mail.mailbox(config)]


@pytest.mark.real_time
async def test_a_mailbox_that_opens_is_told_with_the_end_of_its_certificate(
    tmp_path: Path,
) -> None:
    """Dovecot's, made for two days: on the third no answer would be seen."""
    with dovecot(tmp_path) as server:
        server.put(b"Subject: new\n\nnew\n")
        (one,) = await looked(tmp_path, table(server, password(tmp_path, PASSWORD)))
        unread = server.unread()

    assert ("mailbox", Level.WARNING) == (one.code, one.level)
    assert "s'ouvre" in one.sentence
    assert "certificat valable jusqu'au" in one.sentence
    assert "prévenez" in one.mend
    assert 1 == unread, "a look changes nothing in a mailbox that people read"


@pytest.mark.real_time
async def test_a_mailbox_that_does_not_open_says_why_and_not_its_password(tmp_path: Path) -> None:
    """Else the first bounce is the one nobody sees."""
    with dovecot(tmp_path) as server:
        (wrong,) = await looked(tmp_path, table(server, password(tmp_path, SECRET)))

    assert Level.FAULT is wrong.level
    assert "refuse l'identification" in wrong.sentence
    assert "[mailbox] username" in wrong.mend
    assert SECRET not in wrong.sentence + wrong.mend


async def test_nobody_at_the_mailbox_s_port_is_a_fault(tmp_path: Path) -> None:
    """The server has moved, or the firewall has closed."""
    key = password(tmp_path, PASSWORD)
    more = (
        f'[mailbox]\nhost = "127.0.0.1"\nport = {free_port()}\nusername = "{USER}"\n'
        f'password_file = "{key}"\n'
    )
    (one,) = await looked(tmp_path, more)

    assert Level.FAULT is one.level
    assert "refuse la connexion" in one.sentence


@pytest.mark.parametrize(
    ("more", "levels"),
    [
        ("", []),
        (RELAY, [Level.UNKNOWN]),
        (f'{RELAY}[smtp]\ndomain = "tocsin.example"\n', []),
    ],
    ids=["no mail at all", "mail out only", "our door takes the bounces"],
)
async def test_mail_that_goes_out_and_could_not_come_back_is_told(
    tmp_path: Path, more: str, levels: list[Level]
) -> None:
    """« Envoyé » would be the last that is heard of every wrong address."""
    assert levels == [one.level for one in await looked(tmp_path, more)]


async def test_our_own_door_is_knocked_at_only_while_the_service_should_hold_it(
    tmp_path: Path,
) -> None:
    """Before the first start nobody listens, and that is nobody's fault."""
    port = free_port()
    config, _ = a_box(tmp_path, f'[smtp]\nlisten = "127.0.0.1:{port}"\ndomain = "tocsin.example"\n')
    before = [one async for one in look_mail.door(config)]
    with exclusive(config.lock):
        (shut,) = [one async for one in look_mail.door(config)]

    assert [] == before
    assert ("smtp.door", Level.FAULT) == (shut.code, shut.level)
    assert "personne n'écoute sur notre porte" in shut.sentence


@pytest.mark.real_time
def test_doctor_tells_the_mailbox_as_json(tmp_path: Path, imported: Nursery) -> None:
    """With the other findings, where a monitoring server reads them."""
    key = password(tmp_path, PASSWORD)
    _, path = a_box(
        tmp_path,
        f'[mailbox]\nhost = "127.0.0.1"\nport = {free_port()}\nusername = "{USER}"\n'
        f'password_file = "{key}"\n',
    )
    done = imported.run(["doctor", "--config", str(path), "--json"])
    found = {one["code"]: one for one in json.loads(done.stdout)}

    assert "fault" == found["mailbox"]["level"]
    assert "refuse la connexion" in found["mailbox"]["sentence"]
    assert "[mailbox] host" in found["mailbox"]["mend"]
