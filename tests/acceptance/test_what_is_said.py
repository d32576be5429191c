"""What a call says: names as the town says them, recordings, exercises, and key 9."""

from __future__ import annotations

import io
import itertools
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from gateway.errors import Refused
from gateway.services import Draft
from modem.emulator import Behaviour, Network, Press
from tests.harness import Town, jobs, running, states

FARM = "01 99 00 00 01"


def tone(seconds: float = 3.0) -> bytes:
    """Return a recording of a swelling tone, as good as a voice to the chain."""
    time = np.arange(round(seconds * 22050)) / 22050
    buffer = io.BytesIO()
    swelling = 0.2 * np.sin(2 * np.pi * 440 * time) * (np.sin(2 * np.pi * 1.3 * time) > -0.5)
    soundfile.write(buffer, swelling, 22050, format="OGG")
    return buffer.getvalue()


async def send(town: Town, **fields: object) -> int:
    draft = Draft(text="La route est fermée.", to=(FARM,), channels=("voice",), **fields)  # type: ignore[arg-type]
    return await town.services.sending.send(town.actor, draft)


async def test_a_recording_is_played_in_place_of_the_voice(tmp_path: Path) -> None:
    """The mayor's own voice is believed where a machine's is not."""
    network = Network(seed=1)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        kept = await town.services.sounds.keep_recording(town.actor, "Le maire", tone())
        phone = town.phone(FARM, Behaviour(answers_after=1.0, presses_when_prompted="1"))
        report = await town.finished(await send(town, recording=kept.name, urgency="vital"))
        heard = np.frombuffer(phone.calls[0].pcm, "<i2").astype(float)
        said = np.abs(np.fft.rfft(heard[8000 * 5 : 8000 * 9]))
        loudest = int(np.argmax(said)) / 4

        assert ["acknowledged"] == list(states(report).values())
        assert 440 == pytest.approx(loudest, abs=5)


async def test_a_recording_of_another_town_or_none_is_refused(tmp_path: Path) -> None:
    """Found at compose time, not while the phones ring."""
    network = Network(seed=2)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        with pytest.raises(Refused, match="n'existe plus"):
            await send(town, recording="0" * 40)
        with pytest.raises(Refused, match="WAV, MP3 ou OGG"):
            await town.services.sounds.keep_recording(town.actor, "Faux", b"not a sound")


async def test_a_nine_spares_the_number_routine_calls_but_no_alert(tmp_path: Path) -> None:
    """One key, said once, kept for good; and a flood still rings."""
    network = Network(seed=3)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        phone = town.phone(FARM, Behaviour(answers_after=1.0, presses=(Press("9", 12.0),)))
        await town.finished(await send(town, urgency="information"))
        spared = await town.finished(await send(town, urgency="service"))
        phone.behaviour = Behaviour(answers_after=1.0)
        alerted = await town.finished(await send(town, urgency="vital"))

        assert {("excluded", "opted_out")} == {
            (person["state"], person["reason"]) for person in spared["recipients"]
        }
        assert ["listened"] == [job["outcome"] for job in jobs(alerted)]
        assert 2 == len(phone.calls)


async def test_an_exercise_is_marked_in_every_text_and_in_the_report(tmp_path: Path) -> None:
    """Nobody takes it for the flood, and nobody counts it as one."""
    network = Network(seed=4)
    network.add_modem("m1")
    async with running(tmp_path, network) as town:
        draft = Draft(text="L'eau monte.", to=("06 39 98 00 01",), channels=("sms",),
                      urgency="vital", exercise=True)  # fmt: skip
        number = await town.services.sending.send(town.actor, draft)
        report = await town.finished(number)

        assert ["EXERCICE - L'eau monte. - EXERCICE"] == [
            sms.text for sms in town.phone("06 39 98 00 01").inbox
        ]
        assert report["exercise"]


async def test_one_can_listen_before_sending_with_the_towns_own_names(tmp_path: Path) -> None:
    """What is heard is what the handset will play, and changes with the pronunciation."""
    network = Network(seed=5)
    async with running(tmp_path, network, names=()) as town:
        sounds = town.services.sounds
        before = await sounds.listen(town.actor, "Crue à Azille.", urgency="vital")
        await sounds.set_pronunciation(town.actor, "Azille", "a zi ye, dans le Minervois")
        after = await sounds.listen(town.actor, "Crue à Azille.", urgency="vital")
        wav = sounds.sound(town.actor, after.token) or b""
        with wave.open(io.BytesIO(wav)) as file:
            rate, frames = file.getframerate(), file.getnframes()

        assert 8000 == rate
        assert after.seconds == pytest.approx(frames / 8000, abs=0.1)
        assert after.seconds > before.seconds + 0.5
        assert sounds.sound(town.actor, "another") is None


async def test_one_sim_rests_between_two_calls_while_texts_go_on(tmp_path: Path) -> None:
    """Call after call without a breath is how a SIM gets stopped as a robot's."""
    network = Network(seed=6)
    network.add_modem("m1")
    busy = [f"01 99 00 00 {n:02}" for n in range(1, 4)]
    async with running(tmp_path, network) as town:
        for number in busy:
            town.phone(number, Behaviour(busy=True))
        draft = Draft(text="L'eau monte.", to=tuple(busy), channels=("voice",), urgency="vital")
        await town.finished(await town.services.sending.send(town.actor, draft))
        calls = sorted((c for n in busy for c in town.phone(n).calls), key=lambda c: c.at)

        assert 6 == len(calls)
        assert all(
            later.at - earlier.ended_at >= 1.0 for earlier, later in itertools.pairwise(calls)
        )
