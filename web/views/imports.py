"""Lists that come in: a file or a pasted list, its columns, what it would change, and back."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from multidict import MultiMapping

from gateway.services import ImportPreview, Refused, Right, Wish
from web.keys import SERVICES
from web.replies import allowed, elsewhere, identifier, page
from web.texts import N_

ROUTES = web.RouteTableDef()
#: What a column can hold, in the order of the choices.
_HOLDS = {
    "": N_("(ne pas reprendre)"), "name": N_("Nom"), "given_name": N_("Prénom"),
    "full_name": N_("Nom complet"), "honorific": N_("Civilité"), "phone": N_("Téléphone"),
    "mail": N_("Courriel"), "number": N_("Numéro dans la rue"), "street": N_("Rue ou adresse"),
    "complement": N_("Complément"), "floor": N_("Étage"), "postcode": N_("Code postal"),
    "city": N_("Commune"), "zone": N_("Quartier"), "groups": N_("Groupes"),
    "tags": N_("Étiquettes"), "language": N_("Langue"), "help_first": N_("À aider en premier"),
    "note": N_("Note pour les secours"),
}  # fmt: skip
_MOST_GROUPS = 20
_NONE = N_("Choisissez d'abord un fichier, ou collez une liste.")


@ROUTES.get("/contacts/import")
async def choose(request: web.Request) -> web.Response:
    """Ask for the list, and show those that were taken in."""
    return await _asked(request, None)


async def _asked(
    request: web.Request, problem: Refused | None, pasted: str = "", stayed: int | None = None
) -> web.Response:
    actor = allowed(request, Right.PEOPLE).actor
    return page(
        request, "import.html", status=400 if problem else 200, problem=problem, pasted=pasted,
        batches=await request.app[SERVICES].imports.batches(actor), stayed=stayed,
    )  # fmt: skip


@ROUTES.post("/contacts/import")
async def preview(request: web.Request) -> web.Response:
    """Show what the list would bring, and each line that cannot be read with its mend."""
    actor = allowed(request, Right.PEOPLE).actor
    imports, data = request.app[SERVICES].imports, await request.post()
    chosen, pasted = data.get("file"), str(data.get("pasted", "")).strip()
    try:
        if isinstance(chosen, web.FileField) and chosen.filename:
            found = await imports.preview(actor, chosen.filename, chosen.file.read())
        elif pasted:
            found = await imports.preview_pasted(actor, pasted)
        else:
            return await _asked(request, Refused(_NONE, "file"))
    except Refused as refusal:
        return await _asked(request, refusal, pasted)
    return await _shown(request, found)


async def _shown(request: web.Request, found: ImportPreview) -> web.Response:
    actor = allowed(request, Right.PEOPLE).actor
    groups = await request.app[SERVICES].directory.groups(actor)
    return page(
        request, "import_preview.html", found=found, keeper=actor.keeper, holds=_HOLDS,
        groups=[group for group in groups if not group.criteria],
    )  # fmt: skip


@ROUTES.post("/contacts/import/verifier")
async def look_again(request: web.Request) -> web.Response:
    """Show what the list would bring with other columns or choices."""
    actor = allowed(request, Right.PEOPLE).actor
    data = await request.post()
    try:
        found = await request.app[SERVICES].imports.look_again(
            actor, str(data.get("token", "")), _wish(data)
        )
    except Refused as refusal:
        return await _asked(request, refusal)
    return await _shown(request, found)


def _wish(data: MultiMapping[Any]) -> Wish:
    named = [str(one) for one in data.getall("group", ())][:_MOST_GROUPS]
    fresh = " ".join(str(data.get("new_group", "")).split())[:80]
    return Wish(
        tuple(str(one)[:20] for one in data.getall("column", ())),
        replace=data.get("replace") == "1",
        groups=tuple(dict.fromkeys(filter(None, (*named, fresh)))),
        purpose=str(data.get("purpose", "alerte"))[:20],
        source=" ".join(str(data.get("source", "")).split())[:200],
    )


@ROUTES.post("/contacts/import/confirmer")
async def confirm(request: web.Request) -> web.Response:
    """Bring in what was shown."""
    actor = allowed(request, Right.PEOPLE).actor
    token = str((await request.post()).get("token", ""))
    try:
        result = await request.app[SERVICES].imports.confirm(actor, token)
    except Refused as refusal:
        return await _asked(request, refusal)
    return page(request, "import_done.html", result=result)


@ROUTES.post(r"/contacts/import/{id:\d+}/annuler")
async def undo(request: web.Request) -> web.Response:
    """Take a list back."""
    actor = allowed(request, Right.PEOPLE).actor
    try:
        stayed = await request.app[SERVICES].imports.undo(actor, identifier(request))
    except Refused as refusal:
        return await _asked(request, refusal)
    if stayed:
        return await _asked(request, None, stayed=stayed)
    raise elsewhere("/contacts/import")
