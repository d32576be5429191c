"""``GET /healthz``: is the box ready? For systemd, monitors and installers; names nobody."""

from __future__ import annotations

from aiohttp import web

from web.keys import SERVICES

ROUTES = web.RouteTableDef()


@ROUTES.get("/healthz")
async def healthz(request: web.Request) -> web.Response:
    """Answer 200 once every configured modem is up or known to be sick, 503 before."""
    ready, facts = await request.app[SERVICES].fleet.ready()
    return web.json_response({"ready": ready, **facts}, status=200 if ready else 503)
