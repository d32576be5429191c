"""By which names and addresses this machine is called: read from Linux, without asking the net."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from pathlib import Path

from gateway.certificates import PRIVATE

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9-]{1,63})*")


def names(configured: Iterable[str] = (), proc: Path = Path("/proc/net")) -> tuple[str, ...]:
    """Return what a certificate must be good for: configured names, the machine's, addresses.

    Addresses of the whole internet are left out unless configured: nobody types them, and a
    provider changes them.
    """
    own = socket.gethostname().lower().rstrip(".")
    short = own.partition(".")[0]
    found = [*(name.lower() for name in configured)]
    if _NAME.fullmatch(own):
        found += [own, short, f"{short}.local"]
    return tuple(dict.fromkeys([*found, "localhost", *_private(proc)]))


def _private(proc: Path) -> list[str]:
    found = {ipaddress.ip_address("127.0.0.1"), *_fourth(proc), *_sixth(proc)}
    kept = [one for one in found if any(one in network for network in PRIVATE)]
    return [str(one) for one in sorted(kept, key=lambda one: (one.version, int(one)))]


def _fourth(proc: Path) -> Iterable[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """Return IPv4 addresses from the routing table: the line before each local host route."""
    last = ""
    for line in _lines(proc / "fib_trie"):
        if line.startswith("|--"):
            last = line.removeprefix("|--").strip()
        elif line.startswith("/32 host LOCAL"):
            yield ipaddress.ip_address(last)


def _sixth(proc: Path) -> Iterable[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """Return IPv6 addresses, without those of one cable only."""
    for line in _lines(proc / "if_inet6"):
        address = ipaddress.ip_address(bytes.fromhex(line.split()[0]))
        if not address.is_link_local:
            yield address


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text().splitlines()]
    except OSError:
        return []
