"""``tocsin init``: the modems found and named, the whole file written, the first account made."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gateway import config as configuration
from gateway import provisional
from gateway.cli import init
from gateway.cli.finding import Found
from gateway.cli.init_file import Answers, text_of
from gateway.cli.init_questions import asked
from gateway.config import Config
from gateway.provisional import is_provisional
from modem.probe import Probe
from tests.acceptance.box import emulated
from tests.acceptance.nursery import Nursery
from tests.terminal import Terminal, typed

STICK = Found(
    "modem-1", "/dev/ttyUSB2", True,
    Probe("/dev/ttyUSB2", answers=True, manufacturer="SIMCOM", model="SIM7600G-H",
          imei="860000000000001", iccid="8933"),
)  # fmt: skip


@pytest.fixture
def tocsin() -> Terminal:
    return typed


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    """A file that its own program refuses would be found out after the technician has left."""
    path = tmp_path / "tocsin.toml"
    answers = Answers(
        'L\'Haÿ "les" Roses', "Europe/Paris", tmp_path, "127.0.0.1:8080", "smtp.example.org:587",
        "starttls", "mairie@example.org", "/etc/tocsin/secrets/relay-password",
        "mairie@example.org", "technicien@example.org", ("usb:TOCSIN",), "+33639980050",
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
    assert ("+33639980050", "technicien@example.org", "sms") == heard(config)


def heard(config: Config) -> tuple[str | None, str | None, str]:
    """Return who hears how a box is, and by which way each morning."""
    health = config.health
    return health.technician_sms, health.technician_mail, health.sign_of_life


@pytest.mark.parametrize(
    ("mobile", "mail", "relay", "expected"),
    [
        ("+33639980050", "", "", ("+33639980050", None, "sms")),
        ("", "t@example.org", "smtp.example.org:587", (None, "t@example.org", "mail")),
        ("", "t@example.org", "", (None, "t@example.org", "none")),
        ("", "", "", (None, None, "none")),
    ],
)
def test_a_new_box_gives_a_sign_of_life_by_the_way_it_has(
    tmp_path: Path, mobile: str, mail: str, relay: str, expected: tuple[str | None, str | None, str]
) -> None:
    """A box nobody hears of is a box nobody knows to be dead."""
    path = tmp_path / "tocsin.toml"
    answers = Answers(
        "La Redorte", "Europe/Paris", tmp_path, "127.0.0.1:8080", relay, technician=mail,
        technician_sms=mobile, sender="mairie@example.org",
    )  # fmt: skip
    path.write_text(text_of(answers, []), encoding="utf-8")

    assert expected == heard(configuration.load(path))


QUESTIONS: list[tuple[str, str]] = [
    ("06 39 98 00 50", "+33639980050"), ("", ""), ("01 99 00 12 34\n0639980050", "+33639980050"),
    ("le portable\n", ""),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "kept"), QUESTIONS)
def test_the_technician_s_mobile_is_asked_for_until_it_is_one_or_none(
    tmp_path: Path, typed: str, kept: str
) -> None:
    """A landline would take every alarm and show none; a slip is said, and asked again."""
    found: list[Answers] = []
    blank = Answers("La Redorte", "Europe/Paris", tmp_path, "127.0.0.1:8080")
    ask = click.Command("ask", callback=lambda: found.append(asked(blank, tmp_path / "x.toml")))
    done = CliRunner().invoke(ask, input=f"\n\n{typed}\n")

    assert 0 == done.exit_code, done.output
    assert kept == found[0].technician_sms
    assert ("n'est pas un" in done.output) == ("\n" in typed)


def test_every_answer_is_asked_for_until_it_can_be_used(tmp_path: Path) -> None:
    """Whoever has typed a password must not begin anew for a missing port."""
    found: list[Answers] = []
    blank = Answers("La Redorte", "Europe/Paris", tmp_path, "127.0.0.1:8080")
    ask = click.Command("ask", callback=lambda: found.append(asked(blank, tmp_path / "x.toml")))
    typed = (
        "smtp.example.org", "smtp.example.org:587", "pas une adresse", "tech@example.org", "",
        "mairie", "mairie@example.org", "", "secret",
    )  # fmt: skip
    done = CliRunner().invoke(ask, input="\n".join(typed) + "\n")

    assert 0 == done.exit_code, done.output
    assert "NOM:PORT, comme" in done.output
    assert done.output.count("nom@exemple.fr") == 2
    assert ("smtp.example.org:587", "tech@example.org", "mairie@example.org") == (
        found[0].relay, found[0].technician, found[0].sender,
    )  # fmt: skip


RELAYS: list[tuple[str, str]] = [
    (":25", "nom ou l'adresse du serveur"), (":", "nom ou l'adresse du serveur"),
    ("mail.example:", "il manque le port"), ("mail.example", "il manque le port"),
    ("::1", "entre crochets"), ("::1:25", "entre crochets"), ("[::1]", "il manque le port"),
    ("mail:abc", "un nombre de 1 à 65535"), ("mail:99999", "un nombre de 1 à 65535"),
    ("mail:0", "un nombre de 1 à 65535"), ("mail:-25", "un nombre de 1 à 65535"),
    ("mail:٢٥", "un nombre de 1 à 65535"), ("::", "entre crochets"),
    ("fe80::1:2:3:4:5:6:7:25", "entre crochets"),
    ("user@host", "ni identifiant"), ("user@host:25", "ni identifiant"),
    ("smtp://mail.example:25", "sans « smtp:// »"), ("mail example:25", "pas le nom"),
    ("[mail]:25", "pas le nom"), ("mail..example:25", "pas le nom"), ("-:25", "pas le nom"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "why"), RELAYS)
def test_a_relay_that_is_none_is_refused_for_what_is_wrong_of_it(
    tmp_path: Path, tocsin: Terminal, typed: str, why: str
) -> None:
    """« No port », said of « :25 », has one look at the half that is right."""
    config = tmp_path / "tocsin.toml"
    status, _, complaint = tocsin(
        "init", "--config", str(config), "--town", "x", "--relay", typed,
        "--sender", "mairie@example.org",
    )  # fmt: skip

    assert 1 == status
    assert why in complaint
    assert ("smtp.exemple.fr:587" in complaint, config.exists()) == (True, False)


@pytest.mark.parametrize(
    ("typed", "host", "port"),
    [
        ("[::1]:25", "::1", 25), (" smtp.example.org:587 ", "smtp.example.org", 587),
        ("192.0.2.25:025", "192.0.2.25", 25), ("mail:65535", "mail", 65535),
    ],
)  # fmt: skip
def test_a_relay_that_is_one_is_written_as_it_is_dialled(
    tmp_path: Path, tocsin: Terminal, typed: str, host: str, port: int
) -> None:
    """The brackets of an address belong to how it is written, not to the address."""
    config = tmp_path / "tocsin.toml"
    tocsin(
        "init", "--config", str(config), "--town", "x", "--data-dir", str(tmp_path / "data"),
        "--relay", typed, "--sender", "mairie@example.org",
    )  # fmt: skip
    relay = configuration.load(config).relay

    assert relay is not None
    assert (host, port) == (relay.host, relay.port)


@pytest.mark.parametrize("place", ["absent/feuille.pdf", "dossier"])
def test_a_sheet_that_has_no_place_is_refused_before_anything_is_done(
    tmp_path: Path, tocsin: Terminal, place: str
) -> None:
    """The key would be made and its sheet not kept."""
    (tmp_path / "dossier").mkdir()
    config = tmp_path / "tocsin.toml"
    status, said, complaint = tocsin(
        "init", "--config", str(config), "--town", "x", "--register-sheet", str(tmp_path / place)
    )

    assert (1, "") == (status, said)
    assert "mkdir -p" in complaint or "un autre fichier" in complaint
    assert not config.exists()


def test_a_configuration_that_cannot_be_written_says_what_to_do(
    tmp_path: Path, tocsin: Terminal
) -> None:
    """No traceback for a forgotten sudo."""
    (tmp_path / "file").touch()
    status, _, complaint = tocsin("init", "--config", str(tmp_path / "file/tocsin.toml"),
                                  "--town", "x")  # fmt: skip

    assert 1 == status
    assert "avec sudo" in complaint


def test_options_that_make_no_file_name_no_line_of_one(tmp_path: Path, tocsin: Terminal) -> None:
    """« Line 27 of tocsin.toml.part » is of a file that is gone."""
    config = tmp_path / "tocsin.toml"
    status, _, complaint = tocsin(
        "init", "--config", str(config), "--town", "x", "--listen", "999.0.0.1:80"
    )

    assert 1 == status
    assert "Rien n'est écrit" in complaint
    assert "999.0.0.1:80" in complaint
    assert ".part" not in complaint
    assert not list(tmp_path.glob("tocsin.toml*"))


@pytest.mark.real_time
def test_options_for_a_file_that_is_there_are_said_to_have_done_nothing(
    tmp_path: Path, tocsin: Terminal
) -> None:
    """A second run to correct the town would look as if it had."""
    config, data = tmp_path / "tocsin.toml", tmp_path / "data"
    base = ("init", "--config", str(config), "--data-dir", str(data), "--town", "La Redorte")
    tocsin(*base)
    status, _, complaint = tocsin(*base, "--technician-sms", "06 39 98 00 50")

    assert 0 == status
    assert "--town, --data-dir, --technician-sms" in complaint


def test_a_landline_given_as_the_technician_s_mobile_is_refused_before_anything_is_written(
    tmp_path: Path, tocsin: Terminal
) -> None:
    """An installer's script, with the number of the office."""
    config = tmp_path / "tocsin.toml"
    status, _, complaint = tocsin(
        "init", "--config", str(config), "--town", "x", "--technician-sms", "01 99 00 12 34"
    )

    assert 1 == status
    assert "n'est pas un mobile" in complaint
    assert not config.exists()


def test_a_file_with_nothing_but_the_town_is_read_too(tmp_path: Path) -> None:
    """The rest is in comments, ready to be filled in."""
    path = tmp_path / "tocsin.toml"
    answers = Answers("La Redorte", "Indian/Reunion", tmp_path, "127.0.0.1:8080")
    path.write_text(text_of(answers, []), encoding="utf-8")

    assert ((), None) == (configuration.load(path).modem, configuration.load(path).relay)
    for line in path.read_text(encoding="utf-8").splitlines():
        assert "\n" not in line


@pytest.mark.real_time
def test_a_machine_is_made_ready_in_one_command(tmp_path: Path, imported: Nursery) -> None:
    """Half an hour is what the technician has, and most of it is for the aerial."""
    config = tmp_path / "etc/tocsin.toml"
    with emulated(tmp_path / "e", "--pace", "fast", nursery=imported) as emulator:
        done = imported.run(
            ["init", "--config", str(config), "--town", "La Redorte",
             "--data-dir", str(tmp_path / "data"), "--admin", "maire",
             "--technician-sms", "06 39 98 00 50",
             "--port", emulator.modems[0]["at"], "--port", str(tmp_path / "absent")],
            "un mot de passe bien long\n",
        )  # fmt: skip
    loaded = configuration.load(config)

    assert 0 == done.returncode, done.stderr
    assert [emulator.modems[0]["at"]] == [modem.port for modem in loaded.modem]
    assert "absent" in done.stderr
    assert "Compte « maire » créé" in done.stdout
    assert ("+33639980050", None, "sms") == heard(loaded)
    assert 0 == config.stat().st_mode & 0o007


@pytest.mark.real_time
def test_a_relay_without_a_sender_is_refused_before_anything_is_written(
    tmp_path: Path, tocsin: Terminal
) -> None:
    """Mail from nobody is refused by every relay."""
    config = tmp_path / "tocsin.toml"
    status, _, complaint = tocsin(
        "init", "--config", str(config), "--town", "x", "--relay", "smtp.example.org:587"
    )

    assert 1 == status
    assert "--sender" in complaint
    assert not config.exists()


Adding = Callable[[str, list[Found]], tuple[Path, tuple[object, str, str]]]


@pytest.fixture
def adding(tmp_path: Path, tocsin: Terminal, monkeypatch: pytest.MonkeyPatch) -> Adding:
    """Run ``init --modems`` on a file somebody wrote, with these modems plugged in."""

    def run(mine: str, plugged: list[Found]) -> tuple[Path, tuple[object, str, str]]:
        config = tmp_path / "tocsin.toml"
        config.write_text(mine, encoding="utf-8")
        monkeypatch.setattr(init, "_found", lambda _: plugged)
        return config, tocsin("init", "--config", str(config), "--town", "x", "--modems")

    return run


def test_init_adds_the_modems_found_to_a_file_that_is_somebody_s(
    tmp_path: Path, adding: Adding
) -> None:
    """« tocsin init --modems » is what every page advises where a modem lacks."""
    mine = (f'data_dir = "{tmp_path}/data"  # à nous\n[town]\nname = "Azille"\n'
            '[[modem]]\nname = "modem-1"\nport = "/dev/tocsin/at-x"\n')  # fmt: skip
    there = replace(STICK, port="/dev/tocsin/at-x", probe=replace(STICK.probe, imei="1" * 15))
    config, (status, said, _) = adding(mine, [there, STICK])
    written = config.read_text(encoding="utf-8")

    assert 0 == status
    assert written.startswith(mine)
    assert ["modem-1", "modem-2"] == [one.name for one in configuration.load(config).modem]
    assert 'imei = "860000000000001"' in said
    assert mine == config.with_name("tocsin.toml.old").read_text(encoding="utf-8")
    _, (_, again, _) = adding(written, [there, STICK])
    assert "aucun modem à y ajouter" in again


def test_init_leaves_a_file_that_takes_no_table_as_it_was_and_says_what_to_write(
    tmp_path: Path, adding: Adding
) -> None:
    """TOML has two ways to write a list of tables, and they do not mix."""
    mine = (f'data_dir = "{tmp_path}/data"\nmodem = [{{ name = "a", port = "/dev/a" }}]\n'
            '[town]\nname = "Azille"\n')  # fmt: skip
    config, (status, _, complaint) = adding(mine, [STICK])

    assert 1 == status
    assert 'imei = "860000000000001"' in complaint
    assert mine == config.read_text(encoding="utf-8")
    assert not config.with_name("tocsin.toml.part").exists()


@pytest.mark.real_time
@pytest.mark.parametrize("option", ["--technician", "--sender"])
def test_an_address_that_is_none_is_refused_before_anything_is_written(
    tmp_path: Path, tocsin: Terminal, option: str
) -> None:
    """A box whose alarms go nowhere looks as good as another."""
    config = tmp_path / "tocsin.toml"
    status, _, complaint = tocsin(
        "init", "--config", str(config), "--town", "x", "--no-modems", option, "pas une adresse"
    )

    assert 1 == status
    assert option in complaint
    assert "nom@exemple.fr" in complaint
    assert not config.exists()


@pytest.mark.real_time
def test_a_folder_that_cannot_be_leaves_no_file_behind(tmp_path: Path, tocsin: Terminal) -> None:
    """The next try, with the right folder, would find the file and keep the wrong one."""
    config = tmp_path / "etc/tocsin.toml"
    (tmp_path / "data").write_text("a file")
    status, _, complaint = tocsin(
        "init", "--config", str(config), "--town", "x", "--no-modems", "--data-dir",
        str(tmp_path / "data/here"),
    )  # fmt: skip

    assert 1 == status
    assert f"rien ne peut être écrit dans {tmp_path}/data/here" in complaint
    assert [] == list(config.parent.iterdir())


@pytest.mark.real_time
def test_the_sheet_of_the_register_survives_a_refused_password(
    tmp_path: Path, tocsin: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the only copy outside the machine: shown with the refusal, or at the next try."""
    base = ("init", "--config", str(tmp_path / "tocsin.toml"), "--data-dir", str(tmp_path / "data"))

    def run(password: str) -> tuple[object, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        status, said, _ = tocsin(*base, "--town", "La Redorte", "--admin", "maire")
        return status, said

    refused, first = run("court")
    (tmp_path / "data/register-sheet-unseen").touch()  # as if it had been cut off before showing
    made, second = run("trois mots au hasard 7")
    _, third = run("trois mots au hasard 7")

    assert (1, 0) == (refused, made)
    assert "CLÉ DU REGISTRE" in first
    assert "CLÉ DU REGISTRE" in second
    assert "CLÉ DU REGISTRE" not in third


@pytest.mark.real_time
def test_the_file_of_the_package_is_replaced_and_that_of_a_human_never(
    tmp_path: Path, tocsin: Terminal
) -> None:
    """The service runs from the first minute; what somebody has written since is theirs."""
    config = tmp_path / "tocsin.toml"
    base = ("init", "--config", str(config), "--data-dir", str(tmp_path / "data"))

    def run(*more: str) -> str:
        status, said, complaint = tocsin(*base, *more)
        assert 0 == status, complaint
        return said

    run("--provisional")
    assert is_provisional(config)
    assert provisional.TOWN == configuration.load(config).town.name

    said = run("--town", "La Redorte")
    assert "écrit" in said
    assert "La Redorte" == configuration.load(config).town.name
    assert is_provisional(config.with_name("tocsin.toml.old")), "what was there is kept beside it"

    written = config.read_text(encoding="utf-8")
    assert "gardé tel quel" in run("--town", "Azille")
    run("--provisional")
    assert written == config.read_text(encoding="utf-8")


@pytest.mark.real_time
def test_each_modem_proves_itself_before_the_technician_leaves(
    tmp_path: Path, imported: Nursery
) -> None:
    """A modem that answers and cannot send is found out while somebody stands beside it."""
    config = tmp_path / "tocsin.toml"
    with emulated(tmp_path / "e", "--pace", "fast", nursery=imported) as emulator:
        done = imported.run(
            ["init", "--config", str(config), "--town", "La Redorte", "--check",
             "--data-dir", str(tmp_path / "data"), "--port", emulator.modems[0]["at"]],
        )  # fmt: skip

    assert 0 == done.returncode, done.stderr
    assert "modem-1" in done.stdout
    assert "✓" in done.stdout
