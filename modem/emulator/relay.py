"""Two directions of one line, relayed until either ends.

Job: start both, and stop both cleanly when one has nothing more to do, fails, or the caller is
cancelled. Used by `modem.emulator.pty_link` and `modem.emulator.tcp_link`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


async def until_either(*directions: Coroutine[None, None, None]) -> None:
    """Run the directions until the first ends; how it ended does not matter to the line.

    A task group would not do: an error beside a cancellation hides the cancellation
    (Python 3.11), and a relay told to stop would go on.
    """
    tasks = [asyncio.ensure_future(direction) for direction in directions]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
