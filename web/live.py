"""The stream that tells a page something has changed; the page then asks for its new part.

Imported by `web.app` and the views. Closed by the application when it stops, so that an open page
never holds the daemon.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import Any, Final

from aiohttp import web
from aiohttp_sse import EventSourceResponse, sse_response

from gateway.services import Session
from web.keys import SERVICES
from web.replies import session_of

#: Seconds between two words to one page: the rest is told together.
PACE: Final = 0.5
#: Seconds between two looks at whether who listens still may.
CHECK: Final = 3.0

STREAMS: Final[web.AppKey[set[asyncio.Task[Any]]]] = web.AppKey("STREAMS", set)


async def stream(request: web.Request, topic: str) -> web.StreamResponse:
    """Send the version of ``topic`` each time it changes, until the page or the daemon leaves.

    ``?vu=``: the version a page was drawn of, which is no news to it.
    It ends within `CHECK` seconds of the session's end, or of a change of its role or town.
    """
    session = session_of(request)
    async with sse_response(request) as response:
        task = asyncio.current_task()
        streams = request.app[STREAMS]
        if task is not None:
            streams.add(task)
        try:
            await _tell(request, session, topic, response)
        except ConnectionResetError:
            pass
        finally:
            if task is not None:
                streams.discard(task)
    return response


async def _tell(
    request: web.Request, session: Session, topic: str, response: EventSourceResponse
) -> None:
    services, told = request.app[SERVICES], request.query.get("vu", "")
    while await services.accounts.holds(session):
        watch = services.live.watch(session.actor, topic)
        with suppress(TimeoutError):
            async with asyncio.timeout(CHECK), aclosing(watch) as versions:
                async for version in versions:
                    mark = services.live.mark(topic, version)
                    if mark != told:
                        await response.send(mark)
                        told = mark
                    await asyncio.sleep(PACE)


async def close_streams(app: web.Application) -> None:
    """End every open stream (an `on_shutdown`)."""
    streams = app[STREAMS].copy()
    for task in streams:
        task.cancel()
    await asyncio.gather(*streams, return_exceptions=True)
