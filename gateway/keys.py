"""The register's key in its file: beside the configuration, 0600, in no database and no backup."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.config import Config
from gateway.credentials import secret
from gateway.errors import Refused
from gateway.logs import log_for
from gateway.store.cipher import Key, from_paper

_log = log_for(__name__)


def of_register(config: Config) -> Key | None:
    """Return the key of this box's register; None where there is none, or none to be read."""
    if config.register_key_file is None:
        return None
    try:
        return from_paper(secret(config.register_key_file))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, Refused) as error:
        _log.error("the key of the register cannot be read", error=str(error))
        return None


def write(path: Path, key: Key) -> None:
    """Write a key, whole and on the disk, for its owner alone; one that was there is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.part")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write("-".join(key.on_paper()) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
