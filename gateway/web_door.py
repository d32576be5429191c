"""Opens the page's port: in clear on the machine itself, over TLS beyond it."""

from __future__ import annotations

import contextlib
import errno
import socket
import ssl
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web as http

from gateway.config import LOOPBACK, WebSettings
from gateway.errors import ConfigError
from gateway.holders import tcp_holder
from gateway.system_words import why

#: Linux: listen at an address that is not there yet, as WireGuard's at boot (ip(7)).
_FREEBIND: Final = 15


@contextlib.asynccontextmanager
async def opened(
    app: http.Application, settings: WebSettings, tls: ssl.SSLContext | None
) -> AsyncIterator[int]:
    """Serve ``app`` until the block ends; yield the port. Raises `ConfigError`."""
    runner = http.AppRunner(app, access_log=None, shutdown_timeout=2)
    await runner.setup()
    try:
        listening = _listening(settings)
        for one in listening:
            await http.SockSite(runner, one, ssl_context=tls).start()
        yield listening[0].getsockname()[1]
    finally:
        await runner.cleanup()


def _listening(settings: WebSettings) -> list[socket.socket]:
    """Return a socket for each address the host has; all share one port."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM,
                                   flags=socket.AI_PASSIVE)  # fmt: skip
    except OSError as error:
        raise ConfigError(f"web.listen = « {settings.listen} » : {why(error)}") from None
    port, made = settings.port, list[socket.socket]()
    for family, kind, protocol, _, address in found:
        try:
            made.append(_bound(family, kind, protocol, (address[0], port, *address[2:])))
        except OSError as error:
            for one in made:
                one.close()
            raise _told(settings, error) from None
        port = made[-1].getsockname()[1]
    return made


def _bound(family: int, kind: int, protocol: int, address: tuple[str | int, ...]) -> socket.socket:
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address[0] not in LOOPBACK:
            made.setsockopt(socket.IPPROTO_IP, _FREEBIND, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen(128)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


def _told(settings: WebSettings, error: OSError) -> Exception:
    if error.errno == errno.EADDRINUSE:
        holder = tcp_holder(settings.port) or "un autre programme"
        return ConfigError(
            f"le port {settings.port} est tenu par {holder} : arrêtez-le, ou changez web.listen"
        )
    if error.errno == errno.EACCES:
        return ConfigError(
            f"web.listen = « {settings.listen} » : un port au-dessous de 1024 est réservé ; "
            "prenez 8443"
        )
    return ConfigError(f"web.listen = « {settings.listen} » : {why(error)}")
