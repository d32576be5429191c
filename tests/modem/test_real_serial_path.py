"""The driver on pseudo-terminals, its modem in another process: the path a real stick takes."""

from __future__ import annotations

import asyncio
import json
import random
import struct
import subprocess
import sys
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from modem.events import Answered, ModemEvent, Released, StatusReport
from modem.supervisor import ModemSettings, Supervisor
from tests.modem.harness.lines import NUMBER, a_pdu

_RNG = random.Random(11)
SPEECH = struct.pack("<8000h", *(_RNG.randrange(-9000, 9000) for _ in range(8000)))


@contextmanager
def an_emulator(folder: Path) -> Iterator[dict[str, str]]:
    """Run one emulated modem in a process of its own; give its addresses."""
    command = [sys.executable, "-m", "modem.emulator", "--dir", str(folder), "--pace", "fast"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        yield json.loads(child.stdout.readline())["modems"][0]
    finally:
        child.terminate()
        child.communicate(timeout=10)


async def send_and_call(modem: dict[str, str], events: list[ModemEvent]) -> None:
    async def take(event: ModemEvent) -> None:
        events.append(event)

    settings = ModemSettings("pty", modem["at"])  # its sound lies beside, as modem-1.audio
    supervisor = Supervisor(settings, take, lambda: None)
    async with asyncio.TaskGroup() as group, asyncio.timeout(40):
        group.create_task(supervisor.run())
        await supervisor.wait_settled()
        driver = supervisor.driver
        assert driver is not None, supervisor.status
        for _ in range(5):
            await driver.submit(a_pdu("Crue à l'Ornaise"))
        call = await driver.dial(NUMBER)
        while not isinstance(event := await call.next_event(20), Answered):
            assert event is not None
            assert not isinstance(event, Released)
        await call.play(SPEECH)
        await asyncio.sleep(0.3)  # what lies in the device's own buffer is still to be heard
        await call.hang_up()
        await supervisor.stop()


@pytest.mark.real_time
def test_messages_and_speech_pass_a_serial_line_whole(tmp_path: Path) -> None:
    """What the phones received, by the emulator's own record, is what was sent and said."""
    events: list[ModemEvent] = []
    with an_emulator(tmp_path) as modem:
        asyncio.run(send_and_call(modem, events))

    (recording,) = (tmp_path / "calls").glob("*.wav")
    with wave.open(str(recording)) as sound:
        heard = sound.readframes(sound.getnframes())
    assert SPEECH in heard
    assert sum(isinstance(event, StatusReport) for event in events) == 5
    records = (tmp_path / "handsets.jsonl").read_text().splitlines()
    assert (
        sum("Crue à l'Ornaise" in json.dumps(json.loads(r), ensure_ascii=False) for r in records)
        == 5
    )
