"""The description of the JSON door that other programs read: made from the routes and the models.

The answers are described by models that a test holds against what the door really answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import models_json_schema

from web.texts import N_

PREFIX: Final = "/api/v1/"
_MESSAGES: Final = f"{PREFIX}messages"
_MESSAGE: Final = f"{PREFIX}messages/{{id}}"
_GROUPS: Final = f"{PREFIX}groups"
_CONTACTS: Final = f"{PREFIX}contacts"


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Problem(_Answer):
    """Ce qui est refusé, et le champ en cause (vide : aucun)."""

    message: str
    field: str


class Failure(_Answer):
    """Toute erreur."""

    error: Problem


class Sent(_Answer):
    """Un message accepté ; ``leaves`` dit quand il part, vide quand rien ne le retient."""

    id: int
    state: str
    leaves: str


class MessageLine(_Answer):
    """Un message dans la liste."""

    id: int
    title: str
    urgency: str
    state: str
    created_at: datetime
    recipients: int
    reached: int


class Messages(_Answer):
    """Une page de messages."""

    items: list[MessageLine]
    page: int
    pages: int
    total: int


class Attempt(_Answer):
    """Un essai : par quel modem, quand, avec quel résultat."""

    modem: str
    started_at: datetime | None
    ended_at: datetime | None
    result: str
    detail: str


class Sending(_Answer):
    """Un envoi vers une adresse d'une personne."""

    channel: str
    endpoint: str
    state: str
    outcome: str | None
    reason: str
    attempts: list[Attempt]


class Recipient(_Answer):
    """Ce qu'une personne a vécu."""

    contact: str
    contact_id: int | None
    state: str
    reason: str
    closed: bool
    jobs: list[Sending]


class Report(_Answer):
    """Un message suivi, personne par personne."""

    broadcast: int
    title: str
    urgency: str
    state: str
    author: str
    exercise: bool
    created_at: datetime | None
    closed_at: datetime | None
    starts_at: datetime | None
    people: int
    counts: dict[str, int]
    recipients: list[Recipient]


class Withdrawn(_Answer):
    """Combien d'envois ont été retirés."""

    withdrawn: int


class GroupLine(_Answer):
    """Un groupe, et combien chaque moyen y joint de personnes."""

    name: str
    purpose: str
    people: int
    reachable_by: dict[str, int]


class Endpoint(_Answer):
    """Un numéro ou une adresse."""

    kind: str
    address: str


class ContactLine(_Answer):
    """Un contact dans la liste."""

    id: int
    name: str
    groups: list[str]
    endpoints: list[Endpoint]


class Contacts(_Answer):
    """Une page de contacts."""

    items: list[ContactLine]
    page: int
    pages: int
    total: int


class Added(_Answer):
    """Combien de contacts ont été ajoutés, complétés, laissés tels quels."""

    added: int
    merged: int
    unchanged: int


#: What each address answers when all is well; a list in square brackets.
ANSWERS: Final[dict[tuple[str, str], type[BaseModel] | list[type[BaseModel]]]] = {
    ("post", _MESSAGES): Sent,
    ("get", _MESSAGES): Messages,
    ("get", _MESSAGE): Report,
    ("delete", _MESSAGE): Withdrawn,
    ("get", _GROUPS): [GroupLine],
    ("get", _CONTACTS): Contacts,
    ("post", _CONTACTS): Added,
}
#: With which codes: 201 when something was made.
#: What each address does, as the page that describes them says it too.
_SUMMARIES: Final = {
    ("post", _MESSAGES): N_(
        "Envoyer un message. L'en-tête Idempotency-Key, ou le champ, évite tout double envoi."
    ),
    ("get", _MESSAGES): N_("Lister les messages, le plus récent d'abord (?page=)."),
    ("get", _MESSAGE): N_("Suivre un message : ce que chaque personne a vécu, essai par essai."),
    ("delete", _MESSAGE): N_("Retirer tout ce qui n'est pas encore parti d'un message."),
    ("get", _GROUPS): N_("Lister les groupes, et combien chaque moyen y joint de personnes."),
    ("get", _CONTACTS): N_("Chercher dans le carnet (?q=, ?page=)."),
    ("post", _CONTACTS): N_("Ajouter un contact, ou compléter celui qui a déjà ce numéro."),
}
_CODES: Final = {("post", _MESSAGES): ("201",), ("post", _CONTACTS): ("201", "200")}
_PAGE: Final = {
    "name": "page", "in": "query", "description": "La page voulue, à partir de 1.",
    "schema": {"type": "integer", "minimum": 1, "default": 1},
}  # fmt: skip
_PARAMETERS: Final[dict[tuple[str, str], list[dict[str, Any]]]] = {
    ("get", _MESSAGES): [_PAGE],
    ("get", _CONTACTS): [
        {"name": "q", "in": "query", "schema": {"type": "string"},
         "description": "Le début d'un nom, d'une rue ou d'un numéro."},
        _PAGE,
    ],
    ("post", _MESSAGES): [
        {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 80},
         "description": "Répétée avec la même clé, la demande n'envoie qu'une fois."},
    ],
}  # fmt: skip
_ERRORS: Final = {
    "401": "Jeton manquant ou retiré",
    "404": "Cela n'existe pas",
    "409": "Cette clé a déjà servi à un autre message, dont le numéro est dit : rien n'est parti",
    "413": "Demande trop lourde",
    "422": "Refusé : le champ et la raison sont dits",
    "429": "Trop de demandes : attendre les secondes de Retry-After",
    "503": "Disque plein : rien n'est enregistré, redemander après les secondes de Retry-After",
}
_WAIT: Final = {
    "Retry-After": {"description": "Secondes à attendre", "schema": {"type": "integer"}}
}


def describe(
    routes: Iterable[web.AbstractRouteDef], bodies: Mapping[tuple[str, str], type[BaseModel]]
) -> dict[str, Any]:
    """Return the OpenAPI 3.1 description of those ``routes`` that are the door's."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if not isinstance(route, web.RouteDef) or not _is_door(route.path):
            continue
        path, method = route.path.replace(r"{id:\d+}", "{id}"), route.method.lower()
        paths.setdefault(path, {})[method] = _operation((method, path), bodies)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tocsin", "version": "1", "description": "Envoyer, suivre, annuler."},
        "paths": paths,
        "security": [{"token": []}],
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(bodies.values()),
        },
    }


def _is_door(path: str) -> bool:
    return path.startswith(PREFIX) and path != f"{PREFIX}openapi.json"


def _schemas(bodies: Iterable[type[BaseModel]]) -> dict[str, Any]:
    answers: list[type[BaseModel]] = [Failure]
    for one in ANSWERS.values():
        answers += one if isinstance(one, list) else [one]
    _, found = models_json_schema(
        [(body, "validation") for body in bodies]
        + [(answer, "serialization") for answer in answers],
        ref_template="#/components/schemas/{model}",
    )
    return dict(found["$defs"])


def _operation(
    key: tuple[str, str], bodies: Mapping[tuple[str, str], type[BaseModel]]
) -> dict[str, Any]:
    only = {"409": (("post", _MESSAGES),), "413": bodies}
    described: dict[str, Any] = {
        "summary": _SUMMARIES[key],
        "responses": {
            **{
                code: {"description": "Fait", "content": _json(_schema(ANSWERS[key]))}
                for code in _CODES.get(key, ("200",))
            },
            **{code: _error(code) for code in _ERRORS if key in only.get(code, (key,))},
        },
    }
    parameters = list(_PARAMETERS.get(key, ()))
    if "{id}" in key[1]:
        number = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
        parameters.insert(0, number)
    if parameters:
        described["parameters"] = parameters
    if (body := bodies.get(key)) is not None:
        described["requestBody"] = {"required": True, "content": _json(_schema(body))}
    return described


def _error(code: str) -> dict[str, Any]:
    told = {"description": _ERRORS[code], "content": _json(_schema(Failure))}
    return {**told, "headers": _WAIT} if code in {"429", "503"} else told


def _schema(model: type[BaseModel] | list[type[BaseModel]]) -> dict[str, Any]:
    if isinstance(model, list):
        return {"type": "array", "items": _schema(model[0])}
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
