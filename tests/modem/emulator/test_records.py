"""What the phones received, as other programs read it."""

from __future__ import annotations

import json
import wave
from datetime import UTC, datetime
from pathlib import Path

from modem.emulator import Behaviour, Network, Pace
from modem.emulator.records import Recorder
from modem.emulator.registry import open_port
from tests.modem.emulator.host import PHONE, Host, host


async def test_messages_and_calls_are_written_line_by_line(tmp_path: Path) -> None:
    """One JSON line each; a call's WAV is exactly what was heard."""
    async with host() as modem:
        modem.network.on_record = Recorder(tmp_path).write
        await modem.sends()
        audio = await modem.in_call()
        for _ in range(50):
            audio.write(b"\1\2" * 160)
            await audio.drain()
        await modem.says("AT+CHUP\r")
        (call,) = modem.network.handset(PHONE).calls

    lines = (tmp_path / "handsets.jsonl").read_text(encoding="utf-8").splitlines()
    message, heard = map(json.loads, lines)
    assert (message["kind"], message["to"], message["modem"]) == ("sms", PHONE, "modem-1")
    assert message["text"] == "Alerte crue: restez chez vous."
    assert (heard["kind"], heard["outcome"], heard["from"]) == (
        "call",
        "answered",
        modem.device.number,
    )
    with wave.open(str(tmp_path / heard["wav"]), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        assert file.readframes(file.getnframes()) == call.pcm


async def test_a_call_nobody_took_has_no_sound(tmp_path: Path) -> None:
    """The phone rang; there is nothing to hear."""
    async with host() as modem:
        modem.network.on_record = Recorder(tmp_path).write
        modem.network.handset(PHONE).behaviour = Behaviour(refuses=True)
        await modem.says("ATD0612345678;\r", 10)

    (line,) = (tmp_path / "handsets.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["outcome"] == "refused"
    assert json.loads(line)["wav"] is None
    assert list((tmp_path / "calls").iterdir()) == []


async def test_wall_time_is_the_epoch_plus_the_loop(tmp_path: Path) -> None:
    """On driven time, an hour of the loop is an hour in the records."""
    network = Network(seed=1, pace=Pace.FAST, epoch=datetime(2026, 11, 24, 2, tzinfo=UTC))
    device = network.add_modem("m")
    network.install()
    modem = Host(network, device, open_port("m"))
    await modem.heard(3600)
    await modem.sends()
    network.remove()

    assert str(network.records[0]["at"]).startswith("2026-11-24T04:00:00")
