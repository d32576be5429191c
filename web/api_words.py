"""What is wrong with a request to the JSON door, in French, with the mend. Pure.

pydantic finds it, in English and for Python; whoever writes the program reads these sentences, and
the door's own names of the fields. Imported by `web.views.api`.
"""

from __future__ import annotations

import re
from typing import Final

from pydantic import BaseModel, ValidationError

_SAID: Final = {
    "extra_forbidden": "Champ inconnu : enlevez {field}. Champs possibles : {known}.",
    "missing": "Il manque {field}.",
    "string_type": "{field} doit être un texte entre guillemets.",
    "string_unicode": "{field} n'est pas un texte en UTF-8.",
    "string_too_short": "{field} est vide : écrivez-le.",
    "string_too_long": "{field} est trop long : {max_length} caractères au plus.",
    "bool_type": "{field} doit être true ou false, sans guillemets.",
    "list_type": "{field} doit être une liste entre crochets, même d'une seule valeur.",
    "too_short": "{field} est vide : donnez au moins une valeur.",
    "too_long": "{field} est trop long : {max_length} valeurs au plus.",
    "literal_error": "{field} a une valeur inconnue. Valeurs possibles : {expected}.",
    "json_invalid": "Ce n'est pas du JSON{where} : vérifiez guillemets, virgules et accolades.",
    "model_type": "Envoyez un objet JSON entre accolades. Champs possibles : {known}.",
}
_OTHER: Final = "{field} ne convient pas : voir /api/v1/openapi.json."
_PLACE: Final = re.compile(r"line (\d+) column (\d+)")

#: How the pages call a field, and how this door does.
_NAMES: Final = {"group_ids": "groups", "until": "expires"}


def said(error: ValidationError, model: type[BaseModel]) -> tuple[str, str]:
    """Return what is wrong first with a body that is no ``model``, and the field it is in."""
    first = error.errors(include_url=False)[0]
    field, context = ".".join(map(str, first["loc"])), first.get("ctx", {})
    place = _PLACE.search(str(context.get("error", "")))
    told = _SAID.get(first["type"], _OTHER).format(
        field=field, known=", ".join(model.model_fields),
        max_length=context.get("max_length", ""),
        expected=str(context.get("expected", "")).replace(" or ", " ou "),
        where=f" (ligne {place[1]}, colonne {place[2]})" if place else "",
    )  # fmt: skip
    return told, field


def field_of(page_field: str) -> str:
    """Return how this door calls a field that a refusal names as the pages do."""
    return _NAMES.get(page_field, page_field)
