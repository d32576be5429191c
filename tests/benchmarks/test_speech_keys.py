"""An hour of talk without a false key, and every press of a quick thumb."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import tts
from tests.acceptance.listening import RATE, through_gsm
from tests.benchmarks.conftest import Figures
from tests.benchmarks.speaking import NAMES, engine
from tests.tts.corpus import texts
from tests.tts.keys import keys_in, noisy_press

#: Minutes of talk of each voice.
MINUTES = float(os.environ.get("TOCSIN_BENCH_TALK", "30"))
PRESSES = 200

pytestmark = [pytest.mark.bench, pytest.mark.real_time, pytest.mark.timeout(60 * 60)]


@pytest.mark.parametrize("name", NAMES)
def test_talk_is_never_taken_for_a_key(tmp_path: Path, figures: Figures, name: str) -> None:
    """Each voice talks for half an hour; the codec may make a tone of a vowel."""
    voice, minutes, heard = engine(name), 0.0, ""
    for text in texts(seed=len(name)):
        made = tts.render(text, cache_dir=tmp_path, engines=(voice,))
        sound = np.frombuffer(tts.read_pcm(made.pcm_path), "<i2")
        heard += keys_in(through_gsm(sound))
        minutes += len(sound) / RATE / 60
        if minutes >= MINUTES:
            break
    figures.add(f"keys: false ones in {minutes:.0f} min of {name} through GSM", len(heard), most=0)

    assert "" == heard


@pytest.mark.parametrize("coded", [False, True], ids=["plain", "gsm"])
def test_a_short_press_in_noise_is_always_heard(figures: Figures, coded: bool) -> None:
    """65 ms at 15 dB, each digit two hundred times."""
    missed = 0
    for key in "0123456789*#":
        for seed in range(PRESSES):
            sound = noisy_press(key, 0.065, 15.0, seed)
            missed += keys_in(through_gsm(sound) if coded else sound) != key
    share = 100 * (1 - missed / (12 * PRESSES))
    figures.add(f"keys: 65 ms presses heard at 15 dB{', through GSM' if coded else ''}", share, "%",
                least=None if coded else 100)  # fmt: skip

    assert coded or 0 == missed
