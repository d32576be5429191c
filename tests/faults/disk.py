"""A disk that forgets, is slow, full or dead: `disk.c`, built here and put under a process."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

_SOURCE = Path(__file__).with_name("disk.c")
#: What the test itself puts into the folder of a box.
_OURS = {"tocsin.toml", "journal"}


def library() -> Path:
    """Return the shared library, built when its source is new; without gcc the test is skipped."""
    mark = hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:16]
    built = Path(tempfile.gettempdir()) / f"tocsin-disk-{os.getuid()}-{mark}.so"
    if built.exists():
        return built
    if (gcc := shutil.which("gcc")) is None:
        pytest.skip("NOT RUN: gcc is missing (apt-get install gcc libc6-dev)")
    fresh = built.with_suffix(f".{os.getpid()}")
    options = ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-Wno-format-truncation"]
    subprocess.run([gcc, *options, "-o", str(fresh), str(_SOURCE), "-ldl"], check=True)
    fresh.replace(built)
    return built


@dataclass(frozen=True)
class Disk:
    """The disk under a box's folder; ``env`` puts it under a process."""

    folder: Path
    beside: Path
    forgets: bool = False
    slow: int = 0  # milliseconds that a sync takes

    @property
    def env(self) -> dict[str, str]:
        """Return the environment of a process on this disk."""
        self.beside.mkdir(parents=True, exist_ok=True)
        env = {
            "LD_PRELOAD": str(library()), "TOCSIN_DISK_DIR": str(self.folder),
            "TOCSIN_DISK_FULL": str(self.beside / "full"),
            "TOCSIN_DISK_FAILS": str(self.beside / "fails"),
        }  # fmt: skip
        if self.forgets:
            self._shadow.mkdir(exist_ok=True)
            env["TOCSIN_DISK_SHADOW"] = str(self._shadow)
        if self.slow:
            env["TOCSIN_DISK_SLOW"] = str(self.slow)
        return env

    @property
    def _shadow(self) -> Path:
        return self.beside / "synced"

    def fill(self) -> None:
        """Let no file grow from now on."""
        (self.beside / "full").touch()

    def empty(self) -> None:
        """Let files grow again."""
        (self.beside / "full").unlink()

    def die(self) -> None:
        """Let every write fail from now on."""
        (self.beside / "fails").touch()

    def heal(self) -> None:
        """Let writes succeed again."""
        (self.beside / "fails").unlink()

    def power_cut(self) -> None:
        """Leave of the folder what was synced; whoever wrote there is dead."""
        for path in self.folder.rglob("*"):
            ours = path.name in _OURS or path.is_symlink()
            if not (ours or path.is_dir() or any(p.is_symlink() for p in path.parents)):
                path.unlink()
        for path in self._shadow.rglob("*"):
            inside = path.relative_to(self._shadow)
            if path.is_dir():
                (self.folder / inside).mkdir(mode=0o700, exist_ok=True)
            elif not (path.name.startswith(".") or path.suffix[1:].isdigit()):
                shutil.copy2(path, self.folder / inside)
