"""The configuration file: what is wrong is named with its line, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import line_of, load
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
