"""The directory: found as one types, handed out, cleared of those who stand in it twice."""

from __future__ import annotations

from aiohttp import web

from gateway.services import Refused
from web.forms import is_number
from web.keys import SERVICES
from web.replies import allowed, elsewhere, page, page_number

ROUTES = web.RouteTableDef()


def _group(request: web.Request) -> int | None:
    asked = request.query.get("groupe", "")
    return int(asked) if is_number(asked) else None


@ROUTES.get("/contacts")
async def contacts(request: web.Request) -> web.Response:
    """List people, of one group or all, found by the beginning of a name, street or number."""
    actor = allowed(request, "contacts").actor
    directory = request.app[SERVICES].directory
    search, group = request.query.get("q", "").strip(), _group(request)
    listed = await directory.contacts(
        actor, group_id=group, search=search, page=page_number(request)
    )
    groups = await directory.groups(actor)
    return page(
        request, "contacts.html", contacts=listed, groups=groups, group=group, search=search
    )


@ROUTES.get(r"/contacts/carnet.{kind:csv|xlsx|vcf}")
async def export(request: web.Request) -> web.Response:
    """Hand out the directory, or one group of it, as a file."""
    actor = allowed(request, "contacts").actor
    kind = request.match_info["kind"]
    file = await request.app[SERVICES].exports.contacts(actor, kind, _group(request))
    return web.Response(
        body=file.data, headers={"Content-Type": file.content_type,
                                 "Content-Disposition": f'attachment; filename="{file.name}"'},
    )  # fmt: skip


@ROUTES.get("/contacts/doublons")
async def twins(request: web.Request) -> web.Response:
    """Show contacts that are perhaps the same person."""
    return await _twins(request, None)


async def _twins(request: web.Request, problem: Refused | None) -> web.Response:
    actor = allowed(request, "contacts").actor
    found = await request.app[SERVICES].persons.twins(actor)
    return page(request, "twins.html", status=400 if problem else 200, twins=found, problem=problem)


@ROUTES.post("/contacts/doublons")
async def settle(request: web.Request) -> web.Response:
    """Make one of two contacts, or write down that they are two people."""
    actor = allowed(request, "contacts").actor
    persons, data = request.app[SERVICES].persons, await request.post()
    one, other = str(data.get("kept", "")), str(data.get("gone", ""))
    if not is_number(one) or not is_number(other):
        raise web.HTTPBadRequest
    try:
        if data.get("act") == "apart":
            await persons.keep_apart(actor, int(one), int(other))
        else:
            await persons.merge(actor, int(one), int(other))
    except Refused as refusal:
        return await _twins(request, refusal)
    raise elsewhere("/contacts/doublons")
