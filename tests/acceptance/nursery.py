"""Daemons and commands that begin without importing: a process that has waits, and forks one.

What is tested is what a kill leaves or a command does, not how long Python takes to read its files.
Run as a program it reads a line of JSON for each thing asked, and answers with one.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_READ: Final = (
    "gateway.__main__", "gateway.cli.serve", "gateway.cli.emulator", "gateway.cli.send",
    "gateway.daemon", "gateway.control.server", "web.app",
    "serial_asyncio_fast", "aiosmtplib", "phonenumbers", "babel.support", "sqlite_utils",
)  # fmt: skip


@dataclass
class Nursery:
    """The process that waits."""

    child: subprocess.Popen[str]

    def ask(self, **asked: Any) -> Any:
        """Ask it one thing."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write(json.dumps(asked) + "\n")
        self.child.stdin.flush()
        return json.loads(self.child.stdout.readline())

    def begin(self, words: list[str], journal: Path) -> Born:
        """Begin ``tocsin`` with these words; its output goes to the end of ``journal``."""
        return self._born(words, os.devnull, journal, journal)

    def run(self, words: list[str], said: str = "") -> subprocess.CompletedProcess[str]:
        """Run ``tocsin`` with these words to its end; ``said`` is typed to it."""
        with tempfile.TemporaryDirectory() as folder:
            typed, out, err = (Path(folder) / name for name in ("typed", "out", "err"))
            typed.write_text(said, encoding="utf-8")
            born = self._born(words, typed, out, err)
            born.communicate(timeout=90)
            told = (one.read_text(encoding="utf-8") for one in (out, err))
            return subprocess.CompletedProcess(words, born.returncode or 0, *told)

    def _born(self, words: list[str], *files: str | Path) -> Born:
        return Born(self, self.ask(words=words, files=[*map(str, files)]))


@dataclass
class Born:
    """A daemon it has begun, to be used as a `subprocess.Popen`."""

    nursery: Nursery
    pid: int
    returncode: int | None = field(default=None)

    def poll(self) -> int | None:
        """Return its status once it has ended."""
        if self.returncode is None:
            self.returncode = self.nursery.ask(look=self.pid)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float = 60) -> tuple[str, str]:
        """Wait until it has ended."""
        give_up = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > give_up:
                raise subprocess.TimeoutExpired("tocsin", timeout)
            time.sleep(0.005)
        return "", ""


@contextlib.contextmanager
def nursery(env: Mapping[str, str]) -> Iterator[Nursery]:
    """Have one until the block ends; ``env`` is its daemons' too."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.acceptance.nursery"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, env={**os.environ, **env},
    )  # fmt: skip
    try:
        yield Nursery(child)
    finally:
        child.communicate(timeout=30)


def _serve() -> None:
    for name in _READ:
        importlib.import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        if "look" in asked:
            pid, status = os.waitpid(asked["look"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        elif (answer := os.fork()) == 0:
            _become(asked["words"], *asked["files"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _become(words: list[str], typed: str, out: str, err: str) -> None:
    """Be the program, in this child, and never return; ``typed``, ``out``, ``err``: its files."""
    os.dup2(os.open(typed, os.O_RDONLY), 0)
    for target, file in ((1, out), (2, err)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT), target)
    sys.argv = ["tocsin", *words]
    status = 1
    try:
        importlib.import_module("gateway.__main__").main()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    finally:
        sys.stdout.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve()
