"""The files of the page: few, small, read once, and sent packed to whoever takes them so.

Only these are packed, and the guides, which repeat nothing a stranger could choose. Any other page
carries the secret of its forms beside words of whoever reads it; packed together, the length would
tell the one by the other (BREACH).
"""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

from web.pages import STATIC

ROUTES = web.RouteTableDef()
_PACKED: Final = frozenset({".css", ".js", ".svg"})


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is and, where that is shorter, packed by gzip."""

    plain: bytes
    packed: bytes | None
    content_type: str


@cache
def assets() -> dict[str, Asset]:
    """Return every file below ``web/static`` by its path."""
    return {
        path.relative_to(STATIC).as_posix(): _read(path)
        for path in STATIC.rglob("*")
        if path.is_file()
    }


def _read(path: Path) -> Asset:
    plain = path.read_bytes()
    packed = gzip.compress(plain, 9, mtime=0) if path.suffix in _PACKED else None
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind in {"application/javascript", "image/svg+xml"}
    return Asset(plain, packed, f"{kind}; charset=utf-8" if text else kind)


@ROUTES.get("/static/{path:.+}")
async def asset(request: web.Request) -> web.Response:
    """Hand out a file; nothing outside the list exists."""
    found = assets().get(request.match_info["path"])
    if found is None:
        raise web.HTTPNotFound
    headers = {hdrs.CONTENT_TYPE: found.content_type, hdrs.VARY: hdrs.ACCEPT_ENCODING}
    takes = {
        name.split(";")[0].strip()
        for name in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower().split(",")
        if "q=0" not in name.replace(" ", "").replace("q=0.", "")
    }
    if found.packed is not None and "gzip" in takes:
        headers[hdrs.CONTENT_ENCODING] = "gzip"
        return web.Response(body=found.packed, headers=headers)
    return web.Response(body=found.plain, headers=headers)
