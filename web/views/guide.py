"""The help pages, and the choice of language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from gateway.services import Right
from web import guides, resuming
from web.pages import LANGUAGES
from web.replies import elsewhere, page, session_of
from web.roles import abilities
from web.texts import N_

ROUTES = web.RouteTableDef()

#: Address, file in ``web/help``, title.
PAGES: Final = {
    "utilisateur": ("user.html", N_("Guide de l'utilisateur")),
    "technicien": ("technician.html", N_("Guide du technicien")),
}
#: What whoever follows a link of a guide must be able to do; else its words stay without it.
_NEEDS: Final = {
    "/premier-essai": Right.WRITE, "/papier": Right.WRITE, "/alerter": Right.LAUNCH,
    "/journal": Right.AUDIT, "/compte/personnes": Right.SETTINGS, "/api": Right.SETTINGS,
    "/api/v1/openapi.json": Right.SETTINGS,
}  # fmt: skip
_YEAR: Final = 365 * 24 * 3600


@ROUTES.get("/aide")
async def index(request: web.Request) -> web.Response:
    """List the guides, or what they say of the words asked for."""
    session_of(request)
    asked = request.query.get("q", "")[:100].strip()
    found = _searched(guides.search, asked)
    near = found == [] and asked != ""
    return page(
        request, "help.html", guides=PAGES, asked=asked, near=near,
        found=_searched(guides.nearest, asked) if near else found,
    )  # fmt: skip


def _searched(
    search: Callable[[str, str], list[guides.Found]], asked: str
) -> list[tuple[str, str, list[guides.Found]]]:
    """Return (address, title, sections) of each guide in which something is found."""
    everywhere = [(name, title, search(file, asked)) for name, (file, title) in PAGES.items()]
    return [one for one in everywhere if one[2]]


@ROUTES.get(r"/aide/images/{picture:[a-z-]+\.webp}")
async def picture(request: web.Request) -> web.FileResponse:
    """Hand out a picture of the guides, and nothing else of their folder."""
    session_of(request)
    path = guides.PICTURES / request.match_info["picture"]
    if not path.is_file():
        raise web.HTTPNotFound
    # told by us: Python 3.11 does not know what WebP is
    return web.FileResponse(path, headers={hdrs.CONTENT_TYPE: "image/webp"})


@ROUTES.get("/aide/{name}")
async def guide(request: web.Request) -> web.Response:
    """Show one guide."""
    session = session_of(request)
    file, title = PAGES.get(request.match_info["name"], ("", ""))
    if not file:
        raise web.HTTPNotFound
    answer = page(
        request,
        "guide.html",
        body=guides.linked(
            file,
            {path for path, right in _NEEDS.items() if right not in abilities(session.actor.role)},
        ),
        heading=title,
        sections=guides.sections(file),
    )
    answer.headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
    answer.enable_compression()  # long, and without a word of whoever asks: see `web.assets`
    return answer


@ROUTES.get("/langue/{code}")
async def language(request: web.Request) -> web.Response:
    """Remember the language, then return where the reader was."""
    code = request.match_info["code"]
    if code not in LANGUAGES:
        raise web.HTTPNotFound
    back = urlsplit(request.headers.get("Referer", ""))
    here = back.netloc == request.host and back.path.startswith("/")
    answer = web.HTTPSeeOther(back.path if here and not back.path.startswith("//") else "/")
    answer.set_cookie("langue", code, max_age=_YEAR, httponly=True, samesite="Lax")
    raise answer


@ROUTES.get("/")
async def home(request: web.Request) -> web.Response:
    """Send everybody to the first page of their menu, or to the form they had left."""
    raise elsewhere(await resuming.onward(request, session_of(request)))
