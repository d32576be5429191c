"""SIMCom A7670 and other ASR modules: firmware variants that lack what the name promises."""

from __future__ import annotations

import pytest

from modem import profiles
from modem.emulator import Behaviour
from modem.errors import NotReady
from modem.events import ReleaseCause, Released
from modem.profiles.base import AudioKind
from tests.modem.harness.lines import a_pdu
from tests.modem.harness.town import PHONE, a_line, until_over


async def test_q51_a_firmware_that_drops_every_call_is_named() -> None:
    """B01 goes from dialling to over when the network offers voice over LTE; B07 cures it."""
    async with a_line(profile="a7670-b01", audio="") as (driver, _, _network):
        revision = driver.identity.revision
        assert driver.profile.advice_on(revision) == "firmware_drops_calls"
        events = await until_over(await driver.dial(PHONE))

        assert isinstance(events[-1], Released)
        assert events[-1].cause is ReleaseCause.NETWORK
    async with a_line(profile="a7670", audio="") as (driver, _, _network):
        assert driver.profile.advice_on(driver.identity.revision) == ""


async def test_q52_a_variant_without_sms_is_said_to_have_none() -> None:
    """A7670E-LNXY is for data: found by asking, not by its model number."""
    with pytest.raises(NotReady, match="no SMS"):
        async with a_line(profile="a7670-lnxy", audio=""):
            raise AssertionError("it started")


async def test_its_sound_is_analogue_so_calls_need_an_audio_device() -> None:
    """Without one it serves SMS; calls can be placed, and have no voice."""
    async with a_line(Behaviour(answers_after=1.0), profile="a7670", audio="") as (
        driver,
        _,
        _network,
    ):
        assert driver.profile is profiles.A76XX
        assert driver.profile.audio is AudioKind.WIRED
        assert not driver.can_call
        assert await driver.submit(a_pdu()) >= 0
