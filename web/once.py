"""A button pressed twice is pressed once: the second press gets what the first one did.

Job: of two presses of one form by one session, with the same words in it, only the first does its
work; the other waits for it and gets its answer, so that what is seen is what was done. A browser
shows the answer to the last press: without this, "existe déjà" for what has just been made.
Uploads are left out: what takes files in knows the same file again. Imported by `web.app`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from web import parts
from web.keys import SESSION, Handler

#: Seconds after its answer in which a second press is none: a mouse that bounces, an old hand.
BOUNCE: Final = 2.0
_MOST: Final = 200

#: What makes two presses of a session the same: the address and the words.
_Pressed = tuple[str, bytes]
#: What makes an answer anew: one response cannot be sent twice.
_Answer = Callable[[], web.Response]
_Doing = asyncio.Future[_Answer | None]


class Presses:
    """The last press of each session: only a press right after it can be the same one."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, tuple[_Pressed, _Doing]] = OrderedDict()

    async def once(
        self, token: str, pressed: _Pressed, do: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Do it, or return what the same press before this one came to."""
        last = self._last.get(token)
        answer = await asyncio.shield(last[1]) if last is not None and last[0] == pressed else None
        if answer is not None:
            return answer()
        loop = asyncio.get_running_loop()
        doing: _Doing = loop.create_future()
        self._last[token] = pressed, doing
        while len(self._last) > _MOST:
            self._last.popitem(last=False)
        made = None
        try:
            response = await do()
            made = _again(response)
        except web.HTTPSeeOther as leads:
            made = _leading(str(leads.location))
            raise
        finally:
            doing.set_result(made)
            loop.call_later(BOUNCE if made else 0, self._forget, token, doing)
        return response

    def _forget(self, token: str, done: _Doing) -> None:
        if (last := self._last.get(token)) is not None and last[1] is done:
            del self._last[token]


PRESSES: Final = web.AppKey("PRESSES", Presses)


@web.middleware
async def press_once(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let each press of somebody who is logged in do its work once."""
    session = request.get(SESSION)
    if session is None or request.method != "POST" or parts.asked(request):
        return await handler(request)
    pressed = await _pressed(request)
    if pressed is None:
        return await handler(request)
    return await request.app[PRESSES].once(session.token, pressed, lambda: handler(request))


async def _pressed(request: web.Request) -> _Pressed | None:
    """Return what makes two presses the same; None where files come along."""
    form = [*(await request.post()).items()]
    if any(isinstance(value, web.FileField) and value.filename for _, value in form):
        return None
    words = json.dumps([(name, value) for name, value in form if isinstance(value, str)])
    return request.path_qs, hashlib.sha256(words.encode()).digest()


def _leading(location: str) -> _Answer:
    def lead() -> web.Response:
        raise web.HTTPSeeOther(location)

    return lead


def _again(response: web.StreamResponse) -> _Answer | None:
    """Return how to make a page anew; None for what did nothing, or is no page."""
    if not isinstance(response, web.Response) or response.status >= 400 or response.cookies:
        return None
    text = response.text
    if text is None or response.content_type != "text/html":
        return None
    return lambda: web.Response(text=text, content_type="text/html", status=response.status)
