"""The page of three in the morning: press, confirm, watch. Made for a telephone."""

from __future__ import annotations

import secrets

from aiohttp import web

from gateway.services import Actor, Launchable, Right
from web.forms import announcement
from web.keys import SERVICES
from web.replies import allowed, elsewhere, identifier, page
from web.resuming import RESUMED
from web.texts import N_

ROUTES = web.RouteTableDef()
_CHANGED = N_("Depuis tout à l'heure, ces chiffres ont changé : relisez, puis confirmez.")
_LEFT = N_("Rien n'est parti d'ici : ce message venait d'être envoyé. Voyez d'abord où il en est.")


@ROUTES.get("/alerter")
async def home(request: web.Request) -> web.Response:
    """Show what can be launched, and what is under way."""
    actor = allowed(request, Right.LAUNCH).actor
    return page(request, "alert.html", alert=await request.app[SERVICES].alerting.home(actor))


@ROUTES.get(r"/alerter/{id:\d+}")
async def confirm(request: web.Request) -> web.Response:
    """Repeat to whom and in how long before it leaves."""
    actor = allowed(request, Right.LAUNCH).actor
    left = request.get(RESUMED)  # an exercise begun before the login stays one
    exercise = request.query.get("exercice") == "1"
    exercise = exercise or (left is not None and ("exercise", "1") in left.fields)
    return _confirm(request, await _look(request, actor, exercise=exercise))


@ROUTES.post(r"/alerter/{id:\d+}")
async def launch(request: web.Request) -> web.Response:
    """Let it leave, unless what was repeated no longer holds: then repeat it anew."""
    actor, form = allowed(request, Right.LAUNCH).actor, await request.post()
    exercise = form.get("exercise") == "1"
    key = str(form.get("key", ""))[:40]
    again = await request.app[SERVICES].alerting.left(actor, identifier(request), key)
    if again is not None:
        raise elsewhere(f"/messages/{again}")
    seen = await _look(request, actor, exercise=exercise)
    if form.get("before", "") != _before(seen):
        return _confirm(request, seen, key=key, notice=_LEFT)
    if seen.forecast.problems or form.get("announced") != announcement(seen.forecast):
        return _confirm(request, seen, key=key, notice=_CHANGED)
    number = await request.app[SERVICES].alerting.launch(
        actor, identifier(request), key, exercise=exercise
    )
    raise elsewhere(f"/messages/{number}")


def _before(seen: Launchable) -> str:
    """Return what the page knows to have left already, to notice what leaves meanwhile."""
    return str(seen.before.id) if seen.before else ""


async def _look(request: web.Request, actor: Actor, *, exercise: bool) -> Launchable:
    return await request.app[SERVICES].alerting.look(actor, identifier(request), exercise=exercise)


def _confirm(
    request: web.Request, seen: Launchable, *, key: str = "", notice: str = ""
) -> web.Response:
    return page(
        request, "alert_confirm.html", ready=seen.ready, draft=seen.draft, forecast=seen.forecast,
        announced=announcement(seen.forecast), key=key or secrets.token_urlsafe(16), notice=notice,
        before=seen.before, before_id=_before(seen),
    )  # fmt: skip
