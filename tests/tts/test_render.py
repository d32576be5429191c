"""From text to telephone sound, with the real engine."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

import tts
from tts.chain import RATE
from tts.errors import SpeechError
from tts.level import active_level
from tts.wav import write_wav

pytestmark = pytest.mark.real_time

TEXT = "Ceci est une alerte. La rivière déborde à 17h30. Montez à l'étage."


def samples(rendered: tts.Rendered) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.frombuffer(tts.read_pcm(rendered.pcm_path), "<i2") / 32768


def test_speech_has_the_telephones_format_and_level(tmp_path: Path) -> None:
    """8 kHz, 16 bits, mono, at -18 dBov, under -1 dBFS: what a call is given."""
    rendered = tts.render(TEXT, cache_dir=tmp_path)
    heard = samples(rendered)

    assert len(heard) / RATE == pytest.approx(rendered.seconds)
    assert active_level(heard, RATE) == pytest.approx(-18, abs=1)
    assert rendered.level_dbov == pytest.approx(-18, abs=1)
    assert np.abs(heard).max() <= 10 ** (-1 / 20) + 1e-4
    assert 5.0 < rendered.seconds < 10.0


def test_sentences_are_about_half_a_second_apart(tmp_path: Path) -> None:
    """The pauses a listener needs, no shorter and no longer."""
    heard = samples(tts.render(TEXT, cache_dir=tmp_path))
    loud = np.flatnonzero(np.abs(heard) > 0.01)
    gaps = np.diff(loud) / RATE

    assert [g for g in gaps if g > 0.3] == [
        pytest.approx(0.47, abs=0.09),
        pytest.approx(0.47, abs=0.09),
    ]


def test_two_renders_at_once_give_the_same_bytes(tmp_path: Path) -> None:
    """Eight calls may ask for the same phrase in the same second."""
    one, two = tmp_path / "one", tmp_path / "two"
    with ThreadPoolExecutor(4) as pool:
        rendered = list(pool.map(lambda d: tts.render(TEXT, cache_dir=d), [one, two, one, two]))

    assert len({r.pcm_path.read_bytes() for r in rendered}) == 1
    assert sorted(p.suffix for p in one.iterdir()) == [".json", ".wav"]


@dataclass
class ToneEngine:
    """An engine that counts, and beeps instead of speaking."""

    said: list[str] = field(default_factory=list)
    identity: str = "tone 1"

    def speak(self, text: str, out: Path, *, voice: str, rate: int) -> str:
        self.said.append(text)
        tone = 8000 * np.sin(np.arange(22050) * 0.2)
        write_wav(out, tone.astype("<i2").tobytes(), 22050)
        return self.identity


def test_a_text_is_spoken_once_and_kept(tmp_path: Path) -> None:
    """The second call plays at once, and other settings are other speech."""
    engine = ToneEngine()
    first = tts.render("Bonjour.", cache_dir=tmp_path, engines=(engine,))
    again = tts.render("Bonjour.", cache_dir=tmp_path, engines=(engine,))
    slower = tts.render("Bonjour.", cache_dir=tmp_path, engines=(engine,), rate=110)

    assert again == first
    assert slower.pcm_path != first.pcm_path
    assert engine.said == ["Bonjour.", "Bonjour."]


def test_a_relative_cache_is_found_by_the_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command line passes whatever path it was given."""
    monkeypatch.chdir(tmp_path)

    assert tts.render("Bonjour.", cache_dir=Path("speech")).pcm_path.exists()


@pytest.mark.parametrize("text", ["", "  \n", "…!?", "«»", "a" * 5001])
def test_what_cannot_be_said_is_refused(tmp_path: Path, text: str) -> None:
    """A telephone must not ring for silence."""
    with pytest.raises(SpeechError):
        tts.render(text, cache_dir=tmp_path, engines=(ToneEngine(),))


def test_a_disk_that_refuses_is_a_speech_error(tmp_path: Path) -> None:
    """A caller has one error to catch."""
    (tmp_path / "file").write_text("not a directory")

    with pytest.raises(SpeechError, match="stored"):
        tts.render("Bonjour.", cache_dir=tmp_path / "file", engines=(ToneEngine(),))


def test_speech_of_the_wrong_format_is_not_played(tmp_path: Path) -> None:
    """Played at 8 kHz, a 22 kHz file is a growl."""
    write_wav(tmp_path / "a.wav", bytes(100), 22050)

    with pytest.raises(SpeechError, match="8000"):
        tts.read_pcm(tmp_path / "a.wav")


def test_the_caller_loads_nothing_heavy() -> None:
    """The daemon stays lean: numpy, soxr and pyttsx3 live in children only."""
    assert loaded("import tts, sys; [getattr(tts, name) for name in tts.__all__]") == {
        "tts.studio", "tts.reading",
    }  # fmt: skip


def test_a_child_loads_nothing_of_its_parents() -> None:
    """One is begun for each sentence: reading numbers and dates is not its job, nor waited for."""
    assert loaded("import tts.speak, tts.process, sys") == {"numpy", "soxr"}


def loaded(code: str) -> set[str]:
    """Return which of the costly modules a process has after ``code``."""
    costly = {"numpy", "soxr", "pyttsx3", "tts.studio", "tts.reading"}
    said = subprocess.run(
        [sys.executable, "-c", f"{code}\nprint(*({costly} & set(sys.modules)))"],
        cwd=Path(tts.__file__).parent.parent, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(said.stdout.split())
