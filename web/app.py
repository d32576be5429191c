"""The web application: which address shows which page.

Job: wiring. Imported by `gateway.daemon` and tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from aiohttp import web

from gateway.services import AuthorityView, Services
from web import assets, errors, live, once, refused, resuming, security
from web.keys import AUTHORITY, LARGEST, LASTING, PAGES, SECURE, SERVICES, Authority
from web.pages import Pages
from web.proxies import behind, networks
from web.views import (
    account_care,
    accounts,
    alert,
    api,
    audit,
    certificate,
    compose,
    contacts,
    council,
    declaration,
    enrolments,
    first_try,
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
    own_account,
    paper,
    persons,
    reports,
    rounds,
    settings,
    sounds,
    telephone,
)


def create_app(
    services: Services, *, secure_cookies: bool, lasting: bool = False,
    proxies: Sequence[str] = (), authority: Callable[[], AuthorityView | None] = lambda: None,
    compiled: Path | None = None,
) -> web.Application:  # fmt: skip
    """Return the pages over ``services``.

    ``secure_cookies`` is true under TLS; without it the application must listen on loopback only.
    ``lasting``: the certificate is the site's, browsers may insist on it (HSTS). ``proxies`` are
    the addresses whose X-Forwarded headers are believed. ``authority`` is the box's own, if any.
    ``compiled`` is a folder for templates, so that a later start is quick.
    """
    app = web.Application(
        client_max_size=LARGEST,
        middlewares=[
            behind(networks(proxies)), errors.explain, security.recognise,
            security.refuse_forgeries, once.press_once, refused.fill_in_as_typed,
            resuming.fill_in_again,
        ],
    )  # fmt: skip
    app[SERVICES], app[PAGES], app[SECURE] = services, Pages(compiled), secure_cookies
    app[LASTING], app[AUTHORITY] = lasting, Authority(authority)
    app[live.STREAMS], app[resuming.WAITING] = set(), resuming.Waiting()
    app[once.PRESSES] = once.Presses()
    app.on_response_prepare.append(security.add_headers)
    app.on_shutdown.append(live.close_streams)
    for part in (
        account_care, accounts, alert, api, assets, audit, certificate, compose, contacts, council,
        declaration, enrolments, first_try, groups, guide, health, imports, inbox, later, launching,
        mail, messages, modems, orders, own_account, paper, persons, reports, rounds, settings,
        sounds, telephone,
    ):  # fmt: skip
        app.add_routes(part.ROUTES)
    return app
