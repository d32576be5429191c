"""First account, login in one step or two, logout."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from gateway.services import Browser, Refused, Session
from web import resuming, roles
from web.forms import is_number
from web.keys import HALF, SERVICES, SESSION
from web.replies import elsewhere, page, session_of
from web.security import GATES, cookie_name, is_secure
from web.texts import N_

ROUTES = web.RouteTableDef()


#: By what a browser is known for a year to the accounts that logged in with it.
_DEVICE: Final = "tocsin-appareil"
_DEVICE_LIFE: Final = 365 * 86400


def browser_of(request: web.Request) -> Browser:
    """Return who knocks."""
    return Browser(
        request.remote or "", request.headers.get("User-Agent", "")[:200],
        request.cookies.get(cookie_name(request, _DEVICE), "")[:100],
        request.cookies.get(cookie_name(request), "")[:100],
    )  # fmt: skip


def give_session(request: web.Request, answer: web.StreamResponse, session: Session) -> None:
    """Put a session, and what the device is known by, into the browser's cookies."""

    def give(name: str, value: str, life: float) -> None:
        answer.set_cookie(
            cookie_name(request, name), value, httponly=True, samesite="Lax", path="/",
            secure=is_secure(request), max_age=int(life) if life else None,
        )  # fmt: skip

    give("tocsin", session.token, session.lasts)
    if session.device:
        give(_DEVICE, session.device, _DEVICE_LIFE)


async def welcome(request: web.Request, session: Session) -> web.HTTPSeeOther:
    """Return the way in: to what must come before, a form that was left, or the role's home."""
    way = GATES.get(session.awaits) or await resuming.onward(request, session)
    answer = web.HTTPSeeOther(way)
    give_session(request, answer, session)
    return answer


@ROUTES.get("/connexion")
async def login_form(request: web.Request) -> web.Response:
    """Ask for the password; on a new box, lead to the first account."""
    if await request.app[SERVICES].accounts.needs_first_account():
        raise elsewhere("/premier-compte")
    if SESSION in request:
        raise elsewhere("/")
    return page(request, "login.html", login="", stay=False, problem=None, carried=None)


@ROUTES.post("/connexion")
async def log_in(request: web.Request) -> web.Response:
    """Check the password; the services slow down whoever guesses."""
    form = await request.post()
    login, password = str(form.get("login", "")), str(form.get("password", ""))
    stay, carried = form.get("stay") == "1", await resuming.kept_in(request)
    try:
        session = await request.app[SERVICES].accounts.log_in(
            login, password, browser_of(request), stay=stay
        )
    except Refused as refusal:
        return page(
            request, "login.html", status=400, login=login, stay=stay, problem=refusal,
            carried=carried,
        )  # fmt: skip
    resuming.keep(request, session, carried)
    raise await welcome(request, session)


def _half(request: web.Request) -> Session:
    session: Session | None = request.get(HALF)
    if session is None or session.awaits != "code":
        raise elsewhere("/connexion")
    return session


@ROUTES.get("/connexion/code")
async def code_form(request: web.Request) -> web.Response:
    """Ask for the second factor."""
    _half(request)
    return page(request, "login_code.html", problem=None)


@ROUTES.post("/connexion/code")
async def give_code(request: web.Request) -> web.Response:
    """Check it; the session comes back under another token."""
    session = _half(request)
    code = str((await request.post()).get("code", ""))[:40]
    try:
        session = await request.app[SERVICES].own_account.prove(session, code)
    except Refused as refusal:
        return page(request, "login_code.html", status=400, problem=refusal)
    raise await welcome(request, session)


@ROUTES.post("/deconnexion")
async def log_out(request: web.Request) -> web.Response:
    """End the session here and in the store."""
    session = request.get(SESSION) or request.get(HALF)
    if session is not None:
        await request.app[SERVICES].accounts.log_out(session.token)
    answer = web.HTTPSeeOther("/connexion")
    answer.del_cookie(
        cookie_name(request), path="/", secure=is_secure(request), httponly=True, samesite="Lax"
    )
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
            values["code"], values["login"], values["name"], password, browser_of(request)
        )
    except Refused as refusal:
        return page(request, "first.html", status=400, values=values, problem=refusal)
    raise await welcome(request, session)


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
