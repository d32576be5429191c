"""Speech that sounds like a key would confirm an alert nobody heard."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import soxr

import tts
from tests.acceptance.listening import through_gsm
from tests.tts.corpus import texts
from tests.tts.keys import KEYS, Pcm, keys_in, noisy_press

pytestmark = pytest.mark.real_time

DIGITS = "0123456789*#"


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Pcm:
    """Return a minute and a half of our own voice, at the level it has in a call."""
    folder = tmp_path_factory.mktemp("talk")
    made = [tts.render(text, cache_dir=folder) for text in itertools.islice(texts(1), 2)]
    return np.concatenate([np.frombuffer(tts.read_pcm(one.pcm_path), "<i2") for one in made])


@pytest.mark.parametrize("pitch", [1.0, 1.35])
def test_our_own_voice_is_never_taken_for_a_key(speech: Pcm, pitch: float) -> None:
    """The handset's microphone hears our message; higher, it is somebody else's voice."""
    sound = np.asarray(soxr.resample(speech, pitch, 1.0)).astype(np.int16)

    assert "" == keys_in(sound)
    assert "" == keys_in(through_gsm(sound))


@pytest.mark.parametrize("key", DIGITS)
def test_a_short_press_in_noise_is_always_heard(key: str) -> None:
    """65 ms is a quick thumb; 15 dB is a television in the room."""
    assert [key] * 20 == [keys_in(noisy_press(key, 0.065, 15.0, seed)) for seed in range(20)]


def test_noise_alone_is_no_key() -> None:
    """An open window is not a confirmation."""
    noise = np.random.default_rng(1).normal(0, 3000, 20 * 8000).astype(np.int16)

    assert "" == keys_in(noise)
    assert set(DIGITS) < set("".join(KEYS))
