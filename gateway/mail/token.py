"""The mark of one mail: in its Message-ID, ENVID and envelope sender, never to be guessed. Pure.

It names broadcast, recipient and job, sealed with the box's key: whoever was not sent the mail can
neither acknowledge it nor make it bounce.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_MARK: Final = re.compile(
    r"tocsin\.(?P<broadcast>\d{1,15})\.(?P<recipient>\d{1,15})\.(?P<job>\d{1,15})"
    r"\.(?P<seal>[a-z2-7]{16})", re.IGNORECASE,
)  # fmt: skip
#: Marks looked at in one text: a mail that quotes a thousand of them is no answer to any.
_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Mark:
    """Which mail it was."""

    broadcast: int
    recipient: int
    job: int


def _seal(key: bytes, mark: Mark) -> str:
    said = f"{mark.broadcast}.{mark.recipient}.{mark.job}".encode()
    digest = hmac.new(key, said, hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()


def written(key: bytes, mark: Mark) -> str:
    """Return a mark as it is written into a mail: letters, digits and dots only."""
    return f"tocsin.{mark.broadcast}.{mark.recipient}.{mark.job}.{_seal(key, mark)}"


def message_id(key: bytes, mark: Mark, sender: str) -> str:
    """Return the Message-ID of a mail: the same at every try, so that doubles can be told."""
    return f"<{written(key, mark)}@{sender.rpartition('@')[2] or 'localhost'}>"


def return_path(key: bytes, mark: Mark, account: str) -> str:
    """Return the envelope sender that names the mail (VERP) within the ``account``'s mailbox."""
    local, _, domain = account.rpartition("@")
    return f"{local}+{written(key, mark)}@{domain}"


def found(key: bytes, texts: Iterable[str]) -> Mark | None:
    """Return the first mark of ours in these texts, None where there is none."""
    for text in texts:
        for number, match in enumerate(_MARK.finditer(text)):
            if number >= _MOST:
                break
            mark = Mark(int(match["broadcast"]), int(match["recipient"]), int(match["job"]))
            if hmac.compare_digest(_seal(key, mark), match["seal"].lower()):
                return mark
    return None
