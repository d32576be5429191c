"""The chain's promises on real speech: engine, files, resampling, joining, quantising and all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

import tts
from tts.chain import RATE, Chain
from tts.engine import Pyttsx3Engine
from tts.level import active_level
from tts.process import join, prepare, sentence

pytestmark = pytest.mark.real_time

Signal = npt.NDArray[np.float64]

TEXTS = (
    "Alerte crue.",
    "L'Argent-Double déborde à dix-sept heures trente.",
    "Montez à l'étage, coupez le gaz et l'électricité.",
    "Ne prenez pas votre voiture !",
)
PAUSE = 0.48
CEILING = 10 ** (-1 / 20)
#: What whole samples may add to a level, in dB.
ROUNDING = 0.005
LOOK_AHEAD = Chain().look_ahead


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with each text spoken by espeak-ng, once for all who look at it."""
    folder = tmp_path_factory.mktemp("speech")
    for at, text in enumerate(TEXTS):
        Pyttsx3Engine().speak(text, folder / f"{at}.wav", voice="fr", rate=125)
    return folder


def louder(source: Path, out: Path, gain: float) -> Path:
    """Write what ``source`` says at another level; too loud a voice clips, as engines do."""
    samples, rate = soundfile.read(source)
    soundfile.write(out, np.clip(samples * gain, -1, 1), rate, subtype="PCM_16")
    return out


def envelope(signal: Signal) -> Signal:
    """Return how loud each millisecond is."""
    return np.abs(signal[: len(signal) // 8 * 8]).reshape(-1, 8).max(axis=1)


@settings(max_examples=12, deadline=None)
@given(
    chosen=st.lists(st.integers(0, len(TEXTS) - 1), min_size=1, max_size=3),
    gain=st.sampled_from([0.02, 0.3, 1.0, 4.0]),
    target=st.sampled_from([-24.0, -18.0, -16.0]),
)
def test_no_message_clips_is_too_loud_or_changes_its_length(
    tmp_path_factory: pytest.TempPathFactory, speech: Path, chosen: list[int], gain: float,
    target: float,
) -> None:  # fmt: skip
    """Whatever a town writes and however loud its engine is."""
    work = tmp_path_factory.mktemp("whole")
    parts = [
        louder(speech / f"{which}.wav", work / f"{at}.wav", gain) for at, which in enumerate(chosen)
    ]
    said = prepare(parts, work / "out.wav", target, PAUSE)
    pcm = np.frombuffer(tts.read_pcm(work / "out.wav"), "<i2") / 32768
    raw = join([sentence(part) for part in parts], PAUSE)

    assert np.abs(pcm).max() <= CEILING + 1 / 32768
    assert active_level(pcm, RATE) <= target + ROUNDING
    assert active_level(pcm, RATE) >= target - (1.0 if target <= -18 else 2.0)
    assert said["level"] == pytest.approx(active_level(pcm, RATE))
    assert abs(len(pcm) - len(raw)) <= LOOK_AHEAD * RATE


def _rendered(folder: Path, level: float) -> Signal:
    made = tts.render(" ".join(TEXTS), cache_dir=folder, target_dbov=level)
    return np.asarray(np.frombuffer(tts.read_pcm(made.pcm_path), "<i2") / 32768)


@pytest.mark.parametrize("level", [-18.0, -16.0])
def test_the_sites_level_is_the_level_of_the_call(
    tmp_path_factory: pytest.TempPathFactory, level: float
) -> None:
    """A town whose phones are soft may ask for 2 dB more, and gets them, unclipped."""
    heard = _rendered(tmp_path_factory.mktemp("level"), level)

    assert active_level(heard, RATE) == pytest.approx(level, abs=0.5)
    assert active_level(heard, RATE) <= level + ROUNDING
    assert np.abs(heard).max() <= CEILING + 1 / 32768


def test_words_stay_where_the_engine_put_them(speech: Path, tmp_path: Path) -> None:
    """A chain that shifts or smears words would make every alignment after it a guess."""
    part = speech / "1.wav"
    prepare([part], tmp_path / "out.wav", -18.0, PAUSE)
    ready = envelope(np.frombuffer(tts.read_pcm(tmp_path / "out.wav"), "<i2") / 32768)
    raw = envelope(sentence(part))
    reach = 40
    likeness = [
        np.corrcoef(raw[reach:-reach], ready[reach + shift : len(ready) - reach + shift])[0, 1]
        for shift in range(-reach + 1, reach)
    ]

    assert abs(int(np.argmax(likeness)) - (reach - 1)) <= 1000 * LOOK_AHEAD
    assert max(likeness) > 0.7
