"""The network's time, as modems tell it; and what a radio is worth."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from modem.driver import Driver
from modem.errors import RemoteProtocolError
from modem.generations import last_generation
from modem.network_time import read_clock, read_notice
from tests.modem.harness.scripted import PLAIN, ScriptedDevice

THREE = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        '+CCLK: "26/11/24,04:00:00+04"',
        '+CCLK: "2026/11/24,03:00:00+00"',
        '+CCLK: "26/11/23,23:00:00-16"',
        '+CCLK: "26/11/24,08:30:00+22"',
        '+CCLK: "26/11/24,03:00:00"',
    ],
)
def test_the_clock_is_read_with_its_zone(line: str) -> None:
    """Quarters of an hour, east or west: La Réunion and Martinique have town halls too."""
    assert THREE == read_clock([line])


@pytest.mark.parametrize(
    "line",
    [
        '+CCLK: "80/01/06,00:00:12+00"',
        '+CCLK: "70/01/01,00:00:12+08"',
        '+CCLK: "04/01/01,00:00:01+00"',
        '+CCLK: "26/13/40,99:00:00+04"',
        '+CCLK: ""',
        "+CCLK:",
    ],
)
def test_a_device_that_never_heard_the_time_tells_none(line: str) -> None:
    """It counts from a date of its own."""
    with pytest.raises(RemoteProtocolError):
        read_clock([line])


@pytest.mark.parametrize(
    "line",
    [
        '+CTZE: "+04",0,"2026/11/24,03:00:00"',
        '^NWTIME: "26/11/24,04:00:00+04,00"',
        '*PSUTTZ: 2026, 11, 24, 3, 0, 0, "+4", 0',
    ],
)
def test_a_notification_tells_the_time(line: str) -> None:
    """Each make has its own."""
    assert THREE == read_notice(line)


@pytest.mark.parametrize("line", ["+CTZV: +04", "RING", '+CMTI: "ME",3', "*PSUTTZ: 0, 0, 0, 0"])
def test_a_notification_without_a_time_tells_none(line: str) -> None:
    """A zone alone is no time."""
    assert read_notice(line) is None


async def test_a_driver_passes_the_time_on() -> None:
    """Asked for, and told of its own accord."""
    table = {**PLAIN, "AT+CCLK?": '\r\n+CCLK: "26/11/24,04:00:00+04"\r\n\r\nOK\r\n'}
    device = ScriptedDevice(table)
    heard: list[datetime] = []

    async def take(_: object) -> None:
        """Take nothing."""

    driver = Driver(device, take)
    driver.on_time = heard.append
    await driver.start()
    await driver.read_network_time()
    device.say('\r\n*PSUTTZ: 2026, 11, 24, 3, 0, 0, "+4", 0\r\n')
    await driver.resynchronise()
    await driver.close()

    assert [THREE, THREE] == heard


@pytest.mark.parametrize(
    ("model", "technology", "last"),
    [
        ("SIMCOM_SIM7600G-H", "3G", 4), ("EC25", "", 4), ("A7670E-FASE", "", 4), ("E3372", "2G", 4),
        ("SIM800L", "2G", 2), ("SIMCOM_SIM900", "", 2), (" MULTIBAND  900E  1800", "", 2),
        ("E1550", "3G", 3), ("E1752", "", 3), ("K3565-Z", "", 3), ("E3131", "", 3),
        ("GSM MODEM", "4G", 4), ("GSM MODEM", "2G", None), ("", "", None),
    ],
)  # fmt: skip
def test_a_model_is_known_by_the_last_radio_it_has(
    model: str, technology: str, last: int | None
) -> None:
    """A 2G stick is e-waste at the end of 2026; an unknown one is not slandered."""
    assert last == last_generation(model, technology)
