"""The command line as a technician types it: what it says, where, and with which status.

Commands run in this process, by the same function that the program calls.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import wave
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from gateway.cli import register, restore, user
from gateway.cli.common import COMMANDS
from gateway.cli.serve import WRONG_CONFIGURATION
from gateway.clock import SystemClock
from gateway.config import load
from gateway.errors import Refused
from gateway.store import base, copies
from gateway.web_tls import WebTls
from tests.gateway.cli.conftest import CONFIG
from tests.gateway.store.ledger import ANNE, Ledger
from tests.gateway.store.test_mending import spoil
from tests.terminal import Terminal
from tts.level import active_level

SUB = [["user", "add"], ["user", "code"], ["modem", "list"]]


def a_database(folder: Path) -> Ledger:
    """Put a box's database in place: one broadcast, one person reached, one whose name is odd."""
    ledger = Ledger()
    ledger.send(ANNE, "=cmd@la-redorte.example")
    ledger.hand_over(ledger.take(), 7)
    ledger.report(ANNE, 7)
    (folder / "data").mkdir()
    file = base.connect(folder / "data" / "tocsin.db")
    ledger.db.backup(file)
    file.close()
    return ledger


@pytest.mark.parametrize("words", [[], *[[name] for name in COMMANDS], *SUB], ids=" ".join)
def test_every_command_explains_itself(tocsin: Terminal, words: list[str]) -> None:
    """Nobody reads a manual at three in the morning."""
    told = tocsin(*words, "--help")

    assert 0 == told.status
    assert "Usage:" in told.out
    assert len(told.out.splitlines()[2].strip()) > 10, "a sentence says what it is for"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_of_each_what_it_says_itself(name: str) -> None:
    """Two sentences that drift apart are one lie."""
    command = importlib.import_module(f"gateway.cli.{COMMANDS[name][0]}").command

    assert (command.help or "").split("\n\n")[0].split() == COMMANDS[name][1].split()


def test_the_list_of_commands_loads_none_of_them(tmp_path: Path) -> None:
    """On a Raspberry Pi that would be ten seconds for what one types first."""
    code = (
        "import sys, gateway.__main__ as m; sys.argv = ['tocsin', '--help']; m.main();"
        "print(sorted(n for n in sys.modules if n.startswith('gateway.')), file=sys.stderr)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )  # fmt: skip

    assert "doctor" in told.stdout
    assert "gateway.cli.common" in told.stderr
    assert "gateway.services" not in told.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["sendd"], ["send"], ["send", "texte"], ["send", "--to", ANNE], ["import"], ["say"],
        ["say", "bonjour"], ["report", "hier"], ["report", "--bogus"], ["emulator"], ["modem", "x"],
        ["send", "--urgency", "énorme", "--to", ANNE, "x"], ["import", "/does/not/exist.csv"],
        ["demo", "--modems", "beaucoup"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_wrong_usage_ends_with_two_and_says_so_on_standard_error(
    tocsin: Terminal, words: list[str]
) -> None:
    """A script must know a typing error from a refusal."""
    told = tocsin(*words)

    assert (2, "") == (told.status, told.out)
    assert "Error" in told.err


def test_sending_without_a_service_says_how_to_start_one(tocsin: Terminal) -> None:
    """The alert has not left: that, and the mend, must be the first thing read."""
    told = tocsin("send", "Crue.", "--to", ANNE)

    assert (1, "") == (told.status, told.out)
    assert "Tocsin ne tourne pas" in told.err
    assert "systemctl start tocsin" in told.err


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("", "town"),
        ("colour = 3\n" + CONFIG, "ligne 1 : colour : clé inconnue"),
        (CONFIG + "[web]\nlisten = 'nowhere'\n", "ligne 4 : web.listen"),
        (CONFIG + "[[modem]]\nname = 'x'\n", "port"),
        ("town = ", "pas du TOML"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(
    tocsin: Terminal, tmp_path: Path, config: str, said: str
) -> None:
    """With its key and line, in place of a traceback."""
    (tmp_path / "tocsin.toml").write_text(config, encoding="utf-8")
    told = tocsin("report")

    assert (1, "") == (told.status, told.out)
    assert said in told.err
    assert "Traceback" not in told.err


def test_a_missing_configuration_names_the_command_that_makes_one(
    tocsin: Terminal, tmp_path: Path
) -> None:
    """The first command anybody types."""
    told = tocsin("report", "--config", str(tmp_path / "none.toml"))

    assert 1 == told.status
    assert "tocsin init" in told.err


def test_a_report_can_be_read_without_a_service(tocsin: Terminal, tmp_path: Path) -> None:
    """The morning after, with the box switched off."""
    a_database(tmp_path)
    told = tocsin("report", "--json")

    assert 0 == told.status
    assert {"received", "excluded"} == {p["state"] for p in json.loads(told.out)["recipients"]}
    assert "reçu sur le téléphone" in tocsin("report", "1").out


def test_a_report_of_what_has_not_left_says_when_it_would(tocsin: Terminal, tmp_path: Path) -> None:
    """Nobody has it yet: its title alone would look as if it were lost."""
    a_database(tmp_path)
    with contextlib.closing(base.connect(tmp_path / "data" / "tocsin.db")) as db:
        db.execute(
            "UPDATE broadcast SET state = 'scheduled', awaited = 57, starts_at = ?",
            (datetime(2031, 5, 1, 18, 30, tzinfo=ZoneInfo("Europe/Paris")).timestamp(),),
        )
        db.execute("DELETE FROM recipient")
    told = tocsin("report", "1").out.splitlines()[1]

    assert told.startswith("programmé pour le jeudi 1er mai 2031 à 18 h 30, pour 57 personnes")
    assert "rien ne part avant « systemctl start tocsin »" in told


def test_a_report_opens_in_a_spreadsheet_and_runs_nothing_there(
    tocsin: Terminal, tmp_path: Path
) -> None:
    """A contact named like a formula must stay a name; a number keeps its plus."""
    a_database(tmp_path)
    lines = [line.split(";") for line in tocsin("report", "--csv").out.splitlines()]

    assert ["contact", "state", "reason", "channel", "endpoint", "job", "outcome"] == lines[0]
    assert [ANNE, "received", "", "sms", ANNE, "delivered", ""] == lines[1]
    assert "'=cmd@la-redorte.example" == lines[2][0]


@pytest.mark.parametrize("number", ["last", "7"])
def test_a_report_of_nothing_is_refused(tocsin: Terminal, number: str) -> None:
    """Not an empty table that looks like good news."""
    told = tocsin("report", number)

    assert (1, "") == (told.status, told.out)


def test_the_record_is_verified_and_a_change_is_named(tocsin: Terminal, tmp_path: Path) -> None:
    """For the inspector who asks who was warned when."""
    assert 1 == tocsin("report", "--verify").status
    a_database(tmp_path)
    assert "entier" in tocsin("report", "--verify").out
    file = base.connect(tmp_path / "data" / "tocsin.db")
    file.execute("UPDATE event SET at = at - 3600 WHERE seq = 2")
    file.close()
    told = tocsin("report", "--verify")

    assert (1, "") == (told.status, told.out)
    assert "n° 2" in told.err


@pytest.mark.parametrize("copy", [False, True])
def test_the_record_of_a_damaged_database_is_refused_with_the_mend_there_is(
    tocsin: Terminal, tmp_path: Path, copy: bool
) -> None:
    """A restart repairs from a copy; where there is none it would end what still runs."""
    a_database(tmp_path)
    database = tmp_path / "data" / "tocsin.db"
    if copy:
        copies.good_copy(database, 1.0)
    spoil(database, "event")
    told = tocsin("report", "--verify")

    assert (1, "", True) == (told.status, told.out, "abîmée" in told.err)
    assert ("systemctl restart tocsin" in told.err, "tocsin restore" in told.err) == (
        copy, not copy
    )  # fmt: skip
    assert "Traceback" not in told.err


@pytest.mark.parametrize("level", ["-18", "-24"])
def test_say_writes_what_a_telephone_can_play_at_the_level(
    tocsin: Terminal, tmp_path: Path, level: str
) -> None:
    """The technician listens to it before the commune does."""
    file = tmp_path / "a.wav"
    told = tocsin("say", "Crue de l'Ornaise.", "-o", str(file), "--level", level)
    with wave.open(str(file)) as sound:
        form = (sound.getframerate(), sound.getsampwidth(), sound.getnchannels())
        samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2") / 32768.0

    assert 0 == told.status
    assert (8000, 2, 1) == form
    assert active_level(samples, 8000) == pytest.approx(float(level), abs=1.0)


@pytest.mark.parametrize(("text", "place"), [("…", "a.wav"), ("Crue.", "none/a.wav")])
def test_what_cannot_be_said_or_written_is_refused(
    tocsin: Terminal, tmp_path: Path, text: str, place: str
) -> None:
    """Silence in a file would be found out in the call."""
    told = tocsin("say", text, "-o", str(tmp_path / place))

    assert (1, "") == (told.status, told.out)
    assert not (tmp_path / place).exists()


def test_init_makes_a_box_ready_and_gives_the_first_code(tocsin: Terminal, tmp_path: Path) -> None:
    """No default password: the code is printed here, once."""
    config = tmp_path / "etc" / "tocsin.toml"
    told = tocsin("init", "--config", str(config), "--town", 'L\'Haÿ "les" Roses', "--data-dir",
                  str(tmp_path / "data"))  # fmt: skip

    assert 0 == told.status
    assert 'name = "L\'Haÿ \\"les\\" Roses"' in config.read_text(encoding="utf-8")
    assert 0 == config.stat().st_mode & 0o007
    assert (tmp_path / "data" / "tocsin.db").exists()
    assert "donnez ce code" in told.out


def test_init_never_overwrites(tocsin: Terminal, tmp_path: Path) -> None:
    """Whoever types it twice has not lost what they wrote."""
    before = (tmp_path / "tocsin.toml").read_text(encoding="utf-8")
    first = tocsin("init", "--town", "Autre")
    tocsin("init", "--town", "Autre")

    assert 0 == first.status
    assert before == (tmp_path / "tocsin.toml").read_text(encoding="utf-8")
    assert "gardé tel quel" in first.out


def test_an_account_is_made_from_a_file_and_twice_is_refused(
    tocsin: Terminal, tmp_path: Path
) -> None:
    """The installer's script, run again."""
    secret = tmp_path / "secret"
    secret.write_text("un mot de passe bien long\n", encoding="utf-8")
    words = ("user", "add", "maire", "--password-file", str(secret))
    first, second = tocsin(*words), tocsin(*words)
    code = tocsin("user", "code")

    assert (0, 1, 1) == (first.status, second.status, code.status)
    assert "maire" in first.out
    assert "existe" in code.err


def test_names_typed_beside_a_stopped_box_hold_no_controls(
    tocsin: Terminal, tmp_path: Path
) -> None:
    """Pasted with its colours, a name would paint the terminal of whoever reads the journal."""
    secret = tmp_path / "secret"
    secret.write_text("un mot de passe bien long\n", encoding="utf-8")
    words = ("--password-file", str(secret))
    login = tocsin("user", "add", "mai\x1b[31mre", *words)
    named = tocsin("user", "add", "maire", "--name", "Mme \x1b[31mMaire\u202e", *words)
    with contextlib.closing(base.connect(tmp_path / "data" / "tocsin.db")) as db:
        kept = [tuple(row) for row in db.execute("SELECT login, name FROM account")]

    assert (1, 0) == (login.status, named.status)
    assert [("maire", "Mme [31mMaire")] == kept


def test_a_town_named_with_a_control_is_named_without_it(tocsin: Terminal, tmp_path: Path) -> None:
    """The file would be written, and refused by its own program."""
    config = tmp_path / "etc" / "tocsin.toml"
    told = tocsin("init", "--config", str(config), "--town", "La Red\x1borte", "--data-dir",
                  str(tmp_path / "data"))  # fmt: skip

    assert 0 == told.status
    assert 'name = "La Redorte"' in config.read_text(encoding="utf-8")


def test_a_base_that_is_gone_though_backups_are_there_is_told_to_whoever_begins_anew(
    tocsin: Terminal, tmp_path: Path
) -> None:
    """A new disk, or one not mounted: nothing of the town is beside the empty base."""
    drawer = tmp_path / "drawer"
    drawer.mkdir()
    with (tmp_path / "tocsin.toml").open("a") as file:
        file.write(f'[backup]\nto = ["{drawer}"]\n')
    born = tocsin("user", "code")
    shutil.rmtree(tmp_path / "data")
    (drawer / "tocsin-ailleurs-20261101T020000Z.tar.zst").touch()
    another = tocsin("user", "code")
    shutil.rmtree(tmp_path / "data")
    (drawer / "tocsin-la-redorte-20261101T020000Z.tar.zst.age").touch()
    lost = tocsin("user", "code")
    seen = tocsin("doctor", "--json")

    assert ["tocsin restore" in one.err for one in (born, another, lost)] == [False, False, True]
    assert "La base a disparu" in seen.out


def test_an_account_whose_password_or_telephone_is_lost_is_helped(
    tocsin: Terminal, tmp_path: Path
) -> None:
    """Where the only administrator is the one who forgot."""
    secret = tmp_path / "secret"
    secret.write_text("un mot de passe bien long\n", encoding="utf-8")
    tocsin("user", "add", "maire", "--password-file", str(secret))
    fresh, nobody = tocsin("user", "password", "maire"), tocsin("user", "password", "personne")
    none = tocsin("user", "two-factor", "--reset", "maire")

    assert (0, 1, 1) == (fresh.status, nobody.status, none.status)
    assert re.search(r": [a-z2-9]{4}(-[a-z2-9]{4}){2}\n", fresh.out)
    assert "Aucun compte" in nobody.err
    assert "n'a pas de vérification" in none.err


def test_the_boxs_certificate_is_shown_once_there_is_one(tocsin: Terminal, tmp_path: Path) -> None:
    """Its fingerprint is what a secretary compares; a loopback page has none."""
    without = tocsin("certificate")
    config = tmp_path / "tocsin.toml"
    with config.open("a") as file:
        file.write('[web]\nlisten = "0.0.0.0:8443"\nnames = ["alerte.example"]\n')
    early = tocsin("certificate")
    WebTls(load(config), SystemClock()).load(SystemClock().now())
    shown = tocsin("certificate", "-o", str(tmp_path / "box.crt"))

    assert (1, 1, 0) == (without.status, early.status, shown.status)
    assert "démarrez le service" in early.err
    assert "https://alerte.example:8443/certificat" in shown.out
    digest = hashlib.sha256((tmp_path / "box.crt").read_bytes()).hexdigest()
    assert digest in shown.out.replace(":", "").lower()


def test_a_short_password_is_refused(tocsin: Terminal, tmp_path: Path) -> None:
    """« mairie » opens too many doors already."""
    secret = tmp_path / "secret"
    secret.write_text("mairie\n", encoding="utf-8")

    assert 1 == tocsin("user", "add", "maire", "--password-file", str(secret)).status


def test_the_modems_are_listed_without_a_service(tocsin: Terminal, tmp_path: Path) -> None:
    """Before the first start, one looks for the ports."""
    with (tmp_path / "tocsin.toml").open("a") as file:
        file.write('[[modem]]\nname = "orange-1"\nport = "/dev/nothing"\n')
    modems: list[dict[str, Any]] = json.loads(tocsin("modem", "list", "--json").out)

    assert ("orange-1", False) == (modems[0]["name"], modems[0]["present"])


@pytest.mark.parametrize(
    "words", [["--modems", "0"], ["--profile", "nokia"]], ids=["no modem", "unknown profile"]
)
def test_the_emulator_refuses_what_it_cannot_imitate(
    tocsin: Terminal, tmp_path: Path, words: list[str]
) -> None:
    """And names what it can."""
    told = tocsin("emulator", "--dir", str(tmp_path / "e"), *words)

    assert (1, "") == (told.status, told.out)


def test_a_file_that_is_no_text_is_refused_with_the_mend(tmp_path: Path) -> None:
    """A picture of the sheet, or the sealed file itself: a traceback said nothing of either."""
    picture = tmp_path / "feuille.jpg"
    picture.write_bytes(b"\xff\xd8\xff\xe0")

    for read in (restore._key, register.typed_key, user._password):
        with pytest.raises(Refused, match=r"feuille\.jpg n'est pas un fichier de texte"):
            read(picture)


def test_an_upgrade_tells_a_wrong_configuration_from_a_version_that_cannot_run(
    tocsin: Terminal, tmp_path: Path
) -> None:
    """The package then says which line is to be corrected, not that it is itself at fault."""
    (tmp_path / "tocsin.toml").write_text("[relai]\nhost = 3\n", encoding="utf-8")
    told = tocsin("upgrade", "rehearse")

    assert WRONG_CONFIGURATION == told.status
    assert "relai" in told.err
    assert f"= {WRONG_CONFIGURATION} ]" in Path("systemd/activate").read_text(encoding="utf-8")
