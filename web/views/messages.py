"""The list of messages, one message with its progress, its cancelling."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from web.keys import SERVICES
from web.live import stream
from web.replies import allowed, elsewhere, identifier, page, page_number

ROUTES = web.RouteTableDef()


@ROUTES.get("/messages")
async def messages(request: web.Request) -> web.Response:
    """List what was sent, newest first."""
    session = allowed(request, "messages")
    listed = await request.app[SERVICES].broadcasts.list(session.actor, page=page_number(request))
    return page(request, "messages.html", messages=listed)


async def _one(request: web.Request) -> dict[str, Any]:
    session = allowed(request, "messages")
    broadcasts, number = request.app[SERVICES].broadcasts, identifier(request)
    state = request.query.get("etat") or None
    view = await broadcasts.view(session.actor, number)
    people = await broadcasts.recipients(
        session.actor, number, state=state, page=page_number(request)
    )
    return {"message": view, "people": people, "state": state, "id": number}


@ROUTES.get(r"/messages/{id:\d+}")
async def message(request: web.Request) -> web.Response:
    """Show what each person lived."""
    return page(request, "message.html", **await _one(request))


@ROUTES.get(r"/messages/{id:\d+}/suivi")
async def progress(request: web.Request) -> web.Response:
    """Return the part of the page that lives."""
    return page(request, "_progress.html", **await _one(request))


@ROUTES.get(r"/flux/messages/{id:\d+}")
async def flow(request: web.Request) -> web.StreamResponse:
    """Tell the page when the message moved; nothing to somebody who may not see it."""
    session = allowed(request, "messages")
    number = identifier(request)
    await request.app[SERVICES].broadcasts.view(session.actor, number)
    return await stream(request, f"broadcast:{number}")


@ROUTES.post(r"/messages/{id:\d+}/annuler")
async def cancel(request: web.Request) -> web.Response:
    """Stop what has not left yet."""
    session = allowed(request, "messages")
    number = identifier(request)
    await request.app[SERVICES].sending.cancel(session.actor, number)
    raise elsewhere(f"/messages/{number}")
