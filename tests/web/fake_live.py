"""The live stream as the pages hear it, moved on by the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from gateway.services import Actor


class Live:
    def __init__(self) -> None:
        self.version, self._changed = 1, asyncio.Event()

    def bump(self) -> None:
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    def mark(self, topic: str, version: int | None = None) -> str:
        return f"run-{self.version if version is None else version}"

    async def watch(self, actor: Actor, topic: str) -> AsyncGenerator[int, None]:
        while True:
            changed = self._changed
            yield self.version
            await changed.wait()
