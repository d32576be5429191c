"""Three in the morning, a telephone, no computer: an alert launched by calling the box."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gateway import launch_words
from gateway.channels.call_script import Part
from gateway.channels.reception_script import reception_phrases
from gateway.config import CallSettings
from gateway.model import Door
from gateway.services import Draft
from gateway.store import calls
from modem.emulator import Behaviour
from modem.emulator.call import CallState, EmulatedCall
from modem.emulator.device import Device
from modem.emulator.handset import ReceivedCall
from tests.acceptance.launching import (
    ANNE,
    DEPUTY,
    MAYOR,
    PIN,
    TEXT,
    alerts,
    moments,
    ready,
    says,
    texts,
)
from tests.acceptance.test_asked_by_sms import clock, network
from tests.acceptance.test_calling_back import rings, said
from tests.acceptance.test_launch_by_sms import NIGHT
from tests.harness import Town, running, states


async def picks_up(town: Town, device: Device, number: str = MAYOR) -> EmulatedCall:
    """Let somebody call; return the call once the box has answered."""
    call = town.network.ring_modem(number, device, behaviour=Behaviour())
    assert call is not None
    async with asyncio.timeout(60):
        while call.state is not CallState.ACTIVE:  # noqa: ASYNC110  a telephone tells nobody
            await asyncio.sleep(0.1)
    await asyncio.sleep(2)
    return call


async def types(call: EmulatedCall, keys: str) -> None:
    """Let the caller press keys, as fast as people do."""
    for key in keys:
        call.press(key)
        await asyncio.sleep(0.4)


async def code_told(town: Town) -> str:
    """Wait for the code that is about to be spoken."""

    def latest(db: object) -> str:
        row = db.execute(  # type: ignore[attr-defined]
            "SELECT code FROM launch_dialogue WHERE door = 'call' ORDER BY id DESC LIMIT 1"
        ).fetchone()
        return str(row[0]) if row else ""

    async with asyncio.timeout(60):
        while not await town.daemon.store.read(latest):  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.2)
    return await town.daemon.store.read(latest)


async def over(town: Town, number: str = MAYOR) -> ReceivedCall:
    """Wait for the end of a call; return what was lived."""
    async with asyncio.timeout(300):
        while town.network.handset(number).in_call:  # noqa: ASYNC110  a telephone tells nobody
            await asyncio.sleep(0.5)
    await asyncio.sleep(3)
    return town.network.handset(number).placed[-1]


async def test_the_mayor_launches_the_flood_alert_by_calling_the_box(tmp_path: Path) -> None:
    """PIN, list, read-back, spoken code: « l'alerte part », and on the only modem there is."""
    made = network()
    device = made.modems["m1"]
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        call = await picks_up(town, device)
        await types(call, f"{PIN}#")
        await asyncio.sleep(4)
        await types(call, "1")
        code = await code_told(town)
        await asyncio.sleep(22)
        await types(call, code[:3])
        typed = town.daemon.clock.now()
        await types(call, code[3:])
        heard = await over(town)
        await town.advance(20)
        (alert,) = await alerts(town)
        report = await town.report(alert["id"])
        listed = await town.daemon.store.read(lambda db: calls.latest(db, 1))
        left = await moments(town, "SELECT started_at FROM attempt ORDER BY started_at LIMIT 1")

    for words in (
        launch_words.hello("La Redorte", waiting=False),
        launch_words.choice(1, "Crue de l'Argent-Double"), launch_words.choice(2, "Feu"),
        launch_words.spoken("Crue de l'Argent-Double", TEXT),
        launch_words.spoken_code(2, 5.0, code, ""), launch_words.LEAVES,
    ):  # fmt: skip
        assert said(tmp_path, words)[:8000] in heard.pcm, words
    assert {"received"} == set(states(report).values())
    assert ("Mme le maire", "call", "vital") == (alert["author"], alert["door"], alert["urgency"])
    assert ["launched"] == [row["outcome"] for row in listed]
    assert any("L'alerte part" in one for one in texts(made, MAYOR))
    assert 1 == len(texts(made, DEPUTY))
    assert left[0] - typed <= 2.5, "the sentence, hanging up, the first text"


async def test_nothing_is_launched_by_one_key_a_wrong_code_or_hanging_up(tmp_path: Path) -> None:
    """A child with the telephone, a slip, second thoughts."""
    made = network()
    device = made.modems["m1"]
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        call = await picks_up(town, device)
        await types(call, f"{PIN}#")
        await asyncio.sleep(4)
        await types(call, "1")
        code = await code_told(town)
        await asyncio.sleep(20)
        wrong = f"{(int(code) + 1) % 10_000:04}"
        for _ in range(3):
            await types(call, wrong)
            await asyncio.sleep(4)
        heard = await over(town)
        call = await picks_up(town, device)
        await types(call, f"{PIN}#")
        await asyncio.sleep(3)
        await types(call, "1")
        await asyncio.sleep(12)
        call.hang_up()
        await over(town)
        sent = await alerts(town)

    assert said(tmp_path, launch_words.NOTHING_LEFT)[:8000] in heard.pcm
    assert [] == sent
    assert [] == texts(made, ANNE)


async def test_wrong_pins_by_key_and_by_sms_are_counted_together(tmp_path: Path) -> None:
    """Two by key, one by SMS: held off, on both doors; the others hear of it."""
    made = network()
    device = made.modems["m1"]
    kept = CallSettings(keep_received=True)
    async with running(tmp_path, made, clock=clock(NIGHT), calls=kept) as town:
        await ready(town)
        call = await picks_up(town, device)
        await types(call, "1111#")
        await asyncio.sleep(3)
        await types(call, "2222#")
        await asyncio.sleep(3)
        call.hang_up()
        await over(town)
        last = await says(town, made, MAYOR, "CRUE 3333")
        await picks_up(town, device)
        heard = await over(town)
        by_sms = await says(town, made, MAYOR, f"CRUE {PIN}")
        sounds = await town.services.telephones.kept(town.actor)

    assert [] == sounds, "the keys of a PIN would be heard on them"
    assert "Plus aucun PIN" in last
    assert said(tmp_path, launch_words.CALL_LOCKED)[:8000] in heard.pcm
    assert "Plus aucun PIN" in by_sms
    assert any("bloqué" in one for one in texts(made, DEPUTY))


async def test_a_script_that_types_pins_all_night_is_hopeless(tmp_path: Path) -> None:
    """Forty calls of eight tries each: a handful are compared."""
    made = network()
    device = made.modems["m1"]
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        for guess in range(12):
            call = await picks_up(town, device)
            for more in range(4):
                await types(call, f"{guess * 4 + more:04}#")
                await asyncio.sleep(1)
            call.hang_up()
            await over(town)
        tried = await moments(town, "SELECT count(*) FROM launch_try WHERE what = 'wrong'")

    assert 3 <= tried[0] <= 5
    assert [] == texts(made, ANNE)


async def test_hidden_numbers_and_strangers_hear_what_they_always_heard(tmp_path: Path) -> None:
    """The mayor's telephone with its number hidden is nobody's."""
    made = network()
    device = made.modems["m1"]
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        hidden = await rings(town, device, MAYOR, hidden=True)
        stranger = await rings(town, device, "+33639980077")

    words = said(tmp_path, reception_phrases("La Redorte")[Part.RECEPTION])
    asked = said(tmp_path, launch_words.hello("La Redorte", waiting=False))[:8000]
    assert words in hidden.pcm
    assert words in stranger.pcm
    assert asked not in hidden.pcm + stranger.pcm


async def test_a_launcher_is_let_in_while_routine_texts_leave(tmp_path: Path) -> None:
    """The only modem is busy with the fête: the caller waits for one text, not for all."""
    made = network()
    device = made.modems["m1"]
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        people = tuple(f"06 39 98 01 {n:02}" for n in range(30))
        draft = Draft(
            "La fête.", to=people[:5], channels=("sms",), urgency="service", at_any_hour=True
        )
        for _ in range(6):
            await town.services.sending.send(town.actor, draft, Door.COMMAND)
        await town.advance(4)
        rang = asyncio.get_running_loop().time()
        call = await picks_up(town, device)
        waited = asyncio.get_running_loop().time() - rang
        await types(call, f"{PIN}#")
        await asyncio.sleep(4)
        await types(call, "1")
        code = await code_told(town)
        await asyncio.sleep(20)
        await types(call, code)
        await over(town)
        await town.advance(10)

    assert waited < 15
    assert [TEXT] == texts(made, ANNE)


async def test_a_launcher_for_whom_a_message_waits_may_hear_it_instead(tmp_path: Path) -> None:
    """The star key; and the confirmation counts as in any call back."""
    made = network()
    device = made.modems["m1"]
    async with running(tmp_path, made, clock=clock(NIGHT)) as town:
        await ready(town)
        number = await town.raise_alert("Vent fort.", to=[MAYOR])
        await town.advance(20)
        call = await picks_up(town, device)
        await types(call, "*")
        await asyncio.sleep(10)
        await types(call, "1")
        await over(town)
        report = await town.report(number)

    assert ["acknowledged"] == list(states(report).values())
