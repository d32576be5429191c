"""What an administrator does for other people's accounts."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from gateway.services import Refused, Right
from web.forms import is_number
from web.keys import SERVICES
from web.replies import allowed, elsewhere, page
from web.roles import NAMES

ROUTES = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class _Given:
    name: str
    password: str


async def _show(
    request: web.Request, problem: Refused | None = None, given: _Given | None = None
) -> web.Response:
    actor, care = allowed(request, Right.SETTINGS).actor, request.app[SERVICES].account_care
    return page(
        request, "account_care.html", status=400 if problem else 200, problem=problem, given=given,
        accounts=await care.list(actor), asked=await care.roles_asked(actor), roles=NAMES.items(),
        versions=await request.app[SERVICES].tuning.versions(actor),
    )  # fmt: skip


@ROUTES.get("/compte/personnes")
async def everybody(request: web.Request) -> web.Response:
    """Show how each account is guarded."""
    return await _show(request)


@ROUTES.post("/compte/personnes/{what:mot-de-passe|terminer|une-etape|roles|role}")
async def change(request: web.Request) -> web.Response:
    """Help one account, or say which roles need a second factor."""
    actor, care = allowed(request, Right.SETTINGS).actor, request.app[SERVICES].account_care
    form, what = await request.post(), request.match_info["what"]
    chosen = str(form.get("account", ""))
    number = int(chosen) if is_number(chosen) else 0
    try:
        if what == "mot-de-passe":
            password = await care.give_password(actor, number)
            name = next(one.name for one in await care.list(actor) if one.id == number)
            return await _show(request, given=_Given(name, password))
        if what == "terminer":
            await care.end_sessions(actor, number)
        elif what == "role":
            await care.change_role(actor, number, str(form.get("role", "")))
        elif what == "une-etape":
            await care.reset_two_factor(actor, number)
        else:
            version = str(form.get("version", ""))
            await care.ask_roles(actor, map(str, form.getall("role", ())), version)
    except Refused as refusal:
        return await _show(request, refusal)
    raise elsewhere("/compte/personnes")
