"""What the rooms of `tocsin mail check` share: its steps, and servers of every kind."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.config import Config, RelaySettings, TownSettings
from gateway.mail.check import Step, checked
from tests.gateway.mail.relay import Relay
from tests.gateway.mail.relay import relay as scripted

ACCOUNT = "mairie@la-redorte.example"
SECRET = "ne-se-dit-pas"


def settings(port: int, **more: Any) -> RelaySettings:
    return RelaySettings(**{"host": "127.0.0.1", "port": port, "sender": ACCOUNT, **more})


async def steps(
    relay_settings: RelaySettings, *, to: str = "", wait: float = 0.0, **more: Any
) -> dict[str, Step]:
    """Walk through the check and return its steps by name."""
    config = Config(town=TownSettings(name="La Redorte"), relay=relay_settings, **more)
    walk = checked(config, to=to, wait=wait, every=0.05)
    return {step.step: step async for step in walk}


def states(found: dict[str, Step]) -> dict[str, bool | None]:
    return {name: step.ok for name, step in found.items()}


def password(folder: Path, text: str = SECRET) -> Path:
    path = folder / "password"
    path.write_text(text, encoding="utf-8")
    return path


@asynccontextmanager
async def hearing_the_end() -> AsyncIterator[None]:
    """Let each server hear that its client left: the loop ends with the test, its lines do not."""
    lines: Any = asyncio.get_running_loop()._selector.get_map()  # type: ignore[attr-defined]
    known = set(lines)
    yield
    for turn in range(3000):  # a relay told to hang never hears it
        if turn > 20 and set(lines) <= known:  # by then whoever knocked was let in
            break
        await asyncio.sleep(0)


@asynccontextmanager
async def relay(**told: str) -> AsyncIterator[Relay]:
    async with scripted(**told) as made, hearing_the_end():
        yield made


# servers that nobody here wrote


def certificate(
    folder: Path, *, name: str = "localhost", days: tuple[int, int] = (-1, 300)
) -> tuple[Path, Path]:
    """Write a certificate that vouches for itself, valid between two days from now."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(who).issuer_name(who).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days[0])).not_valid_after(now + timedelta(days[1]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, secret = folder / "relay.pem", folder / "relay.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    return pem, secret


def served(pem: Path, key: Path) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(pem, key)
    return made


class Kept:
    """What aiosmtpd's server took."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(  # noqa: N802  aiosmtpd calls it so
        self, server: SMTP, session: Any, envelope: Any
    ) -> str:
        self.mails.append(envelope.content)
        return "250 2.0.0 taken"


@asynccontextmanager
async def other_server(
    tls: ssl.SSLContext, *, implicit: bool = False
) -> AsyncIterator[tuple[int, Kept]]:
    """Run aiosmtpd's own server; under STARTTLS it wants a login, and knows one password."""
    kept = Kept()

    def judged(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == SECRET.encode())

    def made() -> SMTP:
        return SMTP(
            kept, tls_context=None if implicit else tls, require_starttls=not implicit,
            authenticator=judged, auth_required=not implicit, enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(), hostname="relay.example",
        )  # fmt: skip

    loop = asyncio.get_running_loop()
    server = await loop.create_server(made, "127.0.0.1", 0, ssl=tls if implicit else None)
    try:
        async with hearing_the_end():
            yield int(server.sockets[0].getsockname()[1]), kept
    finally:
        server.close()
