"""The box's own certificate, for machines that are to trust it; open before login."""

from __future__ import annotations

from aiohttp import web

from gateway.services import AuthorityView
from web.keys import AUTHORITY
from web.replies import page, picture_address

ROUTES = web.RouteTableDef()


def _authority(request: web.Request) -> AuthorityView:
    found: AuthorityView | None = request.app[AUTHORITY].now()
    if found is None:
        raise web.HTTPNotFound
    return found


@ROUTES.get("/certificat")
async def certificate(request: web.Request) -> web.Response:
    """Say what it is, how to compare it, and how to install it."""
    own = _authority(request)
    return page(request, "certificate.html", own=own, picture=picture_address(own.picture))


@ROUTES.get("/certificat/tocsin.crt")
async def download(request: web.Request) -> web.Response:
    """Hand it out as telephones and Windows want it (DER)."""
    return web.Response(
        body=_authority(request).der,
        headers={
            "Content-Type": "application/x-x509-ca-cert",
            "Content-Disposition": 'attachment; filename="tocsin.crt"',
        },
    )
