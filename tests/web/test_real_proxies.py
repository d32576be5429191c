"""nginx and Caddy themselves, with the guide's own words, in front of the pages."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector
from aiohttp.test_utils import TestServer

from gateway import certificates
from tests.tools import require
from tests.web.gatehouse import PASSWORD, furnished
from tests.web.test_proxies import examples
from web.app import create_app

pytestmark = pytest.mark.real_time
NAME = "alerte.la-redorte.example"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def nginx(folder: Path, port: int, page: int) -> list[str]:
    """Return how to run nginx on the guide's example, its ports and files replaced."""
    signer = certificates.authority("X", (NAME,))
    made = certificates.server(signer, (NAME,), 1.8e9)
    (folder / "cert.pem").write_bytes(made.certificate)
    (folder / "key.pem").write_bytes(made.key)
    text = examples()["nginx"].replace("listen 443", f"listen 127.0.0.1:{port}")
    text = re.sub(r"/etc/letsencrypt/\S*fullchain.pem", str(folder / "cert.pem"), text)
    text = re.sub(r"/etc/letsencrypt/\S*privkey.pem", str(folder / "key.pem"), text)
    text = text.replace("127.0.0.1:8080", f"127.0.0.1:{page}")
    places = "".join(f"{one}_temp_path {folder}/{one};" for one in
                     ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log stderr; events {{}}"
        f" http {{ access_log off; {places} {text} }}"
    )
    return [require("nginx", "nginx-light"), "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, port: int, page: int) -> list[str]:
    """Return how to run Caddy on the guide's example, with a certificate of its own."""
    text = examples()["caddy"].replace(NAME + " {", f"{NAME}:{port} {{\n    bind 127.0.0.1")
    text = text.replace("127.0.0.1:8080", f"127.0.0.1:{page}")
    ours = "{\nadmin off\nlocal_certs\nskip_install_trust\nauto_https disable_redirects\n}\n"
    (folder / "Caddyfile").write_text(f"{ours}{text}")
    return [require("caddy"), "run", "--config", str(folder / "Caddyfile"),
            "--adapter", "caddyfile"]  # fmt: skip


@asynccontextmanager
async def running(
    command: list[str], folder: Path, port: int, tls: ssl.SSLContext
) -> AsyncIterator[None]:
    """Run a proxy until the block ends; it is up once its certificate is, after its port."""
    env = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "PATH": "/usr/bin:/usr/sbin"}
    process = await asyncio.create_subprocess_exec(
        *command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(20):
            while True:
                try:
                    _, writer = await asyncio.open_connection(
                        "127.0.0.1", port, ssl=tls, server_hostname=NAME
                    )
                except OSError:  # nobody there, or no certificate yet
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    break
        yield
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.parametrize("make", [nginx, caddy])
async def test_people_come_in_through_the_guides_proxy(tmp_path: Path, make) -> None:  # type: ignore[no-untyped-def]
    """Their cookie is guarded, their form is ours, and what they claim to be is not believed."""
    async with furnished(tmp_path) as (town, _, _):
        app = create_app(town.services, secure_cookies=False, proxies=("127.0.0.1/32",))
        server = TestServer(app)
        await server.start_server()
        port = free_port()
        blind = ssl.create_default_context()
        blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
        async with (
            running(make(tmp_path, port, server.port), tmp_path, port, blind),
            ClientSession(connector=TCPConnector(ssl=blind)) as client,
            client.post(
                f"https://127.0.0.1:{port}/connexion", server_hostname=NAME,
                data={"login": "maire", "password": PASSWORD}, allow_redirects=False,
                headers={"Host": NAME, "Origin": f"https://{NAME}",
                         "X-Forwarded-For": "203.0.113.66"},
            ) as answer,
        ):  # fmt: skip
            cookie = answer.headers.get("Set-Cookie", "")
        await server.close()

    assert answer.status == 303
    assert cookie.startswith("__Host-tocsin=")


@pytest.mark.parametrize("name", ["wgboitier", "wgtelephone"])
def test_wireguards_own_tool_reads_the_guides_example(tmp_path: Path, name: str) -> None:
    """Each end, as ``wg-quick`` takes it apart."""
    tool = require("wg-quick", "wireguard-tools")
    (tmp_path / "wg0.conf").write_text(examples()[name])
    (tmp_path / "wg0.conf").chmod(0o600)
    told = subprocess.run(
        [tool, "strip", str(tmp_path / "wg0.conf")], capture_output=True, text=True, check=True
    )

    assert "PrivateKey" in told.stdout
    assert "AllowedIPs" in told.stdout
    assert "Address" not in told.stdout  # wg-quick's own word, taken out for wg
