"""``tocsin mail check``: every way mail can be misconfigured has its sentence and its mend."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.cli.common import COMMANDS
from gateway.cli.mail import command
from gateway.config import (
    Config,
    MailboxSettings,
    RelaySettings,
    SmtpSettings,
    TownSettings,
)
from gateway.errors import Refused
from gateway.mail.check import Step, checked
from tests.acceptance.box import free_port
from tests.gateway.mail.post import door, office
from tests.gateway.mail.relay import DIE, HANG, Relay
from tests.gateway.mail.relay import relay as scripted
from tests.gateway.mail.servers import PASSWORD, USER, Dovecot, dovecot

ACCOUNT = "mairie@la-redorte.example"
SECRET = "ne-se-dit-pas"


def settings(port: int, **more: Any) -> RelaySettings:
    return RelaySettings(**{"host": "127.0.0.1", "port": port, "sender": ACCOUNT, **more})


async def steps(
    relay_settings: RelaySettings, *, to: str = "", wait: float = 0.0, **more: Any
) -> dict[str, Step]:
    """Walk through the check and return its steps by name."""
    config = Config(town=TownSettings(name="La Redorte"), relay=relay_settings, **more)
    walk = checked(config, to=to, wait=wait, every=0.05)
    return {step.step: step async for step in walk}


def states(found: dict[str, Step]) -> dict[str, bool | None]:
    return {name: step.ok for name, step in found.items()}


def password(folder: Path, text: str = SECRET) -> Path:
    path = folder / "password"
    path.write_text(text, encoding="utf-8")
    return path


@asynccontextmanager
async def hearing_the_end() -> AsyncIterator[None]:
    """Let each server hear that its client left: the loop ends with the test, its lines do not."""
    lines: Any = asyncio.get_running_loop()._selector.get_map()  # type: ignore[attr-defined]
    known = set(lines)
    yield
    for turn in range(3000):  # a relay told to hang never hears it
        if turn > 20 and set(lines) <= known:  # by then whoever knocked was let in
            break
        await asyncio.sleep(0)


@asynccontextmanager
async def relay(**told: str) -> AsyncIterator[Relay]:
    async with scripted(**told) as made, hearing_the_end():
        yield made


# servers that nobody here wrote


def certificate(
    folder: Path, *, name: str = "localhost", days: tuple[int, int] = (-1, 300)
) -> tuple[Path, Path]:
    """Write a certificate that vouches for itself, valid between two days from now."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(who).issuer_name(who).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days[0])).not_valid_after(now + timedelta(days[1]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, secret = folder / "relay.pem", folder / "relay.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    return pem, secret


def served(pem: Path, key: Path) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(pem, key)
    return made


class Kept:
    """What aiosmtpd's server took."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(  # noqa: N802  aiosmtpd calls it so
        self, server: SMTP, session: Any, envelope: Any
    ) -> str:
        self.mails.append(envelope.content)
        return "250 2.0.0 taken"


@asynccontextmanager
async def other_server(
    tls: ssl.SSLContext, *, implicit: bool = False
) -> AsyncIterator[tuple[int, Kept]]:
    """Run aiosmtpd's own server; under STARTTLS it wants a login, and knows one password."""
    kept = Kept()

    def judged(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == SECRET.encode())

    def made() -> SMTP:
        return SMTP(
            kept, tls_context=None if implicit else tls, require_starttls=not implicit,
            authenticator=judged, auth_required=not implicit, enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(), hostname="relay.example",
        )  # fmt: skip

    loop = asyncio.get_running_loop()
    server = await loop.create_server(made, "127.0.0.1", 0, ssl=tls if implicit else None)
    try:
        async with hearing_the_end():
            yield int(server.sockets[0].getsockname()[1]), kept
    finally:
        server.close()


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


# encryption


@pytest.mark.real_time
@pytest.mark.parametrize("implicit", [True, False], ids=["implicit", "starttls"])
async def test_a_certificate_that_is_believed_says_until_when(
    tmp_path: Path, implicit: bool
) -> None:
    """The day it ends, all mail stops: the date belongs into the installer's notes."""
    pem, key = certificate(tmp_path)
    end = datetime.now(UTC) + timedelta(300)
    async with other_server(served(pem, key), implicit=implicit) as (port, kept):
        found = await steps(
            settings(port, host="localhost", tls="implicit" if implicit else "starttls",
                     ca_file=pem, username=None if implicit else "mairie",
                     password_file=password(tmp_path)),
        )  # fmt: skip

    assert {True} == set(states(found).values())
    assert "TLS 1.3" in found["tls"].said
    assert f"{end:%d/%m/%Y}" in found["tls"].said
    assert 1 == len(kept.mails)


@pytest.mark.real_time
@pytest.mark.parametrize("implicit", [True, False], ids=["implicit", "starttls"])
@pytest.mark.parametrize(
    ("made", "believed", "said", "mend"),
    [
        ({}, False, "autorité inconnue", "ca_file"),
        ({"name": "smtp.autre.example"}, True, "il est à smtp.autre.example",
         '[relay] host = "smtp.autre.example"'),
        ({"days": (-30, -1)}, True, "périmé", "timedatectl"),
        ({"days": (1, 30)}, True, "pas encore valable", "timedatectl"),
    ],
    ids=["unknown authority", "another's name", "expired", "not yet"],
)  # fmt: skip
async def test_each_fault_of_a_certificate_has_its_own_mend(
    tmp_path: Path, implicit: bool, made: dict[str, Any], believed: bool, said: str, mend: str
) -> None:
    """« certificate verify failed » sends people to switch the check off."""
    pem, key = certificate(tmp_path, **made)
    async with other_server(served(pem, key), implicit=implicit) as (port, kept):
        found = await steps(
            settings(port, host="localhost", tls="implicit" if implicit else "starttls",
                     ca_file=pem if believed else None),
        )  # fmt: skip

    assert (True, False, None) == tuple(found[n].ok for n in ("connect", "tls", "auth"))
    assert said in found["tls"].said
    assert mend in found["tls"].mend
    assert [] == kept.mails


@pytest.mark.real_time
async def test_a_certificate_near_its_end_is_good_and_has_a_mend(tmp_path: Path) -> None:
    """Mail works today; the technician on the site today is the one who can mend it."""
    pem, key = certificate(tmp_path, days=(-1, 6))
    async with other_server(served(pem, key), implicit=True) as (port, _):
        found = await steps(settings(port, host="localhost", tls="implicit", ca_file=pem))

    assert True is found["tls"].ok
    assert "plus que 5 jours" in found["tls"].mend


@pytest.mark.real_time
async def test_a_pinned_authority_that_is_another_one_is_named(tmp_path: Path) -> None:
    """A server whose certificate was made anew needs the file, not the check, changed."""
    (tmp_path / "old").mkdir()
    old, _ = certificate(tmp_path / "old")
    async with other_server(served(*certificate(tmp_path)), implicit=True) as (port, _kept):
        found = await steps(settings(port, host="localhost", tls="implicit", ca_file=old))

    assert "ca_file" in found["tls"].said
    assert str(old) in found["tls"].mend


async def test_starttls_that_is_not_offered_is_no_password_in_clear() -> None:
    """The way out is another port, never to go on without."""
    async with relay() as there:
        found = await steps(settings(there.port, tls="starttls"))

    assert "ne propose pas STARTTLS" in found["tls"].said
    assert 'tls = "implicit"' in found["tls"].mend
    assert not any(line.startswith("AUTH") for line in there.lines)


@pytest.mark.real_time
async def test_tls_at_once_with_a_server_that_begins_in_clear() -> None:
    """Port 587 with implicit is the commonest of wrong pairs; OpenSSL says WRONG_VERSION_NUMBER."""
    async with relay() as there:
        found = await steps(settings(there.port, tls="implicit"))

    assert "ne parle pas TLS" in found["tls"].said
    assert 'tls = "starttls"' in found["tls"].mend


@pytest.mark.parametrize(
    ("text", "said"), [(None, "n'existe pas"), ("bonjour", "n'est pas un certificat")]
)
async def test_a_ca_file_that_is_none_is_named(tmp_path: Path, text: str | None, said: str) -> None:
    """OpenSSL's own words name neither file nor key."""
    pem = tmp_path / "ca.pem"
    if text:
        pem.write_text(text, encoding="utf-8")
    async with relay() as there:
        found = await steps(settings(there.port, tls="implicit", ca_file=pem))

    assert str(pem) in found["tls"].said
    assert said in found["tls"].said
    assert "ca_file" in found["tls"].mend


# the login


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


# what comes home


def mailbox(server: Dovecot, place: Path, **more: Any) -> MailboxSettings:
    return MailboxSettings(
        **{"host": "localhost", "port": server.port, "username": USER,
           "ca_file": server.certificate, "password_file": password(place, PASSWORD), **more}
    )  # fmt: skip


async def carried(there: Relay, server: Dovecot, *before: bytes) -> None:
    """Be the network between relay and mailbox."""
    await there.first.wait()
    for raw in (*before, there.taken[0][2]):
        server.put(raw)


@pytest.mark.real_time
async def test_our_mail_is_waited_for_and_only_it_is_marked_as_read(tmp_path: Path) -> None:
    """People read this mailbox too: their mail stays new, and the test does not."""
    with dovecot(tmp_path) as server:
        server.put(b"Subject: old\n\nold\n")
        async with relay() as there, asyncio.TaskGroup() as tasks:
            tasks.create_task(carried(there, server, b"Subject: of a person\n\nhello\n"))
            found = await steps(settings(there.port), mailbox=mailbox(server, tmp_path), wait=20)
        unread = server.unread()

    assert ["mailbox", "self", "back"] == list(found)[-3:]
    assert {True} == set(states(found).values())
    assert "l'essai est revenu en " in found["back"].said
    assert 2 == unread


@pytest.mark.real_time
async def test_a_mail_that_never_comes_back_says_where_to_look(tmp_path: Path) -> None:
    """Sent to another mailbox than the one read, every bounce would be lost."""
    with dovecot(tmp_path) as server:
        async with relay() as there:
            found = await steps(settings(there.port), mailbox=mailbox(server, tmp_path))

    assert False is found["back"].ok
    assert "indésirables" in found["back"].mend
    assert ACCOUNT in found["back"].mend


@pytest.mark.real_time
async def test_a_bounce_of_our_mail_is_not_our_mail_come_home(tmp_path: Path) -> None:
    """It quotes the test's Message-ID, and says the contrary."""
    with dovecot(tmp_path) as server:

        async def bounced(there: Relay) -> None:
            await there.first.wait()
            server.put(
                b"Subject: Undelivered Mail\r\nContent-Type: multipart/report; boundary=b\r\n\r\n"
                b"--b\r\nContent-Type: message/rfc822\r\n\r\n"
                + there.taken[0][2]
                + b"\r\n--b--\r\n"
            )

        async with relay() as there, asyncio.TaskGroup() as tasks:
            tasks.create_task(bounced(there))
            found = await steps(settings(there.port), mailbox=mailbox(server, tmp_path), wait=20)

    assert False is found["back"].ok
    assert "a été renvoyé : Undelivered Mail" in found["back"].said


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("more", "said", "mend"),
    [
        ({"password_file": "wrong"}, "refuse l'identification", "[mailbox] username"),
        ({"password_file": Path("/no/such/file")}, "n'existe pas", "[mailbox] password_file"),
        ({"folder": "Nulle part"}, "refuse", "folder (Nulle part)"),
        ({"ca_file": None}, "autorité inconnue", "[mailbox] ca_file"),
        ({"host": "nothing.invalid"}, "DNS", "[mailbox]"),
        ({"port": 1}, "refuse la connexion", "993"),
    ],
    ids=["password", "password file", "folder", "authority", "name", "port"],
)  # fmt: skip
async def test_a_mailbox_that_cannot_be_read_says_why_and_the_rest_goes_on(
    tmp_path: Path, more: dict[str, Any], said: str, mend: str
) -> None:
    """Mail goes out all the same, and that is worth knowing."""
    if more.get("password_file") == "wrong":
        (tmp_path / "wrong").write_text("faux", encoding="utf-8")
        more = {"password_file": tmp_path / "wrong"}
    with dovecot(tmp_path) as server:
        async with relay() as there:
            found = await steps(settings(there.port), mailbox=mailbox(server, tmp_path, **more))

    assert (False, True, None) == tuple(found[n].ok for n in ("mailbox", "self", "back"))
    assert said in found["mailbox"].said
    assert mend in found["mailbox"].mend or "resolvectl" in found["mailbox"].mend


async def test_a_mailroom_that_runs_leaves_the_test_alone(tmp_path: Path) -> None:
    """The daemon reads the same mailbox meanwhile: the test is no answer and no order."""
    async with relay() as there, office(tmp_path, there.port) as here:
        found = await steps(settings(there.port))
        raw = there.taken[0][2]
        taken = await here.daemon._mailroom.take(raw)

    assert True is found["self"].ok
    assert not taken
    assert b"auto-generated" in raw


# our own door


async def test_our_door_answers_while_the_daemon_runs(tmp_path: Path) -> None:
    """The check comes in as any program of the building does, and sends nothing."""
    port = free_port()
    listening = door().model_copy(update={"listen": f"127.0.0.1:{port}"})
    async with relay() as there, office(tmp_path, there.port, listening):
        found = await steps(settings(there.port), smtp=listening)

    assert True is found["door"].ok
    assert f"127.0.0.1:{port}" in found["door"].said


@pytest.mark.real_time
@pytest.mark.parametrize("days", [300, -1], ids=["valid", "expired"])
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_our_door_shows_its_certificate(tmp_path: Path, tls: Any, days: int) -> None:
    """Printers stop sending the day it ends, and say so to nobody."""
    port = free_port()
    pem, key = certificate(tmp_path, days=(-30, days))
    listening = SmtpSettings(listen=f"127.0.0.1:{port}", domain="tocsin.la-redorte.example",
                             tls=tls, certificate=pem, key=key)  # fmt: skip
    async with relay() as there, office(tmp_path, there.port, listening):
        found = await steps(settings(there.port), smtp=listening)

    assert (days > 0) is found["door"].ok
    assert "certificat" in found["door"].said
    assert days > 0 or str(pem) in found["door"].mend


async def test_a_door_that_is_shut_is_told_though_the_relay_is_unknown() -> None:
    """The two have nothing to do with each other."""
    shut = door().model_copy(update={"listen": f"127.0.0.1:{free_port()}"})
    found = await steps(settings(25, host="nothing.invalid"), smtp=shut)

    assert False is found["door"].ok
    assert "systemctl start tocsin" in found["door"].mend


async def test_another_program_on_our_port_is_not_taken_for_the_door() -> None:
    """A Postfix on the same machine answers politely too."""
    async with relay() as there:
        taken = door().model_copy(update={"listen": f"127.0.0.1:{there.port}"})
        found = await steps(settings(there.port), smtp=taken)

    assert "un autre programme" in found["door"].said


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
    assert "mail" == COMMANDS["mail"]
