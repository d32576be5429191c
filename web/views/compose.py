"""Writing a message: measured and foreseen while it is written, confirmed before an alert."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from aiohttp import web
from multidict import MultiDict

from gateway.services import (
    NEW,
    Actor,
    Changed,
    DiskFull,
    Forecast,
    Refused,
    Right,
    Session,
    WhomView,
)
from web.forms import Composed, announcement, is_number
from web.keys import SERVICES
from web.replies import allowed, elsewhere, page
from web.resuming import RESUMED
from web.texts import N_

ROUTES = web.RouteTableDef()


async def _foreseen(request: web.Request, composed: Composed) -> dict[str, Any]:
    """Return what the services say of the message so far."""
    compose = request.app[SERVICES].compose
    actor = allowed(request, Right.WRITE).actor
    measure = compose.measure(composed.measured) if composed.measured else None
    forecast, problem = None, None
    if composed.ready:
        try:
            draft = composed.draft(actor.timezone)
            forecast = await compose.foresee(actor, draft)
            if composed.rhythm:
                against = request.app[SERVICES].agenda.against(actor, draft, composed.rhythm)
                told = (against.message,) if against else ()
                forecast = replace(forecast, problems=(*forecast.problems, *told))
        except Refused as refusal:
            problem = refusal
    return {
        "composed": composed, "measure": measure, "forecast": forecast, "problem": problem,
        "announced": announcement(forecast) if forecast else "",
    }  # fmt: skip


async def _form(request: web.Request, composed: Composed, **context: Any) -> web.Response:
    actor = allowed(request, Right.WRITE).actor
    offered = await _whom(request, composed)
    recordings = await request.app[SERVICES].sounds.recordings(actor)
    orders = await request.app[SERVICES].orders.list(actor)
    duties = await request.app[SERVICES].duties.lists(actor)
    test_to = composed.test_to or await request.app[SERVICES].sending.trial_number(actor)
    files = await request.app[SERVICES].files.about(actor, composed.files)
    seen = await _foreseen(request, composed)
    status = 400 if context.get("problem") else 200
    return page(
        request, "compose.html", status=status,
        **{"whom": offered, "begun": (), **_UNSAVED, "recordings": recordings,
           "orders": orders, "duties": duties, "test_to": test_to, "notice": None,
           "files": files, **seen, **context},
    )  # fmt: skip


@ROUTES.get("/messages/nouveau")
async def blank(request: web.Request) -> web.Response:
    """Show an empty form, or one filled in with a ready message or one that was taken back."""
    wanted = request.query.get("modele", "")
    actor, begun = allowed(request, Right.WRITE).actor, request.app[SERVICES].unfinished
    left = request.get(RESUMED)
    if left is not None and left.path in _COMPOSED:
        return await _form(request, Composed.read(MultiDict(left.fields)))
    if key := request.query.get("brouillon", ""):
        composed = Composed.read(MultiDict(await begun.fields(actor, key)))
        dated = await begun.dated(actor, composed.texts, key=key)
        return await _form(request, composed, notice=dated)
    if is_number(stopped := request.query.get("message", "")):
        composed = Composed.of(await begun.taken_back(actor, int(stopped)))
        dated = await begun.dated(actor, composed.texts, stopped=int(stopped))
        return await _form(request, composed, notice=dated)
    if not is_number(wanted):
        composed = Composed.blank(request.query.get("urgence", ""))
        return await _form(request, composed, begun=await begun.list(actor))
    draft = await request.app[SERVICES].ready.draft(actor, int(wanted))
    if request.query.get("exercice") == "1":  # whom for is chosen: a whole town is not woken
        draft = replace(draft, exercise=True, group_ids=(), everybody=False)
        return await _form(request, Composed.of(draft))
    told = await request.app[SERVICES].ready.one(actor, int(wanted))
    version = await request.app[SERVICES].ready.version(actor, int(wanted))
    composed = replace(Composed.of(draft), version=version)
    return await _form(request, composed, notice=told.missing if told else None)


@ROUTES.post("/messages/prevision")
async def foresee(request: web.Request) -> web.Response:
    """Return the parts of the form that change while it is filled in."""
    actor = allowed(request, Right.WRITE).actor
    composed = Composed.read(await request.post())
    kept = await _begin(request, actor, composed) if composed.text else {}
    return page(
        request, "_live_compose.html", **{**_UNSAVED, **kept}, **await _foreseen(request, composed)
    )


@ROUTES.post("/messages/qui")
async def whom(request: web.Request) -> web.Response:
    """Return whom the words typed may mean, beside whom is chosen."""
    composed = Composed.read(await request.post())
    return page(request, "_whom.html", composed=composed, whom=await _whom(request, composed))


@ROUTES.post("/messages/brouillon/jeter")
async def throw_away(request: web.Request) -> web.Response:
    """Forget a message that was begun."""
    actor, form = allowed(request, Right.WRITE).actor, await request.post()
    await request.app[SERVICES].unfinished.drop(actor, str(form.get("key", "")))
    raise elsewhere("/messages/nouveau")


async def _whom(request: web.Request, composed: Composed) -> WhomView:
    return await request.app[SERVICES].choosing.offer(
        allowed(request, Right.WRITE).actor, composed.looked_for, composed.groups,
        composed.contacts, composed.zones,
    )  # fmt: skip


async def _begin(request: web.Request, actor: Actor, composed: Composed) -> dict[str, Any]:
    """Keep what stands in the form; return when, or why it is not kept."""
    title = composed.title or composed.text.split("\n", 1)[0]
    begun = request.app[SERVICES].unfinished
    try:
        return {"saved_at": await begun.keep(actor, composed.key, title, composed.hidden())}
    except (Refused, DiskFull) as refusal:
        return {"unkept": refusal.message}


@ROUTES.post("/messages/nouveau")
async def act(request: web.Request) -> web.Response:
    """Do what the pressed button says."""
    session = allowed(request, Right.WRITE)
    form = await request.post()
    composed = Composed.read(form)
    composed, refused = await _with_files(request, session, composed)
    if refused is not None:
        return await _form(request, composed, problem=refused)
    action = _ACTIONS.get(str(form.get("action", "")), _verify)
    return await action(request, session, composed)


async def _with_files(
    request: web.Request, session: Session, composed: Composed
) -> tuple[Composed, Refused | None]:
    """Keep the files that came with the form, so that it never has to be asked for them again.

    One that is refused costs neither the others nor what was ticked.
    """
    refused = None
    form = await request.post()
    dropped = set(form.getall("drop_file", ()))
    kept = [number for number in composed.files if str(number) not in dropped]
    for one in form.getall("attached", ()):
        if isinstance(one, web.FileField) and one.filename:
            files, data = request.app[SERVICES].files, one.file.read()
            try:
                kept.append(await files.keep(session.actor, one.filename, data))
            except Refused as refusal:
                refused = refusal
    return replace(composed, files=tuple(dict.fromkeys(kept))), refused


async def _verify(request: web.Request, _: Session, composed: Composed) -> web.Response:
    if composed.ready:
        return await _form(request, composed)
    missing = N_("Il manque le texte, un groupe ou un moyen d'envoi.")
    return await _form(request, composed, problem=Refused(missing, "text"))


async def _edit(request: web.Request, _: Session, composed: Composed) -> web.Response:
    return await _form(request, composed)


async def _later(request: web.Request, session: Session, composed: Composed) -> web.Response:
    """Keep what is written, to be finished another time; what is too long stays on the page."""
    kept = await _begin(request, session.actor, composed)
    if "unkept" in kept:
        return await _form(request, composed, problem=Refused(kept["unkept"], "text"))
    raise elsewhere("/messages/nouveau")


async def _typography(request: web.Request, _: Session, composed: Composed) -> web.Response:
    measure = request.app[SERVICES].compose.measure(composed.measured)
    return await _form(request, composed.with_measured(measure.suggestion or composed.measured))


async def _send(request: web.Request, session: Session, composed: Composed) -> web.Response:
    """Send; an alert is first repeated to whoever sends it."""
    return await _checked(request, session, composed, confirmed=composed.urgency != "vital")


async def _send_now(request: web.Request, session: Session, composed: Composed) -> web.Response:
    """Send without waiting for the hours; the record says who wanted it so."""
    announced = "-".join(composed.announced.split("-")[:2])  # the day it would have waited for
    now = replace(composed, at_any_hour=True, at="", announced=announced)
    return await _send(request, session, now)


async def _confirm(request: web.Request, session: Session, composed: Composed) -> web.Response:
    return await _checked(request, session, composed, confirmed=True)


async def _checked(
    request: web.Request, session: Session, composed: Composed, *, confirmed: bool
) -> web.Response:
    if not composed.ready:
        return await _verify(request, session, composed)
    seen = await _foreseen(request, composed)
    forecast: Forecast | None = seen["forecast"]
    if forecast is None or forecast.problems:
        return await _form(request, composed, problem=seen["problem"] or _first(forecast))
    if composed.announced != seen["announced"]:
        return await _form(request, composed, notice=_CHANGED)
    if not confirmed:
        offered = await _whom(request, composed)
        chosen = [group.name for group in offered.groups if group.id in composed.groups]
        chosen += [*composed.zones, *composed.duties]
        chosen += [one.name for one in offered.people if one.id in composed.contacts]
        return page(request, "confirm.html", chosen=chosen, **seen)
    services, draft = request.app[SERVICES], composed.draft(session.actor.timezone)
    try:
        if composed.rhythm:
            await services.agenda.repeat(session.actor, draft, composed.rhythm)
            await services.unfinished.drop(session.actor, composed.key)
            raise elsewhere("/calendrier")
        number = await services.sending.send(session.actor, draft)
        await services.unfinished.drop(session.actor, composed.key)
    except Refused as refusal:
        return await _form(request, composed, problem=refusal)
    raise elsewhere(f"/messages/{number}")


async def _keep(request: web.Request, session: Session, composed: Composed) -> web.Response:
    """Keep the form as a ready message."""
    try:
        draft = composed.draft(session.actor.timezone)
        await request.app[SERVICES].ready.keep(
            session.actor, composed.ready_name, draft, composed.version or NEW
        )
    except Changed as refusal:
        stands = await request.app[SERVICES].ready.named(session.actor, composed.ready_name)
        if stands is not None:
            composed = composed.taking(Composed.of(stands), refusal.takes)
        return await _form(request, composed, problem=refusal)
    except Refused as refusal:
        return await _form(request, composed, problem=refusal)
    raise elsewhere("/modeles")


async def _try(request: web.Request, session: Session, composed: Composed) -> web.Response:
    """Send it to whoever writes it, and to nobody else."""
    try:
        draft = composed.draft(session.actor.timezone)
        await request.app[SERVICES].sending.try_out(session.actor, draft, composed.test_to)
    except Refused as refusal:
        return await _form(request, composed, problem=refusal)
    return await _form(request, composed, notice=_TRIED)


def _first(forecast: Forecast | None) -> Refused | None:
    return Refused(forecast.problems[0], "") if forecast and forecast.problems else None


#: Where the form posts to.
_COMPOSED: Final = ("/messages/nouveau", "/messages/ecouter")
#: When a draft was kept, and why it was not.
_UNSAVED: Final[dict[str, Any]] = {"saved_at": None, "unkept": None}
_CHANGED: Final = N_(
    "Vérifiez ce qui va partir, puis appuyez sur Envoyer : les chiffres ci-dessous sont à jour."
)
_TRIED: Final = N_("L'essai est parti vers ce numéro. Rien n'est encore envoyé aux autres.")
_Action = Callable[[web.Request, Session, Composed], Awaitable[web.Response]]
_ACTIONS: Final[dict[str, _Action]] = {
    "verify": _verify,
    "edit": _edit,
    "find": _edit,
    "begin": _later,
    "typography": _typography,
    "keep": _keep,
    "try": _try,
    "send": _send,
    "send_now": _send_now,
    "confirm": _confirm,
}
