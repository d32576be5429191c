"""The contact list, and its import from a spreadsheet."""

from __future__ import annotations

from aiohttp import web

from gateway.services import Refused
from web.keys import SERVICES
from web.replies import allowed, page, page_number
from web.texts import N_

ROUTES = web.RouteTableDef()


@ROUTES.get("/contacts")
async def contacts(request: web.Request) -> web.Response:
    """List people, of one group or all, found by name."""
    actor = allowed(request, "contacts").actor
    directory = request.app[SERVICES].directory
    asked, search = request.query.get("groupe", ""), request.query.get("q", "").strip()
    group = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None
    listed = await directory.contacts(
        actor, group_id=group, search=search, page=page_number(request)
    )
    groups = await directory.groups(actor)
    return page(
        request, "contacts.html", contacts=listed, groups=groups, group=group, search=search
    )


@ROUTES.get("/contacts/import")
async def choose(request: web.Request) -> web.Response:
    """Ask for the file."""
    allowed(request, "contacts")
    return page(request, "import.html", problem=None)


@ROUTES.post("/contacts/import")
async def preview(request: web.Request) -> web.Response:
    """Show what the file would bring, and each line that cannot be read with its mend."""
    actor = allowed(request, "contacts").actor
    chosen = (await request.post()).get("file")
    if not isinstance(chosen, web.FileField) or not chosen.filename:
        none = Refused(N_("Choisissez d'abord un fichier."), "file")
        return page(request, "import.html", status=400, problem=none)
    try:
        found = await request.app[SERVICES].directory.preview_import(
            actor, chosen.filename, chosen.file.read()
        )
    except Refused as refusal:
        return page(request, "import.html", status=400, problem=refusal)
    return page(request, "import_preview.html", found=found, filename=chosen.filename)


@ROUTES.post("/contacts/import/confirmer")
async def confirm(request: web.Request) -> web.Response:
    """Bring in what was shown."""
    actor = allowed(request, "contacts").actor
    token = str((await request.post()).get("token", ""))
    try:
        result = await request.app[SERVICES].directory.confirm_import(actor, token)
    except Refused as refusal:
        return page(request, "import.html", status=400, problem=refusal)
    return page(request, "import_done.html", result=result)
