"""What the handset's ear gets after the network's codec: aligned, whole, at the level we meant.

An ordinary GSM call does not carry our samples, it carries a codec's idea of them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tts
from gateway import driven
from gateway.channels.call_script import Part, phrases
from gateway.model import Urgency
from modem.alignment import Aligner
from modem.emulator import Behaviour, Network
from tests.acceptance.listening import RATE, Pcm, compare, through_gsm
from tests.harness import running
from tts.level import active_level

FARM = "01 99 00 00 01"
TEXT = "Crue de l'Argent-Double. Gagnez la salle communale à 17h30. Appelez le 04 66 12 34 56."

#: What the codec takes from speech of our kind, in dB: it draws the peaks smaller.
CODEC_LOSS = -1.25
#: The share of samples it may itself drive to full scale: less than one in ten seconds.
OVERSHOOT = 1.25e-5

Call = tuple[Pcm, dict[Part, Pcm]]


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory) -> Call:
    """Return what somebody heard who listened once through, and the parts as rendered."""
    return driven.run(_call(tmp_path_factory.mktemp("codec")))


async def _call(folder: Path) -> Call:
    network = Network(seed=51)
    network.add_modem("m1")
    async with running(folder, network) as town:
        phone = town.phone(FARM, Behaviour(answers_after=3.0, hangs_up_after=34.0))
        await town.finished(await town.raise_alert(TEXT, to=[FARM], channels=["voice"]))
    parts = {}
    for part, text in phrases("La Redorte", TEXT, Urgency.VITAL).items():
        made = tts.render(text, cache_dir=folder / "speech")
        parts[part] = np.frombuffer(tts.read_pcm(made.pcm_path), "<i2")
    return np.frombuffer(phone.calls[0].pcm, "<i2"), parts


def place(heard: Pcm, said: Pcm) -> int:
    """Return where the first second of ``said`` is in ``heard`` for the first time."""
    size = len(heard) + RATE
    there, head = np.fft.rfft(heard, size), np.fft.rfft(said[:RATE], size)
    likeness = np.fft.irfft(there * head.conj(), size)[: len(heard) - RATE + 1]
    return int(np.argmax(likeness > 0.999999 * likeness.max()))  # it is said more than once


@pytest.mark.parametrize("part", [Part.GREETING, Part.MESSAGE, Part.PROMPT])
def test_every_word_is_in_its_place_and_as_loud_after_the_codec(call: Call, part: Part) -> None:
    """No gap, no repeat, no slip, no clipping, no loss of level on the way to the ear."""
    heard, parts = call
    said = parts[part]
    found = compare(said, through_gsm(heard), place(heard, said))

    assert 0 == max(map(abs, found.shifts))
    assert min(found.alike) > 0.7
    assert np.mean(found.alike) > 0.85
    assert np.mean(found.gain_db) == pytest.approx(CODEC_LOSS, abs=0.4)
    assert found.clipped < OVERSHOOT


def test_the_level_stands_after_the_codec(call: Call) -> None:
    """The level is meant for the ear, not for our file."""
    heard, parts = call
    at = place(heard, parts[Part.MESSAGE])
    after = through_gsm(heard)[at : at + len(parts[Part.MESSAGE])]

    assert active_level(after / 32768, RATE) == pytest.approx(-18.0 + CODEC_LOSS, abs=0.4)


@pytest.mark.parametrize("samples", [160, -160, 37, -37])
def test_the_ear_finds_what_was_lost_or_put_in(call: Call, samples: int) -> None:
    """A judge must be judged: one frame too many, or one too few, in the middle of a message."""
    said = call[1][Part.MESSAGE]
    middle = len(said) // 2
    repeated = np.concatenate([said[:middle], said[middle - abs(samples) :]])
    lost = np.concatenate([said[:middle], said[middle + abs(samples) :]])
    found = compare(said, through_gsm(repeated if samples > 0 else lost))

    assert abs(samples) == found.drift
    assert samples == found.shifts[-1]


def test_the_ear_finds_a_slipped_byte_clipping_and_a_lost_level(call: Call) -> None:
    """The three faults that sound like a bad network and are ours."""
    said = call[1][Part.MESSAGE]
    slipped = np.frombuffer(said.tobytes()[1:] + b"\0", "<i2")
    torn = np.clip(said.astype(int) * 8, -32768, 32767).astype(np.int16)
    soft = (said * 0.25).astype(np.int16)

    assert max(compare(said, through_gsm(slipped)).alike) < 0.5
    assert compare(said, torn).clipped > 0.01
    assert np.mean(compare(said, through_gsm(soft)).gain_db) == pytest.approx(
        -12.0 + CODEC_LOSS, abs=0.4
    )


def test_a_slipped_byte_is_set_right_before_it_reaches_an_ear(call: Call) -> None:
    """Some devices begin in the middle of a sample: what they give is put in order again."""
    said = call[1][Part.MESSAGE]
    given = said.tobytes()[:40_001] + said.tobytes()[40_002:]
    aligner = Aligner()
    mended = np.frombuffer(aligner.feed(given), "<i2")
    found = compare(said[8 * RATE :], through_gsm(mended), 8 * RATE)

    assert 1 == aligner.slips
    assert {-1} == set(found.shifts)
    assert min(found.alike) > 0.5
