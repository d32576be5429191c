"""``GET /healthz`` and ``GET /metrics``: is the box well? For systemd, monitors and installers."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from web.keys import SERVICES, SESSION

ROUTES = web.RouteTableDef()
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})


@ROUTES.get("/healthz")
async def healthz(request: web.Request) -> web.Response:
    """Answer 200 once every configured modem is up or known to be sick, 503 before.

    503 too while the disk is full: no alert would leave. A box without modems is ``degraded``.

    Which modems there are is told on the machine itself, to whoever is logged in, and to those who
    may read the numbers.
    """
    ready, facts = await request.app[SERVICES].fleet.ready()
    told = facts if _knows(request) else {"status": facts["status"]}
    return web.json_response({"ready": ready, **told}, status=200 if ready else 503)


@ROUTES.get("/metrics")
async def metrics(request: web.Request) -> web.Response:
    """Return the box in numbers, to listed addresses and whoever has the token."""
    if not _may_read(request):
        raise web.HTTPNotFound
    body = await request.app[SERVICES].metrics.text()
    return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4"})


def _knows(request: web.Request) -> bool:
    local = request.remote in _LOOPBACK and "X-Forwarded-For" not in request.headers
    return local or request.get(SESSION) is not None or _may_read(request)


def _may_read(request: web.Request) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else ""
    return request.app[SERVICES].metrics.may_read(request.remote or "", token)
