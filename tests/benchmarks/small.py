"""A small machine: a share of one core and little memory, by a control group where one can be had.

Else the process is stopped and continued a hundred times a second, and memory is only measured.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_PERIOD = 0.01


@dataclass
class Held:
    """What holds a process; ``prefix`` is put before its command."""

    how: str
    prefix: Sequence[str] = ()
    share: float = 1.0
    _groups: list[Path] = field(default_factory=list)
    _done: threading.Event = field(default_factory=threading.Event)

    def watch(self, pid: int) -> None:
        """Hold a running process where no group does it."""
        if not self._groups:
            threading.Thread(target=self._beat, args=(pid,), daemon=True).start()

    def _beat(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            while not self._done.wait(_PERIOD * self.share):
                os.kill(pid, signal.SIGSTOP)
                self._done.wait(_PERIOD * (1 - self.share))
                os.kill(pid, signal.SIGCONT)

    def peak(self, pid: int) -> float:
        """Return the most memory (MB) it has held, its children's with it where a group tells."""
        for name in ("memory.max_usage_in_bytes", "memory.peak"):
            for group in self._groups:
                if (group / name).exists():
                    return int((group / name).read_text()) / 1e6
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1e3


@contextlib.contextmanager
def small_machine(share: float, megabytes: int) -> Iterator[Held]:
    """Make a machine with ``share`` of one core and so much memory."""
    groups = _groups(share, megabytes)
    if groups:
        script = "".join(f'echo $$ > "{group}/cgroup.procs"; ' for group in groups)
        prefix = ("sh", "-c", script + 'exec "$@"', "sh")
        held = Held("a control group", prefix, share, groups)
    else:
        held = Held("stopped and continued, memory measured only", (), share)
    try:
        yield held
    finally:
        held._done.set()
        for group in groups:
            with contextlib.suppress(OSError):
                group.rmdir()


def _groups(share: float, megabytes: int) -> list[Path]:
    """Return the groups made, none where they cannot be."""
    name, quota, memory = f"tocsin-{os.getpid()}", int(share * 100_000), megabytes * 2**20
    v2 = {"": {"cpu.max": f"{quota} 100000", "memory.max": str(memory)}}
    v1 = {
        "cpu": {"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": str(quota)},
        "memory": {"memory.limit_in_bytes": str(memory)},
    }
    made: list[Path] = []
    try:
        for kind, limits in (v2 if (_ROOT / "cgroup.controllers").exists() else v1).items():
            group = _ROOT / kind / name
            group.mkdir()
            made.append(group)
            for file, value in limits.items():
                (group / file).write_text(value)
    except OSError:
        for group in made:
            group.rmdir()
        return []
    return made
