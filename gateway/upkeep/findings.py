"""What a look at the box finds: one sentence and its mend each. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Level(StrEnum):
    """How bad it is."""

    GOOD = "good"
    UNKNOWN = "unknown"  # could not be looked at from here
    WARNING = "warning"  # works today
    FAULT = "fault"  # an alert would suffer


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``mend`` is a command or a gesture; empty: nothing is to be done."""

    code: str
    level: Level
    sentence: str
    mend: str = ""


def good(code: str, sentence: str) -> Finding:
    """Return what is as it should be."""
    return Finding(code, Level.GOOD, sentence)


def unknown(code: str, sentence: str, mend: str = "") -> Finding:
    """Return what could not be looked at."""
    return Finding(code, Level.UNKNOWN, sentence, mend)


def warning(code: str, sentence: str, mend: str) -> Finding:
    """Return what works today and may not tomorrow."""
    return Finding(code, Level.WARNING, sentence, mend)


def fault(code: str, sentence: str, mend: str) -> Finding:
    """Return what an alert would suffer from."""
    return Finding(code, Level.FAULT, sentence, mend)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where this machine tells of itself; tests build another."""

    root: Path = Path("/")

    @property
    def proc(self) -> Path:
        """Processes."""
        return self.root / "proc"

    @property
    def sys(self) -> Path:
        """Devices."""
        return self.root / "sys"

    @property
    def run(self) -> Path:
        """What is so since the start."""
        return self.root / "run"

    def at(self, path: str | Path) -> Path:
        """Return an absolute path as it lies under this machine's root."""
        return self.root / str(path).lstrip("/")

    @property
    def has_systemd(self) -> bool:
        """Whether systemd is what started it."""
        return (self.run / "systemd/system").is_dir()

    def programs(self) -> dict[str, int]:
        """Return the running programs by name, with one process number each."""
        found = {}
        for process in self.proc.glob("[0-9]*"):
            try:
                found[(process / "comm").read_text().strip()] = int(process.name)
            except OSError:  # has just ended
                continue
        return found
