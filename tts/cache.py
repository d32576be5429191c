"""Rendered speech kept by what it says: a directory of WAV files, bounded.

Job: find, keep, forget. Every file appears whole (written beside, then renamed), with its facts
in a small JSON file written before it, so a reader or a crash never sees half of one. Not its
job: rendering. Imported by `tts.studio`.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

#: Bytes of speech kept: about four hours at the telephone's 16,000 bytes a second.
LIMIT: Final = 250_000_000
#: Speech used within this time (seconds) is never forgotten: a call may be about to play it.
SPARED: Final = 86_400.0
#: How the directories begin in which speech is being rendered.
WORK: Final = "rendering-"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a rendering beside its samples; level in dBov."""

    seconds: float
    engine: str
    level_dbov: float


def key(*parts: object) -> str:
    """Return the name of whatever is wholly determined by ``parts``."""
    return sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()[:40]


class Cache:
    """Rendered speech in ``directory``, at most ``limit`` bytes beside what was just used."""

    def __init__(self, directory: Path, limit: int = LIMIT, spared: float = SPARED) -> None:
        self._directory, self._limit, self._spared = directory, limit, spared

    def path(self, name: str) -> Path:
        """Return where the speech called ``name`` is or would be."""
        return self._directory / f"{name}.wav"

    def find(self, name: str) -> Facts | None:
        """Return the facts of kept speech, marking it as used; None when it is not whole."""
        try:
            facts = Facts(**json.loads(self.path(name).with_suffix(".json").read_text("utf-8")))
            os.utime(self.path(name))
        except (OSError, ValueError, TypeError):
            return None
        return facts

    def keep(self, name: str, rendered: Path, facts: Facts) -> None:
        """Move ``rendered`` (a file in a directory of this one) into the cache; forget the oldest.

        Raises `OSError` when the disk refuses.
        """
        about = rendered.with_suffix(".json")
        values = {"seconds": facts.seconds, "engine": facts.engine, "level_dbov": facts.level_dbov}
        about.write_text(json.dumps(values), "utf-8")
        about.replace(self.path(name).with_suffix(".json"))
        with rendered.open("rb") as file:
            os.fsync(file.fileno())
        rendered.replace(self.path(name))
        self.prune()

    def _sweep(self) -> None:
        """Remove what renderings that were killed left behind."""
        for work in self._directory.glob(f"{WORK}*"):
            with suppress(FileNotFoundError):
                if work.stat().st_mtime < time.time() - self._spared:
                    shutil.rmtree(work, ignore_errors=True)

    def prune(self) -> None:
        """Forget the speech used longest ago until the rest fits."""
        self._sweep()
        known = []
        for path in self._directory.glob("*.wav"):
            with suppress(FileNotFoundError):  # another process prunes too
                known.append((path.stat().st_mtime, path.stat().st_size, path))
        total = sum(size for _, size, _ in known)
        oldest_spared = time.time() - self._spared
        for used, size, path in sorted(known):
            if total <= self._limit or used > oldest_spared:
                return
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)
            total -= size
