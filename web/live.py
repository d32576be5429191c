"""The stream that tells a page something has changed; the page then asks for its new part.

Imported by `web.app` and the views. Closed by the application when it stops, so that an open page
never holds the daemon.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from aiohttp import web
from aiohttp_sse import sse_response

from web.keys import SERVICES
from web.replies import session_of

#: Seconds between two words to one page: the rest is told together.
PACE: Final = 0.5

STREAMS: Final[web.AppKey[set[asyncio.Task[Any]]]] = web.AppKey("STREAMS", set)


async def stream(request: web.Request, topic: str) -> web.StreamResponse:
    """Send the version of ``topic`` each time it changes, until the page or the daemon leaves."""
    session = session_of(request)
    async with sse_response(request) as response:
        task = asyncio.current_task()
        streams = request.app[STREAMS]
        if task is not None:
            streams.add(task)
        try:
            async for version in request.app[SERVICES].live.watch(session.actor, topic):
                await response.send(str(version))
                await asyncio.sleep(PACE)
        except ConnectionResetError:
            pass
        finally:
            if task is not None:
                streams.discard(task)
    return response


async def close_streams(app: web.Application) -> None:
    """End every open stream (an `on_shutdown`)."""
    streams = app[STREAMS].copy()
    for task in streams:
        task.cancel()
    await asyncio.gather(*streams, return_exceptions=True)
