"""Ports of the real world: sockets, pseudo-terminals, and who holds them."""

from __future__ import annotations

import asyncio
import os
import pty
import subprocess
import sys
import tty
from pathlib import Path

import pytest

from modem.discovery import at_port, sound_port, usb_ports
from modem.driver import Driver
from modem.errors import PortBusy, PortLost
from modem.events import ModemEvent
from modem.transport import holder_of, open_port
from tests.modem.harness.lines import a_pdu
from tests.modem.harness.scripted import ERROR, PLAIN, PROMPT, ScriptedDevice


async def ignore(_: ModemEvent) -> None:
    """Take an event and forget it."""


@pytest.mark.real_time
async def test_it_starts_and_sends_over_a_socket_on_a_device_that_refuses_much() -> None:
    """A bare AT, AT+CMEE=1 and AT+CSMS get ERROR; the SMS leaves."""
    device = ScriptedDevice({**PLAIN, "AT+CMGS": PROMPT}, otherwise=ERROR)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def talk() -> None:
            while True:
                writer.write(await device.read())

        talking = asyncio.ensure_future(talk())
        while data := await reader.read(100):
            device.write(data)
        talking.cancel()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, number = server.sockets[0].getsockname()
    driver = Driver(await open_port(f"socket://{host}:{number}"), ignore)
    await driver.start()

    assert await driver.submit(a_pdu()) == 42
    assert device.sent == [a_pdu().hex]
    await driver.close()
    server.close()


@pytest.mark.real_time
async def test_a_pseudo_terminal_is_a_serial_line() -> None:
    """The path a real stick takes; its end is the loss of the port."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    port = await open_port(os.ttyname(slave))
    os.write(master, b"\r\nRING\r\n")

    assert await port.read() == b"\r\nRING\r\n"
    port.write(b"AT\r")
    await port.drain()
    assert os.read(master, 10) == b"AT\r"
    with pytest.raises(PortBusy):
        await open_port(os.ttyname(slave))
    os.close(slave)
    os.close(master)
    with pytest.raises(PortLost):
        await port.read()
    await port.close()


@pytest.mark.real_time
def test_who_holds_a_port_is_named() -> None:
    """The installer forgot a terminal program open: he should read its name."""
    master, slave = pty.openpty()
    path = os.ttyname(slave)
    os.close(slave)
    script = f"import sys; f = open({path!r}, 'rb', 0); print('open', flush=True); sys.stdin.read()"
    rival = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert rival.stdout is not None
        rival.stdout.readline()

        assert holder_of(path).endswith(f"({rival.pid})")
        with pytest.raises(PortBusy, match=f"python.* \\({rival.pid}\\)"):
            asyncio.run(_open(path))
    finally:
        rival.communicate()
        os.close(master)


async def _open(path: str) -> None:
    await open_port(path)


def test_nobody_holds_what_is_not_there(tmp_path: Path) -> None:
    """Neither a missing file nor a plain one is a held port."""
    (tmp_path / "plain").touch()

    assert holder_of(str(tmp_path / "missing")) == ""
    assert holder_of(str(tmp_path / "plain")) == ""


@pytest.mark.parametrize("address", ["/dev/tocsin-none", "socket://127.0.0.1:1", "emulator:none"])
@pytest.mark.real_time
async def test_a_port_that_is_not_there_is_lost(address: str) -> None:
    """One error, whatever the system underneath calls it."""
    with pytest.raises(PortLost):
        await open_port(address)


def a_stick(sysfs: Path, place: str, product: str, names: dict[int, str]) -> None:
    """Lay out sysfs as Linux does for one USB device with serial interfaces."""
    device = sysfs / "devices/usb1" / place
    for interface, name in names.items():
        node = device / f"{place}:1.{interface}" / name
        node.mkdir(parents=True)
        entry = sysfs / "class/tty" / name
        entry.mkdir(parents=True)
        (entry / "device").symlink_to(node)
    (device / "idVendor").write_text("1e0e\n")
    (device / "idProduct").write_text(product + "\n")


def test_a_modem_is_found_by_its_usb_place(tmp_path: Path) -> None:
    """TtyUSB numbers change at each plug; the socket of the hub does not."""
    names = {0: "ttyUSB3", 1: "ttyUSB4", 2: "ttyUSB0", 3: "ttyUSB2", 4: "ttyUSB1"}
    a_stick(tmp_path, "1-1.4", "9001", names)
    a_stick(tmp_path, "1-1.2", "beef", {2: "ttyUSB9", 3: "ttyUSB8"})
    classes = tmp_path / "class/tty"

    assert at_port("1-1.4", classes) == "/dev/ttyUSB0"
    assert at_port("1-1.2", classes) == "/dev/ttyUSB9"
    assert sound_port("/dev/ttyUSB0", usb_ports(classes)) == "/dev/ttyUSB1"
    assert sound_port("/dev/ttyUSB9", usb_ports(classes)) == ""
    assert sound_port("/dev/ttyS0", usb_ports(classes)) == ""
    assert len(usb_ports(classes)) == 7
    with pytest.raises(PortLost):
        at_port("1-1.3", classes)
