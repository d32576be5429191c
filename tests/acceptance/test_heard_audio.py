"""What came out of the receiver, against what was rendered: sample by sample, and by its loudness.

The level is judged by a meter written here from the recommendation's own words, not by the
product's.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import tts
from gateway import driven
from gateway.channels.call_script import Part, phrases
from gateway.model import Urgency
from modem.emulator import Behaviour, Network, Press
from modem.emulator.handset import ReceivedCall
from tests.harness import Town, running

FARM = "01 99 00 00 01"
TEXT = "Crue de l'Argent-Double. Gagnez la salle communale. Ne prenez pas votre voiture."
RATE = 8000
FRAME = 160

Pcm = npt.NDArray[np.int16]


def samples(pcm: bytes) -> Pcm:
    return np.frombuffer(pcm, dtype="<i2")


@dataclass(frozen=True)
class Patient:
    """What somebody heard who listened to the end and pressed nothing, and what was rendered."""

    heard: Pcm
    parts: dict[Part, Pcm]
    underruns: int
    speech: Path

    def begins(self, part: Part) -> list[int]:
        """Return where in the call ``part`` begins (samples)."""
        return places(self.heard, self.parts[part])


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Patient:
    """One whole call, lived once for all who look at it."""
    return driven.run(_patient(tmp_path_factory.mktemp("patient")))


async def _patient(folder: Path) -> Patient:
    network = Network(seed=31)
    modem = network.add_modem("m1")
    async with running(folder, network) as town:
        call = await call_to(town, FARM, Behaviour(answers_after=3.0))
    texts = phrases("La Redorte", TEXT, Urgency.VITAL)
    speech = folder / "speech"
    parts = {p: samples(tts.read_pcm(tts.render(text, cache_dir=speech).pcm_path))
             for p, text in texts.items()}  # fmt: skip
    return Patient(samples(call.pcm), parts, modem.audio.count.underruns, speech)


@contextlib.asynccontextmanager
async def speaking(folder: Path, network: Network, patient: Patient) -> AsyncIterator[Town]:
    """Run a town that has spoken these words before."""
    shutil.copytree(patient.speech, folder / "speech")
    async with running(folder, network) as town:
        yield town


async def call_to(town: Town, number: str, behaviour: Behaviour) -> ReceivedCall:
    """Call one phone with an alert; return what its owner lived."""
    phone = town.phone(number, behaviour)
    await town.finished(await town.raise_alert(TEXT, to=[number], channels=["voice"]))
    return phone.calls[0]


def places(heard: Pcm, said: Pcm) -> list[int]:
    """Return where ``said`` begins in ``heard``, by cross-correlation: peaks as good as itself."""
    size = 1 << (len(heard) + len(said)).bit_length()
    likeness = np.fft.irfft(
        np.fft.rfft(heard.astype(float), size) * np.conj(np.fft.rfft(said.astype(float), size)),
        size,
    )[: len(heard) - len(said) + 1]
    own = float(np.dot(said.astype(float), said.astype(float)))
    return [int(at) for at in np.flatnonzero(likeness > 0.999 * own) if _is_peak(likeness, int(at))]


def _is_peak(likeness: npt.NDArray[np.float64], at: int) -> bool:
    return bool(likeness[at] == likeness[max(0, at - FRAME) : at + FRAME].max())


def speech_level(sound: Pcm) -> float:
    """Return the active level in dBov: power over the time that speech lasts (ITU-T P.56, B).

    Speech lasts while an envelope smoothed twice over 30 ms is above a threshold, or was less than
    200 ms ago; the threshold is the one 15.9 dB below the level it gives.
    """
    x = sound.astype(float) / 32768
    keep = np.exp(-1 / (0.03 * RATE))
    envelope = np.abs(x)
    for _ in range(2):
        decays = (1 - keep) * keep ** np.arange(int(0.4 * RATE))
        envelope = np.convolve(envelope, decays)[: len(x)]
    low, high = -80.0, 0.0
    for _ in range(40):
        threshold = (low + high) / 2
        above = np.convolve(envelope >= 10 ** (threshold / 20), np.ones(int(0.2 * RATE)))[: len(x)]
        active = np.count_nonzero(above > 0.5)
        level = 10 * np.log10(np.sum(x**2) / active) if active else -100.0
        low, high = (threshold, high) if level - threshold > 15.9 else (low, threshold)
    return float(level)


def first_word(heard: Pcm) -> float:
    """Return the seconds from the answer to the first sample that is no silence."""
    return int(np.flatnonzero(np.abs(heard) > 30)[0]) / RATE


def last_word(heard: Pcm) -> float:
    return int(np.flatnonzero(np.abs(heard) > 30)[-1]) / RATE


def test_the_meter_reads_what_a_sine_is_known_to_be() -> None:
    """A judge must be judged: half scale is 9.03 dB below overload, with pauses or without."""
    time = np.arange(4 * RATE) / RATE
    sine = (16384 * np.sin(2 * np.pi * 1000 * time)).astype(np.int16)
    with_pause = np.concatenate([sine, np.zeros(8 * RATE, np.int16), sine])

    assert speech_level(sine) == pytest.approx(-9.03, abs=0.1)
    assert speech_level(with_pause) == pytest.approx(-9.03, abs=0.5)


def test_a_patient_listener_hears_every_frame_of_every_part_in_order(patient: Patient) -> None:
    """A missing syllable may be the name of the street; the path must lose and change nothing."""
    order = [Part.GREETING, Part.MESSAGE, Part.PROMPT, Part.AGAIN, Part.MESSAGE, Part.PROMPT,
             Part.AGAIN, Part.MESSAGE, Part.PROMPT, Part.GOODBYE]  # fmt: skip
    found = sorted((at, part.value) for part in set(order) for at in patient.begins(part))

    assert [part.value for part in order] == [part for _, part in found]
    for at, name in found:
        said = patient.parts[Part(name)]
        assert np.array_equal(said, patient.heard[at : at + len(said)]), name
    assert 0 == patient.underruns


def test_between_the_parts_the_pauses_are_as_written_and_silent(patient: Patient) -> None:
    """Too short and nothing sinks in; too long and people hang up."""
    ends = [patient.begins(part)[0] + len(patient.parts[part])
            for part in (Part.GREETING, Part.MESSAGE, Part.PROMPT)]  # fmt: skip
    following = [patient.begins(part)[0] for part in (Part.MESSAGE, Part.PROMPT, Part.AGAIN)]
    pauses = [(begin - end) / RATE for end, begin in zip(ends, following, strict=True)]

    assert [0.5, 0.8, 5.0] == pytest.approx(pauses, abs=0.05)
    for end, begin in zip(ends, following, strict=True):
        assert not patient.heard[end:begin].any()


def test_the_voice_is_loud_enough_and_never_clips(patient: Patient) -> None:
    """Too soft is lost on an old ear, too loud is torn by the network."""
    at, message = patient.begins(Part.MESSAGE)[0], patient.parts[Part.MESSAGE]

    assert speech_level(patient.heard[: at + len(message)]) == pytest.approx(-18.0, abs=1.0)
    assert speech_level(patient.heard[at : at + len(message)]) == pytest.approx(-18.0, abs=1.0)
    assert int(np.abs(patient.heard.astype(int)).max()) < 32767 * 10 ** (-0.9 / 20)


@pytest.mark.parametrize("answers_after", [0.3, 3.0, 11.0])
async def test_the_first_word_comes_a_second_after_the_answer(
    tmp_path: Path, patient: Patient, answers_after: float
) -> None:
    """The receiver needs that long to reach an ear; after two, people hang up."""
    network = Network(seed=34)
    network.add_modem("m1")
    async with speaking(tmp_path, network, patient) as town:
        behaviour = Behaviour(answers_after=answers_after, hangs_up_after=4.0)
        call = await call_to(town, FARM, behaviour)

    assert first_word(samples(call.pcm)) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("after", [6.5, 8.0, 11.3])
async def test_a_pressed_one_silences_the_voice_at_once(
    tmp_path: Path, patient: Patient, after: float
) -> None:
    """Whoever has understood should not be talked over; then they are thanked."""
    network = Network(seed=35)
    network.add_modem("m1")
    async with speaking(tmp_path, network, patient) as town:
        press = Press("1", after)
        call = await call_to(town, FARM, Behaviour(answers_after=2.0, presses=(press,)))
    heard, thanks = samples(call.pcm), patient.parts[Part.THANKS]
    (thanked,) = places(heard, thanks)
    before = heard[: thanked + int(np.flatnonzero(np.abs(thanks) > 30)[0])]

    assert "1" == call.keys
    assert last_word(before) <= after + 0.2
    assert thanked / RATE <= after + 1.0
    assert np.array_equal(thanks, heard[thanked : thanked + len(thanks)])


async def test_a_zero_begins_the_message_again_whole(tmp_path: Path, patient: Patient) -> None:
    """Who missed the name of the street gets the whole of it, not the rest."""
    network = Network(seed=36)
    network.add_modem("m1")
    async with speaking(tmp_path, network, patient) as town:
        presses = (Press("0", 8.0), Press("1", 24.0))
        call = await call_to(town, FARM, Behaviour(answers_after=2.0, presses=presses))
    heard, message = samples(call.pcm), patient.parts[Part.MESSAGE]
    whole = places(heard, message)

    assert "01" == call.keys
    assert 8.0 < whole[0] / RATE < 10.5
    assert np.array_equal(message, heard[whole[0] : whole[0] + len(message)])


async def test_eight_phones_at_once_hear_the_same_words_whole(
    tmp_path: Path, patient: Patient
) -> None:
    """One alert, eight modems: nobody's words are cut by another's."""
    network = Network(seed=37)
    for n in range(8):
        network.add_modem(f"m{n}")
    numbers = [f"01 99 00 00 {n:02}" for n in range(8)]
    async with speaking(tmp_path, network, patient) as town:
        for number in numbers:
            town.phone(number, Behaviour(answers_after=1.0, hangs_up_after=14.0))
        await town.finished(await town.raise_alert(TEXT, to=numbers, channels=["voice"]))
        calls = [town.phone(number).calls[0] for number in numbers]

    message = patient.parts[Part.MESSAGE]
    for call in calls:
        heard = samples(call.pcm)
        (at, *_) = places(heard, message)
        assert np.array_equal(message, heard[at : at + len(message)])
    assert 8 == len({call.modem for call in calls})
