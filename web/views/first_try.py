"""The guided first message, as an exercise to oneself."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from gateway.services import Refused, Right
from web.forms import text_of
from web.keys import SERVICES
from web.replies import allowed, elsewhere, page

ROUTES = web.RouteTableDef()
_HERE = "/premier-essai"


async def _show(
    request: web.Request, filled: Any = None, problem: Refused | None = None
) -> web.Response:
    view = await request.app[SERVICES].first_try.view(allowed(request, Right.WRITE).actor)
    return page(
        request, "first_try.html", status=400 if problem else 200, problem=problem, view=view,
        filled=filled if filled is not None else {"to": view.to, "text": view.text},
    )  # fmt: skip


@ROUTES.get(_HERE)
async def first_try(request: web.Request) -> web.Response:
    """Show the four steps, and at which one is."""
    return await _show(request)


@ROUTES.post(_HERE)
async def step(request: web.Request) -> web.Response:
    """Send it, be done with it, or begin anew."""
    actor, form = allowed(request, Right.WRITE).actor, await request.post()
    service = request.app[SERVICES].first_try
    match form.get("action"):
        case "over":
            await service.end(actor)
        case "again":
            await service.again(actor)
        case _:
            try:
                await service.send(actor, str(form.get("to", ""))[:80], text_of(form, "text")[:300])
            except Refused as refusal:
                return await _show(request, form, refusal)
    raise elsewhere(_HERE)
