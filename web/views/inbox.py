"""Answers by SMS: conversations, one conversation with its answer, rules that answer alone."""

from __future__ import annotations

import secrets

from aiohttp import web

from gateway.services import Refused, Right
from web.forms import identity, is_number, text_of
from web.keys import SERVICES
from web.replies import allowed, elsewhere, page, page_number

ROUTES = web.RouteTableDef()
_TALK = r"/reponses/{number:[+\w.-]{1,40}}"


@ROUTES.get("/reponses")
async def inbox(request: web.Request) -> web.Response:
    """List the conversations, danger and unread first."""
    actor, search = allowed(request, Right.INBOX).actor, request.query.get("q", "")[:80]
    services = request.app[SERVICES]
    return page(
        request, "inbox.html", search=search,
        talks=await services.inbox.talks(actor, search, page_number(request)),
    )  # fmt: skip


@ROUTES.get("/reponses/automatiques")
async def rules(request: web.Request) -> web.Response:
    """Show what is answered by itself."""
    return await _rules(request)


async def _rules(request: web.Request, problem: Refused | None = None) -> web.Response:
    actor = allowed(request, Right.INBOX).actor
    return page(
        request, "inbox_rules.html", status=400 if problem else 200, problem=problem,
        rules=await request.app[SERVICES].inbox.rules(actor),
        filled=await request.post() if problem else {},
    )  # fmt: skip


@ROUTES.post("/reponses/automatiques/{what:ajouter|retirer}")
async def change_rules(request: web.Request) -> web.Response:
    """Add a rule, or take one back."""
    actor, form = allowed(request, Right.SETTINGS).actor, await request.post()
    service = request.app[SERVICES].inbox
    try:
        if request.match_info["what"] == "ajouter":
            said, answer = text_of(form, "words")[:600], text_of(form, "answer")[:2000]
            await service.add_rule(actor, said, answer)
        else:
            number = str(form.get("id", ""))
            await service.remove_rule(actor, int(number) if is_number(number) else 0)
    except Refused as refusal:
        return await _rules(request, refusal)
    raise elsewhere("/reponses/automatiques")


async def _talk(request: web.Request, problem: Refused | None = None) -> web.Response:
    actor = allowed(request, Right.INBOX).actor
    talk = await request.app[SERVICES].inbox.talk(actor, request.match_info["number"])
    return page(
        request, "inbox_talk.html", status=400 if problem else 200, problem=problem, talk=talk,
        key=secrets.token_urlsafe(16), filled=await request.post() if problem else {},
    )  # fmt: skip


@ROUTES.get(_TALK)
async def talk(request: web.Request) -> web.Response:
    """Show one conversation."""
    return await _talk(request)


@ROUTES.post(_TALK + "/{what:lu|repondre}")
async def answer(request: web.Request) -> web.Response:
    """Answer, or say that it is read."""
    actor, form = allowed(request, Right.INBOX).actor, await request.post()
    service, number = request.app[SERVICES].inbox, request.match_info["number"]
    shown = str(form.get("last", ""))
    last = int(shown) if is_number(shown) else 0
    try:
        if request.match_info["what"] == "lu":
            await service.read(actor, number, last)
            raise elsewhere("/reponses")
        text, key = text_of(form, "text")[:4000], str(form.get("key", ""))[:60]
        version = str(form.get("version", ""))
        await service.answer(actor, number, text, identity(key, text), last, version)
    except Refused as refusal:
        return await _talk(request, refusal)
    raise elsewhere(f"/reponses/{number}")
