"""The site as a browser without JavaScript sees it: addresses, forms, cookies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse, CookieJar
from aiohttp.test_utils import TestClient, TestServer

from tests.shared import folder
from tests.web.fake import Town
from web.app import create_app


@dataclass
class Site:
    """A browser on the site of ``town``."""

    town: Town
    client: TestClient[Any, Any]
    csrf: str = ""

    @property
    def origin(self) -> str:
        """What a browser says of a form that came from here."""
        return f"http://{self.client.server.host}:{self.client.server.port}"

    async def get(self, path: str, **options: Any) -> ClientResponse:
        """Open a page; redirections are followed unless told otherwise."""
        return await self.client.get(path, **options)

    async def text(self, path: str) -> str:
        """Return the HTML of a page that opens."""
        answer = await self.client.get(path)
        assert answer.status == 200, path
        return await answer.text()

    async def post(self, path: str, fields: Any, **options: Any) -> ClientResponse:
        """Post a form as a browser does, its token in it; redirections are not followed."""
        form = [*fields.items()] if isinstance(fields, dict) else list(fields)
        headers = {"Origin": self.origin, **options.pop("headers", {})}
        return await self.client.post(
            path, data=[("csrf", self.csrf), *form], headers=headers, allow_redirects=False,
            **options,
        )  # fmt: skip

    def enter(self, role: str) -> None:
        """Become ``role`` without the login page."""
        session = self.town.accounts.open(role)
        self.client.session.cookie_jar.update_cookies({"tocsin": session.token})
        self.csrf = session.csrf


@asynccontextmanager
async def site(
    town: Town | None = None, role: str | None = "administrator", *, secure: bool = False
) -> AsyncIterator[Site]:
    """Serve the pages of ``town`` and browse them as ``role``."""
    town = town or Town()
    app = create_app(town.services, secure_cookies=secure, compiled=folder("pages"))
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        browsing = Site(town, client)
        if role is not None:
            browsing.enter(role)
        yield browsing
