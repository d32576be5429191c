"""The journal goes to whoever helps from afar: it holds no name, number, text or password."""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from tests.acceptance.box import Box, emulated, free_port, port_of, serving, until
from tests.acceptance.plug import Post

pytestmark = pytest.mark.real_time

PASSWORD, WRONG = "un mot de passe bien long", "motdepasse-du-maire"
TEXT = "Crue : gagnez la salle communale."
LIST = "Nom;Prénom;Tél;Tél 2;Courriel;Groupe\nNègrecol;Solène;{};{};{};rive\n"
MOBILE, FARM, MAIL = "06 39 98 00 01", "01 99 00 00 01", "solene@la-redorte.example"
_NUMBER = re.compile(r"(\+33|\b0)[1-9]([ .-]?\d\d){4}\b")


def test_a_whole_run_at_the_level_of_debugging_tells_nobody_s_name_or_number(
    tmp_path: Path,
) -> None:
    """A list, an alert by three channels, an answer, a user, a wrong password."""
    relay = Controller(Post(), hostname="127.0.0.1", port=free_port())
    relay.start()
    people = tmp_path / "liste.csv"
    people.write_text(LIST.format(MOBILE, FARM, MAIL), encoding="utf-8")
    cast = {
        FARM: {"answers_after": 0.2, "hangs_up_after": 1.0},
        MOBILE: {"replies": "Bonjour, je suis Solène Nègrecol", "replies_after": 0.1},
    }
    try:
        with emulated(tmp_path / "e", "--pace", "fast", cast=cast) as emulator:
            box = Box(tmp_path / "box", [port_of(emulator.modems[0])], relay=relay.port)
            box.options = ("--log-level", "debug")
            with serving(box):
                box.tocsin("user", "add", "maire", stdin=PASSWORD + "\n")
                box.ask("import", str(people))
                box.ask("send", TEXT, "--group", "rive", "--urgency", "vital", "--wait",
                        "--channel", "sms", "--channel", "voice", "--channel", "email")  # fmt: skip
                _log_in_wrongly(box)
                until(lambda: "message received" in _journal(box), "the answer has come")
    finally:
        relay.stop()
    journal = _journal(box)

    assert "attempt ended" in journal
    for secret in (PASSWORD, WRONG, TEXT, "Nègrecol", "Solène", MAIL, "Bonjour"):
        assert secret not in journal
    assert [] == [found[0] for found in _NUMBER.finditer(journal)]


def _journal(box: Box) -> str:
    return box.log.read_text(encoding="utf-8").encode().decode("unicode_escape", "replace")


def _log_in_wrongly(box: Box) -> None:
    origin = f"http://127.0.0.1:{box.listen}"
    form = urllib.parse.urlencode({"login": "maire", "password": WRONG}).encode()
    browser = urllib.request.build_opener()
    browser.addheaders = [("Origin", origin)]
    with pytest.raises(urllib.error.HTTPError):
        browser.open(f"{origin}/connexion", form, timeout=10)
