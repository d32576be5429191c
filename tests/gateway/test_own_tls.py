"""The box's own authority: what it may vouch for, and that its certificate renews itself."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway import callsigns, certificates, web_door
from gateway.certificates import Issued
from gateway.config import Config, TownSettings, WebSettings
from gateway.errors import ConfigError
from gateway.upkeep import look_page
from gateway.upkeep.doctor import worst
from gateway.upkeep.findings import Level
from gateway.web_tls import WebTls

NOW = dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC).timestamp()
NAMES = ("alerte.la-redorte.example", "tocsin", "tocsin.local", "192.168.1.5", "127.0.0.1")
DAY = 86400.0


class FixedClock:
    def __init__(self, at: float) -> None:
        self.at = at

    def now(self) -> float:
        return self.at


def town(folder: Path, **web: Any) -> Config:
    settings = WebSettings(**{"listen": "0.0.0.0:8443", **web})
    return Config(data_dir=folder, town=TownSettings(name="La Redorte"), web=settings)


def made(folder: Path, names: tuple[str, ...] = NAMES, at: float = NOW, **web: Any) -> WebTls:
    tls = WebTls(town(folder, **web), FixedClock(at), lambda _: names)
    tls.load(at)
    return tls


def leaf(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / "tls/server.pem").read_bytes())


def test_the_authority_vouches_for_the_box_and_for_nothing_else() -> None:
    """Whoever steals it cannot be the bank, nor make another authority."""
    found = x509.load_pem_x509_certificate(certificates.authority("La Redorte", NAMES).certificate)
    limits = found.extensions.get_extension_for_class(x509.NameConstraints)
    basic = found.extensions.get_extension_for_class(x509.BasicConstraints)
    permitted = limits.value.permitted_subtrees or ()

    assert limits.critical
    assert basic.critical
    assert basic.value.path_length == 0
    assert {one.value for one in permitted if isinstance(one, x509.DNSName)} == set(NAMES[:3])
    assert all(one.value.is_private or str(one.value) == "100.64.0.0/10"
               for one in permitted if isinstance(one, x509.IPAddress))  # fmt: skip


@pytest.mark.parametrize(
    ("names", "good"),
    [
        (("tocsin",), True), (("www.tocsin",), True), (("10.9.8.7", "fd00::5"), True),
        (("banque.example",), False), (("xtocsin",), False), (("8.8.8.8",), False),
    ],
)  # fmt: skip
def test_a_new_address_of_the_house_is_covered_a_strange_name_is_not(
    names: tuple[str, ...], good: bool
) -> None:
    """The box moves within its network without anybody installing anything again."""
    assert certificates.covers(certificates.authority("X", NAMES).certificate, names) == good


def test_the_keys_are_for_the_service_alone(tmp_path: Path) -> None:
    """0600, in a folder of 0700."""
    made(tmp_path)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "tls").iterdir()}
    assert modes == dict.fromkeys(("authority.key", "authority.crt", "server.pem"), 0o600)
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("days", "names", "renewed"),
    [
        (0, NAMES, False), (130, NAMES, False), (140, NAMES, True), (4000, NAMES, True),
        (1, (*NAMES, "192.168.1.77"), True), (1, NAMES[:-2], True),
    ],
)  # fmt: skip
def test_the_certificate_renews_before_its_end_and_when_names_change(
    tmp_path: Path, days: float, names: tuple[str, ...], renewed: bool
) -> None:
    """Nobody thinks of it; the authority that people installed stays the same."""
    made(tmp_path)
    before, authority = leaf(tmp_path), (tmp_path / "tls/authority.crt").read_bytes()
    made(tmp_path, names, NOW + days * DAY)
    after = leaf(tmp_path)

    assert (before != after) == renewed
    assert (tmp_path / "tls/authority.crt").read_bytes() == authority
    assert after.not_valid_after_utc.timestamp() > NOW + (days + 59) * DAY


def test_a_new_name_outside_makes_a_new_authority_with_the_same_key(tmp_path: Path) -> None:
    """It must be installed again; the page goes on meanwhile."""
    made(tmp_path)
    key, old = [(tmp_path / "tls" / f"authority.{end}").read_bytes() for end in ("key", "crt")]
    made(tmp_path, ("alerte.rieux.example", *NAMES))
    new = (tmp_path / "tls/authority.crt").read_bytes()

    assert (tmp_path / "tls/authority.key").read_bytes() == key
    assert new != old
    assert certificates.covers(new, ("alerte.rieux.example",))


@pytest.mark.parametrize("at", [0.0, NOW])
def test_a_box_without_a_clock_still_has_a_certificate_for_today(tmp_path: Path, at: float) -> None:
    """A certificate of 1970 would shut everybody out until the network tells the time."""
    made(tmp_path, at=at)
    soon = certificates.EARLIEST_TRUSTED + 10 * DAY if at == 0 else NOW

    assert leaf(tmp_path).not_valid_before_utc.timestamp() < soon
    assert leaf(tmp_path).not_valid_after_utc.timestamp() > soon
    made(tmp_path, at=NOW)
    assert leaf(tmp_path).not_valid_after_utc.timestamp() > NOW + 59 * DAY


@pytest.mark.parametrize("name", ["server.pem", "authority.crt", "authority.key"])
def test_a_damaged_file_is_made_again(tmp_path: Path, name: str) -> None:
    """A power cut in the middle of a disk must not close the page."""
    made(tmp_path)
    (tmp_path / "tls" / name).write_bytes(b"\0" * 100)
    made(tmp_path, at=NOW + 150 * DAY)

    signer = (tmp_path / "tls/authority.crt").read_bytes()
    server = (tmp_path / "tls/server.pem").read_bytes()
    assert certificates.is_current(server, signer, NAMES, NOW + 150 * DAY)


def test_the_machines_own_addresses_are_found(tmp_path: Path) -> None:
    """As Linux writes them; those of the whole internet only when somebody asks."""
    (tmp_path / "fib_trie").write_text(
        "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 192.168.1.5\n        /32 host LOCAL\n"
        "     |-- 192.168.1.0\n        /24 link UNICAST\n     |-- 203.0.113.7\n"
        "        /32 host LOCAL\n     |-- 10.8.0.1\n        /32 host LOCAL\n"
    )
    (tmp_path / "if_inet6").write_text(
        "fd000000000000000000000000000002 02 40 00 80 eth0\n"
        "fe800000000000000000000000000001 02 40 20 80 eth0\n"
        "20010db8000000000000000000000001 02 40 00 00 eth0\n"
    )
    found = callsigns.names(("Alerte.Exemple.fr", "203.0.113.7"), tmp_path)

    assert found[:2] == ("alerte.exemple.fr", "203.0.113.7")
    assert {"localhost", "192.168.1.5", "10.8.0.1", "127.0.0.1", "fd00::2"} <= set(found)
    assert not {"192.168.1.0", "fe80::1", "2001:db8::1"} & set(found)


def test_this_very_machine_is_called_something() -> None:
    """Read without asking the network."""
    assert {"localhost", "127.0.0.1"} <= set(callsigns.names())


async def test_the_page_looks_again_each_minute_and_survives_a_bad_look(tmp_path: Path) -> None:
    """The town's network gives the box another address on a Sunday."""
    names: list[tuple[str, ...]] = [(*NAMES, "192.168.1.77")]

    def called(_: object) -> tuple[str, ...]:
        if not names:
            raise OSError("the disk is away for a moment")
        return names.pop()

    made(tmp_path)
    tls = WebTls(town(tmp_path), FixedClock(NOW), called)
    watching = asyncio.create_task(tls.watch())
    await asyncio.sleep(61)
    first = leaf(tmp_path)
    await asyncio.sleep(60)
    names.append(NAMES)
    await asyncio.sleep(60)
    second = leaf(tmp_path)
    watching.cancel()

    assert "192.168.1.77" in addresses(first)
    assert "192.168.1.77" not in addresses(second)


def addresses(certificate: x509.Certificate) -> list[str]:
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return [str(one) for one in found.value.get_values_for_type(x509.IPAddress)]


def site_files(folder: Path, name: str = "alerte.example") -> tuple[Path, Path]:
    """Write a site's own certificate, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begin = dt.datetime.fromtimestamp(NOW - DAY, dt.UTC)
    built = (
        x509.CertificateBuilder().subject_name(called).issuer_name(called)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(begin).not_valid_after(begin + dt.timedelta(days=90))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    paths = folder / "site.crt", folder / "site.key"
    paths[0].write_bytes(built.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    return paths


def test_the_sites_files_are_used_and_read_again_when_they_change(tmp_path: Path) -> None:
    """Certbot changes them every two months, and restarts nothing."""
    certificate, key = site_files(tmp_path)
    tls = made(tmp_path, certificate=certificate, key=key)
    seen = tls._seen
    tls.load(NOW)
    same = tls._seen
    site_files(tmp_path)
    tls.load(NOW)

    assert seen is same
    assert tls._seen != seen
    assert tls.authority() is None
    assert not (tmp_path / "tls").exists()


def test_files_that_do_not_go_together_are_named_with_the_mend(tmp_path: Path) -> None:
    """A certificate with the key of another would end every connection in silence."""
    certificate, _ = site_files(tmp_path)
    (tmp_path / "other").mkdir()
    _, key = site_files(tmp_path / "other")

    with pytest.raises(ConfigError, match="vérifiez que l'un va avec l'autre"):
        made(tmp_path, certificate=certificate, key=key)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"certificate": "/x"}, "vont ensemble"), ({"names": ("a b",)}, "nom de machine"),
        ({"trusted_proxies": ("x",)}, "adresse IP"),
        ({"trusted_proxies": ("0.0.0.0/0",)}, "entier"),
    ],
)  # fmt: skip
def test_a_wrong_key_of_the_page_says_what_to_do(keys: dict[str, Any], said: str) -> None:
    """At the first start, not at the first visitor."""
    with pytest.raises(ValueError, match=said):
        WebSettings(**keys)


@pytest.mark.parametrize(
    ("listen", "address"),
    [("127.0.0.1:8080", "http://127.0.0.1:8080"), ("10.8.0.1:8443", "https://10.8.0.1:8443"),
     ("0.0.0.0:8443", "https://tocsin.example:8443"), ("[fd00::1]:8443", "https://[fd00::1]:8443")],
)  # fmt: skip
def test_beyond_the_machine_itself_the_page_is_encrypted(listen: str, address: str) -> None:
    """Passwords never travel in clear."""
    assert WebSettings(listen=listen, names=("tocsin.example",)).address == address


@asynccontextmanager
async def served(tls: WebTls | None, **web_keys: Any) -> AsyncIterator[int]:
    async def hello(request: web.Request) -> web.Response:
        return web.Response(text=request.scheme)

    app = web.Application()
    app.router.add_get("/", hello)
    settings = WebSettings(**{"listen": "127.0.0.1:0", **web_keys})
    async with web_door.opened(app, settings, tls.context if tls else None) as port:
        yield port


def real_now() -> float:
    return dt.datetime.now(dt.UTC).timestamp()


def trusting(authority: bytes) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=authority)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


async def visited(port: int, trust: ssl.SSLContext, name: str = "localhost") -> tuple[str, bytes]:
    """Return what the page says, and the certificate it showed, checked by Python's own client."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=trust, server_hostname=name
    )
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    said = await reader.read()
    writer.close()
    return said.rpartition(b"\r\n")[2].decode(), shown


@pytest.mark.real_time
async def test_a_browser_that_trusts_the_authority_is_let_in_before_and_after_a_renewal(
    tmp_path: Path,
) -> None:
    """By name and by address, over real TLS, without a restart; a wrong name is refused."""
    now = real_now()
    clock = FixedClock(now - 150 * DAY)
    config, names = town(tmp_path), [*NAMES, "localhost"]
    tls = WebTls(config, clock, lambda _: tuple(names))
    tls.load(clock.at)
    view = tls.authority()
    assert view is not None
    trust = trusting(view.der)
    async with served(tls) as port:
        first = await visited(port, trust)
        by_address = await visited(port, trust, "127.0.0.1")
        clock.at = now
        names.append("192.168.1.77")
        tls.load(clock.at)
        second = await visited(port, trust)
        third = await visited(port, trust, "192.168.1.77")
        with pytest.raises(ssl.SSLError):
            await visited(port, trust, "banque.example")
        with pytest.raises(ssl.SSLError):
            await visited(port, ssl.create_default_context())

    assert first[0] == second[0] == "https"
    assert first[1] == by_address[1] != second[1]
    assert second[1] == third[1]


@pytest.mark.real_time
async def test_a_stolen_authority_cannot_be_another_site(tmp_path: Path) -> None:
    """The limit is kept by who verifies: here OpenSSL, as in every browser."""
    signer = certificates.authority("X", NAMES)
    forged: Issued = certificates.server(signer, ("banque.example",), real_now())
    (tmp_path / "forged.pem").write_bytes(forged.key + forged.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "forged.pem")
    tls = WebTls(town(tmp_path), FixedClock(NOW), lambda _: NAMES)
    tls.context = context
    async with served(tls) as port:
        with pytest.raises(ssl.SSLError, match="permitted subtree violation"):
            await visited(port, trusting(certificates.der(signer.certificate)), "banque.example")


@pytest.mark.real_time
async def test_the_page_listens_at_an_address_that_is_not_there_yet(tmp_path: Path) -> None:
    """WireGuard's comes up after us at boot."""
    async with served(made(tmp_path), listen="10.99.88.77:0") as port:
        assert port > 0


@pytest.mark.real_time
async def test_a_port_that_is_taken_is_named_with_its_holder() -> None:
    """And what to do about it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match="est tenu par"):
            async with served(None, listen=f"127.0.0.1:{taken.getsockname()[1]}"):
                await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("days", "level"), [(0, Level.GOOD), (80, Level.WARNING), (95, Level.FAULT)]
)
def test_the_doctor_sees_a_certificate_that_nobody_renews(
    tmp_path: Path, days: float, level: Level
) -> None:
    """Before the browsers do."""
    certificate, key = site_files(tmp_path)
    config = town(tmp_path, certificate=certificate, key=key)

    assert worst(look_page.certificate(config, NOW + days * DAY)) is level


def test_the_doctor_sees_a_page_without_its_certificate(tmp_path: Path) -> None:
    """And is content with a page of the machine alone, or one whose certificate is made."""
    assert worst(look_page.certificate(town(tmp_path), NOW)) is Level.FAULT
    assert worst(look_page.certificate(town(tmp_path, listen="[::1]:80"), NOW)) is Level.GOOD
    made(tmp_path)
    assert worst(look_page.certificate(town(tmp_path), NOW)) is Level.GOOD


def test_private_means_private() -> None:
    """No network of the internet slips in."""
    assert not any(ipaddress.ip_address("8.8.8.8") in network for network in certificates.PRIVATE)
