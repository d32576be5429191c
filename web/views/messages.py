"""The list of messages, one message with its progress, its cancelling."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from gateway.services import Draft, NotAllowed, NotHere, Refused, Right, Sending, Session
from web.forms import identity, is_number, text_of
from web.keys import SERVICES
from web.live import stream
from web.replies import allowed, elsewhere, identifier, page, page_number

ROUTES = web.RouteTableDef()


@ROUTES.get("/messages")
async def messages(request: web.Request) -> web.Response:
    """List what was sent, newest first."""
    session = allowed(request, Right.FOLLOW)
    listed = await request.app[SERVICES].broadcasts.list(session.actor, page=page_number(request))
    return page(
        request, "messages.html", messages=listed,
        broken=await request.app[SERVICES].ready.broken(session.actor),
    )  # fmt: skip


async def _one(request: web.Request) -> dict[str, Any]:
    session = allowed(request, Right.FOLLOW)
    broadcasts, number = request.app[SERVICES].broadcasts, identifier(request)
    state = request.query.get("etat") or None
    view = await broadcasts.view(session.actor, number)
    people = await broadcasts.recipients(
        session.actor, number, state=state, page=page_number(request)
    )
    replies = await request.app[SERVICES].inbox.about(session.actor, number)
    council = await request.app[SERVICES].councils.view(session.actor, number)
    return {
        "message": view, "people": people, "state": state, "id": number, "replies": replies,
        "council": council,
    }  # fmt: skip


@ROUTES.get(r"/messages/{id:\d+}")
async def message(request: web.Request) -> web.Response:
    """Show what each person lived."""
    return await _message(request, None)


async def _message(request: web.Request, problem: Refused | None) -> web.Response:
    # before what it shows is read: a change meanwhile is news
    mark = request.app[SERVICES].live.mark(f"broadcast:{identifier(request)}")
    return page(
        request, "message.html", status=400 if problem else 200, mark=mark, problem=problem,
        **await _one(request),
    )  # fmt: skip


@ROUTES.get(r"/messages/{id:\d+}/suivi")
async def progress(request: web.Request) -> web.Response:
    """Return the part of the page that lives."""
    return page(request, "_progress.html", **await _one(request))


@ROUTES.get(r"/flux/messages/{id:\d+}")
async def flow(request: web.Request) -> web.StreamResponse:
    """Tell the page when the message moved; nothing to somebody who may not see it."""
    session = allowed(request, Right.FOLLOW)
    number = identifier(request)
    await request.app[SERVICES].broadcasts.view(session.actor, number)
    return await stream(request, f"broadcast:{number}")


_Change = Callable[[Sending, Session, int], Awaitable[object]]
#: What the buttons of a message's page do, by the last word of their address.
_CHANGES: Final[dict[str, _Change]] = {
    "annuler": lambda sending, who, number: sending.cancel(who.actor, number),
    "pause": lambda sending, who, number: sending.pause(who.actor, number),
    "reprise": lambda sending, who, number: sending.resume(who.actor, number),
    "partir": lambda sending, who, number: sending.send_now(who.actor, number),
    "appeler": lambda sending, who, number: sending.call_everybody(who.actor, number),
}


@ROUTES.post(r"/messages/{id:\d+}/{what:annuler|pause|reprise|partir|appeler}")
async def change(request: web.Request) -> web.Response:
    """Stop, hold, let go: what may still be done with a message."""
    session, number = allowed(request, Right.LAUNCH), identifier(request)
    try:
        await _CHANGES[request.match_info["what"]](request.app[SERVICES].sending, session, number)
    except (NotAllowed, NotHere):
        raise
    except Refused as refusal:
        return await _message(request, refusal)
    raise elsewhere(f"/messages/{number}")


@ROUTES.post(r"/messages/{id:\d+}/rappels")
async def drop_reminders(request: web.Request) -> web.Response:
    """Withdraw the reminders of a meeting that is off, and propose to tell everybody."""
    session, number = allowed(request, Right.WRITE), identifier(request)
    await request.app[SERVICES].convening.drop_reminders(session.actor, number)
    raise elsewhere(f"/messages/{number}/suite/correction")


@ROUTES.post(r"/messages/{id:\d+}/valider")
async def answer(request: web.Request) -> web.Response:
    """Say yes or no to a message that waits for a second person."""
    session, number = allowed(request, Right.FOLLOW), identifier(request)
    form, sending = await request.post(), request.app[SERVICES].sending
    said = sending.refuse if form.get("answer") == "no" else sending.approve
    try:
        await said(session.actor, number, str(form.get("why", ""))[:200])
    except (NotAllowed, NotHere):
        raise
    except Refused as refusal:
        return await _message(request, refusal)
    raise elsewhere(f"/messages/{number}")


@ROUTES.get(r"/messages/{id:\d+}/suite/{kind:resend|end|correction}")
async def follow(request: web.Request) -> web.Response:
    """Propose what follows a message, and to how many people."""
    session, number = allowed(request, Right.LAUNCH), identifier(request)
    proposed = await request.app[SERVICES].following.propose(
        session.actor, number, request.match_info["kind"]
    )
    return page(request, "follow.html", proposed=proposed, id=number, problem=None,
                kind=request.match_info["kind"], key=secrets.token_urlsafe(16))  # fmt: skip


@ROUTES.post(r"/messages/{id:\d+}/suite/{kind:resend|end|correction}")
async def send_following(request: web.Request) -> web.Response:
    """Send what follows a message."""
    session, number = allowed(request, Right.LAUNCH), identifier(request)
    kind, form = request.match_info["kind"], await request.post()
    following = request.app[SERVICES].following
    text, key = text_of(form, "text"), str(form.get("key", ""))[:60]
    text_en = text_of(form, "text_en")
    channels = tuple(str(channel) for channel in form.getall("channel", ()))
    same = identity(key, (text, text_en, channels))
    draft = Draft(
        text, channels=channels, idempotency_key=f"{kind}-{number}-{same}", text_en=text_en
    )
    earlier, word = str(form.get("before", "")), str(form.get("word", ""))
    try:
        new = await following.follow(session.actor, number, kind, draft, known=earlier, word=word)
    except Refused as refusal:
        proposed = await following.propose(session.actor, number, kind, draft)
        return page(request, "follow.html", status=400, proposed=proposed, id=number, kind=kind,
                    key=key, problem=refusal)  # fmt: skip
    raise elsewhere(f"/messages/{new}")


@ROUTES.get(r"/messages/{id:\d+}/porte-a-porte")
async def doors(request: web.Request) -> web.Response:
    """Show who is not reached, street by street, to be printed or ticked."""
    return await _doors(request, None)


async def _doors(request: web.Request, problem: Refused | None) -> web.Response:
    session, number = allowed(request, Right.FOLLOW), identifier(request)
    sheet = await request.app[SERVICES].broadcasts.door_to_door(session.actor, number)
    back = request.query.get("retire") == "1"
    return page(
        request, "doors.html", status=400 if problem else 200, sheet=sheet, id=number,
        taken_back=back, problem=problem,
    )  # fmt: skip


@ROUTES.post(r"/messages/{id:\d+}/porte-a-porte")
async def tick(request: web.Request) -> web.Response:
    """Write down who was told at their door."""
    session, number = allowed(request, Right.LAUNCH), identifier(request)
    form = await request.post()
    chosen = [int(one) for one in map(str, form.getall("person", ())) if is_number(one)]
    try:
        await request.app[SERVICES].sending.told_in_person(
            session.actor, chosen, str(form.get("by", ""))
        )
    except Refused as refusal:
        return await _doors(request, refusal)
    raise elsewhere(f"/messages/{number}/porte-a-porte")


@ROUTES.post(r"/messages/{id:\d+}/porte-a-porte/retirer")
async def take_back_tick(request: web.Request) -> web.Response:
    """Undo a tick made by mistake: the person is on the sheet again."""
    session, number = allowed(request, Right.LAUNCH), identifier(request)
    person = str((await request.post()).get("person", ""))
    if not is_number(person):
        raise web.HTTPBadRequest
    await request.app[SERVICES].sending.take_back_tick(session.actor, number, int(person))
    raise elsewhere(f"/messages/{number}/porte-a-porte?retire=1")
