"""People who ask by SMS to be warned: let in, or turned down."""

from __future__ import annotations

from aiohttp import web

from gateway.services import Refused, Right
from web.forms import is_number
from web.keys import SERVICES
from web.replies import allowed, elsewhere, page

ROUTES = web.RouteTableDef()


async def _show(request: web.Request, problem: Refused | None = None) -> web.Response:
    actor, services = allowed(request, Right.PEOPLE).actor, request.app[SERVICES]
    groups = [one for one in await services.directory.group_names(actor) if not one.criteria]
    return page(
        request, "enrolments.html", status=400 if problem else 200, problem=problem,
        waiting=await services.enrolling.waiting(actor), groups=groups,
        known=bool(await services.enrolling.numbers(actor)),
        filled=await request.post() if problem else {},
    )  # fmt: skip


@ROUTES.get("/contacts/inscriptions")
async def enrolments(request: web.Request) -> web.Response:
    """Show who waits to be let in."""
    return await _show(request)


@ROUTES.get("/contacts/inscriptions/{what:feuille.pdf|alerte.vcf|signe.svg}")
async def paper(request: web.Request) -> web.Response:
    """Hand out the sheet, the box as a contact, or the sign to scan."""
    actor, enrolling = allowed(request, Right.PEOPLE).actor, request.app[SERVICES].enrolling
    made = {"feuille.pdf": enrolling.sheet, "alerte.vcf": enrolling.card}
    file = await made.get(request.match_info["what"], enrolling.sign)(actor)
    if file is None:
        raise web.HTTPNotFound
    kind = "inline" if file.name.endswith(".svg") else "attachment"
    headers = {
        "Content-Type": file.content_type,
        "Content-Disposition": f'{kind}; filename="{file.name}"',
    }
    return web.Response(body=file.data, headers=headers)


@ROUTES.post(r"/contacts/inscriptions/{id:\d+}/{what:inscrire|refuser}")
async def decide(request: web.Request) -> web.Response:
    """Let somebody in, or turn them down."""
    actor, form = allowed(request, Right.PEOPLE).actor, await request.post()
    enrolling, number = request.app[SERVICES].enrolling, int(request.match_info["id"])
    said = {
        name: str(form.get(name, ""))[:200] for name in ("name", "given_name", "house", "street")
    }
    group = str(form.get("group_id", ""))
    try:
        if request.match_info["what"] == "inscrire":
            await enrolling.approve(
                actor, number, group_id=int(group) if is_number(group) else 0, **said
            )
        else:
            await enrolling.refuse(actor, number)
    except Refused as refusal:
        return await _show(request, refusal)
    raise elsewhere("/contacts/inscriptions")
