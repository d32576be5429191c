"""The journal goes to whoever helps from afar: it holds no name, number, text or password."""

from __future__ import annotations

import base64
import contextlib
import re
import secrets
import smtplib
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from gateway import config as configuration
from gateway.services.software import hash_of
from gateway.store import software
from gateway.store.base import connect
from tests.acceptance.box import Box, emulated, free_port, port_of, serving, until
from tests.acceptance.imap import FalseImap, false_imap
from tests.acceptance.nursery import Nursery
from tests.acceptance.plug import Post

pytestmark = pytest.mark.real_time

PASSWORD, WRONG = "un mot de passe bien long", "motdepasse-du-maire"
RELAY, MAILBOX, METRICS = "relais-clair-de-lune", "boite-argent-double", "mesures-vent-d-autan"
PIN, WRONG_TOKEN = "73914826", "tocsin_pas-celui-la-du-tout"
TEXT = "Crue : gagnez la salle communale."
LIST = "Nom;Prénom;Tél;Tél 2;Courriel;Groupe\nNègrecol;Solène;{};{};{};rive\n"
MOBILE, FARM, MAIL = "06 39 98 00 01", "01 99 00 00 01", "solene@la-redorte.example"
_NUMBER = re.compile(r"(\+33|\b0)[1-9]([ .-]?\d\d){4}\b")


def test_a_whole_run_at_the_level_of_debugging_tells_nobody_s_name_or_number(
    tmp_path: Path, imported: Nursery
) -> None:
    """A list, an alert by three channels, an answer, a user, a wrong password."""
    relay, given = _relay()
    people = tmp_path / "liste.csv"
    people.write_text(LIST.format(MOBILE, FARM, MAIL), encoding="utf-8")
    cast = {
        FARM: {"answers_after": 0.2, "hangs_up_after": 1.0},
        MOBILE: {"replies": "Bonjour, je suis Solène Nègrecol", "replies_after": 0.1},
    }
    try:
        with (
            false_imap("boite", MAILBOX) as imap,
            emulated(
                tmp_path / "e", "--pace", "fast", "--pin", PIN, cast=cast, nursery=imported
            ) as emulator,
        ):
            modem = port_of(emulator.modems[0], pin_file=_secret(tmp_path, "pin", PIN))
            box = Box(tmp_path / "box", [modem], relay=relay.port,
                      more_lines=_tables(tmp_path, imap), nursery=imported)  # fmt: skip
            box.options = ("--log-level", "debug")
            with serving(box):
                token = _token(box)
                box.tocsin("user", "add", "maire", stdin=PASSWORD + "\n")
                box.ask("import", str(people))
                box.ask("send", TEXT, "--group", "rive", "--urgency", "vital",
                        "--channel", "sms", "--channel", "voice", "--channel", "email")  # fmt: skip
                _log_in_wrongly(box)
                answers = [_program(box, one) for one in (token, WRONG_TOKEN, METRICS)]
                _mailer(box, token)
                until(lambda: _journal(box).count("attempt ended") >= 3, "all three are out")
                until(imap.opened.is_set, "the mailbox was read")
                until(lambda: "message received" in _journal(box), "the answer has come")
    finally:
        relay.stop()
    journal = _journal(box)

    assert "attempt ended" in journal
    assert [200, 401, 401] == answers, "the token was looked at"
    assert {("mairie", RELAY)} == set(given), "the relay was given its password"
    hidden = (RELAY, MAILBOX, PIN, token, WRONG_TOKEN, METRICS, PASSWORD, WRONG)
    for secret in (*hidden, TEXT, "Nègrecol", "Solène", MAIL, "Bonjour"):
        assert secret not in journal
        assert base64.b64encode(secret.encode()).decode() not in journal
    assert [] == [found[0] for found in _NUMBER.finditer(journal)]


def _relay() -> tuple[Controller, list[tuple[str, str]]]:
    """Return a relay that asks for a password, and a list of those it was given."""
    given: list[tuple[str, str]] = []

    def known(*told: Any) -> AuthResult:
        login: LoginPassword = told[-1]
        given.append((login.login.decode(), login.password.decode()))
        return AuthResult(success=given[-1] == ("mairie", RELAY))

    made = Controller(
        Post(), hostname="127.0.0.1", port=free_port(), authenticator=known,
        auth_require_tls=False,
    )  # fmt: skip
    made.start()
    return made, given


def _secret(folder: Path, name: str, value: str) -> str:
    file = folder / name
    file.write_text(f"{value}\n", encoding="utf-8")
    file.chmod(0o600)
    return str(file)


def _tables(folder: Path, imap: FalseImap) -> list[str]:
    """Return the rest of [relay], and the tables of what else has a secret."""
    return [
        'username = "mairie"', f'password_file = "{_secret(folder, "relay", RELAY)}"',
        "[mailbox]", 'host = "127.0.0.1"', f"port = {imap.port}", 'tls = "none"',
        'username = "boite"', f'password_file = "{_secret(folder, "mailbox", MAILBOX)}"',
        "[smtp]", f'listen = "127.0.0.1:{free_port()}"', 'domain = "tocsin.example"',
        "[health]", f'metrics_token_file = "{_secret(folder, "metrics", METRICS)}"',
    ]  # fmt: skip


def _token(box: Box) -> str:
    """Let a program in, as the page does; return its token."""
    token = f"tocsin_{secrets.token_urlsafe(32)}"
    with contextlib.closing(connect(box.data / "tocsin.db")) as db, db:
        software.add(db, 1, "Sirène", hash_of(token), "Essai", 0.0)
    return token


def _program(box: Box, token: str) -> int:
    """Ask as a program does, for messages and for the numbers; return the first's status."""
    statuses = []
    for path in ("/api/v1/messages", "/metrics"):
        browser = urllib.request.build_opener()
        browser.addheaders = [("Authorization", f"Bearer {token}")]
        try:
            with browser.open(f"http://127.0.0.1:{box.listen}{path}", timeout=10) as answer:
                statuses.append(answer.status)
        except urllib.error.HTTPError as error:
            statuses.append(error.code)
    return statuses[0]


def _mailer(box: Box, token: str) -> None:
    """Log in at our own mail door with the right token, then with a wrong one."""
    port = int(configuration.load(box.config).smtp.port)  # type: ignore[union-attr]
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as door:
        door.login("sirene", token)
    wrong = pytest.raises(smtplib.SMTPAuthenticationError)
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as door, wrong:
        door.login("sirene", WRONG_TOKEN)


def _journal(box: Box) -> str:
    return box.log.read_text(encoding="utf-8").encode().decode("unicode_escape", "replace")


def _log_in_wrongly(box: Box) -> None:
    origin = f"http://127.0.0.1:{box.listen}"
    form = urllib.parse.urlencode({"login": "maire", "password": WRONG}).encode()
    browser = urllib.request.build_opener()
    browser.addheaders = [("Origin", origin)]
    with pytest.raises(urllib.error.HTTPError):
        browser.open(f"{origin}/connexion", form, timeout=10)
