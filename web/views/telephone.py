"""Who called, whom the town trusts, messages dictated by telephone."""

from __future__ import annotations

from aiohttp import web

from gateway.services import Refused, Right
from web.keys import SERVICES
from web.replies import allowed, elsewhere, page

ROUTES = web.RouteTableDef()


async def _show(request: web.Request, problem: Refused | None = None) -> web.Response:
    actor, telephones = allowed(request, Right.INBOX).actor, request.app[SERVICES].telephones
    return page(
        request, "calls.html", status=400 if problem else 200, problem=problem,
        calls=await telephones.calls(actor), trusted=await telephones.trusted(actor),
        kept=await telephones.kept(actor), news=telephones.news(actor),
        filled=await request.post() if problem else {},
    )  # fmt: skip


@ROUTES.get("/appels")
async def calls(request: web.Request) -> web.Response:
    """Show who called."""
    return await _show(request)


@ROUTES.post("/appels/{what:autoriser|retirer|dicter}")
async def change(request: web.Request) -> web.Response:
    """Trust a telephone or no more; have a message dictated."""
    actor, form = allowed(request, Right.INBOX).actor, await request.post()
    telephones, number = request.app[SERVICES].telephones, str(form.get("number", ""))[:40]
    try:
        match request.match_info["what"]:
            case "autoriser":
                await telephones.trust(actor, str(form.get("name", "")), number)
            case "retirer":
                await telephones.distrust(actor, number)
            case _:
                await telephones.dictate(actor, number, str(form.get("title", "")))
    except Refused as refusal:
        return await _show(request, refusal)
    raise elsewhere("/appels")


@ROUTES.get(r"/appels/son/{name:[0-9a-f]{32}}.wav")
async def sound(request: web.Request) -> web.Response:
    """Hand out what the other end of a call said."""
    actor = allowed(request, Right.INBOX).actor
    wav = await request.app[SERVICES].telephones.sound(actor, request.match_info["name"])
    if wav is None:
        raise web.HTTPNotFound
    return web.Response(body=wav, content_type="audio/wav")
