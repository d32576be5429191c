"""Lists that come in: a file or a pasted list, its columns, what it would change, and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web
from multidict import MultiDict, MultiMapping

from gateway.services import ImportPreview, NoPreview, Refused, Right, Wish
from web.keys import SERVICES
from web.replies import allowed, elsewhere, identifier, page
from web.resuming import RESUMED
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
    "note": N_("Note pour les secours"), "referent_name": N_("Référent : nom"),
    "referent": N_("Référent : téléphone ou courriel"),
}  # fmt: skip
_MOST_GROUPS = 20
_NONE = N_("Choisissez d'abord un fichier, ou collez une liste.")
_CHOSEN_SINCE = N_("Vos choix ont changé : vérifiez ce que la liste donnera, puis importez-la.")
_VERIFY, _CONFIRM = "/contacts/import/verifier", "/contacts/import/confirmer"
#: What is chosen for a list: kept while it has to be given again.
_CHOICES = frozenset({"column", "replace", "group", "new_group", "purpose", "source"})
_NOTHING: MultiMapping[Any] = MultiDict()


@ROUTES.get("/contacts/import")
async def choose(request: web.Request) -> web.Response:
    """Ask for the list, and show those that were taken in."""
    left = request.get(RESUMED)
    if left is not None and left.path in (_VERIFY, _CONFIRM):
        return await _looked(request, MultiDict(left.fields))
    return await _asked(request, None)


async def _asked(
    request: web.Request, problem: Refused | None, pasted: str = "", stayed: int | None = None,
    chosen: MultiMapping[Any] = _NOTHING,
) -> web.Response:  # fmt: skip
    """Show the page; ``chosen`` is what was already chosen for the list that is asked for."""
    actor = allowed(request, Right.PEOPLE).actor
    return page(
        request, "import.html", status=400 if problem else 200, problem=problem, pasted=pasted,
        batches=await request.app[SERVICES].imports.batches(actor), stayed=stayed,
        chosen=[pair for pair in chosen.items() if pair[0] in _CHOICES],
    )  # fmt: skip


@ROUTES.post("/contacts/import")
async def preview(request: web.Request) -> web.Response:
    """Show what the list would bring, and each line that cannot be read with its mend."""
    actor = allowed(request, Right.PEOPLE).actor
    imports, data = request.app[SERVICES].imports, await request.post()
    chosen, pasted = data.get("file"), _pasted(data)
    try:
        if isinstance(chosen, web.FileField) and chosen.filename:
            pasted = ""
            found = await imports.preview(actor, chosen.filename, chosen.file.read())
        elif pasted:
            found = await imports.preview_pasted(actor, pasted)
        else:
            return await _asked(request, Refused(_NONE, "file"), chosen=data)
        return await _shown(request, await _as_chosen(request, found, data), pasted)
    except Refused as refusal:
        return await _asked(request, refusal, _pasted(data), chosen=data)


async def _as_chosen(
    request: web.Request, found: ImportPreview, data: MultiMapping[Any]
) -> ImportPreview:
    """Return the preview with what had been chosen for this list before, if that was."""
    if not _has_chosen(data):
        return found
    actor, wish = allowed(request, Right.PEOPLE).actor, _wish(data)
    if len(wish.columns) != len(found.columns):  # another list
        wish = replace(wish, columns=found.wish.columns)
    return await request.app[SERVICES].imports.look_again(actor, found.token, wish)


async def _shown(
    request: web.Request, found: ImportPreview, pasted: str, problem: Refused | None = None,
    *, anew: bool = False,
) -> web.Response:  # fmt: skip
    actor = allowed(request, Right.PEOPLE).actor
    known = [
        one for one in await request.app[SERVICES].directory.group_names(actor) if not one.criteria
    ]
    fresh = set(found.wish.groups) - {group.name for group in known}
    return page(
        request, "import_preview.html", status=400 if problem else 200, found=found,
        keeper=actor.keeper, holds=_HOLDS, groups=known, new_group=min(fresh, default=""),
        pasted=pasted, problem=problem, anew=anew,
    )  # fmt: skip


@ROUTES.post("/contacts/import/verifier")
async def look_again(request: web.Request) -> web.Response:
    """Show what the list would bring with other columns or choices."""
    return await _looked(request, await request.post())


async def _looked(
    request: web.Request, data: MultiMapping[Any], problem: Refused | None = None
) -> web.Response:
    """Show the list as it is chosen; one that is not kept any more is read again where it can."""
    actor, imports = allowed(request, Right.PEOPLE).actor, request.app[SERVICES].imports
    token, pasted = str(data.get("token", "")), _pasted(data)
    try:
        wish = _wish(data) if _has_chosen(data) else imports.wished(actor, token)
        return await _shown(request, await imports.look_again(actor, token, wish), pasted, problem)
    except NoPreview as gone:
        if not pasted:
            return await _asked(request, problem or gone, chosen=data)
        found = await imports.preview_pasted(actor, pasted)
        found = await _as_chosen(request, found, data)
        return await _shown(request, found, pasted, problem, anew=True)
    except Refused as refusal:
        return await _asked(request, refusal, pasted, chosen=data)


def _has_chosen(data: MultiMapping[Any]) -> bool:
    return any(name in data for name in _CHOICES)


def _pasted(data: MultiMapping[Any]) -> str:
    return str(data.get("pasted", "")).strip()


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
    """Bring in what was shown; what was chosen since is shown first."""
    actor, data = allowed(request, Right.PEOPLE).actor, await request.post()
    imports, token = request.app[SERVICES].imports, str(data.get("token", ""))
    try:
        if _has_chosen(data) and _wish(data) != imports.wished(actor, token):
            return await _looked(request, data, Refused(_CHOSEN_SINCE))
        result = await imports.confirm(actor, token)
    except NoPreview:
        return await _looked(request, data)
    except Refused as refusal:
        return await _looked(request, data, refusal)
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
