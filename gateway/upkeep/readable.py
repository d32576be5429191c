"""Whether a file can be read by the service's own user, asked by root."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from pathlib import Path


def service_reads(path: Path) -> bool:
    """Tell whether the service can read ``path``, the folders on its way included."""
    if os.geteuid() != 0:
        return os.access(path, os.R_OK)
    try:
        user, group = pwd.getpwnam("tocsin").pw_uid, grp.getgrnam("tocsin").gr_gid
    except KeyError:
        return True  # a machine without the service's own user
    return allowed(path, user, group)


def allowed(path: Path, user: int, group: int) -> bool:
    """Tell whether this user of this group may read ``path``."""
    whole = path.resolve()
    ways = all(_bits(one, user, group) & stat.S_IXOTH for one in whole.parents)
    return ways and bool(_bits(whole, user, group) & stat.S_IROTH)


def _bits(path: Path, user: int, group: int) -> int:
    """Return the rights (0 to 7) that count for this user."""
    facts = path.stat()
    if facts.st_uid == user:
        return facts.st_mode >> 6 & 7
    return (facts.st_mode >> 3 if facts.st_gid == group else facts.st_mode) & 7
