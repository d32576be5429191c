"""Files an office keeps: the report of a message, what a month cost."""

from __future__ import annotations

from aiohttp import web

from gateway.services import Refused, Right
from web.keys import SERVICES
from web.replies import allowed, handed, identifier, page

ROUTES = web.RouteTableDef()


@ROUTES.get(r"/messages/{id:\d+}/rapport.{kind:csv|xlsx|pdf}")
async def report(request: web.Request) -> web.Response:
    """Hand out the report of a message."""
    actor = allowed(request, Right.FOLLOW).actor
    kind = request.match_info["kind"]
    return handed(await request.app[SERVICES].reports.file(actor, identifier(request), kind))


@ROUTES.get("/consommation")
async def use(request: web.Request) -> web.Response:
    """Show what each town used in a month."""
    actor = allowed(request, Right.FOLLOW).actor
    reports = request.app[SERVICES].reports
    month = request.query.get("mois") or reports.this_month(actor)
    try:
        rows = await reports.use(actor, month)
    except Refused as refusal:
        return page(request, "use.html", status=400, problem=refusal, rows=[], month=month[:20])
    return page(request, "use.html", problem=None, rows=rows, month=month)


@ROUTES.get("/consommation.xlsx")
async def use_file(request: web.Request) -> web.Response:
    """Hand out what each town used in a month."""
    actor = allowed(request, Right.FOLLOW).actor
    month = request.query.get("mois", "")
    return handed(await request.app[SERVICES].reports.use_file(actor, month))
