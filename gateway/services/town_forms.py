"""The forms of a town's settings that save several things at once, and their versions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Final

from gateway.model import Urgency
from gateway.sentences import fr, listed
from gateway.services import town_settings
from gateway.services.accounts import TWO_FACTOR_ROLES
from gateway.services.setting_words import KEYS, LIMITS, said
from gateway.services.values import Actor
from gateway.services.versions import REST, Inputs, Shown, check, version_of
from gateway.store import groups

RULES, RETENTION, TOLD, PAPER, ROLES = "rules", "retention", "told", "paper", "roles"
#: What each form sets.
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    RULES: (town_settings.TAKE_BACK_SECONDS, town_settings.APPROVAL_ABOVE, town_settings.SIGNATURE),
    RETENTION: (
        town_settings.NAMES_MONTHS, town_settings.RECEIVED_MONTHS, town_settings.ROUND_MONTHS,
    ),
    TOLD: (town_settings.FORWARD_SMS, town_settings.SUMMARY),
    PAPER: (town_settings.PAPER,),
    ROLES: (TWO_FACTOR_ROLES,),
    Urgency.SERVICE: (town_settings.HOURS,),
    Urgency.INFORMATION: (town_settings.HOURS,),
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
    KEYS[town_settings.PAPER]: ("to", "place", "owner", "group"),
    KEYS[TWO_FACTOR_ROLES]: ("role",),
    KEYS[town_settings.HOURS]: ("opens-*", "closes-*", "holidays"),
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
    return {form: version_of(_shown(form, town)) for form in _KEYS}


def _shown(form: str, town: Mapping[str, Any]) -> Shown:
    told: dict[str, str] = {KEYS[key]: said(key, _part(form, key, town)) for key in _KEYS[form]}
    printed = town.get(town_settings.PAPER, {}).get("groups", ()) if form == PAPER else ()
    # which groups are printed is said by their number alone; no two forms have one version
    return {**told, REST: json.dumps([form, sorted(printed)])}


def _part(form: str, key: str, town: Mapping[str, Any]) -> Any:
    value = town.get(key)
    if key != town_settings.HOURS:
        return value
    return {one: hours for one, hours in (value or {}).items() if one == form}


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
