"""Whether everybody can use a page: no axe violation, no scrolling sideways."""

from __future__ import annotations

from collections.abc import Iterable

from playwright.async_api import Page

from tests.web.test_browser import violations

WIDER = "document.documentElement.scrollWidth > window.innerWidth"


async def unusable(page: Page, here: str, paths: Iterable[str]) -> list[str]:
    """Open each page; return what stands in somebody's way."""
    found: list[str] = []
    for path in paths:
        await page.goto(here + path)
        found += [f"{path}: {one}" for one in await violations(page)]
        if await page.evaluate(WIDER):
            found.append(f"{path} is wider than the window")
    return found
