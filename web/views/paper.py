"""The call tree on paper: made at once, or each week by mail or into a folder."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from gateway.services import Changed, Refused, Right
from web.forms import is_number
from web.keys import SERVICES
from web.replies import allowed, elsewhere, handed, page

ROUTES = web.RouteTableDef()


async def _show(
    request: web.Request, filled: Any = None, problem: Refused | None = None
) -> web.Response:
    actor = allowed(request, Right.WRITE).actor
    setup = await request.app[SERVICES].trees.setup(actor)
    kept = {"to": "\n".join(setup.to), "place": setup.place, "owner": setup.owner}
    chosen = filled.getall("group", ()) if filled is not None else map(str, setup.groups)
    return page(
        request, "paper.html", status=400 if problem else 200, problem=problem, setup=setup,
        filled=filled if filled is not None else kept, chosen=set(chosen),
        versions=await request.app[SERVICES].tuning.versions(actor),
    )  # fmt: skip


@ROUTES.get("/papier")
async def paper(request: web.Request) -> web.Response:
    """Show what the call tree is, and who gets it."""
    return await _show(request)


@ROUTES.get("/papier/arbre-d-appel.pdf")
async def file(request: web.Request) -> web.Response:
    """Hand out the call tree as it is now."""
    actor = allowed(request, Right.WRITE).actor
    return handed(await request.app[SERVICES].trees.file(actor))


@ROUTES.post("/papier")
async def setup(request: web.Request) -> web.Response:
    """Set who gets it each week."""
    actor, form = allowed(request, Right.SETTINGS).actor, await request.post()
    chosen = [int(one) for one in map(str, form.getall("group", ())) if is_number(one)]
    try:
        await request.app[SERVICES].trees.set(
            actor, to=str(form.get("to", ""))[:2000], place=str(form.get("place", ""))[:200],
            owner=str(form.get("owner", "")), chosen=chosen, version=str(form.get("version", "")),
        )  # fmt: skip
    except Changed as refusal:  # as it stands: what was typed is filled in over it
        return await _show(request, None, refusal)
    except Refused as refusal:
        return await _show(request, form, refusal)
    raise elsewhere("/papier")
