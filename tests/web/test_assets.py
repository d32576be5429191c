"""The files of the page: packed for whoever takes them so, and nothing outside the list."""

from __future__ import annotations

import gzip

import pytest

from tests.web.site import Site, site
from web.pages import STATIC


async def raw(browser: Site, path: str, takes: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body as they came, unpacked by nobody."""
    async with browser.client.get(
        path, headers={"Accept-Encoding": takes}, auto_decompress=False, allow_redirects=False
    ) as answer:
        return answer.status, dict(answer.headers), await answer.read()


async def test_a_browser_gets_the_sheet_packed() -> None:
    """A village's line is slow."""
    async with site() as browser:
        status, headers, body = await raw(browser, "/static/app.css", "gzip, deflate, br")

        assert (200, "gzip", "Accept-Encoding") == (
            status, headers["Content-Encoding"], headers["Vary"],
        )  # fmt: skip
        assert "text/css; charset=utf-8" == headers["Content-Type"]
        assert (STATIC / "app.css").read_bytes() == gzip.decompress(body)


@pytest.mark.parametrize("takes", ["", "br", "gzip;q=0", "identity"])
async def test_whoever_cannot_unpack_gets_it_plain(takes: str) -> None:
    """A refusal written as q=0 is one."""
    async with site() as browser:
        _, headers, body = await raw(browser, "/static/app.css", takes)

        assert "Content-Encoding" not in headers
        assert (STATIC / "app.css").read_bytes() == body


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/nothing.css", "/static/vendor"]
)
async def test_nothing_outside_the_list_is_handed_out(path: str) -> None:
    """Not even by a name that climbs."""
    async with site() as browser:
        status, _, _ = await raw(browser, path, "gzip")

        assert 404 == status


async def test_a_page_is_never_packed() -> None:
    """It carries the secret of its forms beside words a stranger may choose."""
    async with site() as browser:
        _, headers, _ = await raw(browser, "/messages", "gzip")

        assert "Content-Encoding" not in headers
