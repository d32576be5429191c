"""Groups, and who keeps the register of vulnerable people."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from multidict import MultiMapping

from gateway.services import (
    Changed,
    Criteria,
    GroupForm,
    Line,
    NotHere,
    Refused,
    Right,
    criteria_said,
    group_version,
    rights_of,
)
from web.forms import is_number
from web.keys import SERVICES
from web.replies import allowed, elsewhere, identifier, page

ROUTES = web.RouteTableDef()


@ROUTES.get("/groupes")
async def groups(request: web.Request) -> web.Response:
    """List the groups: what each is for, how many people it has."""
    actor = allowed(request, Right.PEOPLE).actor
    listed = await request.app[SERVICES].directory.groups_reached(actor)
    said = {one.id: criteria_said(one.criteria) for one in listed if one.criteria}
    return page(request, "groups.html", groups=listed, said=said)


@ROUTES.get("/groupes/nouveau")
async def fresh(request: web.Request) -> web.Response:
    """Ask what the group is to be."""
    return await _form(request, None, GroupForm(""), None)


@ROUTES.get(r"/groupes/{id:\d+}")
async def edit(request: web.Request) -> web.Response:
    """Show a group's form."""
    actor = allowed(request, Right.PEOPLE).actor
    number = identifier(request)
    return await _form(
        request, number, await request.app[SERVICES].groupings.form(actor, number), None
    )


async def _form(
    request: web.Request, number: int | None, form: GroupForm, problem: Refused | None
) -> web.Response:
    actor = allowed(request, Right.PEOPLE).actor
    choices = await request.app[SERVICES].groupings.choices(actor)
    return page(
        request, "group_form.html", status=400 if problem else 200, number=number, form=form,
        asked=form.criteria or Criteria(), choices=choices, keeper=actor.keeper, problem=problem,
        uses=await request.app[SERVICES].groupings.uses(actor, number) if number else (),
        version=group_version(form) if number and not problem else "",
    )  # fmt: skip


def _read(data: MultiMapping[Any]) -> GroupForm:
    def several(name: str) -> tuple[str, ...]:
        return tuple(str(one)[:120] for one in data.getall(name, ()))

    asked = Criteria(
        zones=several("zone"), tags=several("tag"), streets=several("street"),
        has=_lines(several("has")), lacks=_lines(several("lacks")),
        help_first=data.get("help_first") == "1", language=str(data.get("language", ""))[:2],
    )  # fmt: skip
    by_criteria = data.get("kind") == "criteria"
    return GroupForm(
        str(data.get("name", "")), str(data.get("purpose", ""))[:20],
        asked if by_criteria else None, str(data.get("opens", ""))[:10],
        str(data.get("closes", ""))[:10], data.get("sundays") == "1",
    )  # fmt: skip


def _lines(codes: tuple[str, ...]) -> tuple[Line, ...]:
    return tuple(line for line in Line if line.value in codes)


@ROUTES.post("/groupes/nouveau")
async def add(request: web.Request) -> web.Response:
    """Make a group."""
    return await _save(request, None)


@ROUTES.post(r"/groupes/{id:\d+}")
async def save(request: web.Request) -> web.Response:
    """Change a group."""
    return await _save(request, identifier(request))


async def _save(request: web.Request, number: int | None) -> web.Response:
    actor = allowed(request, Right.PEOPLE).actor
    data = await request.post()
    form, version = _read(data), str(data.get("version", ""))
    try:
        number = await request.app[SERVICES].groupings.save(actor, number, form, version)
    except Changed as refusal:  # as it stands: what was typed is filled in over it
        form = await request.app[SERVICES].groupings.form(actor, identifier(request))
        return await _form(request, number, form, refusal)
    except Refused as refusal:
        return await _form(request, number, form, refusal)
    raise elsewhere(f"/contacts?groupe={number}")


@ROUTES.get(r"/groupes/{id:\d+}/supprimer")
async def ask_removal(request: web.Request) -> web.Response:
    """Say what uses a group before it is deleted."""
    return await _removal(request, None)


async def _removal(request: web.Request, problem: Refused | None) -> web.Response:
    actor, number = allowed(request, Right.PEOPLE).actor, identifier(request)
    groupings = request.app[SERVICES].groupings
    return page(
        request, "group_remove.html", status=400 if problem else 200, problem=problem,
        number=number, form=await groupings.form(actor, number),
        uses=await groupings.uses(actor, number),
    )  # fmt: skip


@ROUTES.post(r"/groupes/{id:\d+}/supprimer")
async def remove(request: web.Request) -> web.Response:
    """Delete a group; its people stay."""
    actor, number = allowed(request, Right.PEOPLE).actor, identifier(request)
    try:
        await request.app[SERVICES].groupings.remove(actor, number)
    except NotHere:
        raise
    except Refused as refusal:
        return await _removal(request, refusal)
    raise elsewhere("/groupes")


@ROUTES.get("/registre")
async def register(request: web.Request) -> web.Response:
    """Show who keeps the register of vulnerable people, and name them."""
    return await _register(request, None)


async def _register(request: web.Request, problem: Refused | None) -> web.Response:
    session = allowed(request, Right.SETTINGS)
    services = request.app[SERVICES]
    keepers = await services.groupings.keepers(session.actor)
    named = {keeper.account_id for keeper in keepers}
    accounts = [
        one
        for one in await services.accounts.list(session.actor)
        if one.usable and one.id not in named and Right.PEOPLE in rights_of(one.role)
    ]
    return page(
        request, "register.html", status=400 if problem else 200, problem=problem,
        keepers=keepers, accounts=accounts,
    )  # fmt: skip


@ROUTES.post("/registre")
async def name_keeper(request: web.Request) -> web.Response:
    """Name a keeper of the register, or no more."""
    session = allowed(request, Right.SETTINGS)
    data = await request.post()
    account = str(data.get("account", ""))
    if not is_number(account):
        raise web.HTTPBadRequest
    try:
        await request.app[SERVICES].groupings.name_keeper(
            session.actor, int(account), on=data.get("act") == "name"
        )
    except Refused as refusal:
        return await _register(request, refusal)
    raise elsewhere("/registre")
