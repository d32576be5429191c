"""Other gateways on the same emulated modems: how each is set up and given its messages."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.box import Box, port_of, serving, until
from tests.tools import require

#: Seconds a program has to come up or to go.
PATIENCE = 20.0
_BOX_PORT, _CORE_PORT, _ADMIN_PORT = 13913, 13901, 13900


@contextmanager
def running(*command: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the block ends."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=log.parent)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def tocsin(folder: Path, port: str, to: Sequence[str], text: str) -> Iterator[None]:
    """Run ours."""
    with serving(Box(folder, [port_of({"name": "modem-1", "at": port})])) as box:
        box.batch(dict.fromkeys(to, text), "--urgency", "vital")
        yield


@contextmanager
def gammu(folder: Path, port: str, to: Sequence[str], text: str) -> Iterator[None]:
    """Run gammu-smsd with its files service, everything periodic turned off."""
    boxes = {name: folder / name for name in ("inbox", "outbox", "sent", "error")}
    for box in boxes.values():
        box.mkdir(parents=True)
    for n, number in enumerate(to):
        (boxes["outbox"] / f"OUTA20260101_000000_{n:04}_{number}_x.txt").write_text(text)
    config = folder / "smsdrc"
    config.write_text(
        f"[gammu]\ndevice = {port}\nconnection = at115200\nsynchronizetime = no\n"
        f"[smsd]\nservice = files\nlogfile = {folder / 'smsd.log'}\ndebuglevel = 0\n"
        "commtimeout = 1\nsendtimeout = 30\nloopsleep = 0\nstatusfrequency = 0\n"
        "resetfrequency = 0\nchecksecurity = 0\ncheckbattery = 0\nchecksignal = 0\n"
        "receivefrequency = 3600\nskipsmscnumber = \n"
        f"inboxpath = {boxes['inbox']}/\noutboxpath = {boxes['outbox']}/\n"
        f"sentsmspath = {boxes['sent']}/\nerrorsmspath = {boxes['error']}/\n"
    )
    with running(require("gammu-smsd"), "-c", str(config), log=folder / "out.log"):
        yield


@contextmanager
def smstools(folder: Path, port: str, to: Sequence[str], text: str) -> Iterator[None]:
    """Run smsd of smstools, without reading and with its shortest waits."""
    boxes = {name: folder / name for name in ("outgoing", "checked", "incoming", "failed", "sent")}
    for box in boxes.values():
        box.mkdir(parents=True)
    for n, number in enumerate(to):
        (boxes["outgoing"] / f"m{n:04}").write_text(f"To: {number.lstrip('+')}\n\n{text}\n")
    config = folder / "smsd.conf"
    config.write_text(
        "devices = GSM1\n" + "".join(f"{name} = {box}\n" for name, box in boxes.items())
        + f"logfile = {folder / 'smsd.log'}\ninfofile = {folder / 'smsd.running'}\n"
        f"pidfile = {folder / 'smsd.pid'}\nstats = {folder}\nloglevel = 4\ndelaytime = 1\n"
        "delaytime_mainprocess = 1\nuser = root\ngroup = root\n"
        f"[GSM1]\ndevice = {port}\nincoming = no\nbaudrate = 115200\nrtscts = no\n"
        "sending_disabled = no\ncheck_network = 0\nreport = no\n"
    )  # fmt: skip
    with running(require("smsd", "smstools"), "-t", "-c", str(config), log=folder / "out.log"):
        yield


@contextmanager
def kannel(folder: Path, port: str, to: Sequence[str], text: str) -> Iterator[None]:
    """Run bearerbox with an AT centre and smsbox, which is given messages over HTTP."""
    folder.mkdir(parents=True)
    config = folder / "kannel.conf"
    config.write_text(
        f"group = core\nadmin-port = {_ADMIN_PORT}\nadmin-password = x\n"
        f"smsbox-port = {_CORE_PORT}\n"
        f"box-allow-ip = 127.0.0.1\nlog-file = {folder / 'bearer.log'}\nlog-level = 1\n\n"
        f"group = smsc\nsmsc = at\nmodemtype = auto\ndevice = {port}\nspeed = 115200\n\n"
        "group = modems\nid = generic\nname = generic\nspeed = 115200\n\n"
        f"group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {_BOX_PORT}\n"
        "global-sender = 12345\n"
        f"log-file = {folder / 'box.log'}\nlog-level = 1\n\n"
        "group = sendsms-user\nusername = u\npassword = p\n"
    )
    smsbox = str(Path(require("bearerbox", "kannel")).with_name("smsbox"))
    with running(require("bearerbox", "kannel"), str(config), log=folder / "bearer.out"):
        _listening(_CORE_PORT)
        with running(smsbox, str(config), log=folder / "box.out"):
            _listening(_BOX_PORT)
            for number in to:
                asked = {"username": "u", "password": "p", "to": number, "text": text}
                url = (
                    f"http://127.0.0.1:{_BOX_PORT}/cgi-bin/sendsms?{urllib.parse.urlencode(asked)}"
                )
                urllib.request.urlopen(url, timeout=PATIENCE).close()
            yield


def _listening(port: int) -> None:
    """Wait until a program listens on a port of this machine."""

    def look() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    until(look, f"something listens on {port}", limit=PATIENCE)


PROGRAMS = {"Tocsin": tocsin, "gammu-smsd": gammu, "smstools": smstools, "Kannel": kannel}
