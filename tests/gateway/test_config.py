"""The configuration file: what is wrong is named with its line, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import load
from gateway.config_words import line_of
from gateway.errors import ConfigError
from tests.faults.table import fault

GOOD = """\
data_dir = "/tmp/tocsin"

[town]
name = "La Redorte"

[[modem]]
name = "orange-1"
port = "/dev/ttyUSB2"

[[modem]]
name = "sfr-1"
match = { imei = "868501052524277" }
role = "sms"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "tocsin.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_documented_keys_are_read(tmp_path: Path) -> None:
    """Installers rely on these names."""
    config = load(written(tmp_path, GOOD))

    assert ("La Redorte", "Europe/Paris") == (config.town.name, config.town.timezone)
    assert ["both", "sms"] == [modem.role for modem in config.modem]
    assert ["ordinary", "ordinary"] == [modem.regime for modem in config.modem]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('role = "sms"', 'rôle = "sms"', 0, "TOML"),
        ('role = "sms"', 'roel = "sms"', 13, "clé inconnue"),
        ('role = "sms"', 'role = "fax"', 13, "'sms', 'voice' ou 'both'"),
        ('name = "La Redorte"', "", 3, "clé obligatoire absente"),
        ('data_dir = "/tmp/tocsin"', 'datadir = "/tmp/tocsin"', 1, "clé inconnue"),
        ('port = "/dev/ttyUSB2"', "", 6, "il faut port"),
        ('name = "sfr-1"', 'name = "orange-1"', 6, "deux modems"),
        ('name = "La Redorte"', 'name = "x"\ntimezone = "Paris"', 5, "Europe/Paris"),
        ('"868501052524277"', '"12"', 12, "15 chiffres"),
        ("{ imei =", "{ imeii =", 12, "clé inconnue"),
        ('role = "sms"', 'role = "sms" x', 13, "guillemets droits"),
        ('role = "sms"', 'name = "y"', 13, "deux fois"),
        ('match = { imei = "868501052524277" }', 'port = "/dev/ttyUSB2"', 6, "ont le port"),
        ('port = "/dev/ttyUSB2"', 'match = { imei = "868501052524277" }', 6, "ont l'IMEI"),
        ("[[modem]]", "[modem]", 0, "deux fois"),
        ('[town]\nname = "La Redorte"', "town = 3", 3, "attend une table"),
        ('"/tmp/tocsin"', "12", 1, "attend un chemin"),
        ('"La Redorte"', "12", 4, "attend un texte"),
        ('"La Redorte"', '""', 4, "ne peut pas être vide"),
        ("[town]", "health.heartbeat_hours = -1\n[town]", 0, "au moins 0"),
        ("[town]", "calls.keep_received_days = 1.5\n[town]", 0, "nombre entier"),
        ("[town]", 'calls.answer = "peut-être"\n[town]', 0, "true ou false"),
        ("[town]", 'health.sign_of_life_at = "25:00"\n[town]', 0, "08:00"),
        ("[town]", 'power.ups = "onduleur"\n[town]', 0, "onduleur@localhost"),
        ("[town]", 'web.listen = "999.0.0.1:80"\n[town]', 0, "n'est pas une adresse"),
        ("[town]", 'power.ups = "onduleur@127.0.0.1:99999"\n[town]', 0, "1 à 65535"),
        ('"/tmp/tocsin"', '"tocsin"', 1, "donnez le chemin entier"),
        ("[town]", 'relay.password_file = "./pw"\n[town]', 0, "donnez le chemin entier"),
        ("[town]", 'web.key = "tls/key.pem"\n[town]', 0, "donnez le chemin entier"),
        ("[town]", 'backup.sftp_key_file = "sftp"\n[town]', 0, "donnez le chemin entier"),
        ('role = "sms"', 'pin_file = "pin"', 13, "donnez le chemin entier"),
        ('"La Redorte"', '"La\\nRedorte"', 4, "sur une seule ligne"),
        ('"La Redorte"', '"La\\u202eRedorte"', 4, "invisible"),
    ],
)
def test_a_wrong_key_is_named_with_its_line_and_mend(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    """The installer should not have to count lines in a Python traceback."""
    with pytest.raises(ConfigError) as error:
        load(written(tmp_path, GOOD.replace(old, new)))

    assert said in str(error.value)
    assert not line or f"ligne {line} " in str(error.value)


@pytest.mark.parametrize("sign", ["[", "{ a = "])
def test_brackets_without_end_are_refused_by_their_line(tmp_path: Path, sign: str) -> None:
    """A traceback and status 1 had systemd start it again for ever."""
    with pytest.raises(ConfigError, match=r"ligne 15 : .*crochets les uns dans les autres"):
        load(written(tmp_path, f"{GOOD}\nx = {sign * 5000}"))


@fault(
    "config", "fichier écrit à moitié",
    "Le service ne démarre pas et nomme la ligne ou ce qui manque ; coupé juste avant les "
    "modems, il démarre et donne l'alarme « Aucun modem ». tocsin init écrit à côté, puis "
    "remplace d'un coup.",
)  # fmt: skip
def test_a_half_written_file_is_refused_by_its_line_or_read_as_it_stands(tmp_path: Path) -> None:
    """An editor was closed, or the disk was full: cut anywhere, nothing but our sentence comes."""
    said = []
    for end in range(len(GOOD)):
        try:
            load(written(tmp_path, GOOD[:end]))
        except ConfigError as error:
            said.append(str(error))

    assert len(GOOD) * 0.9 < len(said) < len(GOOD), "where a table ends the rest is not missed"
    assert all("tocsin.toml" in sentence for sentence in said)


def test_a_file_that_is_not_utf8_names_the_line_and_the_command(tmp_path: Path) -> None:
    """An old editor on a Windows machine."""
    path = tmp_path / "tocsin.toml"
    path.write_bytes(GOOD.replace("La Redorte", "Siran l'Église").encode("latin-1"))

    with pytest.raises(ConfigError, match=r"ligne 4 .*iconv"):
        load(path)


def test_a_mark_at_the_beginning_of_the_file_is_read_over(tmp_path: Path) -> None:
    """The same editor writes one; nothing on line 1 is wrong."""
    path = tmp_path / "tocsin.toml"
    path.write_text(GOOD, encoding="utf-8-sig")

    assert load(path).town.name == "La Redorte"


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    """The first thing anybody sees of us."""
    with pytest.raises(ConfigError, match="tocsin init"):
        load(tmp_path / "none.toml")


def test_a_password_never_travels_in_clear(tmp_path: Path) -> None:
    """A relay account stolen on the LAN sends spam in the town's name."""
    text = GOOD + '[relay]\nhost = "smtp.example"\nusername = "mairie"\npassword_file = "/x"\n'

    with pytest.raises(ConfigError, match="starttls"):
        load(written(tmp_path, text))


@given(
    st.text(max_size=200), st.lists(st.one_of(st.text(max_size=5), st.integers(0, 3)), min_size=1)
)
def test_a_line_is_always_found(text: str, keys: list[str | int]) -> None:
    """Even for a key nobody expected, some line is better than a crash."""
    assert 1 <= line_of(text, keys) <= max(len(text.splitlines()), 1)


@pytest.mark.parametrize("key", ["technician_sms", "sign_to"])
def test_a_telephone_that_is_none_is_named_when_the_file_is_read(tmp_path: Path, key: str) -> None:
    """Not in the night its alarm was to leave."""
    value = '"06 39"' if key == "technician_sms" else '["06 39"]'
    with pytest.raises(ConfigError, match=key):
        load(written(tmp_path, f"{GOOD}\n[health]\n{key} = {value}\n"))


@pytest.mark.parametrize(
    ("table", "key", "wrong"),
    [
        ("health", "technician_mail", "pas une adresse"), ("health", "technician_mail", "a@b"),
        ("relay", "sender", "pas-adresse"), ("relay", "sender", "Mairie <mairie@>"),
        ("relay", "reply_to", "nobody@"), ("relay", "return_path", "x y@exemple.fr"),
    ],
)  # fmt: skip
def test_an_address_that_reaches_nobody_is_refused_by_its_key(
    tmp_path: Path, table: str, key: str, wrong: str
) -> None:
    """Else every alarm by mail would be lost, while all is green."""
    with pytest.raises(ConfigError, match=rf"{table}\.{key} : .*pas une adresse de courriel"):
        load(written(tmp_path, f'{GOOD}\n[{table}]\n{key} = "{wrong}"\n'))


@pytest.mark.parametrize("right", ["a@b.fr", "Mairie <mairie@b.fr>", "tocsin@localhost"])
def test_a_sender_may_have_a_name_or_be_the_machine_itself(tmp_path: Path, right: str) -> None:
    """As relays take them."""
    config = load(written(tmp_path, f'{GOOD}\n[relay]\nsender = "{right}"\n'))

    assert config.relay is not None
    assert config.relay.sender == right
