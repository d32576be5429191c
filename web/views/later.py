"""What leaves later: ready messages, the calendar, the convocation, who is on duty."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from aiohttp import web
from multidict import MultiDict

from gateway.services import (
    CouncilForm,
    Meeting,
    MeetingView,
    NotAllowed,
    NotHere,
    Refused,
    Right,
    at_wall_time,
)
from web import calendars
from web.forms import is_number
from web.keys import SERVICES
from web.replies import allowed, elsewhere, identifier, page
from web.texts import N_

ROUTES = web.RouteTableDef()


@ROUTES.get("/modeles")
async def ready(request: web.Request) -> web.Response:
    """Show the ready messages."""
    actor = allowed(request, Right.WRITE).actor
    return page(request, "ready.html", ready=await request.app[SERVICES].ready.list(actor))


@ROUTES.post(r"/modeles/{id:\d+}/supprimer")
async def drop(request: web.Request) -> web.Response:
    """Remove a ready message."""
    actor = allowed(request, Right.WRITE).actor
    await request.app[SERVICES].ready.drop(actor, identifier(request))
    raise elsewhere("/modeles")


@ROUTES.get("/calendrier")
async def calendar(request: web.Request) -> web.Response:
    """Show what is to leave, day by day."""
    return await _calendar(request)


async def _calendar(request: web.Request, problem: Refused | None = None) -> web.Response:
    """Show a month or a week, day by day, and what comes after it."""
    actor, agenda = allowed(request, Right.FOLLOW).actor, request.app[SERVICES].agenda
    shown = calendars.of(request.query, agenda.today(actor))
    days = await agenda.between(actor, shown.first, shown.last)
    later = calendars.once([one for one in await agenda.days(actor) if one.day > shown.last])
    return page(
        request, "calendar.html", status=400 if problem else 200, problem=problem, days=days,
        later=later, shown=shown, again=request.path,
        anything=bool(later) or any(one.entries for one in days),
    )  # fmt: skip


@ROUTES.post(r"/calendrier/{what:messages|series}/{id:\d+}/deplacer")
async def move(request: web.Request) -> web.Response:
    """Let something leave at another time."""
    actor, form = allowed(request, Right.WRITE).actor, await request.post()
    agenda, number = request.app[SERVICES].agenda, identifier(request)
    sure = form.get("sure") == "1"
    try:
        at = at_wall_time(str(form.get("at", "")), actor.timezone)
        if request.match_info["what"] == "series":
            await agenda.move_series(actor, number, at, sure=sure)
        else:
            await agenda.move(actor, number, at, sure=sure)
    except Refused as refusal:
        return await _calendar(request, refusal)
    raise elsewhere("/calendrier")


@ROUTES.post(r"/calendrier/messages/{id:\d+}/annuler")
async def cancel(request: web.Request) -> web.Response:
    """Withdraw a message that waits."""
    actor = allowed(request, Right.WRITE).actor
    try:
        await request.app[SERVICES].sending.cancel(actor, identifier(request))
    except Refused as refusal:
        return await _calendar(request, refusal)
    raise elsewhere("/calendrier")


@ROUTES.post(r"/calendrier/series/{id:\d+}/arreter")
async def end_series(request: web.Request) -> web.Response:
    """Let a message come no more."""
    actor = allowed(request, Right.WRITE).actor
    await request.app[SERVICES].agenda.end_series(actor, identifier(request))
    raise elsewhere("/calendrier")


async def _meeting(
    request: web.Request, filled: Any, problem: Refused | None = None,
    view: MeetingView | None = None,
) -> web.Response:  # fmt: skip
    actor = allowed(request, Right.WRITE).actor
    services = request.app[SERVICES]
    return page(
        request, "meeting.html", status=400 if problem else 200, problem=problem, view=view,
        groups=await services.directory.groups(actor), filled=filled,
        inhabitants=await services.convening.inhabitants(actor),
        past=await services.councils.past(actor),
        key=filled.get("key", "") or secrets.token_urlsafe(16),
        chosen=set(filled.getall("group", ())) if hasattr(filled, "getall") else set(),
    )  # fmt: skip


@ROUTES.get("/convocation")
async def meeting(request: web.Request) -> web.Response:
    """Show the form of a convocation, empty or of one that was stopped before it left."""
    actor = allowed(request, Right.WRITE).actor
    if not is_number(stopped := request.query.get("message", "")):
        return await _meeting(request, {})
    try:
        known = await request.app[SERVICES].convening.taken_back(actor, int(stopped))
    except (NotAllowed, NotHere):
        raise
    except Refused as refusal:
        return await _meeting(request, {}, refusal)
    return await _meeting(request, _filled(known))


@ROUTES.post("/convocation")
async def convene(request: web.Request) -> web.Response:
    """Show what a convocation would send; send it when asked to."""
    actor, form = allowed(request, Right.WRITE).actor, await request.post()
    convening = request.app[SERVICES].convening
    try:
        wanted = _read(form, actor.timezone)
        view = await convening.foresee_meeting(actor, wanted)
        if form.get("action") != "send":
            return await _meeting(request, form, view=view)
        number = await convening.convene(actor, wanted)
    except Refused as refusal:
        return await _meeting(request, form, refusal)
    raise elsewhere(f"/messages/{number}")


def _filled(known: Meeting) -> MultiDict[str]:
    """Return a meeting as its form has it: what `_read` reads."""
    form = MultiDict({
        "what": known.what, "at": _wall(known.at), "place": known.place, "agenda": known.agenda,
        "days_before": str(known.days_before), "morning": "1" if known.morning else "",
        "inhabitants": str(known.inhabitants or ""), "again": str(known.again_of or ""),
    })  # fmt: skip
    form.extend(("group", str(one)) for one in known.group_ids)
    if known.council is not None:
        rules = known.council
        form.extend({
            "council": str(rules.group_id), "members": str(rules.members or ""),
            "rule": rules.rule, "proxies_each": str(rules.proxies_each),
            "answer_by": _wall(rules.answer_by), "after": str(rules.after_id or ""),
        })  # fmt: skip
    return form


def _wall(at: datetime | None) -> str:
    return f"{at:%Y-%m-%dT%H:%M}" if at else ""


def _read(form: Any, zone: str) -> Meeting:
    """Return the meeting a form describes; raise `Refused` with the field."""
    at = at_wall_time(str(form.get("at", "")), zone)
    if at is None:
        raise Refused(N_("Dites quand la réunion a lieu."), "at")
    days, people = str(form.get("days_before", "0")), str(form.get("inhabitants", ""))
    if not is_number(people) or not 0 < int(people) < 10_000_000:
        raise Refused(N_("Le nombre d'habitants donne le délai légal : écrivez-le."), "inhabitants")
    return Meeting(
        str(form.get("what", ""))[:120], at, str(form.get("place", ""))[:120],
        str(form.get("agenda", ""))[:5000],
        tuple(sorted(int(one) for one in map(str, form.getall("group", ())) if is_number(one))),
        int(days) if is_number(days) else -1, form.get("morning") == "1", int(people),
        str(form.get("key", ""))[:40], _council(form, zone),
        int(again) if is_number(again := str(form.get("again", ""))) else 0,
    )  # fmt: skip


def _council(form: Any, zone: str) -> CouncilForm | None:
    """Return the council a form convenes, None where it convenes none."""
    group, members, each, after = (
        str(form.get(name, "")).strip() for name in ("council", "members", "proxies_each", "after")
    )
    if not group:
        return None
    return CouncilForm(
        int(group) if is_number(group) else 0,
        (int(members) if is_number(members) else -1) if members else 0,
        str(form.get("rule", "half")), int(each) if is_number(each) else -1,
        at_wall_time(str(form.get("answer_by", "")), zone, "answer_by"),
        (int(after) if is_number(after) else 0) if after else None,
    )  # fmt: skip


async def _duties(
    request: web.Request, filled: Any, problem: Refused | None = None
) -> web.Response:
    actor, duties = allowed(request, Right.WRITE).actor, request.app[SERVICES].duties
    return page(
        request, "duties.html", status=400 if problem else 200, problem=problem, filled=filled,
        turns=await duties.turns(actor), lists=await duties.lists(actor),
    )  # fmt: skip


@ROUTES.get("/gardes")
async def duties(request: web.Request) -> web.Response:
    """Show who is on duty, and when."""
    return await _duties(request, {})


@ROUTES.post("/gardes")
async def add_turn(request: web.Request) -> web.Response:
    """Put somebody on duty."""
    actor, form = allowed(request, Right.WRITE).actor, await request.post()
    try:
        begins, ends = (
            at_wall_time(str(form.get(name, "")), actor.timezone, name)
            for name in ("begins", "ends")
        )
        await request.app[SERVICES].duties.add_turn(
            actor, str(form.get("list", "")), str(form.get("address", ""))[:80], begins, ends
        )
    except Refused as refusal:
        return await _duties(request, form, refusal)
    raise elsewhere("/gardes")


@ROUTES.post(r"/gardes/{id:\d+}/supprimer")
async def remove_turn(request: web.Request) -> web.Response:
    """Take a turn of duty away."""
    actor = allowed(request, Right.WRITE).actor
    await request.app[SERVICES].duties.remove_turn(actor, identifier(request))
    raise elsewhere("/gardes")
