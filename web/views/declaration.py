"""The draft declaration of accessibility; the law wants it open to everybody."""

from __future__ import annotations

from aiohttp import web

from web.replies import page

ROUTES = web.RouteTableDef()


@ROUTES.get("/accessibilite")
async def declaration(request: web.Request) -> web.Response:
    """Say what is accessible, what is not known to be, and whom to tell."""
    return page(request, "declaration.html")
