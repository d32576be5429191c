"""The page of three in the morning: press, confirm, watch. Made for a telephone."""

from __future__ import annotations

import secrets

from aiohttp import web

from gateway.services import Actor, Launchable, Right
from web.forms import announcement
from web.keys import SERVICES
from web.replies import allowed, elsewhere, identifier, page
from web.texts import N_

ROUTES = web.RouteTableDef()
_CHANGED = N_("Depuis tout à l'heure, ces chiffres ont changé : relisez, puis confirmez.")


@ROUTES.get("/alerter")
async def home(request: web.Request) -> web.Response:
    """Show what can be launched, and what is under way."""
    actor = allowed(request, Right.LAUNCH).actor
    return page(request, "alert.html", alert=await request.app[SERVICES].alerting.home(actor))


@ROUTES.get(r"/alerter/{id:\d+}")
async def confirm(request: web.Request) -> web.Response:
    """Repeat to whom and in how long before it leaves."""
    actor = allowed(request, Right.LAUNCH).actor
    exercise = request.query.get("exercice") == "1"
    return _confirm(request, await _look(request, actor, exercise=exercise))


@ROUTES.post(r"/alerter/{id:\d+}")
async def launch(request: web.Request) -> web.Response:
    """Let it leave, unless what was repeated no longer holds: then repeat it anew."""
    actor, form = allowed(request, Right.LAUNCH).actor, await request.post()
    exercise = form.get("exercise") == "1"
    seen = await _look(request, actor, exercise=exercise)
    key = str(form.get("key", ""))[:40]
    if seen.forecast.problems or form.get("announced") != announcement(seen.forecast):
        return _confirm(request, seen, key=key, notice=_CHANGED)
    number = await request.app[SERVICES].alerting.launch(
        actor, identifier(request), key, exercise=exercise
    )
    raise elsewhere(f"/messages/{number}")


async def _look(request: web.Request, actor: Actor, *, exercise: bool) -> Launchable:
    return await request.app[SERVICES].alerting.look(actor, identifier(request), exercise=exercise)


def _confirm(
    request: web.Request, seen: Launchable, *, key: str = "", notice: str = ""
) -> web.Response:
    return page(
        request, "alert_confirm.html", ready=seen.ready, draft=seen.draft, forecast=seen.forecast,
        announced=announcement(seen.forecast), key=key or secrets.token_urlsafe(16), notice=notice,
        before=seen.before,
    )  # fmt: skip
