"""The record: who did what, when, from where. Nothing on this page changes it."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from aiohttp import web

from gateway.services import AuditFilter, Right, families
from web.keys import SERVICES
from web.replies import allowed, handed, page, page_number

ROUTES = web.RouteTableDef()


@ROUTES.get("/journal")
async def record(request: web.Request) -> web.Response:
    """Show one page of the record, of what was asked for."""
    actor, wanted = allowed(request, Right.AUDIT).actor, _wanted(request)
    audit = request.app[SERVICES].audit
    checked = await audit.check(actor) if request.query.get("verifier") == "1" else None
    entries = await audit.page(actor, wanted, page_number(request))
    asked = {name: value for name, value in request.query.items() if name in _FIELDS and value}
    return page(
        request, "audit.html", entries=entries, wanted=wanted, families=families(),
        checked=checked, asked=urlencode(asked),
    )  # fmt: skip


@ROUTES.get("/journal.{kind:csv|xlsx|pdf}")
async def file(request: web.Request) -> web.Response:
    """Hand out the record, sealed."""
    actor = allowed(request, Right.AUDIT).actor
    kind = request.match_info["kind"]
    return handed(await request.app[SERVICES].audit.file(actor, _wanted(request), kind))


_FIELDS = ("sorte", "qui", "du", "au")


def _wanted(request: web.Request) -> AuditFilter:
    known = {code for code, _ in families()}
    family = request.query.get("sorte", "")
    return AuditFilter(
        family if family in known else "", request.query.get("qui", "")[:80],
        _day(request.query.get("du", "")), _day(request.query.get("au", "")),
    )  # fmt: skip


def _day(value: str) -> date | None:
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None
