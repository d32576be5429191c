"""The modems, live."""

from __future__ import annotations

from aiohttp import web

from gateway.services import Right
from web.curve import curve
from web.keys import SERVICES
from web.live import stream
from web.replies import allowed, page

ROUTES = web.RouteTableDef()


async def _show(request: web.Request, template: str) -> web.Response:
    session = allowed(request, Right.HEALTH)
    board = await request.app[SERVICES].status.board(session.actor)
    return page(request, template, board=board, curve=curve)


@ROUTES.get("/modems")
async def modems(request: web.Request) -> web.Response:
    """Show every modem and what ails it."""
    return await _show(request, "modems.html")


@ROUTES.get("/modems/etat")
async def state(request: web.Request) -> web.Response:
    """Return the part of the page that lives."""
    return await _show(request, "_modems.html")


@ROUTES.get("/flux/modems")
async def flow(request: web.Request) -> web.StreamResponse:
    """Tell the page when a modem changed."""
    allowed(request, Right.HEALTH)
    return await stream(request, "modems")
