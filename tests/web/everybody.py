"""Whether everybody can use a page: no axe violation, no scrolling sideways; a picture taken."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from playwright.async_api import Page

from tests.web.test_browser import violations

WIDER = "document.documentElement.scrollWidth > window.innerWidth"


async def unusable(page: Page, here: str, paths: Iterable[str], folder: Path) -> list[str]:
    """Open each page; return what stands in somebody's way. Their pictures go into ``folder``."""
    found: list[str] = []
    for number, path in enumerate(paths):
        await page.goto(here + path)
        await page.screenshot(path=str(folder / f"page-{number}.png"), full_page=True)
        found += [f"{path}: {one}" for one in await violations(page)]
        if await page.evaluate(WIDER):
            found.append(f"{path} is wider than the window")
    return found
