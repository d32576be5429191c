"""Who wants to know that something changed: topics with a version each, coalesced.

The page's live stream and the command line's ``--wait`` stand on it. It carries no content, so a
slow listener costs nothing and misses nothing: it reads the newest state when it comes round.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable

MODEMS = "modems"
BROADCASTS = "broadcasts"
INBOX = "inbox"


def broadcast_topic(broadcast_id: int) -> str:
    """Return the topic of one broadcast."""
    return f"broadcast:{broadcast_id}"


class Changes:
    """A board of versions."""

    def __init__(self) -> None:
        #: Of this run of the daemon: versions begin anew with each.
        self.run = secrets.token_hex(4)
        self._version = 0
        self._versions: dict[str, int] = {}
        self._turn = asyncio.Event()

    def touch(self, *topics: str) -> None:
        """Say that these changed."""
        self._version += 1
        self._versions.update(dict.fromkeys(topics, self._version))
        turn, self._turn = self._turn, asyncio.Event()
        turn.set()

    def touch_broadcasts(self, broadcast_ids: Iterable[int]) -> None:
        """Say that these broadcasts, and so their list, changed."""
        topics = [broadcast_topic(number) for number in broadcast_ids]
        if topics:
            self.touch(BROADCASTS, *topics)

    def version(self, topic: str) -> int:
        """Return the version of a topic, 0 if it never changed."""
        return self._versions.get(topic, 0)

    async def watch(self, topic: str, *, since: int | None = None) -> AsyncIterator[int]:
        """Yield the topic's version now, then each newer one, skipping those nobody waited for."""
        last = since
        while True:
            turn, now = self._turn, self.version(topic)
            if now != last:
                last = now
                yield now
            else:
                await turn.wait()
