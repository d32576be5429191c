"""A look at where the box listens: the address is this machine's, the port is free or our own."""

from __future__ import annotations

import errno
import fcntl
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from gateway.config import Config, ListenSettings
from gateway.holders import tcp_holder
from gateway.system_words import why
from gateway.upkeep import findings
from gateway.upkeep.findings import Finding

#: Below it a port is root's, and the service is not root.
_RESERVED: Final = 1024


def listening(config: Config) -> Iterator[Finding]:
    """Tell where the page, and mail that programs hand over, can be listened for."""
    running = is_held(config.lock)
    yield from _at("page.port", "web", "la page", config.web, running=running)
    if config.smtp is not None:
        yield from _at("smtp.port", "smtp", "le courriel", config.smtp, running=running)


def is_held(lock: Path) -> bool:
    """Tell whether a daemon holds the data directory."""
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _at(
    code: str, key: str, what: str, settings: ListenSettings, *, running: bool
) -> Iterator[Finding]:
    where = f"{what} : {settings.listen}"
    mend = f"corrigez {key}.listen dans tocsin.toml (ip -brief address dit les adresses)"
    if not settings.port:
        return  # any that is free
    if settings.port < _RESERVED:
        yield findings.fault(code, f"{where} : un port au-dessous de {_RESERVED} est réservé",
                             f"prenez 8443 dans {key}.listen")  # fmt: skip
        return
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM,
                                   flags=socket.AI_PASSIVE)  # fmt: skip
    except OSError as error:
        yield findings.fault(code, f"{where} : « {settings.host} » n'est l'adresse de personne "
                             f"({why(error)})", mend)  # fmt: skip
        return
    errors = [_refused(family, address) for family, _, _, _, address in found]
    if errno.EADDRNOTAVAIL in errors:
        yield findings.fault(code, f"{where} : cette adresse n'est pas, ou pas encore, celle de "
                             "cette machine ; personne ne l'atteint", mend)  # fmt: skip
    elif errno.EADDRINUSE in errors:
        yield _taken(code, key, where, settings, running=running)
    elif any(errors):
        yield findings.unknown(code, f"{where} : n'a pas pu être essayé "
                               f"({why(OSError(max(errors), ''))})")  # fmt: skip
    elif running:
        yield findings.warning(code, f"{where} : le service tourne et n'y répond pas, la "
                               "configuration a changé depuis son démarrage",
                               "systemctl restart tocsin")  # fmt: skip
    else:
        yield findings.good(code, f"{where} : le port est libre")


def _refused(family: int, address: tuple[Any, ...]) -> int:
    """Return the error number of trying to listen there; 0: one could."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(address)
            one.listen(1)
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def _taken(
    code: str, key: str, where: str, settings: ListenSettings, *, running: bool
) -> Finding:  # fmt: skip
    """Tell a port in use: ours if the service runs, for it would not run without its port."""
    holder = tcp_holder(settings.port)
    if running:
        return findings.good(code, f"{where} : le service y répond")
    return findings.fault(code, f"{where} : le port est tenu par {holder or 'un autre programme'}",
                          f"arrêtez-le, ou changez {key}.listen")  # fmt: skip
