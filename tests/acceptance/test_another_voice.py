"""When the preferred voice hangs, the call goes out all the same, and the report says who spoke."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from modem.emulator import Behaviour, Network, Press
from tests.harness import jobs, running
from tts import voices
from tts.engine import Engine, Pyttsx3Engine
from tts.kokoro import MODEL, VOICES, KokoroEngine

FARM = "01 99 00 00 01"


async def test_a_voice_that_hangs_is_replaced_and_the_attempt_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An alert never waits on a voice: one time limit, not one for each part of the call."""
    place = tmp_path / "hanging"
    place.mkdir()
    for name in (MODEL, VOICES):
        (place / name).write_bytes(b"")
    starts = tmp_path / "starts"
    hangs = f"open({str(starts)!r}, 'a').write('x'); import threading; threading.Event().wait()"
    empty = hashlib.sha256(b"").hexdigest()

    def engines(*_: object) -> tuple[Engine, ...]:
        return KokoroEngine(place, (sys.executable, "-c", hangs), 1.0, empty), Pyttsx3Engine()

    monkeypatch.setattr("tts.kokoro._PER_CHARACTER", 0.0)
    monkeypatch.setattr(voices, "engines", engines)
    network = Network(seed=61)
    network.add_modem("m1")
    async with running(tmp_path / "box", network) as town:
        phone = town.phone(FARM, Behaviour(answers_after=0.5, presses=(Press("1", 10.0),)))
        report = await town.finished(
            await town.raise_alert("L'eau monte.", to=[FARM], channels=["voice"])
        )

    (job,) = jobs(report, "voice")
    assert "x" == starts.read_text()
    assert "1" == phone.calls[0].keys
    assert "espeak-ng" in str(job)
