"""The page's TLS: the site's certificate, or one of the box's own that renews itself.

The files are read again when they change, and names and addresses are looked at again each
minute; whoever connects next gets the new certificate, nobody is cut off.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateway import callsigns, certificates
from gateway.certificates import Issued
from gateway.clock import Clock
from gateway.config import Config
from gateway.credentials import place_of
from gateway.enrol_form import as_svg
from gateway.errors import ConfigError
from gateway.logs import log_for
from gateway.services import AuthorityView

_log = log_for(__name__)
#: How often (seconds) names, dates and files are looked at again.
LOOK: Final = 60.0


class WebTls:
    """What the page's connections are encrypted with."""

    def __init__(
        self, config: Config, clock: Clock,
        called: Callable[..., tuple[str, ...]] = callsigns.names,
    ) -> None:  # fmt: skip
        self._config, self._clock, self._called = config, clock, called
        self._folder = config.authority
        self._seen: object = None
        self._names: tuple[str, ...] = ()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2

    @property
    def is_own(self) -> bool:
        """Whether the certificate is the box's own."""
        return self._config.web.certificate is None

    def load(self, now: float) -> None:
        """Read or make the certificate; raise `ConfigError` when the site's cannot be used."""
        if self.is_own:
            self._load_own(now)
        else:
            self._load_site()

    async def watch(self) -> None:
        """Keep it current for as long as the page is open."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                await asyncio.to_thread(self.load, self._clock.now())
            except (ConfigError, OSError) as error:  # the one in use is still good
                _log.error("the page's certificate cannot be renewed", error=str(error))

    def authority(self) -> AuthorityView | None:
        """Return the box's own authority; None with the site's certificate."""
        with contextlib.suppress(OSError, ValueError):
            if self.is_own:
                return view_of(self._config, self._names)
        return None

    def _load_site(self) -> None:
        web = self._config.web
        if web.certificate is None or web.key is None:
            return
        certificate, key = place_of(web.certificate), place_of(web.key)
        try:
            seen = [(one, one.stat().st_mtime_ns, one.stat().st_ino) for one in (certificate, key)]
            if seen == self._seen:
                return
            # a certificate and the key of another would end every connection: try them apart
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
            self.context.load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"web.certificate = « {web.certificate} », web.key = « {web.key} » : {error} ; "
                "vérifiez que l'un va avec l'autre et que le service peut les lire"
            ) from None
        self._seen = seen

    def _load_own(self, now: float) -> None:
        names = self._called(self._config.web.names)
        signer = self._signer(names)
        path = self._folder / "server.pem"
        if not certificates.is_current(_read(path), signer.certificate, names, now):
            made = certificates.server(signer, names, now)
            _write(path, made.key + made.certificate)
            _log.info("the page's certificate was made", names=names)
            self._seen = None
        self._names = names
        if self._seen is None:
            self.context.load_cert_chain(path)
            self._seen = path

    def _signer(self, names: tuple[str, ...]) -> Issued:
        """Return the box's authority, made on first use, and again when it cannot vouch for us."""
        key, certificate = self._folder / "authority.key", self._folder / "authority.crt"
        known = Issued(_read(key), _read(certificate))
        whole = certificates.is_whole(known)
        if whole and certificates.covers(known.certificate, names):
            return known
        made = certificates.authority(self._config.town.name, names, known.key if whole else None)
        _write(key, made.key)
        _write(certificate, made.certificate)
        if known.key:
            _log.warning("the authority was made again: it must be installed again", names=names)
        return made


def view_of(config: Config, names: tuple[str, ...]) -> AuthorityView:
    """Return the authority as people are shown it; raise OSError while there is none."""
    found = (config.authority / "authority.crt").read_bytes()
    addresses = tuple(address_of(name, config.web.port) for name in names if _is_told(name))
    first = addresses[0] if addresses else address_of("localhost", config.web.port)
    return AuthorityView(
        certificates.der(found), certificates.fingerprint(found), addresses,
        as_svg(f"{first}/certificat"),
    )  # fmt: skip


def address_of(name: str, port: int) -> str:
    """Return where the page answers under a name or address."""
    host = f"[{name}]" if ":" in name else name
    return f"https://{host}" if port == 443 else f"https://{host}:{port}"


def _is_told(name: str) -> bool:
    return name not in {"localhost", "127.0.0.1", "::1"}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _write(path: Path, content: bytes) -> None:
    """Write a file whole, for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.part")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
