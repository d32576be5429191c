"""Whoever wants to hear what modems tell of their own accord, while it is being kept.

A proof run waits for its own text and its own receipt here. A listener sees an event after it is
on disk; nobody can hold one back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from modem.events import ModemEvent

Heard = asyncio.Queue[tuple[str, ModemEvent]]


class Taps:
    """The listeners of the moment."""

    def __init__(self) -> None:
        self._listeners: list[Heard] = []

    @contextmanager
    def listening(self) -> Iterator[Heard]:
        """Yield a queue of (modem, event) that fills until the block ends."""
        heard: Heard = asyncio.Queue()
        self._listeners.append(heard)
        try:
            yield heard
        finally:
            self._listeners.remove(heard)

    def tell(self, modem: str, event: ModemEvent) -> None:
        """Pass an event on to everybody who listens."""
        for heard in self._listeners:
            heard.put_nowait((modem, event))
