"""Tasks with an owner and a name, for objects that live between ``start`` and ``close``.

Job: what a `asyncio.TaskGroup` does, where the opening and the closing are two calls of two
tasks. A failure is never lost: it is logged here and ends only its own task. For the asyncio
part of `modem` only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from modem.logs import log_for

_log = log_for(__name__)


class Tasks:
    """The tasks of one owner."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run ``work`` as ``owner:name``."""
        task = asyncio.get_running_loop().create_task(work, name=f"{self._owner}:{name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("%s failed", task.get_name(), exc_info=task.exception())

    async def close(self) -> None:
        """Cancel all and wait until they have ended; the task that calls is spared."""
        others = self._tasks - {asyncio.current_task()}
        for task in others:
            task.cancel()
        if others:
            await asyncio.wait(others)
