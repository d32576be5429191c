"""Nothing typed is lost: a form whose session had ended is shown again, filled in as it was.

Job: what happens to a form that may not be taken because nobody is logged in any more, or because
it was opened before the last login. Whoever logs in again with the same account finds the form as
it was typed, and must press its button again: nothing is ever done without a fresh press. To
anybody else it is not shown. Only forms that a browser says came from here get this far (see
`web.security`). Between the login and the page it waits in memory, one for each account.

Imported by `web.app`, `web.security` and the views that let somebody in.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiohttp import web

from gateway.services import Refused, Session
from web import carrying, labels, refill, roles
from web.carrying import Carried
from web.keys import LANGUAGE, PAGES, SERVICES, SESSION, Handler
from web.refill import Fields
from web.replies import context_of, elsewhere, page

#: Seconds a form waits in memory, and for how many accounts.
_KEPT: Final = 3600.0
_MOST: Final = 20
#: What names the waiting form in an address.
_KEY: Final = "reprise"
#: Posts that are no work of anybody: nothing is lost with them.
_GATES: Final = ("/connexion", "/premier-compte", "/deconnexion", "/commune")


@dataclass(slots=True)
class _Waiting:
    key: str
    carried: Carried
    at: float
    shown: bool = False


class Waiting:
    """The forms that wait to be shown again, one for each account."""

    def __init__(self) -> None:
        self._by_account: OrderedDict[int, _Waiting] = OrderedDict()

    def keep(self, account: int, carried: Carried) -> str:
        """Let one wait; return its key."""
        now = asyncio.get_running_loop().time()
        self._by_account.pop(account, None)
        self._by_account[account] = one = _Waiting(secrets.token_urlsafe(12), carried, now)
        while len(self._by_account) > _MOST:
            self._by_account.popitem(last=False)
        return one.key

    def of(self, session: Session, key: str | None = None) -> Carried | None:
        """Return what waits for an account under ``key``, or, without one, was not shown yet."""
        one = self._of(session)
        if one is None or (one.shown if key is None else not secrets.compare_digest(one.key, key)):
            return None
        return one.carried

    def address(self, session: Session) -> str:
        """Return where what waits is shown, from now on no more by itself; empty: nothing."""
        one = self._of(session)
        if one is None or one.shown:
            return ""
        one.shown = True
        return _with_key(one.carried.page, one.key)

    def pressed(self, session: Session, path: str) -> None:
        """Let go of what waited for this press."""
        one = self._of(session)
        if one is not None and one.carried.path == path:
            del self._by_account[one.carried.account]

    def _of(self, session: Session) -> _Waiting | None:
        account = session.actor.user_id or 0
        one = self._by_account.get(account)
        if one is not None and asyncio.get_running_loop().time() - one.at > _KEPT:
            del self._by_account[account]
            return None
        return one


WAITING: Final = web.AppKey("WAITING", Waiting)
#: The form that the page being made is to show again.
RESUMED: Final = web.RequestKey("RESUMED", Carried)


async def carry(request: web.Request) -> Carried | None:
    """Return what a form held that nobody is logged in for; None where nothing is lost."""
    if request.path.startswith(_GATES):
        return None
    return carrying.read(await request.post(), request.path, _page_of(request))


def _page_of(request: web.Request) -> str:
    """Return the address of the page a form stood on, as far as the browser says."""
    said = urlsplit(request.headers.get("Referer", ""))
    if said.netloc.lower() != request.host.lower() or not said.path.startswith("/"):
        return request.path
    kept = [pair for pair in parse_qsl(said.query) if pair[0] != _KEY]
    return f"{said.path}?{urlencode(kept)}" if kept else said.path


def _with_key(address: str, key: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{_KEY}={key}"


def log_in_again(request: web.Request, carried: Carried) -> web.Response:
    """Ask for the password where the form was posted, what was typed carried along."""
    return page(request, "login.html", login="", stay=False, problem=None, carried=carried)


async def kept_in(request: web.Request) -> Carried | None:
    """Return what the login form carries along."""
    return Carried.unpacked(str((await request.post()).get("kept", "")))


def keep(request: web.Request, session: Session, carried: Carried | None) -> None:
    """Let a form wait for its own account; of somebody else's, only that it was dropped."""
    if carried is not None:
        account = session.actor.user_id or 0
        own = carried if carried.account == account else _dropped(session)
        request.app[WAITING].keep(account, own)


def _dropped(session: Session) -> Carried:
    """Return that something was typed here which is not for whoever is here now."""
    actor = session.actor
    home = roles.home(actor.role)
    return Carried(actor.user_id or 0, actor.entity_id, "", home, lost=(carrying.OTHERS,))


async def onward(request: web.Request, session: Session) -> str:
    """Return where somebody goes who has come in: to the form they left, or to their home."""
    waiting = request.app[WAITING]
    carried = waiting.of(session)
    if carried is not None and carried.path and carried.town != session.actor.entity_id:
        try:
            await request.app[SERVICES].accounts.act_for(session, carried.town)
        except Refused:  # not their town any more
            waiting.keep(carried.account, _dropped(session))
    return waiting.address(session) or roles.home(session.actor.role)


async def show_again(request: web.Request, session: Session) -> web.HTTPException:
    """Return the way back to a form of another login, or of another town, of this account's.

    What has no mark of ours, or another account's, is refused (403).
    """
    carried = await carry(request)
    if carried is None or carried.account != (session.actor.user_id or 0):
        return web.HTTPForbidden()
    if carried.town != session.actor.entity_id:
        carried = replace(carried, lost=(*carried.lost, carrying.MOVED))
    keep(request, session, carried)
    return elsewhere(await onward(request, session))


@web.middleware
async def fill_in_again(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Fill a page in with what waits for it, where its address says so."""
    session, key = request.get(SESSION), request.query.get(_KEY)
    if session is None or not key or request.method != "GET":
        return await handler(request)
    carried = request.app[WAITING].of(session, key)
    if carried is None:
        return await handler(request)
    request[RESUMED] = carried
    try:
        answer = await handler(request)
    except (web.HTTPException, Refused):  # the page is not there any more
        answer = None
    return _filled(request, answer, carried) or _by_itself(request, carried)


def _filled(
    request: web.Request, answer: web.StreamResponse | None, carried: Carried
) -> web.Response | None:
    if not isinstance(answer, web.Response) or answer.content_type != "text/html":
        return None
    html = answer.text or ""
    left: Fields = ()
    if carried.path:
        filled = refill.refill(html, request.path, carried.path, carried.fields)
        if filled is None:
            return None
        html, left = filled
    answer.text = refill.put_first(html, _said(request, carried, left))
    return answer


def _by_itself(request: web.Request, carried: Carried) -> web.Response:
    """Show what was typed on a page of its own, its old page having no such form any more."""
    known = labels.of_fields(carried.path)
    shown = [(known[name], value) for name, value in carried.fields if value and name in known]
    return page(request, "resumed.html", carried=carried, shown=shown)


def _said(request: web.Request, carried: Carried, left: Fields) -> str:
    """Return the words before a page that is shown again; ``left`` has no place on it any more."""
    known = labels.of_fields(carried.path)
    left = tuple((known[name], value) for name, value in left if name in known)
    context = {**context_of(request), "carried": carried, "left": left}
    return request.app[PAGES].render("_resumed.html", request.get(LANGUAGE, "fr"), context)
