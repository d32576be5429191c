"""A black-box scanner over the running site, as administrator, secretary and stranger: no hole."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.services import Browser, Draft
from tests.benchmarks.conftest import Figures
from tests.web.real import RealTown, real_town
from tests.web.site import Site, site

pytestmark = [pytest.mark.bench, pytest.mark.real_time, pytest.mark.timeout(1200)]
#: What it tries: scripts in fields, SQL by errors and by time, files, commands, redirections,
#: XML, server-side requests, line breaks in headers, cookies, policies.
MODULES = (
    "xss,permanentxss,sql,timesql,file,exec,redirect,xxe,ssrf,crlf,csrf,cookieflags,csp,"
    "http_headers,upload,methods"
)
#: Leads out, or ends what the scan stands on.
NOT_THERE = ("/deconnexion", "/langue/en", "/langue/fr", "/reglages/fermer", "/compte/sessions")
#: True of plain HTTP on loopback alone, which is all it sees: under TLS both are set, and tested
#: (tests/web/test_security.py).
_OF_TLS = ("Strict-Transport-Security", "Secure flag")
#: The login form has no session to carry a token of: that it came from here is told by the
#: browser alone, and tested (`test_another_site_cannot_log_somebody_in`).
_OF_LOGIN = ("POST", "/connexion", "Lack of anti CSRF token")


def _wapiti() -> str:
    """Return the scanner, installed once into an environment of its own: it brings a proxy."""
    home = Path(__file__).resolve().parents[2] / "var" / "wapiti"
    program = home / "bin" / "wapiti"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        pip = [str(home / "bin" / "pip"), "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "wapiti3==3.2.3"], check=True)
    return str(program)


async def scanned(browser: Site, token: str, folder: Path, start: str) -> dict[str, Any]:
    """Scan as whoever ``token`` is of, empty for a stranger, from the page ``start`` on."""
    report = folder / "wapiti.json"
    cookie = ["-H", f"Cookie: tocsin={token}"] if token else []
    skipped = [part for path in NOT_THERE for part in ("-x", f"{browser.origin}{path}*")]
    process = await asyncio.create_subprocess_exec(
        _wapiti(), "-u", f"{browser.origin}{start}", "--scope", "domain", "-m", MODULES, *cookie,
        "-H", f"Origin: {browser.origin}", "-H", f"Referer: {browser.origin}/",
        "--max-scan-time", "240", "--max-attack-time", "25", "--max-links-per-page", "60",
        "--flush-session", "-f", "json", "-o", str(report), *skipped,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    await process.wait()
    found: dict[str, Any] = json.loads(await asyncio.to_thread(report.read_text))
    return found


#: Who scans: from which page on, and how many pages that is at least.
SCANS = {
    "administrator": ("/messages", 20), "sender": ("/messages", 15), "stranger": ("/connexion", 2),
}  # fmt: skip


async def scan(folder: Path, who: str) -> dict[str, Any]:
    async with real_town(folder) as town, site(cast("Any", town)) as browser:
        draft = Draft("Essai.", group_ids=(1,), channels=("sms",), urgency="vital")
        await town.services.ready.keep(town.actor, "Crue", draft)
        await town.services.sending.send(town.actor, draft)
        return await scanned(browser, await token_of(town, who), folder, SCANS[who][0])


async def token_of(town: RealTown, who: str) -> str:
    if who == "administrator":
        return town.accounts.session.token
    if who == "stranger":
        return ""
    accounts = town.services.accounts
    await accounts.add(who, "Sylvie Puig", "le vent se lève à midi", who)
    return (await accounts.log_in(who, "le vent se lève à midi", Browser("scan"))).token


@pytest.mark.parametrize("who", SCANS)
def test_the_scanner_finds_no_hole(tmp_path: Path, figures: Figures, who: str) -> None:
    """Every page and form it reaches by itself, with what attackers send."""
    report = asyncio.run(scan(tmp_path, who))
    holes = {
        kind: [f"{one['method']} {one['path']} {one['parameter']}: {one['info']}" for one in listed
               if not any(word in one["info"] for word in _OF_TLS)
               and (one["method"], one["path"], one["info"]) != _OF_LOGIN]
        for part in ("vulnerabilities", "anomalies")
        for kind, listed in report[part].items()
    }  # fmt: skip
    found = {kind: listed for kind, listed in holes.items() if listed}
    reached = report["infos"].get("crawled_pages_nbr", 0)
    figures.add(f"scanner, {who}: pages it reached", reached, least=SCANS[who][1])
    figures.add(f"scanner, {who}: holes found", sum(map(len, found.values())), most=0)

    assert found == {}
