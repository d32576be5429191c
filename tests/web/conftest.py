"""One browser, one site, shared by every browser test of this worker."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, async_playwright

from tests.shared import folder
from tests.tools import browser as path_of_browser
from tests.web.fake import Town
from web.app import create_app

T = TypeVar("T")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Visitor:
    """A thread with a loop of its own, in which a browser visits pages."""

    def __init__(self, loop: asyncio.AbstractEventLoop, browser: Browser) -> None:
        self._loop, self._browser = loop, browser

    def run(self, scenario: Coroutine[Any, Any, T], limit: float = 60) -> T:
        """Run ``scenario`` in the browser's thread and return what it returns.

        ``limit``: seconds it may take.
        """
        return asyncio.run_coroutine_threadsafe(scenario, self._loop).result(limit)

    @asynccontextmanager
    async def visit(
        self, town: Town, role: str | None = "administrator", width: int = 1280,
        failing: bool = False, **options: Any,
    ) -> AsyncIterator[tuple[Page, str]]:  # fmt: skip
        """Open a page on ``town`` as ``role``; leaving fails when the console complained.

        ``failing``: requests will fail, of which the console may speak; a script's error may not.
        """
        server = TestServer(
            create_app(
                town.services, secure_cookies=False,
                authority=getattr(town, "authority", lambda: None), compiled=folder("pages"),
            )
        )  # fmt: skip
        await server.start_server()
        context = await self._browser.new_context(
            viewport={"width": width, "height": 900}, locale="fr-FR", **options
        )
        here = f"http://{server.host}:{server.port}"
        if role is not None:
            token = town.accounts.open(role).token
            await context.add_cookies([{"name": "tocsin", "value": token, "url": here}])
        page = await context.new_page()
        complaints: list[str] = []
        if not failing:
            page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        try:
            yield page, here
        finally:
            await context.close()
            await server.close()
        assert complaints == [], complaints


@pytest.fixture(scope="session")
def visitor() -> Iterator[Visitor]:
    """Return the shared browser, started once."""
    executable = path_of_browser()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="browser")
    thread.start()

    async def start() -> tuple[Any, Browser]:
        playwright = await async_playwright().start()
        return playwright, await playwright.chromium.launch(
            executable_path=executable, args=ARGUMENTS
        )

    async def stop(playwright: Any, browser: Browser) -> None:
        await browser.close()
        await playwright.stop()

    playwright, browser = asyncio.run_coroutine_threadsafe(start(), loop).result(60)
    try:
        yield Visitor(loop, browser)
    finally:
        asyncio.run_coroutine_threadsafe(stop(playwright, browser), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
