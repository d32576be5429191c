"""The daily round of the register: its day, its settings, its sheet. Its keepers alone."""

from __future__ import annotations

from datetime import date
from typing import Any

from aiohttp import web

from gateway.services import Actor, Changed, NotHere, Refused, Right, RoundForm
from web.keys import SERVICES
from web.replies import allowed, elsewhere, handed, identifier, page
from web.texts import N_

ROUTES = web.RouteTableDef()
_HERE = "/tournee"
_DAY = r"/tournee/{day:\d{4}-\d\d-\d\d}"


def _keeper(request: web.Request) -> Actor:
    """Return who asks, when they keep the register; else 403."""
    actor = allowed(request, Right.PEOPLE).actor
    if not actor.keeper:
        raise web.HTTPForbidden
    return actor


def _day(request: web.Request) -> date:
    try:
        return date.fromisoformat(request.match_info["day"])
    except ValueError:
        raise web.HTTPNotFound from None


@ROUTES.get(_HERE)
async def today(request: web.Request) -> web.Response:
    """Show today's round."""
    actor, rounds = _keeper(request), request.app[SERVICES].rounds
    return page(
        request, "round.html", view=await rounds.day(actor), setup=await rounds.setup(actor),
        without_referent=await request.app[SERVICES].persons.without_referent(actor),
    )  # fmt: skip


@ROUTES.get(_DAY)
async def another_day(request: web.Request) -> web.Response:
    """Show the round of another day."""
    actor, rounds = _keeper(request), request.app[SERVICES].rounds
    view = await rounds.day(actor, _day(request))
    if not view.people:
        raise NotHere(N_("Pas de tournée ce jour-là, ou elle n'est plus gardée."))
    setup = await rounds.setup(actor)
    return page(request, "round.html", view=view, setup=setup, without_referent=())


@ROUTES.get(_DAY + ".pdf")
async def sheet(request: web.Request) -> web.Response:
    """Hand out a day's round on paper."""
    actor = _keeper(request)
    return handed(await request.app[SERVICES].round_sheet.file(actor, _day(request)))


@ROUTES.post(_HERE + r"/vu/{id:\d+}")
async def seen(request: web.Request) -> web.Response:
    """Write down that somebody was seen, and is well."""
    actor, rounds = _keeper(request), request.app[SERVICES].rounds
    day = await rounds.seen(actor, identifier(request))
    now = await rounds.day(actor)
    raise elsewhere(_HERE if now.day == day else f"{_HERE}/{day.isoformat()}")


# --- how it is set --------------------------------------------------------------------------


async def _setup(
    request: web.Request, problem: Refused | None = None, at: str = ""
) -> web.Response:
    actor, rounds = _keeper(request), request.app[SERVICES].rounds
    told = isinstance(problem, Changed)  # as it stands: what was typed is filled in over it
    return page(
        request, "round_setup.html", status=400 if problem else 200, problem=problem,
        at="" if told else at, setup=await rounds.setup(actor),
        filled=await request.post() if problem and not told else {},
    )  # fmt: skip


@ROUTES.get(_HERE + "/reglages")
async def setup(request: web.Request) -> web.Response:
    """Show when the round is, for whom, and how long it takes."""
    return await _setup(request)


@ROUTES.post(_HERE + "/reglages")
async def switch(request: web.Request) -> web.Response:
    """Switch the round on or off, or change it."""
    actor, form = _keeper(request), await request.post()
    names = ("first", "last", "hour", "pause", "numbers")
    said: dict[str, Any] = {name: str(form.get(name, ""))[:200] for name in names}
    wanted = RoundForm(**said, on=form.get("action") != "off")
    try:
        await request.app[SERVICES].rounds.switch(actor, wanted, str(form.get("version", "")))
    except Refused as refusal:
        return await _setup(request, refusal)
    raise elsewhere(_HERE)


@ROUTES.post(_HERE + r"/personnes/{id:\d+}")
async def set_person(request: web.Request) -> web.Response:
    """Give somebody their own hour, or leave them out."""
    actor, form = _keeper(request), await request.post()
    number = identifier(request)
    try:
        await request.app[SERVICES].rounds.set_person(
            actor, number, hour=str(form.get("hour", ""))[:10], way=str(form.get("way", "")),
            out_why=str(form.get("out_why", "")) if form.get("act") != "in" else "",
            version=str(form.get("version", "")),
        )  # fmt: skip
    except NotHere:
        raise
    except Refused as refusal:
        return await _setup(request, refusal, str(number))
    raise elsewhere(f"{_HERE}/reglages#personnes")
