"""« Mon compte »: password, second factor, recovery codes, where one is logged in."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from gateway.services import Refused, Session
from web.forms import is_number
from web.keys import HALF, SERVICES, SESSION
from web.replies import elsewhere, page, picture_address, session_of
from web.security import GATES
from web.texts import N_
from web.views.accounts import give_session, welcome

ROUTES = web.RouteTableDef()
_DONE: Final = {
    "mot-de-passe": N_("Votre mot de passe est changé, vos autres connexions sont terminées."),
    "terminer": N_("C'est terminé."),
    "une-etape": N_("La seconde étape est retirée."),
}


def _who(request: web.Request, stage: str) -> Session:
    """Return who asks: logged in, or sent here by the login to do just this."""
    half: Session | None = request.get(HALF)
    if half is not None and half.awaits == stage:
        return half
    return session_of(request)


async def _show(request: web.Request, problem: Refused | None = None) -> web.Response:
    view = await request.app[SERVICES].own_account.view(session_of(request))
    return page(
        request, "account.html", status=400 if problem else 200, problem=problem, view=view,
        done=_DONE.get(request.query.get("fait", ""), ""),
    )  # fmt: skip


@ROUTES.get("/compte")
async def own_account(request: web.Request) -> web.Response:
    """Show how the account is guarded."""
    return await _show(request)


@ROUTES.post("/compte/{what:terminer|terminer-autres|une-etape}")
async def change(request: web.Request) -> web.Response:
    """End a session, or the others; take the second factor away."""
    session, form = session_of(request), await request.post()
    service, what = request.app[SERVICES].own_account, request.match_info["what"]
    chosen = str(form.get("session", ""))
    try:
        if what == "une-etape":
            raise _back(
                request, await service.turn_off(session, str(form.get("password", ""))), what
            )
        if what == "terminer-autres":
            await service.end_others(session)
        else:
            await service.end_session(session, int(chosen) if is_number(chosen) else 0)
    except Refused as refusal:
        return await _show(request, refusal)
    raise elsewhere(f"/compte?fait={what.removesuffix('-autres')}")


@ROUTES.get("/compte/mot-de-passe")
async def password_form(request: web.Request) -> web.Response:
    """Ask for the old password and the new."""
    _who(request, "password")
    return page(request, "account_password.html", problem=None)


@ROUTES.post("/compte/mot-de-passe")
async def change_password(request: web.Request) -> web.Response:
    """Change it; the other sessions end."""
    session, form = _who(request, "password"), await request.post()
    old, new, again = (str(form.get(name, "")) for name in ("old", "password", "again"))
    try:
        fresh = await request.app[SERVICES].own_account.change_password(session, old, new, again)
    except Refused as refusal:
        return page(request, "account_password.html", status=400, problem=refusal)
    if request.get(HALF):
        raise await welcome(request, fresh)
    raise _back(request, fresh, "mot-de-passe")


def _back(request: web.Request, fresh: Session, done: str) -> web.HTTPSeeOther:
    answer = elsewhere(GATES.get(fresh.awaits) or f"/compte?fait={done}")
    give_session(request, answer, fresh)
    return answer


async def _ask_code(request: web.Request, problem: Refused | None = None) -> web.Response:
    factor = await request.app[SERVICES].own_account.propose(_who(request, "enrol"))
    return page(
        request, "account_two_factor.html", status=400 if problem else 200, problem=problem,
        factor=factor, picture=picture_address(factor.picture),
    )  # fmt: skip


@ROUTES.get("/compte/deux-etapes")
async def factor_form(request: web.Request) -> web.Response:
    """Show the secret as a QR code, and ask for a code made of it."""
    return await _ask_code(request)


@ROUTES.post("/compte/deux-etapes")
async def turn_on(request: web.Request) -> web.Response:
    """Turn it on, and show the recovery codes this once."""
    session, form = _who(request, "enrol"), await request.post()
    try:
        fresh, codes = await request.app[SERVICES].own_account.turn_on(
            session, str(form.get("code", ""))[:12]
        )
    except Refused as refusal:
        return await _ask_code(request, refusal)
    if not fresh.awaits:
        request[SESSION] = fresh
    answer = page(request, "account_codes.html", codes=codes, who=fresh.actor)
    give_session(request, answer, fresh)
    return answer


@ROUTES.post("/compte/codes")
async def new_codes(request: web.Request) -> web.Response:
    """Replace the recovery codes, and show them this once."""
    session, form = session_of(request), await request.post()
    try:
        codes = await request.app[SERVICES].own_account.new_codes(
            session, str(form.get("password", ""))
        )
    except Refused as refusal:
        return await _show(request, refusal)
    return page(request, "account_codes.html", codes=codes, who=session.actor)
