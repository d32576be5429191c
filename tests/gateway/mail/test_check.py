"""``tocsin mail check``: every way mail can be misconfigured has its sentence and its mend."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.common import COMMANDS
from gateway.cli.mail import command
from gateway.errors import Refused
from tests.acceptance.box import free_port
from tests.gateway.mail.checking import (
    ACCOUNT,
    SECRET,
    password,
    relay,
    settings,
    states,
    steps,
)
from tests.gateway.mail.relay import DIE, HANG

# the way there


async def test_a_relay_that_works_is_told_step_by_step() -> None:
    """The installer sees which part of the way is proven, and that nothing was forgotten."""
    async with relay() as there:
        found = await steps(settings(there.port), to="elu@voisin.example")

    order = ["name", "connect", "tls", "auth", "offers", "to", "self"]
    assert [(name, True) for name in order] == list(states(found).items())
    assert "10 Mo" in found["offers"].said
    assert "dit ce qui est remis (DSN)" in found["offers"].said
    assert ["RCPT TO:<elu@voisin.example>", f"RCPT TO:<{ACCOUNT}>"] == [
        to for _, to, _ in there.taken
    ]
    assert all(step.mend == "" for step in found.values())


async def test_what_a_relay_does_not_offer_is_said_too() -> None:
    """Without DSN nobody tells that a mail was delayed; that is to be known, and no fault."""
    async with relay() as there:
        there.offers = ("STARTTLS",)
        found = await steps(settings(there.port))

    assert True is found["offers"].ok
    assert "ne dit pas ce qui est remis (DSN)" in found["offers"].said
    assert "refuse les adresses accentuées" in found["offers"].said
    assert "sans limite" in found["offers"].said
    assert 'tls = "starttls"' in found["tls"].mend


async def test_a_name_nobody_knows_ends_what_stands_on_it() -> None:
    """Seven red lines for one wrong letter would hide the letter."""
    found = await steps(settings(25, host="nothing.invalid"))

    assert False is found["name"].ok
    assert "DNS" in found["name"].said
    assert "resolvectl" in found["name"].mend
    assert {None} == {step.ok for name, step in found.items() if name != "name"}
    assert "pas essayé" in found["self"].said


async def test_a_closed_port_is_told_from_a_silent_one() -> None:
    """One is a wrong number or a stopped program, the other a firewall: different people mend."""
    found = await steps(settings(free_port()))

    assert {"name": True, "connect": False} == {n: found[n].ok for n in ("name", "connect")}
    assert "refuse la connexion" in found["connect"].said
    assert "587" in found["connect"].mend


async def test_a_port_that_swallows_everything_points_at_the_operator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Port 25 is blocked by most operators in France: the mend is another port."""

    def swallowed(*_: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr("gateway.mail.check_relay.socket.create_connection", swallowed)
    found = await steps(settings(25))

    assert "ne répond pas" in found["connect"].said
    assert "bloquent le port 25" in found["connect"].mend


async def test_a_server_that_says_nothing_waits_for_tls() -> None:
    """Port 465 with STARTTLS configured hangs so, and looks like a dead server."""
    async with relay(greeting=HANG) as there:
        found = await steps(settings(there.port))

    assert "ne dit rien" in found["connect"].said
    assert '465 avec "implicit"' in found["connect"].mend


async def test_a_relay_that_sends_us_away_at_once_refuses_our_address() -> None:
    """A listed address is mended by the provider's relay, not by a password."""
    async with relay(greeting="554 5.7.1 your address is listed") as there:
        found = await steps(settings(there.port))

    assert "554 5.7.1" in found["connect"].said
    assert "adresse IP" in found["connect"].mend


# what it refuses


@pytest.mark.parametrize(
    ("answer", "mend"),
    [
        ("535 5.7.8 authentication failed", "username (mairie)"),
        ("534 5.7.9 application-specific password required", "mot de passe d'application"),
        ("535 5.7.139 SmtpClientAuthentication is disabled", "SMTP authentifié"),
        ("454 4.7.0 too many tries", "attendez"),
        ("538 5.7.11 encryption required", 'tls = "starttls"'),
        (DIE, "username (mairie)"),
    ],
)
async def test_a_refused_login_says_what_to_look_at(tmp_path: Path, answer: str, mend: str) -> None:
    """A wrong password, a Gmail and a Microsoft 365 are mended in three different places."""
    async with relay(AUTH=answer) as there:
        there.offers = ("AUTH PLAIN", "SIZE 5000000")
        secret = password(tmp_path)
        found = await steps(settings(there.port, username="mairie", password_file=secret))

    assert (False, True, None) == tuple(found[n].ok for n in ("auth", "offers", "self"))
    assert mend in found["auth"].mend
    assert not any(SECRET in step.said + step.mend for step in found.values())


async def test_a_relay_without_logins_is_told_from_a_wrong_password(tmp_path: Path) -> None:
    """Port 25 of a provider offers none; the port is wrong, not the password."""
    async with relay() as there:
        secret = password(tmp_path)
        found = await steps(settings(there.port, username="mairie", password_file=secret))

    assert "ne propose pas d'identification" in found["auth"].said
    assert "587" in found["auth"].mend


async def test_a_password_that_is_not_there_names_its_file(tmp_path: Path) -> None:
    """A typing error in a path must not be looked for at the provider's."""
    async with relay() as there:
        there.offers = ("AUTH PLAIN",)
        gone = tmp_path / "gone"
        found = await steps(settings(there.port, username="mairie", password_file=gone))

    assert f"[relay] password_file : {gone} n'existe pas" == found["auth"].said


# the mails


@pytest.mark.parametrize(
    ("told", "said", "mend"),
    [
        ({"MAIL": "553 5.7.1 sender not owned by user"}, "l'expéditeur", "[relay] sender"),
        ({"MAIL": "550 not yours"}, "l'expéditeur", "[relay] sender"),
        ({"MAIL": "530 5.7.0 authentication required"}, "l'expéditeur", "password_file"),
        ({"RCPT": "550 5.1.1 no such user"}, "le destinataire", "vérifiez cette adresse"),
        ({"RCPT": "554 5.7.1 relay access denied"}, "le destinataire", "ne relaie pas"),
        ({"RCPT": "450 4.2.0 greylisted"}, "le destinataire", "recommencez"),
        ({"dot": "550 5.7.26 unauthenticated sender"}, "le texte", "SPF et DKIM"),
        ({"dot": "552 5.2.2 mailbox full"}, "le texte", "plein"),
        ({"MAIL": DIE}, "au milieu", "recommencez"),
        ({"dot": DIE}, "n'a pas dit", "recommencez"),
    ],
    ids=str,
)  # fmt: skip
async def test_a_refused_mail_says_whose_fault_it_is(
    told: dict[str, str], said: str, mend: str
) -> None:
    """A sender that is not the account's is the commonest cause of a gateway that sends nothing."""
    async with relay(**told) as there:
        found = await steps(settings(there.port), to="elu@voisin.example")

    assert (False, False) == (found["to"].ok, found["self"].ok)
    assert said in found["to"].said
    assert mend in found["to"].mend


async def test_a_refused_stranger_does_not_spare_us_the_mail_to_ourselves() -> None:
    """The two say different things: one is about the address, the other about us."""
    async with relay(RCPT="550 5.1.1 no such user") as there:
        there.once = True
        found = await steps(settings(there.port), to="elu@voisin.example")

    assert (False, True) == (found["to"].ok, found["self"].ok)


# the command


def run(folder: Path, toml: str, *arguments: str) -> Result:
    path = folder / "tocsin.toml"
    path.write_text(f'data_dir = "{folder}/data"\n[town]\nname = "La Redorte"\n{toml}')
    return CliRunner().invoke(command, ["check", "--config", str(path), *arguments])


def relay_toml(port: int) -> str:
    return f'[relay]\nport = {port}\nsender = "Mairie <{ACCOUNT}>"\n'


@pytest.mark.real_time
async def test_the_command_says_each_step_and_ends_with_nought(tmp_path: Path) -> None:
    """Green means that a mail was really taken, and the box's data were not touched."""
    async with relay() as there:
        told = await asyncio.to_thread(
            run, tmp_path, relay_toml(there.port), "--to", "elu@voisin.example"
        )

    assert 0 == told.exit_code, told.output
    assert 7 == told.output.count("✓")
    assert 2 == len(there.taken)
    assert not (tmp_path / "data").exists()


@pytest.mark.real_time
async def test_the_command_ends_with_one_and_its_json_has_every_step(tmp_path: Path) -> None:
    """A supervision reads the codes; the sentences are the same as on the terminal."""
    async with relay(MAIL="553 5.7.1 not yours") as there:
        told = await asyncio.to_thread(run, tmp_path, relay_toml(there.port), "--json")

    rows = json.loads(told.output)
    assert 1 == told.exit_code
    assert {"step", "ok", "said", "mend"} == set(rows[0])
    assert {"step": "self", "ok": False} == {key: rows[-1][key] for key in ("step", "ok")}
    assert "[relay] sender" in rows[-1]["mend"]


def test_the_command_shows_the_mend_below_what_failed(tmp_path: Path) -> None:
    """Read from top to bottom, the first mend is the one to begin with."""
    told = run(tmp_path, relay_toml(free_port()))

    lines = told.output.splitlines()
    failed = next(n for n, line in enumerate(lines) if line.startswith("✗"))
    assert 1 == told.exit_code
    assert lines[failed + 1].startswith("    à faire : ")
    assert "– essai vers nous-mêmes : pas essayé, faute de : identification" in lines


def test_without_a_relay_the_command_says_what_to_write(tmp_path: Path) -> None:
    """Mail is optional; who asks for it wants the lines to copy."""
    told = run(tmp_path, "")

    assert 1 == told.exit_code
    assert isinstance(told.exception, Refused)
    assert "[relay]\nhost = " in str(told.exception)
    assert str(tmp_path / "tocsin.toml") in str(told.exception)


@pytest.mark.parametrize(
    "arguments", [["--to", "personne"], ["--to", "a@b.fr\nRCPT"], ["--wait", "0"], ["--bogus"]]
)
def test_a_wrong_usage_ends_with_two(tmp_path: Path, arguments: list[str]) -> None:
    """A script must know a typing error from a mail that does not work."""
    assert 2 == run(tmp_path, relay_toml(25), *arguments).exit_code


def test_the_command_is_known() -> None:
    """A command that is not in the list cannot be called."""
    assert "mail" == COMMANDS["mail"][0]
