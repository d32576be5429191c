"""First account, login, logout."""

from __future__ import annotations

from aiohttp import web

from gateway.services import Refused, Session
from web import roles
from web.forms import is_number
from web.keys import SECURE, SERVICES, SESSION
from web.replies import elsewhere, page, session_of
from web.security import cookie_name
from web.texts import N_

ROUTES = web.RouteTableDef()


def _welcome(request: web.Request, session: Session) -> web.HTTPSeeOther:
    answer = web.HTTPSeeOther(roles.home(session.actor.role))
    secure = request.app[SECURE]
    answer.set_cookie(
        cookie_name(secure), session.token, httponly=True, samesite="Lax", secure=secure, path="/"
    )
    return answer


@ROUTES.get("/connexion")
async def login_form(request: web.Request) -> web.Response:
    """Ask for the password; on a new box, lead to the first account."""
    if await request.app[SERVICES].accounts.needs_first_account():
        raise elsewhere("/premier-compte")
    if SESSION in request:
        raise elsewhere("/")
    return page(request, "login.html", login="", problem=None)


@ROUTES.post("/connexion")
async def log_in(request: web.Request) -> web.Response:
    """Check the password; the services slow down whoever guesses."""
    form = await request.post()
    login, password = str(form.get("login", "")), str(form.get("password", ""))
    try:
        session = await request.app[SERVICES].accounts.log_in(login, password, request.remote or "")
    except Refused as refusal:
        return page(request, "login.html", status=400, login=login, problem=refusal)
    raise _welcome(request, session)


@ROUTES.post("/deconnexion")
async def log_out(request: web.Request) -> web.Response:
    """End the session here and in the store."""
    session = request.get(SESSION)
    if session is not None:
        await request.app[SERVICES].accounts.log_out(session.token)
    answer = web.HTTPSeeOther("/connexion")
    answer.del_cookie(cookie_name(request.app[SECURE]), path="/")
    raise answer


@ROUTES.get("/premier-compte")
async def first_form(request: web.Request) -> web.Response:
    """Ask for the first administrator, once in the life of a box."""
    if not await request.app[SERVICES].accounts.needs_first_account():
        raise elsewhere("/connexion")
    return page(request, "first.html", values={}, problem=None)


@ROUTES.post("/premier-compte")
async def first_account(request: web.Request) -> web.Response:
    """Create it, with the one-time code only the installer has seen."""
    accounts = request.app[SERVICES].accounts
    if not await accounts.needs_first_account():
        raise elsewhere("/connexion")
    form = await request.post()
    values = {name: str(form.get(name, "")).strip() for name in ("code", "login", "name")}
    password = str(form.get("password", ""))
    if password != str(form.get("again", "")):
        unlike = Refused(N_("Les deux mots de passe ne sont pas les mêmes."), "password")
        return page(request, "first.html", status=400, values=values, problem=unlike)
    try:
        session = await accounts.create_first(
            values["code"], values["login"], values["name"], password
        )
    except Refused as refusal:
        return page(request, "first.html", status=400, values=values, problem=refusal)
    raise _welcome(request, session)


@ROUTES.post("/commune")
async def act_for(request: web.Request) -> web.Response:
    """Act for another commune of the community."""
    session = session_of(request)
    chosen = str((await request.post()).get("town", ""))
    if is_number(chosen):
        await request.app[SERVICES].accounts.act_for(session, int(chosen))
    raise elsewhere(roles.home(session.actor.role))


@ROUTES.get("/commune")
async def towns(request: web.Request) -> web.Response:
    """Offer the communes one may act for."""
    session = session_of(request)
    known = await request.app[SERVICES].accounts.towns(session)
    return page(request, "towns.html", towns=known)
