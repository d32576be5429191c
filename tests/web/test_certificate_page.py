"""The box's own certificate, as somebody finds it who has none yet; and the real page over TLS."""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, TCPConnector
from aiohttp.test_utils import TestClient, TestServer

from gateway.clock import SystemClock
from gateway.config import WebSettings
from gateway.services import AuthorityView
from modem.emulator import Network
from tests.harness import running
from tests.web.fake import Town
from web.app import create_app

OWN = AuthorityView(
    b"der", "AB:CD", ("https://tocsin.local:8443", "https://192.168.1.5:8443"), b"<svg/>"
)


async def test_a_stranger_finds_the_certificate_and_how_to_install_it() -> None:
    """Before any login: without it the login itself is in doubt."""
    app = create_app(Town().services, secure_cookies=True, authority=lambda: OWN)
    async with TestClient(TestServer(app)) as client:
        said = await (await client.get("/certificat")).text()
        file = await client.get("/certificat/tocsin.crt")

        assert "AB:CD" in said
        assert "https://192.168.1.5:8443" in said
        assert all(name in said for name in ("Windows", "Firefox", "Android", "iPhone"))
        assert file.headers["Content-Type"] == "application/x-x509-ca-cert"
        assert await file.read() == b"der"


async def test_a_site_with_its_own_certificate_has_no_such_page() -> None:
    """There is nothing to install."""
    async with TestClient(TestServer(create_app(Town().services, secure_cookies=True))) as client:
        assert (await client.get("/certificat")).status == 404


@pytest.mark.parametrize("lasting", [True, False])
async def test_browsers_are_told_to_insist_on_tls_only_by_the_sites_certificate(
    lasting: bool,
) -> None:
    """With the box's own they would be shut out once it is replaced."""
    app = create_app(Town().services, secure_cookies=True, lasting=lasting)
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        headers = (await client.get("/connexion")).headers

        assert ("Strict-Transport-Security" in headers) == lasting


@pytest.mark.real_time
async def test_the_running_box_is_reached_by_tls_of_its_own(tmp_path: Path) -> None:
    """127.0.0.2 is no loopback name of ours: the box takes it for the office's network."""
    network = Network(seed=1, sms_seconds=0.01, report_seconds=0.02)
    network.add_modem("orange-1")
    settings = WebSettings(listen="127.0.0.2:0", names=("127.0.0.2",))
    async with running(tmp_path, network, page=True, web=settings, clock=SystemClock()) as town:
        here = f"https://127.0.0.2:{town.daemon.web_port}"
        code = await town.services.accounts.issue_first_code()
        await town.services.accounts.create_first(
            code or "", "maire", "Odile Roux", "crue de l'Argent-Double"
        )
        async with ClientSession(connector=TCPConnector(ssl=False)) as blind:
            said = await (await blind.get(f"{here}/certificat")).text()
            file = await (await blind.get(f"{here}/certificat/tocsin.crt")).read()
        trust = ssl.create_default_context(cadata=file)
        async with ClientSession(connector=TCPConnector(ssl=trust)) as client:
            form = {"login": "maire", "password": "crue de l'Argent-Double"}
            answer = await client.post(
                f"{here}/connexion", data=form, headers={"Origin": here}, allow_redirects=False
            )
        found = re.search(r'fingerprint"><code>([0-9A-F:]+)<', said)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await in_clear(town.daemon.web_port)

    assert found
    assert found[1].replace(":", "").lower() == hashlib.sha256(file).hexdigest()
    assert answer.status == 303
    assert answer.headers.getall("Set-Cookie")[0].startswith("__Host-tocsin=")
    assert "Strict-Transport-Security" not in answer.headers


async def in_clear(port: int) -> bytes:
    """Ask without TLS; nothing readable comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.2", port)
    writer.write(b"GET /certificat HTTP/1.1\r\nHost: x\r\n\r\n")
    try:
        return await reader.readexactly(64)
    finally:
        writer.close()
