"""The processing chain: its promises, on speech-like sound of every kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.chain import RATE, Chain, compress, limit, process, shape
from tts.errors import SpeechError
from tts.level import SMOOTHING, Signal, active_level, smooth
from tts.process import join, prepare
from tts.wav import write_wav

CEILING = 10 ** (-1 / 20)


def babble(seed: int, seconds: float, gain: float, pause: float) -> Signal:
    """Return something like speech: harmonics of a moving pitch, in syllables, with pauses."""
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = 2 * np.pi * np.cumsum(120 + 30 * np.sin(2 * np.pi * 0.7 * time)) / RATE
    voice = sum(random.uniform(0.2, 1) / k * np.sin(k * pitch) for k in range(1, 20))
    syllables = np.clip(np.sin(2 * np.pi * random.uniform(2, 5) * time), 0, None)
    talking = (time % 2.0) > pause
    return np.asarray(gain * voice * syllables * talking + random.normal(0, 1e-4, len(time)))


SPEECH = st.builds(
    babble,
    seed=st.integers(0, 10_000),
    seconds=st.floats(1.0, 2.5),
    gain=st.sampled_from([0.003, 0.05, 0.3, 3.0]),
    pause=st.sampled_from([0.0, 0.4, 0.8]),
)


@settings(max_examples=15, deadline=None)
@given(SPEECH, st.sampled_from([-24.0, -18.0, -16.0]))
def test_speech_is_loud_never_clips_and_stays_in_place(speech: Signal, target: float) -> None:
    """A network clips what is too loud and an old ear loses what is too soft."""
    ready = process(speech, Chain(target=target))

    assert np.abs(ready).max() <= CEILING + 1e-9
    assert active_level(ready, RATE) <= target
    # at -16 the peaks have 15 dB left: the limiter keeps the sound whole, at a little less
    assert active_level(ready, RATE) >= target - (1.0 if target <= -18 else 2.0)
    assert len(ready) == len(speech)


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=400))
def test_the_limiter_holds_whatever_comes(samples: list[float]) -> None:
    """One sample above full scale is a click in every ear of the town."""
    held = limit(np.asarray(samples), Chain())

    assert len(held) == len(samples)
    assert np.abs(held).max() <= CEILING + 1e-9


def test_the_limiter_leaves_quiet_speech_alone() -> None:
    """What needs no help gets no colour."""
    quiet = babble(1, 1.0, 0.01, 0.0)

    np.testing.assert_allclose(limit(quiet, Chain()), quiet)


@pytest.mark.parametrize("seconds", [0, 1, 17])
def test_silence_stays_silence(seconds: int) -> None:
    """A level cannot be given to nothing, and asking for it must not divide by zero."""
    assert not process(np.zeros(seconds * RATE), Chain()).any()


def tone(frequency: float, level: float) -> Signal:
    """Return two seconds of a sine at ``level`` dBov."""
    time = np.arange(2 * RATE) / RATE
    return np.asarray(np.sqrt(2) * 10 ** (level / 20) * np.sin(2 * np.pi * frequency * time))


@pytest.mark.parametrize(
    ("frequency", "gain", "within"),
    [(60, -60, 45), (150, -26, 3), (500, 0.4, 0.5), (1500, 4, 0.3), (3000, 7.2, 0.5)],
)
def test_the_band_and_the_shelf_are_where_they_were_measured(
    frequency: float, gain: float, within: float
) -> None:
    """Below 250 Hz a telephone carries nothing; above 1.5 kHz are the consonants."""
    shaped = shape(tone(frequency, -20), Chain())
    middle = shaped[RATE // 2 : -RATE // 2]

    assert 10 * np.log10(np.mean(middle**2)) + 20 == pytest.approx(gain, abs=within)


def test_the_compressor_divides_by_three_above_its_threshold() -> None:
    """24 dB of difference between a vowel and a consonant become 8."""
    loud, soft = (compress(tone(1000, level), Chain())[RATE:] for level in (-4, -28))
    difference = 10 * np.log10(np.mean(loud**2) / np.mean(soft**2))

    assert difference == pytest.approx(8, abs=0.7)


@pytest.mark.parametrize("length", [1, 1023, 1024, 1025, 5000])
def test_the_envelope_by_blocks_is_that_of_sample_after_sample(length: int) -> None:
    """What P.56 says of one sample and the one before, where it takes a thirtieth of the time."""
    signal = np.abs(np.random.default_rng(length).normal(size=length))
    keep = np.exp(-1 / (SMOOTHING * RATE))
    state, wanted = 0.0, []
    for value in signal.tolist():
        state = keep * state + (1 - keep) * value
        wanted.append(state)

    assert smooth(signal, RATE) == pytest.approx(np.asarray(wanted), rel=1e-12)


def test_the_active_level_ignores_pauses() -> None:
    """P.56: a message with long pauses is not a soft message."""
    speech = tone(500, -20)
    with_pause = np.concatenate([speech, np.zeros(10 * RATE), speech])

    assert active_level(speech, RATE) == pytest.approx(-20, abs=0.1)
    assert active_level(with_pause, RATE) == pytest.approx(-20, abs=0.6)


def test_sentences_are_joined_by_the_pause_and_nothing_else() -> None:
    """Half a second lets a fact sink in; three seconds sound like the end."""
    parts = [babble(1, 1.0, 0.1, 0.0), babble(2, 1.5, 0.1, 0.0)]

    joined = join(parts, 0.48)

    assert len(joined) / RATE == pytest.approx(2.5 + 0.48 - 0.04)


def test_a_silent_sentence_is_refused(tmp_path: Path) -> None:
    """A missing sentence may be the one that says where to go."""
    write_wav(tmp_path / "0.wav", bytes(44100), 22050)

    with pytest.raises(SpeechError, match="silent"):
        prepare([tmp_path / "0.wav"], tmp_path / "out.wav", -18, 0.48)
