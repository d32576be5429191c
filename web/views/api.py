"""The JSON door: the same services for the other programs of a town hall.

A program names itself by ``Authorization: Bearer …``; cookies mean nothing here, so no page of
another site can use it. Every answer is JSON, an error too: ``{"error": {"message", "field"}}``.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.services import (
    Actor,
    DiskFull,
    Door,
    Draft,
    KeyUsed,
    NotHere,
    Refused,
    Right,
    TooOften,
    all_visible,
    at_wall_time,
)
from web import api_words
from web.keys import LARGEST, SERVICES
from web.openapi import describe
from web.replies import allowed, elsewhere, identifier, page, page_number

ROUTES = web.RouteTableDef()
#: Years between which a moment can be one somebody meant.
_FIRST_YEAR, _LAST_YEAR = 2000, 2200
#: Seconds after which a program may ask a box whose disk was full once more.
_FULL_WAIT: Final = 60


class NewMessage(BaseModel):
    """A message to send: to groups by name, to numbers and addresses, or both."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(min_length=1, max_length=100_000)
    title: str = Field("", max_length=120)
    groups: list[str] = Field(default=[], max_length=200)
    to: list[str] = Field(default=[], max_length=1000)
    channels: list[Literal["sms", "voice", "email"]] = Field(default=["sms"], min_length=1)
    urgency: Literal["vital", "service", "information"] = "service"
    order: Literal["", "advised"] = ""
    confirm: bool = False
    exercise: bool = False
    at: str = Field("", description="2026-11-25T08:00, heure de la commune ; vide : tout de suite")
    at_any_hour: bool = False
    expires: str = Field(
        "", max_length=40,
        description="2026-11-25T18:00:00+01:00, avec le fuseau : rien ne part après ; vide : selon"
        " l'urgence",
    )  # fmt: skip
    idempotency_key: str = Field("", max_length=80)


class NewContact(BaseModel):
    """A contact to add, or to complete where a number is known already."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(min_length=1, max_length=120)
    given_name: str = Field("", max_length=120)
    phones: list[str] = Field(default=[], max_length=10)
    emails: list[str] = Field(default=[], max_length=10)
    groups: list[str] = Field(default=[], max_length=50)


#: What is refused with a code of its own.
_STATUS: Final = ((NotHere, 404), (KeyUsed, 409))
Answer = Callable[[web.Request, Actor], Awaitable[web.Response]]


def _said(status: int, message: str, field: str = "", **headers: str) -> web.Response:
    told = {"error": {"message": message, "field": field}}
    return web.json_response(told, status=status, headers=headers or None, dumps=_dumps)


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    raise TypeError(type(value).__name__)


def _ok(value: Any, status: int = 200) -> web.Response:
    return web.json_response(value, status=status, dumps=_dumps)


def _door(answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Let in whoever has a token, and say every refusal as JSON."""

    async def handler(request: web.Request) -> web.Response:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            actor = None
            if kind.lower() == "bearer" and token:
                actor = await request.app[SERVICES].software.recognise(token.strip())
            if actor is None:
                return _said(
                    401, "Jeton manquant ou retiré : Authorization: Bearer …",
                    **{"WWW-Authenticate": "Bearer"},
                )  # fmt: skip
            return await answer(request, actor)
        except TooOften as often:
            wait = str(int(often.wait) + 1)
            return _said(429, "Trop de demandes : attendez.", **{"Retry-After": wait})
        except DiskFull as full:
            return _said(503, full.message, **{"Retry-After": str(_FULL_WAIT)})
        except _Unfit as unfit:
            return _said(422, *api_words.said(unfit.error, unfit.model))
        except Refused as refusal:
            status = next((code for kind, code in _STATUS if isinstance(refusal, kind)), 422)
            return _said(status, refusal.message, api_words.field_of(refusal.field))

    handler.__doc__ = answer.__doc__
    return handler


class _Unfit(Exception):
    """A body is not what an address takes: why, and what it takes."""

    def __init__(self, error: ValidationError, model: type[BaseModel]) -> None:
        super().__init__()
        self.error, self.model = error, model


async def _read(request: web.Request, model: type[BaseModel]) -> Any:
    try:
        return model.model_validate_json(_seen(await request.read() or b"null"))
    except ValidationError as error:
        raise _Unfit(error, model) from None


def _seen(body: bytes) -> bytes:
    """Return JSON without what cannot be seen in its texts; what is no JSON as it came."""
    try:
        return json.dumps(all_visible(json.loads(body))).encode()
    except (ValueError, RecursionError):
        return body


def _expiry(text: str) -> datetime | None:
    """Return the moment after which nothing leaves; raise `Refused` without a zone of its own."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not _FIRST_YEAR < moment.year < _LAST_YEAR:
        raise Refused(
            "Écrivez ce moment avec son fuseau, ainsi : 2026-11-25T18:00:00+01:00.", "expires"
        )
    return moment


@ROUTES.post("/api/v1/messages")
@_door
async def send(request: web.Request, actor: Actor) -> web.Response:
    """Send a message; its key, in a header or a field, keeps it from being sent twice."""
    asked: NewMessage = await _read(request, NewMessage)
    services = request.app[SERVICES]
    known = {
        group.name.casefold(): group.id for group in await services.directory.group_names(actor)
    }
    for name in asked.groups:
        if name.casefold() not in known:
            raise Refused(
                "Groupe inconnu : {name}. GET /api/v1/groups dit ceux qu'il y a.", "groups",
                name=name,
            )  # fmt: skip
    key = request.headers.get("Idempotency-Key", "")[:80] or asked.idempotency_key
    draft = Draft(
        text=asked.text, title=asked.title, to=tuple(asked.to),
        group_ids=tuple(dict.fromkeys(known[name.casefold()] for name in asked.groups)),
        channels=tuple(asked.channels), urgency=asked.urgency, order=asked.order,
        confirm=asked.confirm, exercise=asked.exercise, at_any_hour=asked.at_any_hour,
        at=at_wall_time(asked.at, actor.timezone), expires=_expiry(asked.expires),
        idempotency_key=f"{actor.login}-{key}" if key else None,
    )  # fmt: skip
    number = await services.sending.send(actor, draft, Door.API)
    view = await services.broadcasts.view(actor, number)
    return _ok({"id": number, "state": view.summary.state, "leaves": view.leaves}, 201)


@ROUTES.get("/api/v1/messages")
@_door
async def messages(request: web.Request, actor: Actor) -> web.Response:
    """List the messages, newest first, page by page."""
    found = await request.app[SERVICES].broadcasts.list(actor, page=page_number(request))
    items = [
        {"id": one.id, "title": one.title, "urgency": one.urgency, "state": one.state,
         "created_at": one.created_at, "recipients": one.recipients, "reached": one.reached}
        for one in found.items
    ]  # fmt: skip
    return _ok({"items": items, "page": found.number, "pages": found.pages, "total": found.total})


@ROUTES.get(r"/api/v1/messages/{id:\d+}")
@_door
async def message(request: web.Request, actor: Actor) -> web.Response:
    """Tell what each person of a message lived, try by try."""
    return _ok(await request.app[SERVICES].broadcasts.report(actor, identifier(request)))


@ROUTES.delete(r"/api/v1/messages/{id:\d+}")
@_door
async def cancel(request: web.Request, actor: Actor) -> web.Response:
    """Take back whatever of a message has not left yet."""
    withdrawn = await request.app[SERVICES].sending.cancel(actor, identifier(request))
    return _ok({"withdrawn": withdrawn})


@ROUTES.get("/api/v1/groups")
@_door
async def groups(request: web.Request, actor: Actor) -> web.Response:
    """List the groups, and how many people each way reaches there."""
    found = await request.app[SERVICES].directory.groups(actor)
    return _ok([
        {"name": one.name, "purpose": one.purpose, "people": one.people,
         "reachable_by": dict(one.reachable_by)}
        for one in found
    ])  # fmt: skip


@ROUTES.get("/api/v1/contacts")
@_door
async def contacts(request: web.Request, actor: Actor) -> web.Response:
    """Search the directory, page by page."""
    found = await request.app[SERVICES].directory.contacts(
        actor, search=request.query.get("q", ""), page=page_number(request), whole=True
    )
    items = [
        {"id": one.id, "name": one.name, "groups": list(one.groups),
         "endpoints": [{"kind": e.kind, "address": e.address_shown} for e in one.endpoints]}
        for one in found.items
    ]  # fmt: skip
    return _ok({"items": items, "page": found.number, "pages": found.pages, "total": found.total})


@ROUTES.post("/api/v1/contacts")
@_door
async def add_contact(request: web.Request, actor: Actor) -> web.Response:
    """Add a contact, or complete the one who has this number already."""
    asked: NewContact = await _read(request, NewContact)
    result = await request.app[SERVICES].imports.add(
        actor, name=asked.name, given_name=asked.given_name, phones=tuple(asked.phones),
        emails=tuple(asked.emails), groups=tuple(asked.groups),
    )  # fmt: skip
    told = {"added": result.added, "merged": result.merged, "unchanged": result.unchanged}
    return _ok(told, 201 if result.added else 200)


_BODIES: Final[dict[tuple[str, str], type[BaseModel]]] = {
    ("post", "/api/v1/messages"): NewMessage,
    ("post", "/api/v1/contacts"): NewContact,
}


def openapi() -> dict[str, Any]:
    """Return the OpenAPI description of this door."""
    return describe(ROUTES, _BODIES)


@ROUTES.get("/api/v1/openapi.json")
async def description(_: web.Request) -> web.Response:
    """Return the description other programs read."""
    return _ok(openapi())


async def _guide(
    request: web.Request, token: str = "", problem: Refused | None = None
) -> web.Response:
    actor = allowed(request, Right.SETTINGS).actor
    known = await request.app[SERVICES].software.list(actor)
    return page(
        request, "api.html", status=400 if problem else 200, paths=openapi()["paths"],
        known=known, token=token, problem=problem,
    )  # fmt: skip


@ROUTES.get("/api")
async def guide(request: web.Request) -> web.Response:
    """Show the door to whoever writes a program for it, and which programs have a key."""
    return await _guide(request)


@ROUTES.post("/api")
async def issue(request: web.Request) -> web.Response:
    """Let a program in, and show its token this once."""
    actor, form = allowed(request, Right.SETTINGS).actor, await request.post()
    try:
        token = await request.app[SERVICES].software.issue(actor, str(form.get("software", "")))
    except Refused as refusal:
        return await _guide(request, problem=refusal)
    return await _guide(request, token)


@ROUTES.post(r"/api/{id:\d+}/retirer")
async def revoke(request: web.Request) -> web.Response:
    """Let a program in no more."""
    actor = allowed(request, Right.SETTINGS).actor
    await request.app[SERVICES].software.revoke(actor, identifier(request))
    raise elsewhere("/api")


def said_of(status: int) -> web.Response:
    """Return a failure of the web server itself as this door says failures."""
    return _said(status, _STATUSES.get(status, "Demande incomprise."))


_STATUSES: Final = {
    404: "Cette adresse n'existe pas : voir /api/v1/openapi.json.",
    405: "Cette adresse ne s'emploie pas ainsi : voir /api/v1/openapi.json.",
    413: f"Demande trop lourde : {LARGEST // 1024**2} Mo au plus.",
    500: "Erreur interne : les envois en cours continuent, recommencez.",
}
