"""Whether a time server keeps this machine's clock: asked of systemd, which asks the kernel."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

#: timesyncd's own mark: since this start it has heard a server.
SYNCHRONISED: Final = Path("/run/systemd/timesync/synchronized")
_ASK: Final = ("timedatectl", "show", "-p", "NTPSynchronized", "--value")
_PATIENCE: Final = 5.0


def synchronised() -> bool:
    """Tell it; blocks for seconds at the worst. chrony and ntpd are known by timedatectl alone."""
    if SYNCHRONISED.exists():
        return True
    try:
        done = subprocess.run(  # noqa: S603  words of ours
            _ASK, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.strip() == "yes"
