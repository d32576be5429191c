"""The site's reverse proxy: what it says of a visitor is believed, what anybody else says is not.

Pure but for the middleware. Imported by `web.app`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from aiohttp import web

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")


def networks(named: Sequence[str]) -> tuple[Network, ...]:
    """Return the addresses and networks a configuration names; raises ValueError."""
    return tuple(ipaddress.ip_network(one, strict=False) for one in named)


def is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    """Tell whether an address is one of the proxies'."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in network for network in trusted)


def visitor(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """Return whose request it is: the last address that no proxy of ours has.

    ``forwarded`` is X-Forwarded-For: each proxy adds on the right whom it saw; what stands further
    left was sent by the visitor and may be made up.
    """
    seen = peer
    for one in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not is_trusted(seen, trusted):
            break
        try:
            seen = str(ipaddress.ip_address(one))
        except ValueError:
            break
    return seen


def told(
    peer: str, headers: Mapping[str, str], trusted: Sequence[Network]
) -> tuple[str, str | None, str | None]:
    """Return visitor, scheme and host as a proxy tells them; the peer alone when it is none.

    ``headers`` hold each X-Forwarded header once, several lines of it joined by commas.
    """
    if not is_trusted(peer, trusted):
        return peer, None, None
    scheme = _last(headers.get("X-Forwarded-Proto", "")).lower()
    host = _last(headers.get("X-Forwarded-Host", ""))
    return (
        visitor(peer, headers.get("X-Forwarded-For", ""), trusted),
        scheme if scheme in {"http", "https"} else None,
        host if _HOST.fullmatch(host) else None,
    )


def _last(value: str) -> str:
    return value.rpartition(",")[2].strip()


def behind(trusted: Sequence[Network]) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Return the middleware that lets every view see the visitor, not the proxy."""

    @web.middleware
    async def see_through(request: web.Request, handler: Handler) -> web.StreamResponse:
        names = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host")
        headers = {name: ",".join(request.headers.getall(name, ())) for name in names}
        remote, scheme, host = told(request.remote or "", headers, trusted)
        if (remote, scheme, host) == (request.remote or "", None, None):
            return await handler(request)
        changed = {"remote": remote}
        if scheme:
            changed["scheme"] = scheme
        if host:
            changed["host"] = host
        seen = request.clone(**changed)  # type: ignore[arg-type]
        try:
            return await handler(seen)
        finally:
            request._post = seen._post  # aiohttp closes the uploads of the request it knows

    return see_through
