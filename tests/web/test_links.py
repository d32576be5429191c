"""No page leads its reader where they may not go, or nowhere: every link of every role."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from html import unescape
from pathlib import Path

import pytest

from tests.web.site import Site
from tests.web.test_roles import ROLES, browsing, everybody

#: Files that take a while to make, and what leads away from this session: not followed.
_SPARED = re.compile(r"\.(pdf|xlsx|csv|vcf|crt|txt|css|js|svg|webp|json)\b|^/(deconnexion|langue)")
_LINK = re.compile(r'<a [^>]*?href="(/[^"#]*)')
#: An address with a number stands for all of its kind, each with another question for none.
_KIND = re.compile(r"\d+")
_MOST = 120


async def dead_ends(browser: Site) -> tuple[list[str], int]:
    """Follow every link from the home page; return those refused or missing, and how many asked."""
    waiting, seen, wrong = deque([("/", "/")]), {"/"}, []
    while waiting and len(seen) < _MOST:
        path, origin = waiting.popleft()
        async with browser.client.get(path) as answer:
            body = await answer.text()
        if answer.status >= 400:
            wrong.append(f"{origin} → {path}: {answer.status}")
            continue
        for link in map(unescape, _LINK.findall(body)):
            kind = _KIND.sub("1", link.partition("?")[0])
            if not _SPARED.search(link) and kind not in seen:
                seen.add(kind)
                waiting.append((link, path))
    return wrong, len(seen)


@pytest.mark.real_time
@pytest.mark.timeout(180)
def test_no_link_leads_where_its_reader_may_not_go(tmp_path: Path) -> None:
    """A refusal is a page nobody should see by following what was shown to them."""

    async def every_role() -> dict[str, list[str]]:
        found = {}
        async with everybody(tmp_path) as (town, sessions):
            for role in ROLES.values():
                async with browsing(town, sessions[role]) as browser:
                    wrong, asked = await dead_ends(browser)
                assert asked > 5, role
                found[role] = wrong
        return found

    assert {role: [] for role in ROLES.values()} == asyncio.run(every_role())
