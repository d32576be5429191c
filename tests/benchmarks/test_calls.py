"""Calls under load and at length: whether every ear gets its twenty milliseconds in time."""

from __future__ import annotations

import asyncio
import gc
import struct
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest

import tts
from gateway.channels.call_script import Part, phrases
from gateway.model import Urgency
from modem.emulator import Behaviour, Network, Press
from modem.emulator.audio import AudioEndpoint
from tests.acceptance.box import Box, emulated, port_of, serving, until
from tests.benchmarks.conftest import Figures
from tests.harness import Town, running
from tests.modem.harness.town import PHONE, a_line
from tests.modem.test_voice_calls import answered
from tests.web.real import OneAccount, RealTown
from tests.web.site import site
from web.pages import Pages

pytestmark = [pytest.mark.bench, pytest.mark.real_time, pytest.mark.timeout(900)]

#: Seconds between two pages of one browser: sixteen pages a second by four of them.
LOOK = 0.25
FARMS = [f"01 99 00 00 {n:02}" for n in range(8)]


@asynccontextmanager
async def looked_at(town: Town) -> AsyncIterator[list[int]]:
    """Have four browsers open pages all the time; yield how many they have got."""
    Pages().warm()  # as the daemon does at its start, and `tocsin serve` does this
    gc.collect()
    gc.freeze()
    code = await town.services.accounts.issue_first_code()
    session = await town.services.accounts.create_first(
        code or "", "camille", "Camille", "crue de l'Argent-Double"
    )
    looks = [0] * 4
    async with site(cast("Any", RealTown(town, OneAccount(session)))) as browser:

        async def look(number: int) -> None:
            while True:
                for path in ("/messages", "/contacts", "/modems", "/messages/nouveau"):
                    await (await browser.get(path)).read()
                    looks[number] += 1
                    await asyncio.sleep(LOOK)

        async with asyncio.TaskGroup() as tasks:
            running_ = [tasks.create_task(look(n)) for n in range(4)]
            yield looks
            for task in running_:
                task.cancel()


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
        async with looked_at(town) as looks:
            await town.finished(
                await town.raise_alert("Crue. Gagnez la salle.", to=FARMS, channels=["voice"])
            )
    figures.add("8 calls at once: pages served meanwhile", sum(looks), "")
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


async def test_a_call_of_ten_minutes(figures: Figures) -> None:
    """Ten minutes in one breath: a clock that drifts shows as a frame too many or too few."""
    speech = struct.pack("<h", 4096) * (8000 * 600)
    async with a_line(Behaviour(answers_after=1.0)) as (driver, device, network):
        call = await answered(driver)
        began = asyncio.get_running_loop().time()
        await call.play(speech)
        took = asyncio.get_running_loop().time() - began
        await asyncio.sleep(0.5)
        await call.hang_up()
        (record,) = network.handset(PHONE).calls
    at = record.pcm.index(speech[:640])

    starved = device.audio.count.underruns
    assert starved or record.pcm[at : at + len(speech)] == speech
    figures.add("10 minute call: PCM underruns", starved, "", most=0)
    figures.add("10 minute call: pace, played / real", 600 / took, "", least=0.999)


def test_what_calls_cost_the_daemon(tmp_path: Path, figures: Figures) -> None:
    """Four calls at once on pseudo-terminals: the daemon's own share of a core, for each."""
    farms = [f"01 99 00 00 {n:02}" for n in range(4)]
    cast = {one: {"answers_after": 0.5, "hangs_up_after": 40.0} for one in farms}
    long = "L'eau monte dans la rue du Port. Gagnez la salle communale à pied. " * 6
    with emulated(tmp_path / "e", "--modems", "4", "--profile", "simcom", cast=cast) as emulator:
        ports = [port_of(modem, audio=modem["audio"]) for modem in emulator.modems]
        with serving(Box(tmp_path / "box", ports)) as box:
            asked = [word for one in farms for word in ("--to", one)]
            number = int(box.ask("send", long, *asked, "--channel", "voice", "--urgency",
                                 "vital")["broadcast"])  # fmt: skip
            until(lambda: [job["state"] for job in box.jobs(number)] == ["running"] * 4,
                  "all are called", limit=60)  # fmt: skip
            time.sleep(12)  # dialled, answered, talking
            before, began = box.cpu(), time.monotonic()
            time.sleep(12)
            used, took = box.cpu() - before, time.monotonic() - began
            talking = [job["state"] for job in box.jobs(number)]
    assert ["running"] * 4 == talking
    figures.add("CPU of the daemon per call", 100 * used / took / 4, "%", most=3)


async def test_the_first_word_and_the_silence_after_a_key(tmp_path: Path, figures: Figures) -> None:
    """Measured in what the ear got: from the answer to sound, from the key to the last of it."""
    network = Network(seed=4)
    moments = (9.5, 10.7, 11.9, 13.1)
    for n in range(len(moments)):
        network.add_modem(f"m{n}")
    text = "L'eau monte dans la rue du Port. " * 8
    async with running(tmp_path, network) as town:
        farms = [
            town.phone(number, Behaviour(answers_after=1.0, presses=(Press("1", at),)))
            for number, at in zip(FARMS, moments, strict=False)
        ]
        await town.finished(
            await town.raise_alert(text, to=FARMS[: len(moments)], channels=["voice"])
        )
    words = phrases("La Redorte", text, Urgency.VITAL)[Part.THANKS]
    thanks = tts.read_pcm(tts.render(words, cache_dir=tmp_path / "speech").pcm_path)
    first, silent = [], []
    for farm, at in zip(farms, moments, strict=True):
        (heard,) = farm.calls
        first.append(_sounds(heard.pcm)[0])
        before = heard.pcm[: heard.pcm.index(thanks)]
        silent.append(max(0.0, _sounds(before)[-1] - at))
    figures.add("answer to first word, earliest", min(first), "s", least=0.9)
    figures.add("answer to first word, latest", max(first), "s", most=1.1)
    figures.add("key to silence, worst of four", max(silent), "s", most=0.2)


def _sounds(pcm: bytes) -> list[float]:
    """Return when (seconds) there is sound, by frames of 20 ms."""
    return [n / 16000 for n in range(0, len(pcm), 320) if any(pcm[n : n + 320])]
