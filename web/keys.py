"""Typed keys under which the application and its requests carry what every view needs.

Imported by everything in `web`; imports only value types.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from gateway.services import Services, Session
from web.pages import Pages

SERVICES = web.AppKey("SERVICES", Services)
PAGES = web.AppKey("PAGES", Pages)
SECURE = web.AppKey("SECURE", bool)

#: Who asks; absent from the request of somebody not logged in.
SESSION = web.RequestKey("SESSION", Session)
#: Language of the page, ``fr`` or ``en``.
LANGUAGE = web.RequestKey("LANGUAGE", str)

#: Bytes a browser or a program may send at once: a contact list, never a film.
LARGEST: Final = 12 * 1024 * 1024
