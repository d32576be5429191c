"""Word to systemd: ready, alive, stopping; and the lock that makes one daemon per box."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import sdnotify

from gateway.errors import StoreError, TocsinError
from gateway.system_words import why


class Notifier:
    """Speaks to systemd where it listens; elsewhere says nothing."""

    def __init__(self) -> None:
        listens = "NOTIFY_SOCKET" in os.environ
        self._systemd = sdnotify.SystemdNotifier() if listens else None

    def ready(self, status: str) -> None:
        """Say that the page answers and the modems have been looked at."""
        self._notify(f"READY=1\nSTATUS={status}")

    def status(self, text: str) -> None:
        """Say in one line how the box is; `systemctl status` shows it."""
        self._notify(f"STATUS={text}")

    def busy_starting(self, text: str, seconds: float) -> None:
        """Say that the start has work to do that may take so long (seconds), and which."""
        self._notify(f"EXTEND_TIMEOUT_USEC={int(seconds * 1e6)}\nSTATUS={text}")

    def stopping(self) -> None:
        """Say that the stop has begun."""
        self._notify("STOPPING=1")

    def _notify(self, message: str) -> None:
        if self._systemd is not None:
            self._systemd.notify(message)

    async def keep_alive(self) -> None:
        """Feed the watchdog from the loop itself: a loop that hangs is a daemon that hangs."""
        period = int(os.environ.get("WATCHDOG_USEC", "0")) / 1e6
        while True:
            self._notify("WATCHDOG=1")
            await asyncio.sleep(period / 3 if period else 60)


class AlreadyRunning(TocsinError):
    """Another daemon, or a command that works directly, has this data directory."""


def _opened(lock: Path) -> TextIO:
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        return lock.open("a+", encoding="ascii")
    except OSError as error:
        raise StoreError(_unwritable(lock.parent, error)) from None


def _unwritable(folder: Path, error: OSError) -> str:
    if error.errno == errno.EROFS:
        from gateway.store import unusable  # heavy, for commands that only ask a daemon

        if unusable.shut_by_unit(folder):
            shut = unusable.frozen(folder)
            return f"{shut.sentence} ; à faire : {shut.mend}"
        return (
            f"{folder} est en lecture seule : le disque meurt, ou n'est pas monté en écriture. "
            "Sauvegardez (tocsin backup --to usb:ÉTIQUETTE), changez le disque, rendez la "
            "sauvegarde ; « tocsin doctor » examine le reste"
        )
    if isinstance(error, PermissionError):
        return f"rien ne peut être écrit dans {folder} ({why(error)}) : lancez avec sudo"
    return f"rien ne peut être écrit dans {folder} ({why(error)}) : « tocsin doctor » dit quoi"


@contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold the data directory for oneself; raise `AlreadyRunning` naming who has it.

    Raises `StoreError` with the mend where nothing can be written there.
    """
    with _opened(lock) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise AlreadyRunning(
                f"un autre Tocsin (pid {file.read().strip() or '?'}) tient déjà {lock.parent} : "
                "arrêtez-le d'abord, ou donnez un autre data_dir"
            ) from None
        with contextlib.suppress(OSError):  # a full disk: the lock holds, only its name is missing
            os.ftruncate(file.fileno(), 0)
            os.pwrite(file.fileno(), str(os.getpid()).encode(), 0)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                os.ftruncate(file.fileno(), 0)
