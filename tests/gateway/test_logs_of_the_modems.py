"""What is said through `logging` reaches the journal as all else does: fields, masks, levels."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from gateway import logs
from gateway.log_levels import CURRENT
from modem import logs as modem_logs
from modem.commands import Command
from modem.connection import Completed
from modem.emulator import Network, registry
from modem.link import Link, _tell
from modem.transport import open_port


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Begin as a process does, whatever other tests have set, and leave logging as it was found."""
    parts = ("modem", "web", "tts", "gateway")
    names = {"", "modem.link", *parts, *logging.root.manager.loggerDict}
    loggers = [logging.getLogger(name) for name in names if name.split(".")[0] in ("", *parts)]
    kept = [(one, one.handlers, one.propagate, one.level) for one in loggers]
    kept_levels = dict(CURRENT.known)
    CURRENT._set.clear()
    CURRENT._set[""] = "info"
    for one in loggers:
        one.handlers = list(one.handlers)
        one.setLevel(logging.NOTSET)
    yield
    for one, handlers, propagate, level in kept:
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(level)
    CURRENT._set.clear()
    CURRENT._set.update(kept_levels)
    structlog.reset_defaults()


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the lines of the journal."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


async def test_a_modems_line_says_which_modem_and_part_it_is_of(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With three modems, « no answer in 5 s » is nobody's."""
    logs.set_up()
    log = modem_logs.log_for("modem.supervisor")

    async def one(name: str) -> None:
        modem_logs.tell_of(name)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(its_child(name))

    async def its_child(name: str) -> None:
        log.warning("%s has no network", name)

    await asyncio.gather(one("orange-1"), one("sfr-1"))
    log.info("nobody's")

    lines = told(capsys)
    assert [("orange-1", "orange-1 has no network"), ("sfr-1", "sfr-1 has no network")] == [
        (line["modem"], line["event"]) for line in lines[:2]
    ]
    assert {"modem.supervisor"} == {line["module"] for line in lines}
    assert ["warning", "warning", "info"] == [line["level"] for line in lines]
    assert "modem" not in lines[2]


@pytest.mark.parametrize(
    "said",
    ["call to +33639980001 failed", "06 39 98 00 01 is busy", "0639980001 said no",
     "mail of solene@la-redorte.example", "imei 356938035643809"],
)  # fmt: skip
def test_no_number_or_mailbox_is_whole_whoever_says_it(
    capsys: pytest.CaptureFixture[str], said: str
) -> None:
    """An error of a library quotes what it choked on."""
    logs.set_up()
    error = ValueError(said)
    logging.getLogger("aiohttp.server").error("it failed: %s", said, exc_info=error)

    (line,) = told(capsys)
    for secret in ("639980001", "39 98 00", "solene@", "356938035643809"):
        assert secret not in json.dumps(line)
    assert "ValueError" in line["exception"]


def test_a_part_of_the_modem_is_made_to_tell_more_while_it_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`tocsin log modem.link debug`, and back."""
    logs.set_up()
    link, inbox = modem_logs.log_for("modem.link"), modem_logs.log_for("modem.inbox")
    for level in ("debug", "error"):
        CURRENT.set("modem.link", level)
        for one in (link, inbox):
            one.debug("a word")
            one.warning("a warning")

    assert [("modem.link", "a word"), ("modem.link", "a warning"), ("modem.inbox", "a warning"),
            ("modem.inbox", "a warning")] == [
        (line["module"], line["event"]) for line in told(capsys)
    ]  # fmt: skip


def test_a_library_tells_what_is_wrong_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """At debug, asyncssh alone would fill the disk, with whom it speaks to."""
    logs.set_up(level="debug")
    logging.getLogger("asyncssh").info("connected to somebody")
    logging.getLogger("asyncssh").warning("host key changed")

    assert ["host key changed"] == [line["event"] for line in told(capsys)]


async def test_the_dialogue_with_a_modem_is_told_without_pin_number_or_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It goes to whoever helps from afar."""
    logs.set_up(level="debug")
    network = Network(seed=3)
    registry.install(network.add_modem("m1"))
    link = Link(await open_port("emulator:m1"), lambda _: None)
    link.open()
    pin = Command('AT+CPIN="{pin}"', parse=lambda lines: lines)
    said = Command("AT+CMGL=4", parse=lambda lines: lines)
    await link.attempt(pin, pin="4321")
    await link.close()
    registry.remove(network.modems["m1"])
    _tell(said, Completed(("+CMGL: 1,1,,29", "07913396050066F0040B913396899000F1")))
    _tell(said, Completed(('+CLIP: "+33639980001",145,,,"Solène"',)))

    lines = [line["event"] for line in told(capsys)]
    assert any(line.startswith('AT+CPIN="{pin}"') for line in lines)
    assert not any(
        secret in line for line in lines for secret in ("4321", "0F1", "63998", "Solène")
    )
