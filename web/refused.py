"""Nothing typed is lost: a form that was refused is shown again as it was typed.

Job: whatever view answers a form with a page that has this form again, the page is filled in with
what was posted, so that no view can forget a field. What a page filled in by itself stays as it
is. Passwords, codes and files are never filled in. Imported by `web.app`.
"""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from web import refill
from web.carrying import SECRET
from web.keys import TOLD, Handler


@web.middleware
async def fill_in_as_typed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Fill the page in that a refused form is answered with."""
    answer = await handler(request)
    if request.method == "POST" and isinstance(answer, web.Response) and _shows_again(answer):
        html = answer.text or ""
        typed, told = await _typed(request), request.get(TOLD)
        taken = told.takes if told else refill.nothing
        filled = refill.refill(html, request.path, request.path, typed, taken)
        if filled is not None and filled.html != html:
            answer.text = filled.html
    return answer


def _shows_again(answer: web.Response) -> bool:
    refusal = HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    return refusal and answer.content_type == "text/html"


async def _typed(request: web.Request) -> refill.Fields:
    told = TOLD in request  # what is there now stands on the page: its version is the page's own
    return [
        (name, value)
        for name, value in (await request.post()).items()
        if isinstance(value, str) and name not in SECRET and (name != refill.VERSION or not told)
    ]
