"""A look at the page's certificate: there, lasting, with its key, readable to the service."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Final

from gateway import certificates
from gateway.config import Config
from gateway.credentials import place_of
from gateway.upkeep import findings
from gateway.upkeep.findings import Finding
from gateway.upkeep.readable import closed

#: A site's certificate with fewer days left was forgotten by what renews it.
SOON: Final = 14


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
    for one in filter(None, (web.certificate, web.key)):
        yield from closed("page.rights", one)
    said = f"certificat de la page : encore {left:.0f} jours"
    if left < 0:
        yield findings.fault("page", "le certificat de la page est périmé", _mend(config))
    elif left < SOON:
        yield findings.warning("page", said, _mend(config))
    else:
        yield findings.good("page", said)


def _mend(config: Config) -> str:
    if config.web.certificate:
        return "renouvelez-le (certbot renew) ; Tocsin relit les fichiers de lui-même"
    return "vérifiez l'horloge, puis systemctl restart tocsin"
