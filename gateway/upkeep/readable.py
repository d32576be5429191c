"""Whether a file can be read, or changed, by the service's own user, asked by root."""

from __future__ import annotations

import grp
import os
import pwd
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gateway.upkeep import findings
from gateway.upkeep.findings import Finding

#: Root's own: systemd hands the service copies of what lies here (``LoadCredential``).
_HANDED_OUT: Final = Path("/etc/tocsin/secrets")
#: What the units do not see, whatever rights it has (`ProtectHome`, `PrivateTmp`).
_HOMES: Final = tuple(map(Path, ("/home", "/root", "/run/user")))
_UNSEEN: Final = (*_HOMES, Path("/tmp"), Path("/var/tmp"))  # noqa: S108
#: A name that systemd takes for a credential, behind ``secret_``: ASCII, no colon
#: (``credential_name_valid``); one other file there, and the service does not start.
_CREDENTIAL: Final = re.compile(r"[ -9;-~]{1,247}")


def unseen(path: Path) -> bool:
    """Tell whether the units are kept from seeing ``path``."""
    return any(map(path.is_relative_to, _UNSEEN))


def unnameable(secrets: Path) -> Iterator[Finding]:
    """Tell the files beside the secrets for whose names systemd starts no service."""
    try:
        names = sorted(one.name for one in secrets.iterdir() if one.is_file())
    except OSError:
        return  # none, or root's own
    for name in names:
        if not _CREDENTIAL.fullmatch(name):
            shown = name.encode(errors="replace").decode()
            yield findings.fault(
                "secrets.name", f"{secrets} contient « {shown} » : systemd refuse ce nom, et le "
                "service ne démarre pas", "ôtez ce fichier, ou renommez-le sans accent ni « : »",
            )  # fmt: skip


def closed(code: str, path: Path) -> Iterator[Finding]:
    """Tell a file of the configuration that root reads and the service does not."""
    if path.parent != _HANDED_OUT and (_at_home(path) or not service_reads(path)):
        yield findings.fault(
            code, f"le service ne peut pas lire {path}",
            f"copiez-le dans {_HANDED_OUT} (root seul) et nommez-le là dans tocsin.toml : "
            "systemd le donne au service",
        )  # fmt: skip


def _at_home(path: Path) -> bool:
    """Tell whether it is where the service installed on this machine sees nothing."""
    return installed() and any(map(path.is_relative_to, _HOMES))


def installed() -> bool:
    """Tell whether this machine has the service's own user."""
    try:
        pwd.getpwnam("tocsin")
    except KeyError:
        return False
    return True


def service_reads(path: Path) -> bool:
    """Tell whether the service can read ``path``, the folders on its way included."""
    return _service_may(path, stat.S_IROTH, os.R_OK)


def service_writes(path: Path) -> bool:
    """Tell whether the service can read and change ``path``; a folder: what is in it."""
    if path.is_dir():
        return _service_may(path, stat.S_IRWXO, os.R_OK | os.W_OK | os.X_OK)
    return _service_may(path, stat.S_IROTH | stat.S_IWOTH, os.R_OK | os.W_OK)


def _service_may(path: Path, rights: int, asked: int) -> bool:
    if os.geteuid() != 0:
        return os.access(path, asked)
    try:
        user, group = pwd.getpwnam("tocsin").pw_uid, grp.getgrnam("tocsin").gr_gid
    except KeyError:
        return True  # a machine without the service's own user
    return allowed(path, user, group, rights)


def allowed(path: Path, user: int, group: int, rights: int = stat.S_IROTH) -> bool:
    """Tell whether this user of this group has all these rights (of the last three bits)."""
    whole = path.resolve()
    ways = all(_bits(one, user, group) & stat.S_IXOTH for one in whole.parents)
    return ways and _bits(whole, user, group) & rights == rights


def _bits(path: Path, user: int, group: int) -> int:
    """Return the rights (0 to 7) that count for this user."""
    facts = path.stat()
    if facts.st_uid == user:
        return facts.st_mode >> 6 & 7
    return (facts.st_mode >> 3 if facts.st_gid == group else facts.st_mode) & 7
