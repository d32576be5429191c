"""What a town's settings are called, and what each of their values says in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gateway import telephones
from gateway.hours import DEFAULTS, Hours, clock_of, from_json
from gateway.model import Urgency
from gateway.services import town_settings, words
from gateway.services.accounts import TWO_FACTOR_ROLES
from gateway.services.fleet_numbers import KEY as OWN_NUMBERS

_DAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

#: What each setting is called.
KEYS: Final[Mapping[str, str]] = {
    town_settings.NAMES_MONTHS: "durée de garde des noms",
    town_settings.RECEIVED_MONTHS: "durée de garde des SMS et appels reçus",
    town_settings.ROUND_MONTHS: "durée de garde des tournées",
    town_settings.HOURS: "heures d'envoi",
    town_settings.TAKE_BACK_SECONDS: "délai pour reprendre un message",
    town_settings.APPROVAL_ABOVE: "validation par une seconde personne",
    town_settings.SIGNATURE: "signature",
    town_settings.FORWARD_SMS: "courriels qui reçoivent les SMS",
    town_settings.SUMMARY: "résumé du jour par courriel",
    town_settings.PAPER: "arbre d'appel de la semaine",
    TWO_FACTOR_ROLES: "qui se vérifie en deux étapes",
    telephones.KEY: "téléphones autorisés",
    OWN_NUMBERS: "numéros des cartes SIM",
    "round": "tournée du registre",
    "inhabitants": "nombre d'habitants",
}
#: Those that one button puts back; who may come in, launch or be called is set on its own page.
BACK: Final = frozenset({
    town_settings.NAMES_MONTHS, town_settings.RECEIVED_MONTHS, town_settings.ROUND_MONTHS,
    town_settings.HOURS, town_settings.TAKE_BACK_SECONDS, town_settings.APPROVAL_ABOVE,
    town_settings.SIGNATURE, town_settings.FORWARD_SMS, town_settings.SUMMARY,
    town_settings.PAPER, "inhabitants",
})  # fmt: skip


def said(key: str, value: Any) -> str:
    """Return a value of a setting in words; None is the default; empty where it is not told."""
    if key not in BACK:
        return ""
    town = {} if value is None else {key: value}
    if key in _MONTHS:
        return f"{_MONTHS[key](town)} mois"
    if key == town_settings.TAKE_BACK_SECONDS:
        return f"{town_settings.take_back(town):.0f} s"
    if key == town_settings.APPROVAL_ABOVE:
        above = town_settings.approval_above(town)
        return f"au-dessus de {above} destinataires" if above else "jamais"
    if key == town_settings.SIGNATURE:
        return town_settings.signature(town) or "aucune"
    if key == town_settings.HOURS:
        return _said_hours(value or {})
    if key in {town_settings.FORWARD_SMS, town_settings.SUMMARY, town_settings.PAPER}:
        return _said_told(value or {})
    return "pas encore dit" if value is None else str(value)


_MONTHS: Final = {
    town_settings.NAMES_MONTHS: town_settings.names_months,
    town_settings.RECEIVED_MONTHS: town_settings.received_months,
    town_settings.ROUND_MONTHS: town_settings.round_months,
}


def _said_told(value: Mapping[str, Any]) -> str:
    parts = [*value.get("to", ()), str(value.get("place", ""))]
    shown = ", ".join(filter(None, parts))
    at = f" à {value['at']}" if shown and value.get("at") else ""
    return f"{shown}{at}" if shown else "personne"


def _said_hours(value: Mapping[str, Any]) -> str:
    told = []
    for urgency in (Urgency.SERVICE, Urgency.INFORMATION):
        own = value.get(urgency.value)
        hours = from_json(own) if own else DEFAULTS[urgency]
        told.append(f"{words.URGENCIES[urgency]} : {hours_said(hours)}")
    return " ; ".join(told)


def hours_said(hours: Hours | None) -> str:
    """Return hours in one line, days alike together: « lundi à vendredi 08:00–20:00 »."""
    if hours is None:
        return "à toute heure"
    runs: list[tuple[int, int, tuple[int, int]]] = []
    for day in range(7):
        window = hours.days.get(day)
        if window is None:
            continue
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == window:
            runs[-1] = (runs[-1][0], day, window)
        else:
            runs.append((day, day, window))
    shown = [
        f"{_DAYS[a]}{f' à {_DAYS[b]}' if b > a else ''} {clock_of(w[0])}–{clock_of(w[1])}"
        for a, b, w in runs
    ]
    return ", ".join([*shown, *([] if hours.on_holidays else ["sauf jours fériés"])])
