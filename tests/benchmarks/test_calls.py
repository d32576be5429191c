"""Eight calls at once: whether every ear gets its twenty milliseconds in time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from modem.emulator import Behaviour, Network
from modem.emulator.audio import AudioEndpoint
from tests.benchmarks.conftest import Figures
from tests.harness import running

pytestmark = [pytest.mark.bench, pytest.mark.real_time, pytest.mark.timeout(300)]

FARMS = [f"01 99 00 00 {n:02}" for n in range(8)]


async def test_eight_calls_at_once(
    tmp_path: Path, figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Daemon and emulated network share one process here: the network's work counts against us."""
    came: defaultdict[str, list[float]] = defaultdict(list)
    take_in = AudioEndpoint._take_in

    def noted(endpoint: AudioEndpoint, data: bytes) -> None:
        came[endpoint.socket.name].append(asyncio.get_running_loop().time())
        take_in(endpoint, data)

    monkeypatch.setattr(AudioEndpoint, "_take_in", noted)
    network = Network(seed=3)
    devices = [network.add_modem(f"m{n}") for n in range(8)]
    async with running(tmp_path, network) as town:
        for number in FARMS:
            town.phone(number, Behaviour(answers_after=1.0, hangs_up_after=25.0))
        await town.finished(
            await town.raise_alert("Crue. Gagnez la salle.", to=FARMS, channels=["voice"])
        )
    steady = [gap for each in came.values() for gap in _gaps(each[10:-10])]
    jitter = sorted(1000 * abs(gap - 0.02) for gap in steady)
    underruns = sum(device.audio.count.underruns for device in devices)

    assert 8 == len(came)
    figures.add("8 calls at once: PCM underruns", underruns, "", most=0)
    figures.add("8 calls at once: frame jitter, p99.9", jitter[int(0.999 * len(jitter))], "ms",
                most=10)  # fmt: skip
    figures.add("8 calls at once: frame jitter, worst", jitter[-1], "ms")


def _gaps(times: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(times)]
