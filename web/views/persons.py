"""One person: shown, corrected, with what they agreed to and what happened; handed out; erased."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from aiohttp import web
from multidict import MultiMapping

from gateway.services import Changed, PersonForm, Refused, Right
from web.forms import is_number
from web.keys import SERVICES
from web.replies import allowed, elsewhere, identifier, page

ROUTES = web.RouteTableDef()
FIELDS: Final = ("honorific", "given_name", "name", "number", "street", "complement", "floor",
                 "postcode", "city", "zone", "note", "language")  # fmt: skip
#: Empty lines for numbers to add, besides those that are there.
_SPARE: Final = 2


@ROUTES.get(r"/contacts/{id:\d+}")
async def person(request: web.Request) -> web.Response:
    """Show a person: where they live, how to reach them, what they agreed to, what happened."""
    return await _person(request, None)


async def _person(request: web.Request, problem: Refused | None) -> web.Response:
    actor = allowed(request, Right.PEOPLE).actor
    services, number = request.app[SERVICES], identifier(request)
    view = await services.persons.view(actor, number)
    groups = {group.id: group for group in await services.directory.group_names(actor)}
    return page(
        request, "person.html", status=400 if problem else 200, problem=problem, person=view,
        past=await services.persons.past(actor, number),
        groups=[groups[one] for one in view.group_ids if one in groups],
    )  # fmt: skip


@ROUTES.get("/contacts/nouveau")
async def fresh(request: web.Request) -> web.Response:
    """Ask who is to be added."""
    asked = request.query.get("numero", "")[:20]
    form = PersonForm({}, endpoints=((0, asked, ""),)) if asked else PersonForm({})
    return await _form(request, None, form, None)


@ROUTES.get(r"/contacts/{id:\d+}/modifier")
async def edit(request: web.Request) -> web.Response:
    """Show a person's form."""
    actor = allowed(request, Right.PEOPLE).actor
    number = identifier(request)
    form, version = await request.app[SERVICES].persons.form(actor, number)
    return await _form(request, number, form, None, version)


async def _form(
    request: web.Request, number: int | None, form: PersonForm, problem: Refused | None,
    version: str = "",
) -> web.Response:  # fmt: skip
    actor = allowed(request, Right.PEOPLE).actor
    services = request.app[SERVICES]
    choices = await services.groupings.choices(actor)
    spare = ((0, "", ""),) * max(_SPARE, 3 - len(form.endpoints))
    listed = [one for one in await services.directory.group_names(actor) if not one.criteria]
    return page(
        request, "person_form.html", status=400 if problem else 200, problem=problem,
        number=number, form=replace(form, endpoints=(*form.endpoints, *spare)), groups=listed,
        choices=choices, version=version,
    )  # fmt: skip


def _read(data: MultiMapping[Any]) -> PersonForm:
    addresses = [str(one)[:254] for one in data.getall("address", ())][:30]
    labels = [str(one) for one in data.getall("label", ())]
    labels += [""] * (len(addresses) - len(labels))
    chosen = [str(one) for one in data.getall("group", ())]
    return PersonForm(
        fields={key: str(data.get(key, "")) for key in FIELDS},
        help_first=data.get("help_first") == "1",
        household=data.get("household") == "1",
        endpoints=tuple(
            (0, text, label) for text, label in zip(addresses, labels, strict=False) if text.strip()
        ),
        group_ids=tuple(int(one) for one in chosen if is_number(one)),
        tags=tuple(str(data.get("tags", "")).split(",")),
        referent=str(data.get("referent", ""))[:254],
    )


@ROUTES.post("/contacts/nouveau")
async def add(request: web.Request) -> web.Response:
    """Add a person."""
    return await _save(request, None)


@ROUTES.post(r"/contacts/{id:\d+}/modifier")
async def save(request: web.Request) -> web.Response:
    """Write what the form says."""
    return await _save(request, identifier(request))


async def _save(request: web.Request, number: int | None) -> web.Response:
    actor = allowed(request, Right.PEOPLE).actor
    data = await request.post()
    form, version = _read(data), str(data.get("version", ""))
    try:
        number = await request.app[SERVICES].persons.save(
            actor, number, form, version, ask_shared=data.get("shared") != "1"
        )
    except Changed as refusal:
        form = await _taken_over(request, form, refusal)
        return await _form(request, number, form, refusal, version)
    except Refused as refusal:
        return await _form(request, number, form, refusal, version)
    raise elsewhere(f"/contacts/{number}")


async def _taken_over(request: web.Request, typed: PersonForm, changed: Changed) -> PersonForm:
    """Return the form as the contact stands: what was typed is filled in over it."""
    actor, number = allowed(request, Right.PEOPLE).actor, identifier(request)
    stands, _ = await request.app[SERVICES].persons.form(actor, number)
    # a line for each number that was typed
    return stands if changed.takes("address") else replace(stands, endpoints=typed.endpoints)


@ROUTES.post(r"/contacts/{id:\d+}/accord")
async def agree(request: web.Request) -> web.Response:
    """Write down what an address agreed to, or refused."""
    actor = allowed(request, Right.PEOPLE).actor
    data, number = await request.post(), identifier(request)
    try:
        await request.app[SERVICES].consents.say(
            actor, number, str(data.get("address", "")), str(data.get("purpose", "")),
            given=data.get("given") == "1", source=str(data.get("source", "")),
            confirmed=data.get("confirmed") == "1",
        )  # fmt: skip
    except Refused as refusal:
        return await _person(request, refusal)
    raise elsewhere(f"/contacts/{number}")


@ROUTES.get(r"/contacts/{id:\d+}/dossier.json")
async def file(request: web.Request) -> web.Response:
    """Hand out everything kept about a person: the right of access."""
    actor = allowed(request, Right.PEOPLE).actor
    number = identifier(request)
    found = await request.app[SERVICES].persons.file(actor, number)
    body = json.dumps(found, ensure_ascii=False, indent=1)
    name = f'attachment; filename="dossier-{number}.json"'
    return web.Response(
        text=body, content_type="application/json", headers={"Content-Disposition": name}
    )


@ROUTES.get(r"/contacts/{id:\d+}/effacer")
async def ask_erase(request: web.Request) -> web.Response:
    """Ask before a person is forgotten."""
    return await _erasing(request, None)


async def _erasing(request: web.Request, problem: Refused | None) -> web.Response:
    actor = allowed(request, Right.PEOPLE).actor
    persons, number = request.app[SERVICES].persons, identifier(request)
    return page(
        request, "person_erase.html", status=400 if problem else 200, problem=problem,
        person=await persons.view(actor, number), relying=await persons.relying_on(actor, number),
    )  # fmt: skip


@ROUTES.post(r"/contacts/{id:\d+}/effacer")
async def erase(request: web.Request) -> web.Response:
    """Forget a person."""
    actor = allowed(request, Right.PEOPLE).actor
    try:
        begun = await request.app[SERVICES].persons.erase(actor, identifier(request))
    except Refused as refusal:
        return await _erasing(request, refusal)
    raise elsewhere(f"/contacts?brouillons={begun}" if begun else "/contacts")
