"""Who holds what we wanted: the program behind a TCP port, read from Linux's ``/proc``."""

from __future__ import annotations

from pathlib import Path


def tcp_holder(port: int) -> str:
    """Return « name (pid N) » of the program listening on a local TCP port, or an empty text."""
    inodes = _listening_inodes(port)
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and _holds(process, inodes):
            try:
                name = (process / "comm").read_text().strip()
            except OSError:
                name = "?"
            return f"{name} (pid {process.name})"
    return ""


def _listening_inodes(port: int) -> frozenset[str]:
    wanted = f":{port:04X}"
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in (line.split() for line in lines):
            if fields[1].endswith(wanted) and fields[3] == "0A":  # TCP_LISTEN
                found.add(f"socket:[{fields[9]}]")
    return frozenset(found)


def _holds(process: Path, inodes: frozenset[str]) -> bool:
    try:
        return any(str(link.readlink()) in inodes for link in (process / "fd").iterdir())
    except OSError:  # another user's process, or one that has just ended
        return False
