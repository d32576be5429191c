"""Machines heard in a call: told as a hint, and not where a person, a key or our echo is heard."""

from __future__ import annotations

import numpy as np
import pytest

from modem.emulator.tones import beep, greeting, key_tone
from modem.events import MachineSign
from modem.machine import REMEMBERED, MachineDetector

SECOND = bytes(16000)
BEEP, GREETING = MachineSign.BEEP, MachineSign.GREETING


def signs(pcm: bytes, detector: MachineDetector | None = None) -> list[MachineSign]:
    """Feed in chunks of no particular size, as a port gives them."""
    detector = detector or MachineDetector()
    found: list[MachineSign] = []
    for at in range(0, len(pcm), 322):
        found += detector.feed(pcm[at : at + 322])
    return found


def tone(frequency: float, seconds: float, level: float = -15.0) -> bytes:
    time = np.arange(round(8000 * seconds)) / 8000
    size = 32768 * 10 ** (level / 20) * np.sqrt(2)
    return bytes((size * np.sin(2 * np.pi * frequency * time)).astype("<i2").tobytes())


def noise(seconds: float, level: float) -> bytes:
    drawn = np.random.default_rng(1).normal(0, 32768 * 10 ** (level / 20), round(8000 * seconds))
    return bytes(np.clip(drawn, -32768, 32767).astype("<i2").tobytes())


def mixed(one: bytes, other: bytes) -> bytes:
    size = min(len(one), len(other))
    total = np.frombuffer(one[:size], "<i2") + np.frombuffer(other[:size], "<i2").astype("i4")
    return bytes(np.clip(total, -32768, 32767).astype("<i2").tobytes())


def test_a_greeting_and_its_beep_are_told_in_turn() -> None:
    """The message must begin after the beep, or the tape keeps its second half only."""
    assert signs(SECOND + greeting(6.0) + beep() + SECOND) == [GREETING, BEEP]


@pytest.mark.parametrize("seconds", [0.6, 1.5, 3.5])
def test_a_hello_is_no_machine(seconds: float) -> None:
    """Allô, oui, qui est à l'appareil ? Then they wait for us: three and a half seconds pass."""
    assert signs(SECOND + greeting(seconds) + 3 * SECOND) == []


def test_somebody_who_talks_with_pauses_is_no_machine() -> None:
    """Calling for the neighbour, the dog, the television: people pause."""
    assert signs((greeting(2.5) + SECOND) * 6) == []


@pytest.mark.parametrize("level", [-40.0, -30.0, -20.0])
def test_a_steady_noise_is_no_voice(level: float) -> None:
    """A tractor, a tumble dryer, the sea."""
    assert signs(noise(20.0, level)) == []


@pytest.mark.parametrize("frequency", [425.0, 620.0, 1000.0, 1400.0, 1850.0])
@pytest.mark.parametrize("level", [-10.0, -25.0])
def test_beeps_of_any_machine_are_heard(frequency: float, level: float) -> None:
    """No two makes beep alike."""
    heard = mixed(SECOND + tone(frequency, 0.4, level) + SECOND, noise(2.4, -55.0))

    assert signs(heard) == [BEEP]


@pytest.mark.parametrize("seconds", [0.1, 0.2])
def test_a_short_tone_is_no_beep(seconds: float) -> None:
    """Clicks and pips of a network are not the sign to speak."""
    assert signs(SECOND + tone(1000.0, seconds) + SECOND) == []


def test_a_dial_tone_is_no_beep() -> None:
    """It goes on and on: nobody records behind it."""
    assert signs(tone(440.0, 6.0) + SECOND) == []


@pytest.mark.parametrize("digit", "1590#D")
def test_a_key_is_no_beep(digit: str) -> None:
    """A long press of 1 is an acknowledgement and nothing else."""
    assert signs(SECOND + key_tone(digit, 0.6) + SECOND) == []


@pytest.mark.parametrize("late", [0, 5, 20])
@pytest.mark.parametrize("level_db", [-4.0, -17.0])
def test_our_own_voice_coming_back_is_no_greeting(late: int, level_db: float) -> None:
    """Some modems leak what we say into what we hear: everybody would be a machine."""
    ours = greeting(20.0)
    frames = [ours[at : at + 320] for at in range(0, len(ours), 320)]
    sent: list[bytes] = []
    detector = MachineDetector(lambda: sent)
    found: list[MachineSign] = []
    echo = np.frombuffer(bytes(320 * late) + ours, "<i2") * 10 ** (level_db / 20)
    back = echo.astype("<i2").tobytes()
    for index, frame in enumerate(frames):
        sent.append(frame)
        del sent[:-REMEMBERED]
        found += detector.feed(back[320 * index : 320 * (index + 1)])

    assert found == []


def test_a_greeting_under_our_voice_is_still_told() -> None:
    """The machine talks while we do: its rhythm is not ours."""
    rng = np.random.default_rng(7)
    loud = np.repeat(rng.uniform(0, 9000, 1000), 160)
    ours = (loud * np.sin(np.arange(160000) / 3)).astype("<i2").tobytes()
    sent = [ours[at : at + 320] for at in range(0, 320 * REMEMBERED, 320)]

    assert signs(greeting(6.0), MachineDetector(lambda: sent)) == [GREETING]
