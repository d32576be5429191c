"""The files of the page: packed for whoever takes them so, and nothing outside the list."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any, cast
from unittest import mock

import jinja2
import pytest

from tests.web.pictures import furnish
from tests.web.real import real_town
from tests.web.site import Site, site
from web import pages
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


#: What a first visit may weigh on a village's line (octets).
LIGHT = 100_000
#: Pictures below the window wait until the reader comes near; two may be near at once.
NEAR = 2


PAGES = (
    "/aide/utilisateur", "/aide/technicien", "/messages/nouveau", "/messages/1", "/contacts",
    "/reglages", "/calendrier", "/modems", "/alerter",
)  # fmt: skip


async def test_a_first_visit_is_light(tmp_path: Path) -> None:
    """The page with its sheet, its scripts and the pictures in its window."""
    weights = {}
    async with real_town(tmp_path) as town:
        await furnish(town)
        async with site(cast("Any", town)) as browser:
            for path in PAGES:
                _, _, body = await raw(browser, path, "gzip")
                page = await browser.text(path)
                shown = re.findall(r'src="(/aide/images/[^"]+)"', page)[:NEAR]
                fetched = {*re.findall(r'(?:src|href)="(/static/[^"]+)"', page), *shown}
                parts = [(await raw(browser, one, "gzip"))[2] for one in fetched]
                weights[path] = sum(map(len, (body, *parts)))

    assert {} == {path: weight for path, weight in weights.items() if weight > LIGHT}


def test_pages_compiled_once_are_read_at_the_next_start(tmp_path: Path) -> None:
    """Compiling all of them is the longest part of a start, and an alert waits for it."""
    first, compiled = pages.Pages(tmp_path / "compiled"), tmp_path / "compiled"
    first.warm()
    kept = {file.name: file.stat().st_ino for file in compiled.iterdir()}
    pages._environment.cache_clear()
    with mock.patch.object(jinja2.Environment, "compile", side_effect=AssertionError):
        pages.Pages(compiled).warm()

    assert len(kept) > 50
    assert 0o700 == compiled.stat().st_mode & 0o777


def test_a_compiled_page_that_was_half_written_is_compiled_again(tmp_path: Path) -> None:
    """The power was cut while it was kept."""
    pages.Pages(tmp_path / "compiled").warm()
    for file in (tmp_path / "compiled").iterdir():
        file.write_bytes(file.read_bytes()[:200])
    pages._environment.cache_clear()

    pages.Pages(tmp_path / "compiled").warm()
