"""Typed keys under which the application and its requests carry what every view needs.

Imported by everything in `web`; imports only value types.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from gateway.services import AuthorityView, Changed, Services, Session
from web.pages import Pages

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Authority:
    """The box's own authority, as it is whenever asked; None where it has none."""

    now: Callable[[], AuthorityView | None]


SERVICES = web.AppKey("SERVICES", Services)
PAGES = web.AppKey("PAGES", Pages)
SECURE = web.AppKey("SECURE", bool)
#: Whether browsers may be told to come back by TLS only.
LASTING = web.AppKey("LASTING", bool)
AUTHORITY = web.AppKey("AUTHORITY", Authority)

#: Who asks; absent from the request of somebody not logged in.
SESSION = web.RequestKey("SESSION", Session)
#: Who has proved a password, and has something to do before they are in.
HALF = web.RequestKey("HALF", Session)
#: Set where a page says what somebody else saved meanwhile: its versions are its own.
TOLD = web.RequestKey("TOLD", Changed)
#: Language of the page, ``fr`` or ``en``.
LANGUAGE = web.RequestKey("LANGUAGE", str)

#: Bytes a browser or a program may send at once: a contact list, never a film.
LARGEST: Final = 12 * 1024 * 1024
