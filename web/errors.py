"""Every failure becomes a page in French, with what to do. Imported by `web.app`."""

from __future__ import annotations

import logging
from typing import Any, Final

from aiohttp import web

from gateway.services import DiskFull, Merged, NotAllowed, NotHere, Refused, Sentence
from web import parts
from web.keys import Handler
from web.replies import page
from web.security import API
from web.texts import N_
from web.views import api

log = logging.getLogger(__name__)

_SAID: Final[dict[int, tuple[Sentence, Sentence]]] = {
    400: (N_("Demande incomprise"), N_("Revenez à la page précédente et recommencez.")),
    403: (
        N_("Accès refusé"),
        N_(
            "Votre compte ne donne pas accès à cette page, ou la page était restée ouverte "
            "trop longtemps. Rechargez-la, puis recommencez."
        ),
    ),
    404: (
        N_("Page introuvable"),
        N_("Cette page n'existe pas ou n'existe plus. Repartez du menu."),
    ),
    405: (N_("Demande incomprise"), N_("Cette adresse ne s'ouvre pas ainsi. Repartez du menu.")),
    413: (N_("Fichier trop lourd"), N_("Un fichier ne peut pas dépasser 12 Mo.")),
    500: (
        N_("Erreur interne"),
        N_(
            "Tocsin n'a pas pu afficher cette page. Les envois en cours continuent. "
            "Recommencez ; si l'erreur revient, prévenez votre technicien."
        ),
    ),
}


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error with a page; redirections pass."""
    try:
        return await handler(request)
    except parts.Stale as stale:
        return parts.said(request, 409, stale.why)
    except web.HTTPRedirection:
        if parts.asked(request):  # a script would put the page it is sent to into its own
            return parts.said(request, 401, parts.ENDED)
        raise
    except web.HTTPException as error:
        return _page(request, error.status)
    except Refused as refusal:
        return _refused(request, refusal)
    except DiskFull as full:
        return _said(request, 503, N_("Impossible"), full.message)
    except Exception:
        log.exception("page failed: %s %s", request.method, request.match_info.route.name)
        return _page(request, 500)


def _refused(request: web.Request, refusal: Refused) -> web.Response:
    said = refusal.message
    match refusal:
        case NotAllowed():
            return _said(request, 403, _SAID[403][0], said)
        case Merged():
            return _said(request, 404, N_("Fiche réunie"), said, merged=refusal)
        case NotHere():
            return _said(request, 404, N_("Impossible"), said)
        case _:
            return _said(request, 400, N_("Impossible"), said)


def _said(
    request: web.Request, status: int, heading: Sentence, said: Sentence, **context: Any
) -> web.Response:
    if parts.asked(request):
        return parts.said(request, status, said)
    return page(request, "error.html", status=status, heading=heading, said=said, **context)


def _page(request: web.Request, status: int) -> web.Response:
    if request.path.startswith(API):
        return api.said_of(status)
    heading, said = _SAID.get(status) or _SAID[400 if status < 500 else 500]
    return _said(request, status, heading, said)
