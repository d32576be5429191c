"""Behind the site's proxy the true address is seen; whoever is no proxy makes nothing up."""

from __future__ import annotations

import io
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from tests.web.fake import PASSWORD, Town
from web.app import create_app
from web.proxies import behind, is_trusted, networks, told, visitor

OURS = networks(("127.0.0.1", "192.168.1.0/28", "fd00::/8"))
GUIDE = Path("web/help/technician.html")


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "10.1.2.3, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, 192.168.1.2", "203.0.113.9"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9, <script>", "127.0.0.1"),
        ("127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("203.0.113.9", "127.0.0.1", "203.0.113.9"),
        ("203.0.113.9", "10.0.0.1, 10.0.0.2", "203.0.113.9"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("", "203.0.113.9", ""),
    ],
)
def test_the_visitor_is_the_last_address_that_is_no_proxy_of_ours(
    peer: str, forwarded: str, seen: str
) -> None:
    """What stands on the left the visitor wrote themselves."""
    assert visitor(peer, forwarded, OURS) == seen


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"X-Forwarded-Proto": "https", "X-Forwarded-Host": "alerte.example"},
         ("https", "alerte.example")),
        ({"X-Forwarded-Proto": "http, HTTPS"}, ("https", None)),
        ({"X-Forwarded-Proto": "javascript", "X-Forwarded-Host": "a b"}, (None, None)),
        ({"X-Forwarded-Host": "x.example/y"}, (None, None)),
        ({"X-Forwarded-Host": "[fd00::1]:8443"}, (None, "[fd00::1]:8443")),
    ],
)  # fmt: skip
def test_scheme_and_host_are_taken_from_a_proxy_if_they_make_sense(
    headers: dict[str, str], said: tuple[str | None, str | None]
) -> None:
    """And from nobody else."""
    assert told("127.0.0.1", headers, OURS)[1:] == said
    assert told("203.0.113.9", headers, OURS) == ("203.0.113.9", None, None)


def test_an_address_that_is_none_is_no_proxy() -> None:
    """A Unix socket, or nothing at all."""
    assert not is_trusted("", OURS)
    assert not is_trusted("proxy", OURS)


async def seen_by_a_view(headers: dict[str, str], proxies: tuple[str, ...]) -> str:
    async def say(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.remote} {request.scheme} {request.host}")

    app = web.Application(middlewares=[behind(networks(proxies))])
    app.router.add_get("/", say)
    async with TestClient(TestServer(app)) as client:
        return await (await client.get("/", headers={"Host": "tocsin", **headers})).text()


LIES = {
    "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "x.example",
}  # fmt: skip


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [((), "127.0.0.1 http tocsin"), (("10.0.0.0/8",), "127.0.0.1 http tocsin"),
     (("127.0.0.1",), "203.0.113.9 https x.example")],
)  # fmt: skip
async def test_a_stranger_cannot_pass_for_somebody_else(
    proxies: tuple[str, ...], seen: str
) -> None:
    """Or they would guess passwords under a thousand addresses."""
    assert await seen_by_a_view(LIES, proxies) == seen


async def test_a_file_sent_through_a_proxy_is_closed_again() -> None:
    """A box that runs for years must not collect open files."""
    kept: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        kept.append((await request.post())["file"])
        return web.Response()

    app = web.Application(middlewares=[behind(networks(("127.0.0.1",)))])
    app.router.add_post("/", take)
    async with TestClient(TestServer(app)) as client:
        await client.post("/", data={"file": io.BytesIO(b"x" * 100)}, headers=LIES)
        await client.get("/")  # the first is over by now

    assert kept[0].file.closed


def examples() -> dict[str, str]:
    """Return the configuration examples of the technician's guide, by their language."""
    found = re.findall(
        r'<pre id="exemple-(\w+)"><code>(.*?)</code></pre>', GUIDE.read_text(), re.DOTALL
    )
    return {name: unescape(text) for name, text in found}


def headers_of(name: str) -> dict[str, str]:
    """Return what the proxy of an example sends for a visitor at 203.0.113.9 over TLS."""
    if name == "caddy":  # its own words for a trusted-by-nobody upstream, from its manual
        assert "reverse_proxy 127.0.0.1:8080" in examples()[name]
        return {
            "Host": "alerte.la-redorte.example", "X-Forwarded-For": "203.0.113.9",
            "X-Forwarded-Proto": "https", "X-Forwarded-Host": "alerte.la-redorte.example",
        }  # fmt: skip
    values = {
        "$host": "alerte.la-redorte.example", "$remote_addr": "203.0.113.9", "$scheme": "https",
        "$proxy_add_x_forwarded_for": "203.0.113.9",
    }  # fmt: skip
    set_ = re.findall(r"proxy_set_header +(\S+) +(\S+);", examples()[name])
    return {header: values[value] for header, value in set_ if value in values}


@pytest.mark.parametrize("name", ["nginx", "caddy"])
async def test_the_guides_proxies_let_people_in(name: str) -> None:
    """The form's origin, the cookie's guard and the address are right behind each of them."""
    town = Town()
    app = create_app(town.services, secure_cookies=False, proxies=("127.0.0.1",))
    origin = {"Origin": "https://alerte.la-redorte.example"}
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        answer = await client.post(
            "/connexion", data={"login": "sender", "password": PASSWORD},
            headers={**headers_of(name), **origin}, allow_redirects=False,
        )  # fmt: skip
        cookie = answer.headers["Set-Cookie"]

    assert answer.status == 303
    assert cookie.startswith("__Host-tocsin=")
    assert "Secure" in cookie


def test_the_guides_wireguard_example_is_whole() -> None:
    """Both ends, each with what ``wg`` wants, and the page at the tunnel's own address."""
    import configparser
    import ipaddress

    ends = {}
    for name in ("wgboitier", "wgtelephone"):
        parser = configparser.ConfigParser()
        parser.read_string(examples()[name])
        ends[name] = parser
        assert ipaddress.ip_interface(parser["Interface"]["Address"])
        assert parser["Interface"]["PrivateKey"]
        assert parser["Peer"]["PublicKey"]
        for network in parser["Peer"]["AllowedIPs"].split(","):
            assert ipaddress.ip_network(network.strip())
    box = ipaddress.ip_interface(ends["wgboitier"]["Interface"]["Address"]).ip

    assert f'listen = "{box}:8443"' in GUIDE.read_text()
    assert box in ipaddress.ip_network(ends["wgtelephone"]["Peer"]["AllowedIPs"])
    assert ends["wgtelephone"]["Peer"]["Endpoint"].endswith(
        f":{ends['wgboitier']['Interface']['ListenPort']}"
    )
