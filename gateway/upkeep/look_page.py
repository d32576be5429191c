"""A look at the page's certificate: there, lasting, with its key, readable to the service."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gateway import certificates
from gateway.config import Config
from gateway.credentials import place_of
from gateway.upkeep import findings
from gateway.upkeep.findings import Finding
from gateway.upkeep.readable import service_reads

#: A site's certificate with fewer days left was forgotten by what renews it.
SOON: Final = 14
#: Root's own: systemd hands the service copies of what lies here (``LoadCredential``).
_HANDED_OUT: Final = Path("/etc/tocsin/secrets")


def certificate(config: Config, now: float) -> Iterator[Finding]:
    """Tell how the page is encrypted, and for how long."""
    web = config.web
    if not web.encrypted:
        yield findings.good("page", f"la page n'écoute que sur la machine ({web.listen})")
        return
    own = config.authority / "server.pem"
    path = place_of(web.certificate) if web.certificate else own
    try:
        left = (certificates.ends(path.read_bytes()) - now) / 86400
        if web.certificate and web.key:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path, place_of(web.key))
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        mend = (
            "vérifiez web.certificate et web.key dans tocsin.toml" if web.certificate
            else "démarrez le service : il le fait lui-même"
        )  # fmt: skip
        yield findings.fault("page", f"le certificat de la page ne va pas : {error}", mend)
        return
    yield from _closed(web.certificate, web.key)
    said = f"certificat de la page : encore {left:.0f} jours"
    if left < 0:
        yield findings.fault("page", "le certificat de la page est périmé", _mend(config))
    elif left < SOON:
        yield findings.warning("page", said, _mend(config))
    else:
        yield findings.good("page", said)


def _closed(*paths: Path | None) -> Iterator[Finding]:
    """Tell the files that root reads and the service does not."""
    for path in filter(None, paths):
        if path.parent != _HANDED_OUT and not service_reads(path):
            yield findings.fault(
                "page.rights", f"le service ne peut pas lire {path}",
                f"copiez-le dans {_HANDED_OUT} (root seul) et nommez-le là dans tocsin.toml : "
                "systemd le donne au service",
            )  # fmt: skip


def _mend(config: Config) -> str:
    if config.web.certificate:
        return "renouvelez-le (certbot renew) ; Tocsin relit les fichiers de lui-même"
    return "vérifiez l'horloge, puis systemctl restart tocsin"
