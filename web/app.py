"""The web application: which address shows which page.

Job: wiring. Imported by `gateway.daemon` and tests.
"""

from __future__ import annotations

from aiohttp import web

from gateway.services import Services
from web import errors, live, security
from web.keys import LARGEST, PAGES, SECURE, SERVICES
from web.pages import STATIC, Pages
from web.views import (
    accounts,
    alert,
    api,
    audit,
    compose,
    contacts,
    council,
    enrolments,
    groups,
    guide,
    health,
    imports,
    inbox,
    later,
    launching,
    mail,
    messages,
    modems,
    orders,
    persons,
    reports,
    rounds,
    settings,
    sounds,
    telephone,
)


def create_app(services: Services, *, secure_cookies: bool) -> web.Application:
    """Return the pages over ``services``.

    ``secure_cookies`` is true under TLS; without it the application must listen on loopback only.
    """
    app = web.Application(
        client_max_size=LARGEST,
        middlewares=[errors.explain, security.recognise, security.refuse_forgeries],
    )
    app[SERVICES], app[PAGES], app[SECURE] = services, Pages(), secure_cookies
    app[live.STREAMS] = set()
    app.on_response_prepare.append(security.add_headers)
    app.on_shutdown.append(live.close_streams)
    for part in (
        accounts, alert, api, audit, compose, contacts, council, enrolments, groups, guide, health,
        imports, inbox, later, launching, mail, messages, modems, orders, persons, reports, rounds,
        settings, sounds, telephone,
    ):  # fmt: skip
        app.add_routes(part.ROUTES)
    app.router.add_static("/static", STATIC)
    return app
