"""The journal of systemd, in its own protocol: each bound word of a log line is a field to ask by.

``journalctl -u tocsin BROADCAST=812 MODEM=orange-1`` then shows what became of one message.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
from collections.abc import Mapping
from typing import Any, Final

SOCKET: Final = "/run/systemd/journal/socket"
_PRIORITY: Final = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
#: What the dispatcher calls otherwise than everybody.
_FIELDS: Final = {"lane": "MODEM"}


def is_ours() -> bool:
    """Tell whether standard error goes to the journal, by what systemd says of that stream."""
    try:
        facts = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{facts.st_dev}:{facts.st_ino}"


def datagram(event: Mapping[str, Any]) -> bytes:
    """Return one log line as the journal takes it."""
    line = dict(event)
    level = str(line.pop("level", "info"))
    line.pop("timestamp", None)  # the journal's own is better
    message = str(line.pop("event", ""))
    said = " ".join(f"{name}={value}" for name, value in line.items() if name != "exception")
    fields = {"MESSAGE": f"{message} {said}".rstrip(), "PRIORITY": str(_PRIORITY.get(level, 6)),
              "SYSLOG_IDENTIFIER": "tocsin"}  # fmt: skip
    for name, value in line.items():
        fields.setdefault(_FIELDS.get(name, _field(name)), _text(value))
    return b"".join(_packed(name, value) for name, value in fields.items())


def _field(name: str) -> str:
    """Return a name the journal accepts: capitals, digits, not beginning with an underscore."""
    return "".join(one if one.isascii() and one.isalnum() else "_" for one in name).upper().lstrip(
        "_0123456789"
    )[:64] or "WORD"  # fmt: skip


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _packed(name: str, value: str) -> bytes:
    data = value.encode(errors="replace")
    if b"\n" not in data:
        return name.encode() + b"=" + data + b"\n"
    return name.encode() + b"\n" + struct.pack("<Q", len(data)) + data + b"\n"


class Journal:
    """Sends log lines; one that the journal does not take goes to standard error."""

    def __init__(self, path: str = "") -> None:
        self._path = path or SOCKET

    def msg(self, **event: Any) -> None:
        """Send one line."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)  # a journal that hangs must not hang an alert
                sender.sendto(datagram(event), self._path)
        except OSError:
            line = json.dumps(event, ensure_ascii=False, default=str)
            print(line, file=sys.stderr, flush=True)  # noqa: T201  the journal reads it too

    debug = info = warning = error = critical = exception = msg
