"""The forms of a town's settings that save several things at once, and their versions."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from gateway.hours import DEFAULTS, Hours, from_json
from gateway.model import Urgency
from gateway.sentences import fr, listed
from gateway.services import town_settings
from gateway.services.accounts import TWO_FACTOR_ROLES
from gateway.services.setting_words import DAYS, HOLIDAYS, KEYS, LIMITS, said, said_week
from gateway.services.values import Actor
from gateway.services.versions import REST, Inputs, Shown, check, version_of
from gateway.store import groups

RULES, RETENTION, TOLD, PAPER, ROLES = "rules", "retention", "told", "paper", "roles"
#: The forms of the hours, each of an urgency.
_HOURS: Final = (Urgency.SERVICE, Urgency.INFORMATION)
#: What each form sets.
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    RULES: (town_settings.TAKE_BACK_SECONDS, town_settings.APPROVAL_ABOVE, town_settings.SIGNATURE),
    RETENTION: (
        town_settings.NAMES_MONTHS, town_settings.RECEIVED_MONTHS, town_settings.ROUND_MONTHS,
    ),
    TOLD: (town_settings.FORWARD_SMS, town_settings.SUMMARY),
    ROLES: (TWO_FACTOR_ROLES,),
}  # fmt: skip
#: What the page names the inputs of each field.
_INPUTS: Final[Inputs] = {
    KEYS[town_settings.TAKE_BACK_SECONDS]: ("take_back",),
    KEYS[town_settings.APPROVAL_ABOVE]: ("approval_above",),
    KEYS[town_settings.SIGNATURE]: ("signature",),
    KEYS[town_settings.NAMES_MONTHS]: ("names_months",),
    KEYS[town_settings.RECEIVED_MONTHS]: ("received_months",),
    KEYS[town_settings.ROUND_MONTHS]: ("round_months",),
    KEYS[town_settings.FORWARD_SMS]: ("forward",),
    KEYS[town_settings.SUMMARY]: ("summary", "summary_at"),
    KEYS[TWO_FACTOR_ROLES]: ("role",),
    **{name: (f"opens-{day}", f"closes-{day}") for day, name in enumerate(DAYS)},
    HOLIDAYS: ("holidays",),
}
#: Those of the call tree of each week, in the order of the page.
PAPER_INPUTS: Final[Inputs] = {
    fr("Qui le tient à jour"): ("owner",),
    fr("Envoyé par courriel à"): ("to",),
    fr("Écrit dans"): ("place",),
    fr("Listes imprimées en entier"): ("group",),
}
#: Of the limits of a SIM, and of the groups that ordinary SIMs may serve.
_LIMITS: Final = {**LIMITS, "reserve_percent": fr("Part gardée pour les alertes, en %")}
LIMITS_INPUTS: Final[Inputs] = {label: (name,) for name, label in _LIMITS.items()}
ANY_SIM_INPUTS: Final[Inputs] = {
    fr("Groupes qu'une carte au régime ordinaire peut servir"): ("group",)
}


def unchanged(version: str, form: str, town: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise `Changed` where a form of ``version`` would undo what the town has set since."""
    check(version, _shown(form, town), _shown(form, {**town, **wanted}), _INPUTS)


def versions(town: Mapping[str, Any]) -> dict[str, str]:
    """Return the version of each form, by its name; of the hours by their urgency."""
    return {form: version_of(_shown(form, town)) for form in (*_KEYS, *_HOURS)}


def _shown(form: str, town: Mapping[str, Any]) -> Shown:
    if form in _HOURS:
        own = town.get(town_settings.HOURS, {}).get(form)
        hours = from_json(own) if own else DEFAULTS[Urgency(form)]
        told = said_week(hours or Hours())
    else:
        told = {KEYS[key]: said(key, town.get(key)) for key in _KEYS[form]}
    return {**told, REST: form}  # no two forms have one version


def paper_shown(db: sqlite3.Connection, actor: Actor, setup: Mapping[str, Any]) -> Shown:
    """Return what the form of the call tree of each week says, line by line."""
    printed = set(setup.get("groups", ()))
    names = [row["name"] for row in groups.named(db, actor.entity_id, register=False)
             if row["id"] in printed]  # fmt: skip
    told = (setup.get("owner", ""), listed(", ", setup.get("to", ())), setup.get("place", ""),
            listed(", ", names))  # fmt: skip
    return dict(zip(PAPER_INPUTS, told, strict=True))


def limits_shown(sim: str, limits: Mapping[str, int] | None) -> Shown:
    """Return what the form of a SIM's limits says."""
    told = limits or {}
    said_each: dict[str, str] = {
        label: str(told[name]) if told.get(name) else fr("aucune limite")
        for name, label in _LIMITS.items()
    }
    return {**said_each, REST: sim}


def any_sim_shown(db: sqlite3.Connection, actor: Actor, chosen: set[int] | None = None) -> Shown:
    """Return what the form of the groups for ordinary SIMs says; ``chosen``: as it is sent."""
    known = groups.named(db, actor.entity_id, register=actor.keeper)
    there = {row["id"] for row in known if row["any_sim"]} if chosen is None else chosen
    names = [row["name"] for row in known if row["id"] in there]
    return {fr("Groupes qu'une carte au régime ordinaire peut servir"): listed(", ", names)}
