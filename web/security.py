"""Who may post what: response headers, same-origin check, CSRF token, language.

Job: the middlewares that stand before every view. Not its job: passwords and sessions, which
`gateway.services` keeps. Imported by `web.app`.
"""

from __future__ import annotations

import hmac
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from gateway.services import ORIGIN, Session, all_visible
from web import carrying, parts, resuming
from web.keys import HALF, LANGUAGE, LASTING, SECURE, SERVICES, SESSION, Handler
from web.pages import LANGUAGES

#: Pico draws its few icons from data: addresses in its own sheet; nothing else may be inline.
POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
#: Fields of the forms that nobody reads again.
_PASSWORDS: Final = frozenset({"password", "again", "old"})
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Server": "Tocsin",  # versions of what it is made of are nobody's affair
}
#: Where programs come in, by token.
API: Final = "/api/v1/"
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
#: Where somebody goes on who has not quite come in.
GATES: Final = {
    "code": "/connexion/code", "password": "/compte/mot-de-passe",
    "enrol": "/compte/deux-etapes",
}  # fmt: skip
#: What else they may open: help out of a lost telephone, and the way out.
_OPEN: Final = ("/static/", "/healthz", "/metrics", "/langue/", "/certificat", "/deconnexion", API)
#: With the site's own certificate only: ours would lock out a browser once the box is replaced.
HSTS: Final = "max-age=31536000"


def is_secure(request: web.Request) -> bool:
    """Tell whether the browser speaks TLS, to us or to the site's proxy."""
    return request.app[SECURE] or request.scheme == "https"


def cookie_name(request: web.Request, name: str = "tocsin") -> str:
    """Return a cookie's name; the browser enforces what ``__Host-`` promises."""
    return f"__Host-{name}" if is_secure(request) else name


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Protect every answer, and keep personal data out of caches (an `on_response_prepare`)."""
    response.headers.update(HEADERS)
    lasting = request.path.startswith("/static/") and "v" in request.query
    kept = "public, max-age=31536000, immutable" if lasting else "no-store"
    response.headers.setdefault("Cache-Control", kept)
    if request.app[LASTING]:
        response.headers["Strict-Transport-Security"] = HSTS


@web.middleware
async def recognise(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find whose session the cookie names, and the language they chose."""
    ORIGIN.set(request.remote or "")
    wanted = request.cookies.get("langue", LANGUAGES[0])
    request[LANGUAGE] = wanted if wanted in LANGUAGES else LANGUAGES[0]
    token = request.cookies.get(cookie_name(request))
    if token and not request.path.startswith(("/static/", "/healthz", API)):
        session = await request.app[SERVICES].accounts.resume(token, request.remote or "")
        if session is not None:
            _let_in(request, session)
    return await handler(request)


def _let_in(request: web.Request, session: Session) -> None:
    """Give the request its session; one that awaits something goes there, and nowhere else.

    A form posted meanwhile is one of nobody's, see `web.resuming`.
    """
    if not session.awaits:
        request[SESSION] = session
        return
    if request.path == GATES[session.awaits] or request.path.startswith(_OPEN):
        request[HALF] = session
    elif request.method in _READING:
        raise web.HTTPSeeOther(GATES[session.awaits])


@web.middleware
async def refuse_forgeries(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse (403) what another site makes a browser post.

    The browser must say that the form came from here, and the form must carry the session's
    token when there is a session. The JSON door knows no cookies: nothing there can be forged.
    A form from here that comes too late is carried to where it can be pressed again.
    """
    session = request.get(SESSION)
    if session is not None:
        parts.refuse_for_another(request, session)
    if request.method in _READING or request.path.startswith(API):
        return await handler(request)
    if not _from_here(request):
        raise web.HTTPForbidden
    # what is too large ends here, and what cannot be seen does not come in
    request._post = _seen(await request.post())
    try:
        return await _too_late(request) or await handler(request)
    finally:
        if request.content_type == "multipart/form-data":
            await _close_files(request)


def _seen(form: MultiDictProxy[Any]) -> MultiDictProxy[Any]:
    """Return a form whose texts hold nothing that cannot be seen; a password is taken as typed."""
    return MultiDictProxy(MultiDict(
        (name, one if name in _PASSWORDS else all_visible(one)) for name, one in form.items()
    ))  # fmt: skip


async def _close_files(request: web.Request) -> None:
    """Let go of what was uploaded: a file not closed stays on the disk until it is collected."""
    for value in (await request.post()).values():
        if isinstance(value, web.FileField):
            value.file.close()


def _from_here(request: web.Request) -> bool:
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    return bool(origin) and urlsplit(origin).netloc.lower() == request.host.lower()


async def _too_late(request: web.Request) -> web.Response | None:
    """Return what is answered to a form that nobody is logged in for; None: it may go on.

    Raises the way back, or 403, for one filled in under another login or for another town; of
    one that nobody has pressed, a script having sent it, only that it is so (`parts.Stale`).
    """
    session = request.get(SESSION) or request.get(HALF)
    if session is None:
        carried = await resuming.carry(request)
        if carried is None or parts.asked(request):
            return None
        return resuming.log_in_again(request, carried)
    token = str((await request.post()).get("csrf", ""))
    right = hmac.compare_digest(token.partition(".")[0].encode(), session.csrf.encode())
    mark = carrying.marked(token)
    if not right or (mark and mark[1] != session.actor.entity_id and request.path != "/commune"):
        if parts.asked(request):
            raise parts.Stale(parts.MOVED if right else parts.SINCE)
        raise await resuming.show_again(request, session)
    request.app[resuming.WAITING].pressed(session, request.path)
    return None
