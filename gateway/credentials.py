"""Secrets in files apart: read where the configuration says, or where systemd puts its copy.

Under the service passwords and PINs belong to root alone; systemd hands the daemon copies
(``LoadCredential=secret:/etc/tocsin/secrets``). Anybody in the gateway may import it.
"""

from __future__ import annotations

import os
from pathlib import Path


def place_of(path: Path) -> Path:
    """Return the file to read for the secret that the configuration names ``path``."""
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    if given:
        copy = Path(given) / f"secret_{path.name}"
        if copy.is_file():
            return copy
    return path


def secret(path: Path) -> str:
    """Return the secret without its end of line; raise OSError or UnicodeDecodeError."""
    return place_of(path).read_text(encoding="utf-8").strip()
