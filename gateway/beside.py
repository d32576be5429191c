"""What works beside the dispatcher: each part kept going by itself.

Only the store or the dispatcher ends the box. A defect where the relay is asked after, or a caller
welcomed, is recorded and its part begun anew: it must not take an alert down with it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from typing import Any, Final

from gateway.errors import StoreError
from gateway.logs import log_for

_log = log_for(__name__)

#: Seconds before a part that failed is begun anew: doubled each time, up to the longest.
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 300.0


def begin(
    tasks: asyncio.TaskGroup, name: str, run: Callable[[], Coroutine[Any, Any, None]]
) -> asyncio.Task[None]:
    """Have a part at work until its task is cancelled, or ``run`` is done; return the task."""
    return tasks.create_task(_kept_going(name, run), name=name)


async def _kept_going(name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    pause = FIRST_PAUSE
    while True:
        try:
            await run()
        except Exception as error:  # recorded, and tried again ever more rarely
            if _is_the_stores(error):
                raise
            _log.exception("a part has failed", part=name)
        else:
            return
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _is_the_stores(error: Exception) -> bool:
    failed = (sqlite3.Error, StoreError)
    if isinstance(error, ExceptionGroup):
        return error.subgroup(failed) is not None
    return isinstance(error, failed)
