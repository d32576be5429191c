"""The parts of a page that its script asks for, and what is said where one cannot be had.

Job: a part comes for the page that asks, or not at all: never a whole page inside another, never
what belongs to another town or another login than the page on the screen. What a script asks for
changes neither the session nor its town, for nobody has pressed anything. Imported by `web.errors`,
`web.replies`, `web.security` and `web.views`.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from gateway.services import Sentence, Session
from web import carrying
from web.keys import LANGUAGE
from web.pages import said as in_words
from web.pages import translations
from web.texts import N_

#: What htmx says of every request of its own.
_ASKED: Final = "HX-Request"
#: For whom and for which town the page was made that asks; `templates/base.html` writes it.
_MADE_FOR: Final = "X-Page"

ENDED: Final = N_("Votre connexion a pris fin.")
SINCE: Final = N_("Vous vous êtes reconnecté dans une autre fenêtre.")
MOVED: Final = N_("Dans une autre fenêtre, vous agissez maintenant pour une autre commune.")


class Stale(Exception):
    """The page that asks was made for another login or another town."""

    def __init__(self, why: Sentence) -> None:
        """``why``: the sentence that says which."""
        super().__init__(why)
        self.why = why


def asked(request: web.Request) -> bool:
    """Tell whether a script asks for a part of a page."""
    return request.headers.get(_ASKED) == "true"


def refuse_for_another(request: web.Request, session: Session) -> None:
    """Raise `Stale` when the page that asks was made for another account or another town."""
    made_for = carrying.marked("." + request.headers.get(_MADE_FOR, ""))
    if made_for is None or not asked(request):
        return
    if made_for[0] != (session.actor.user_id or 0):
        raise Stale(SINCE)
    if made_for[1] != session.actor.entity_id:
        raise Stale(MOVED)


def said(request: web.Request, status: int, why: Sentence) -> web.Response:
    """Say in one plain sentence why there is no part; no script of ours puts it into a page."""
    text = in_words(translations(request.get(LANGUAGE, "fr")), why)
    return web.Response(text=text, status=status, content_type="text/plain")
