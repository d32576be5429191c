"""A box as it stands in a town hall: the real commands as child processes, on the real clock.

`emulated` runs ``tocsin emulator``, `Box` runs ``tocsin serve`` on its ports. Whatever a test
starts is gone when its block ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from gateway.control import client
from tests.acceptance.nursery import Born, Nursery
from tests.shared import share

T = TypeVar("T")

TOCSIN = (sys.executable, "-m", "gateway")


def until(look: Callable[[], T], what: str, *, limit: float = 20.0) -> T:
    """Return what ``look`` returns once it is true; fail with ``what`` after ``limit`` seconds."""
    give_up = time.monotonic() + limit
    while not (found := look()):
        assert time.monotonic() < give_up, f"not within {limit:.0f} s: {what}"
        time.sleep(0.02)
    return found


#: Ports given away in this process: one is free until whoever asked for it listens.
_GIVEN: set[int] = set()


def free_port(following: int = 1) -> int:
    """Return a TCP port nobody listens on, nor on the next ones."""
    while True:
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                for number in range(port + 1, port + following):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", number))
            except (OSError, OverflowError):
                continue
        wanted = {*range(port, port + following)}
        if not wanted & _GIVEN:
            _GIVEN.update(wanted)
            return port


@dataclass(frozen=True)
class Emulated:
    """Emulated modems in a process of their own, and what their telephones wrote down."""

    folder: Path
    modems: list[dict[str, str]]

    def records(self, kind: str = "sms") -> list[dict[str, Any]]:
        """Return what telephones have received so far; a line being written is not there yet."""
        text = (self.folder / "handsets.jsonl").read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1].splitlines()
        return [line for line in map(json.loads, whole) if line["kind"] == kind]

    def copies(self) -> dict[str, int]:
        """Return how many messages each telephone got."""
        found: dict[str, int] = {}
        for record in self.records():
            found[record["to"]] = found.get(record["to"], 0) + 1
        return found


@contextlib.contextmanager
def emulated(
    folder: Path, *arguments: str, cast: dict[str, Any] | None = None,
    nursery: Nursery | None = None,
) -> Iterator[Emulated]:  # fmt: skip
    """Run ``tocsin emulator`` with ``arguments`` until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    if cast is not None:
        (folder / "cast.json").write_text(json.dumps(cast), encoding="utf-8")
        arguments = (*arguments, "--cast", str(folder / "cast.json"))
    words, said = ["emulator", "--dir", str(folder), *arguments], folder / "said"
    child: subprocess.Popen[str] | Born
    if nursery is not None:
        child = nursery.begin(words, said)
    else:
        with said.open("w", encoding="utf-8") as out:
            child = subprocess.Popen([*TOCSIN, *words], stdout=out, text=True)
    try:
        ready = until(
            lambda: said.exists() and _first_line(said), "the emulator is ready", limit=60
        )
        yield Emulated(folder, json.loads(ready)["modems"])
    finally:
        end(child)


def _first_line(file: Path) -> str:
    """Return the first line of a file once it is whole."""
    line, end_of_it, _ = file.read_text(encoding="utf-8").partition("\n")
    return line if end_of_it else ""


def end(child: subprocess.Popen[str] | Born) -> int:
    """Ask a child to stop, and see that it does; return its status."""
    if child.poll() is None:
        child.terminate()
    try:
        child.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
    assert child.returncode is not None
    return child.returncode


@dataclass
class Box:
    """One configuration and the daemon that may run on it."""

    data: Path
    modems: Sequence[dict[str, str]] = ()
    relay: int | None = None
    listen: int = field(default_factory=free_port)
    daemon: subprocess.Popen[str] | Born | None = None
    nursery: Nursery | None = None  # what begins its daemons and commands without importing anew
    more_lines: Sequence[str] = ()
    inside: Sequence[str] = ()  # what puts a command into a network of its own
    held: Sequence[str] = ()  # what holds the daemon to less of the machine
    options: Sequence[str] = ()  # more words of the daemon's command
    env: dict[str, str] = field(default_factory=dict)  # more of it, for the daemon

    @property
    def config(self) -> Path:
        """The configuration file, written when the box is made."""
        return self.data / "tocsin.toml"

    @property
    def log(self) -> Path:
        """What its daemons have said."""
        return self.data / "journal"

    def __post_init__(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        share(self.data, "pages", "speech")
        lines = [f'data_dir = "{self.data}"', "[town]", 'name = "La Redorte"', "[web]"]
        lines.append(f'listen = "127.0.0.1:{self.listen}"')
        if self.relay is not None:
            lines += ["[relay]", f"port = {self.relay}", 'sender = "mairie@la-redorte.example"']
        lines += self.more_lines
        if "[health]" not in self.more_lines:  # who is not asked gets nothing: no heartbeats
            lines += ["[health]", "heartbeat_hours = 0"]
        for modem in self.modems:
            lines += ["[[modem]]", 'regime = "automated"']
            lines += [f'{key} = "{value}"' for key, value in modem.items()]
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def start(self) -> None:
        """Start the daemon and wait until it says that every modem has made up its mind."""
        self.begin()
        self.wait()

    def begin(self) -> None:
        """Start the daemon."""
        if self.nursery is not None:
            words = ["serve", "--config", str(self.config), *self.options]
            self.daemon = self.nursery.begin(words, self.log)
            return
        command = [
            *self.inside,
            *self.held,
            *TOCSIN,
            "serve",
            "--config",
            str(self.config),
            *self.options,
        ]
        with self.log.open("a", encoding="utf-8") as journal:
            self.daemon = subprocess.Popen(
                command, stdout=journal, stderr=journal, text=True, env={**os.environ, **self.env}
            )

    def wait(self) -> None:
        """Wait until the daemon says that every modem has made up its mind."""
        until(self._healthy, "GET /healthz answers 200", limit=90)

    def _healthy(self) -> bool:
        assert self.daemon is not None
        assert self.daemon.poll() is None, self.log.read_text(encoding="utf-8")
        if self.inside:  # no way leads to its page from here
            if not (self.data / "control.sock").exists():
                return False  # too early to be worth a process
            code = (
                f"import urllib.request as u; u.urlopen('http://127.0.0.1:{self.listen}/healthz')"
            )
            asked = [*self.inside, sys.executable, "-c", code]
            return subprocess.run(asked, capture_output=True, check=False).returncode == 0
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.listen}/healthz", timeout=5
            ) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def kill(self) -> None:
        """Pull the plug."""
        assert self.daemon is not None
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.communicate(timeout=10)

    def cpu(self) -> float:
        """Return the seconds of processor the daemon has used."""
        assert self.daemon is not None
        fields = Path(f"/proc/{self.daemon.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> int:
        """Stop as systemd does; return the status."""
        assert self.daemon is not None
        return end(self.daemon)

    def tocsin(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command on this box to its end."""
        command, *rest = arguments
        words = [command, *rest]
        at = 2 if command in {"user", "modem"} else 1
        whole = [*words[:at], "--config", str(self.config), *words[at:]]
        if self.nursery is not None:
            return self.nursery.run(whole, stdin)
        return subprocess.run(
            [*TOCSIN, *whole], input=stdin, capture_output=True, text=True, timeout=90, check=False
        )

    def ask(self, *arguments: str) -> Any:
        """Run a command that answers in JSON; return the answer."""
        done = self.tocsin(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def batch(self, texts: dict[str, str], *arguments: str) -> int:
        """Send each number its text; return the broadcast."""
        file = self.data / "batch.jsonl"
        lines = [json.dumps({"to": to, "text": text}) for to, text in texts.items()]
        file.write_text("\n".join(lines), encoding="utf-8")
        return int(self.ask("send", "--batch", str(file), *arguments)["broadcast"])

    def report(self, broadcast: int) -> Any:
        """Return what ``tocsin report --json`` prints, without its process."""
        return client.ask(self.data / "control.sock", "report", broadcast=broadcast)

    def jobs(self, broadcast: int) -> list[dict[str, Any]]:
        """Return all jobs of a broadcast as reported now."""
        report = self.report(broadcast)
        return [job for person in report["recipients"] for job in person["jobs"]]


@contextlib.contextmanager
def serving(box: Box) -> Iterator[Box]:
    """Run the daemon of ``box`` until the block ends, however often it is started again in it."""
    box.start()
    try:
        yield box
    finally:
        if box.daemon is not None:
            end(box.daemon)


def port_of(modem: dict[str, str], **more: str) -> dict[str, str]:
    """Return the configuration of an emulated modem on its pseudo-terminal."""
    return {"name": modem["name"], "port": modem["at"], **more}


def holder(path: str) -> subprocess.Popen[str]:
    """Start a program that has ``path`` open until it is ended."""
    code = (
        "import os, sys; os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); print(flush=True); input()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    child.stdout.readline()
    return child


__all__ = ["TOCSIN", "Box", "Emulated", "emulated", "end", "free_port", "holder", "port_of",
           "serving", "until"]  # fmt: skip
