"""The directory: found as one types, handed out, cleared of those who stand in it twice."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from aiohttp import web

from gateway.services import Refused, Right
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
    query = request.query
    return await _list(
        request, query.get("q", "").strip(), _group(request), page_number(request),
        done=(query.get("fait", ""), query.get("combien", ""), query.get("dans", "")),
        begun=query.get("brouillons", ""),
    )  # fmt: skip


async def _list(
    request: web.Request, search: str, group: int | None, number: int,
    chosen: Sequence[int] = (), target: int | None = None, problem: Refused | None = None,
    done: tuple[str, str, str] = ("", "", ""), begun: str = "",
) -> web.Response:  # fmt: skip
    actor = allowed(request, Right.PEOPLE).actor
    directory = request.app[SERVICES].directory
    listed = await directory.contacts(actor, group_id=group, search=search, page=number)
    groups = await directory.group_names(actor)
    bereft = await request.app[SERVICES].persons.without_referent(actor)
    act, count, where = done
    names = {str(one.id): one.name for one in groups}
    return page(
        request, "contacts.html", status=400 if problem else 200, contacts=listed, groups=groups,
        group=group, search=search, by_hand=[one for one in groups if not one.criteria],
        begun=int(begun) if is_number(begun) else 0,
        chosen=chosen, target=target or group, problem=problem, without_referent=bereft,
        done=(act, int(count), names[where]) if is_number(count) and where in names else None,
    )  # fmt: skip


@ROUTES.post("/contacts/groupe")
async def move(request: web.Request) -> web.Response:
    """Put those who are ticked into a group, or take them out of it; then the same list again."""
    actor, form = allowed(request, Right.PEOPLE).actor, await request.post()
    search, asked = str(form.get("q", ""))[:200], str(form.get("groupe", ""))
    where, number = str(form.get("target", "")), str(form.get("page", ""))
    group, at = int(asked) if is_number(asked) else None, int(number) if is_number(number) else 1
    target = int(where) if is_number(where) else None
    chosen = [int(one) for one in map(str, form.getall("person", ())) if is_number(one)]
    act = "out" if form.get("act") == "out" else "into"
    try:
        moved = await request.app[SERVICES].groupings.move(
            actor, target, chosen, into=act == "into"
        )
    except Refused as refusal:
        return await _list(request, search, group, at, chosen, target, refusal)
    back = {"q": search, "groupe": asked, "page": str(at)}
    raise elsewhere(
        "/contacts?" + urlencode({**back, "fait": act, "combien": moved, "dans": where})
    )


@ROUTES.get(r"/contacts/carnet.{kind:csv|xlsx|vcf}")
async def export(request: web.Request) -> web.Response:
    """Hand out the directory, or one group of it, as a file."""
    actor = allowed(request, Right.PEOPLE).actor
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
    actor = allowed(request, Right.PEOPLE).actor
    found = await request.app[SERVICES].persons.twins(actor)
    return page(request, "twins.html", status=400 if problem else 200, twins=found, problem=problem)


@ROUTES.post("/contacts/doublons")
async def settle(request: web.Request) -> web.Response:
    """Make one of two contacts, or write down that they are two people."""
    actor = allowed(request, Right.PEOPLE).actor
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
