"""What a view answers with: a page, a fragment of one, a way elsewhere.

Imported by the views and the middlewares.
"""

from __future__ import annotations

import base64
from typing import Any

from aiohttp import web

from gateway.services import Changed, File, NotAllowed, Right, Session
from web import roles
from web.carrying import mark_of, token_of
from web.keys import HALF, LANGUAGE, PAGES, SERVICES, SESSION, TOLD


def page(request: web.Request, template: str, *, status: int = 200, **context: Any) -> web.Response:
    """Return ``template`` as HTML, with what every page needs: who, what they may, where."""
    if isinstance(context.get("problem"), NotAllowed):
        status = 403
    if isinstance(context.get("problem"), Changed):
        request[TOLD] = context["problem"]
    language = request.get(LANGUAGE, "fr")
    body = request.app[PAGES].render(template, language, {**context_of(request), **context})
    return web.Response(text=body, content_type="text/html", status=status)


def context_of(request: web.Request) -> dict[str, Any]:
    """Return what every page needs."""
    session, half = request.get(SESSION), request.get(HALF)
    known = session or half
    return {
        "session": session,
        "half": half,
        "csrf": token_of(known) if known else "",
        "made_for": mark_of(known) if known else "",
        "menu": roles.menu(session.actor.role) if session else (),
        "entry": roles.entry_of(session.actor.role, request.path) if session else "",
        "can": roles.abilities(session.actor.role) if session else frozenset(),
        "path": request.path,
        "now": request.app[SERVICES].clock.now(),
        "outage": request.app[SERVICES].outage.notice() if session else "",
        "to_read": request.app[SERVICES].inbox.unread(session.actor) if session else (0, 0),
    }


def handed(file: File) -> web.Response:
    """Hand out a file to keep."""
    return web.Response(
        body=file.data,
        headers={
            "Content-Type": file.content_type,
            "Content-Disposition": f'attachment; filename="{file.name}"',
        },
    )


def picture_address(svg: bytes) -> str:
    """Return a picture as a data: address, which the policy allows for pictures alone."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"


def session_of(request: web.Request) -> Session:
    """Return who asks; sends everybody else to the login page (303).

    A part of a page asked for by script is refused instead, see `web.parts`.
    """
    session: Session | None = request.get(SESSION)
    if session is None:
        raise elsewhere("/connexion")
    return session


def allowed(request: web.Request, right: Right) -> Session:
    """Return who asks, when their role has ``right``; else 403."""
    session = session_of(request)
    if right not in roles.abilities(session.actor.role):
        raise web.HTTPForbidden
    return session


def elsewhere(address: str) -> web.HTTPSeeOther:
    """Return what, raised, sends the browser to ``address`` with a GET."""
    return web.HTTPSeeOther(address)


def identifier(request: web.Request) -> int:
    """Return the number in the address; 404 when it is beyond any we give."""
    value = int(request.match_info["id"])
    if value >= 2**63:
        raise web.HTTPNotFound
    return value


def page_number(request: web.Request) -> int:
    """Return the page asked for, 1 when what was asked makes no sense."""
    asked = request.query.get("page", "1")
    return min(max(1, int(asked)), 10**6) if asked.isascii() and asked.isdigit() else 1
