"""The roll of a council: who comes, who votes for whom, paper, reminders, the sheet."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable
from typing import Any

from aiohttp import web

from gateway.services import CouncilView, Draft, Refused, Right
from web.forms import identity, is_number, text_of
from web.keys import SERVICES
from web.replies import allowed, elsewhere, handed, identifier, page

ROUTES = web.RouteTableDef()


async def _roll(request: web.Request, problem: Refused | None = None) -> web.Response:
    view = await _council(request)
    return page(
        request, "council.html", status=400 if problem else 200, council=view,
        id=identifier(request), problem=problem,
    )  # fmt: skip


async def _council(request: web.Request) -> CouncilView:
    actor = allowed(request, Right.FOLLOW).actor
    view = await request.app[SERVICES].councils.view(actor, identifier(request))
    if view is None:
        raise web.HTTPNotFound
    return view


async def _noted(request: web.Request, noting: Awaitable[None], where: str = "") -> web.Response:
    """Show the sheet again once something is written down, or why it cannot be."""
    try:
        await noting
    except Refused as refusal:
        return await _roll(request, refusal)
    raise elsewhere(f"/messages/{identifier(request)}/conseil{where}")


@ROUTES.get(r"/messages/{id:\d+}/conseil")
async def roll(request: web.Request) -> web.Response:
    """Show each member: where they stand, what they said, how they were convened."""
    return await _roll(request)


@ROUTES.post(r"/messages/{id:\d+}/conseil")
async def write_down(request: web.Request) -> web.Response:
    """Take a member's answer down by hand."""
    actor, number, form = (
        allowed(request, Right.WRITE).actor, identifier(request), await request.post(),
    )  # fmt: skip
    member, holder = _number(form.get("member")), _number(form.get("holder"))
    councils = request.app[SERVICES].councils
    noting = councils.write_down(actor, number, member or 0, str(form.get("answer", "")), holder)
    return await _noted(request, noting, f"#m{member}")


@ROUTES.post(r"/messages/{id:\d+}/conseil/traite")
async def settle(request: web.Request) -> web.Response:
    """Write down that a reply left to a human was dealt with."""
    actor, number = allowed(request, Right.WRITE).actor, identifier(request)
    word = _number((await request.post()).get("word")) or 0
    return await _noted(request, request.app[SERVICES].councils.settle(actor, number, word))


@ROUTES.post(r"/messages/{id:\d+}/conseil/{what:papier|papier-retirer}")
async def paper(request: web.Request) -> web.Response:
    """Write down who was handed the convocation on paper, or take that back."""
    actor, number = allowed(request, Right.WRITE).actor, identifier(request)
    form, given = await request.post(), request.match_info["what"] == "papier"
    chosen = [one for one in map(_number, form.getall("member", ())) if one is not None]
    await request.app[SERVICES].councils.hand_over(actor, number, chosen, given=given)
    raise elsewhere(f"/messages/{number}/conseil#papier")


@ROUTES.get(r"/messages/{id:\d+}/conseil/relance")
async def propose(request: web.Request) -> web.Response:
    """Propose a reminder to those who have not answered."""
    actor, number = allowed(request, Right.WRITE).actor, identifier(request)
    proposed = await request.app[SERVICES].councils.propose_recall(actor, number)
    return page(request, "council_recall.html", proposed=proposed, id=number, problem=None,
                key=secrets.token_urlsafe(16))  # fmt: skip


@ROUTES.post(r"/messages/{id:\d+}/conseil/relance")
async def remind(request: web.Request) -> web.Response:
    """Remind those who have not answered, and nobody else."""
    actor, number, form = (
        allowed(request, Right.WRITE).actor, identifier(request), await request.post(),
    )  # fmt: skip
    councils = request.app[SERVICES].councils
    text, key = text_of(form, "text"), str(form.get("key", ""))[:60]
    channels = tuple(str(channel) for channel in form.getall("channel", ()))
    same = identity(key, (text, channels))
    draft = Draft(text, channels=channels, idempotency_key=f"recall-{number}-{same}")
    try:
        await councils.recall(
            actor, number, draft, known=str(form.get("before", ""))[:20],
            word=str(form.get("word", "")),
        )  # fmt: skip
    except Refused as refusal:
        proposed = await councils.propose_recall(actor, number, draft)
        return page(request, "council_recall.html", status=400, proposed=proposed, id=number,
                    key=key, problem=refusal)  # fmt: skip
    raise elsewhere(f"/messages/{number}")


@ROUTES.get(r"/messages/{id:\d+}/conseil/feuille.{kind:csv|xlsx|pdf}")
async def sheet(request: web.Request) -> web.Response:
    """Hand out the sheet for the minutes."""
    actor, kind = allowed(request, Right.FOLLOW).actor, request.match_info["kind"]
    minutes = request.app[SERVICES].councils.minutes
    return handed(await minutes.file(actor, identifier(request), kind))


def _number(value: Any) -> int | None:
    text = str(value or "")
    return int(text) if is_number(text) else None
