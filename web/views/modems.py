"""The modems, live."""

from __future__ import annotations

from aiohttp import web

from gateway.services import Refused, Right
from web.curve import curve
from web.keys import SERVICES
from web.live import stream
from web.replies import allowed, elsewhere, handed, page

ROUTES = web.RouteTableDef()


async def _show(
    request: web.Request, template: str, problem: Refused | None = None
) -> web.Response:
    session, services = allowed(request, Right.HEALTH), request.app[SERVICES]
    mark = services.live.mark("modems")  # before what it shows is read: a change meanwhile is news
    board = await services.status.board(session.actor)
    number = await services.bench.number_of(session.actor)
    return page(
        request, template, status=400 if problem else 200, problem=problem, board=board,
        curve=curve, trials=services.bench.trials, number=number,
        mark=mark,
    )  # fmt: skip


@ROUTES.get("/modems")
async def modems(request: web.Request) -> web.Response:
    """Show every modem and what ails it."""
    return await _show(request, "modems.html")


@ROUTES.get("/modems/etat")
async def state(request: web.Request) -> web.Response:
    """Return the part of the page that lives."""
    return await _show(request, "_modems.html")


@ROUTES.get("/modems/appel")
async def call(request: web.Request) -> web.Response:
    """Return how far a modem's call is and how loud; it is asked for each second, and is cheap."""
    session = allowed(request, Right.HEALTH)
    name = request.query.get("modem", "")[:80]
    return page(request, "_call.html", call=request.app[SERVICES].status.call(session.actor, name))


@ROUTES.post("/modems/essai")
async def trial(request: web.Request) -> web.Response:
    """Try a modem, or put its SIM back to work; the page then shows what came of it."""
    session, form = allowed(request, Right.TEND), await request.post()
    bench, name, kind = (
        request.app[SERVICES].bench,
        str(form.get("name", "")),
        str(form.get("kind")),
    )
    try:
        if kind == "service":
            await bench.resume(session.actor, name)
        else:
            await bench.begin(session.actor, name, kind, str(form.get("phone", ""))[:40])
    except Refused as refusal:
        return await _show(request, "modems.html", refusal)
    raise elsewhere("/modems")


@ROUTES.get("/modems/console")
async def raw_console(request: web.Request) -> web.Response:
    """Show what was said to a modem, and ask what to say next."""
    return await _console(request, request.query.get("modem", ""), None)


@ROUTES.post("/modems/console")
async def say(request: web.Request) -> web.Response:
    """Say one command to a modem, or give it back."""
    session, form = allowed(request, Right.SETTINGS), await request.post()
    console, name = request.app[SERVICES].bench.console, str(form.get("modem", ""))[:80]
    if form.get("act") == "close":
        console.give_back(session.actor, name)
        raise elsewhere("/modems")
    try:
        await console.say(session.actor, name, str(form.get("command", "")))
    except Refused as refusal:
        return await _console(request, name, refusal, str(form.get("command", ""))[:400])
    return await _console(request, name, None)


async def _console(
    request: web.Request, name: str, problem: Refused | None, command: str = ""
) -> web.Response:
    session, services = allowed(request, Right.SETTINGS), request.app[SERVICES]
    known = [one.name for one in await services.fleet.modems(session.actor)]
    name = name if name in known else ""
    return page(
        request, "console.html", status=400 if problem else 200, problem=problem, command=command,
        names=known, talk=services.bench.console.view(session.actor, name),
    )  # fmt: skip


@ROUTES.get("/modems/boitier")
async def beside(request: web.Request) -> web.Response:
    """Show what stands beside the modems."""
    return await _beside(request, None)


@ROUTES.post("/modems/boitier/heure")
async def vouch(request: web.Request) -> web.Response:
    """Hear that the machine's time is right."""
    session = allowed(request, Right.TEND)
    try:
        await request.app[SERVICES].timing.vouch(session.actor)
    except Refused as refusal:
        return await _beside(request, refusal)
    raise elsewhere("/modems/boitier")


@ROUTES.post("/modems/boitier/base")
async def repair_seen(request: web.Request) -> web.Response:
    """Hear that somebody has seen how the database was mended."""
    await request.app[SERVICES].watching.repair_seen(allowed(request, Right.TEND).actor)
    raise elsewhere("/modems/boitier")


async def _beside(request: web.Request, problem: Refused | None) -> web.Response:
    session, services = allowed(request, Right.HEALTH), request.app[SERVICES]
    return page(
        request, "beside.html", status=400 if problem else 200, problem=problem,
        found=await services.diagnostic.beside(session.actor),
        clock=services.timing.view(session.actor),
        repair=await services.watching.repair(session.actor),
    )  # fmt: skip


@ROUTES.get("/modems/diagnostic.txt")
async def diagnostic(request: web.Request) -> web.Response:
    """Hand out the file to send for help."""
    session = allowed(request, Right.TEND)
    return handed(await request.app[SERVICES].diagnostic.file(session.actor))


@ROUTES.get("/flux/modems")
async def flow(request: web.Request) -> web.StreamResponse:
    """Tell the page when a modem changed."""
    allowed(request, Right.HEALTH)
    return await stream(request, "modems")
