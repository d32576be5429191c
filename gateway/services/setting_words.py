"""What a town's settings are called, and what each of their values says in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from gateway import phone, telephones
from gateway.hours import DEFAULTS, Hours, clock_of, from_json
from gateway.model import Urgency
from gateway.sentences import fr, fr_all, fr_many, glued, listed
from gateway.services import town_settings, words
from gateway.services.accounts import TWO_FACTOR_ROLES
from gateway.services.fleet_numbers import KEY as OWN_NUMBERS
from gateway.store import settings

DAYS: Final = fr_all(("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"))
HOLIDAYS: Final = fr("jours fériés")

#: The limits of a SIM, as the page names them.
LIMITS: Final = fr_all(
    {
        "segments_per_minute": "SMS par minute",
        "segments_per_hour": "SMS par heure",
        "segments_per_day": "SMS par jour",
        "segments_per_month": "SMS par mois",
        "recipients_per_month": "Correspondants différents par mois",
        "call_minutes_per_month": "Minutes d'appel par mois",
    }
)
#: Changes of these limits, each noted whole: ``{"sim": ICCID, "before": …, "after": …}``.
SIM_LIMITS: Final = "sim_limits"

#: What each setting is called.
KEYS: Final[Mapping[str, str]] = fr_all(
    {
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
        SIM_LIMITS: "limites d'une carte SIM",
        settings.SCENARIO: "message prêt",
        settings.PRONUNCIATION: "prononciation",
        settings.ACCOUNT: "rôle d'un compte",
        settings.SOFTWARE: "accès d'un logiciel",
        settings.PLAN: "ordre d'envoi",
        settings.ANY_SIM: "groupe permis aux cartes ordinaires",
        settings.SIM_ROUTE: "numéros qu'une carte SIM sert d'abord",
        settings.SIM_REGIME: "régime d'une carte SIM",
        "round": "tournée du registre",
        "inhabitants": "nombre d'habitants",
    }
)
#: Why the others are not, where their values are shown.
FIXED: Final[Mapping[str, str]] = fr_all(
    {
        telephones.KEY: "Qui peut dicter ou lancer une alerte se règle sur la page Téléphone : un "
        "téléphone ne se remet pas d'un clic.",
        "round": "La tournée se règle sur sa page, par un gardien du registre.",
    }
)
#: Those that one button puts back; whose telephone is trusted is set on its own page.
BACK: Final = frozenset({
    town_settings.NAMES_MONTHS, town_settings.RECEIVED_MONTHS, town_settings.ROUND_MONTHS,
    town_settings.HOURS, town_settings.TAKE_BACK_SECONDS, town_settings.APPROVAL_ABOVE,
    town_settings.SIGNATURE, town_settings.FORWARD_SMS, town_settings.SUMMARY,
    town_settings.PAPER, "inhabitants", TWO_FACTOR_ROLES, OWN_NUMBERS,
})  # fmt: skip


def said(key: str, value: Any) -> str:
    """Return a value of a setting in words; None is the default; empty where it is not told."""
    if key not in BACK and key not in _LISTS:
        return ""
    town = {} if value is None else {key: value}
    if key in _MONTHS:
        return fr_many("{n} mois", "{n} mois", _MONTHS[key](town))
    if key == town_settings.TAKE_BACK_SECONDS:
        return f"{town_settings.take_back(town):.0f} s"
    if key == town_settings.APPROVAL_ABOVE:
        above = town_settings.approval_above(town)
        return fr("au-dessus de {above} destinataires", above=above) if above else fr("jamais")
    if key == town_settings.SIGNATURE:
        return town_settings.signature(town) or fr("aucune")
    if key == town_settings.HOURS:
        return _said_hours(value or {})
    if key in {town_settings.FORWARD_SMS, town_settings.SUMMARY, town_settings.PAPER}:
        return _said_told(value or {})
    if key in _LISTS:
        shown: list[str] = [_LISTS[key](one) for one in value or ()]
        return listed(", ", shown) if shown else fr("aucun")
    return fr("pas encore dit") if value is None else str(value)


def _said_telephone(one: Mapping[str, Any]) -> str:
    number = phone.shown(one["number"])
    told: list[str] = [_MAY[role] for role in one.get("roles", ()) if role in _MAY]
    if not told:
        return f"{one['name']} {number}"
    return glued("{who} {number} ({may})", who=one["name"], number=number, may=listed(", ", told))


#: What a trusted telephone may do, in words.
_MAY: Final = fr_all({telephones.LAUNCHER: "peut lancer", telephones.TECHNICIAN: "technique"})
#: What each value of a list says.
_LISTS: Final[Mapping[str, Callable[[Any], str]]] = {
    TWO_FACTOR_ROLES: lambda role: words.ROLES.get(role, str(role)),
    telephones.KEY: _said_telephone,
    OWN_NUMBERS: phone.shown,
}
_MONTHS: Final = {
    town_settings.NAMES_MONTHS: town_settings.names_months,
    town_settings.RECEIVED_MONTHS: town_settings.received_months,
    town_settings.ROUND_MONTHS: town_settings.round_months,
}


def said_limits(sim: str, limits: Mapping[str, int] | None) -> str:
    """Return the limits of a SIM in one line; None: nobody ever said any."""
    known = limits or {}
    shown: list[str] = [
        fr("{what} : {said}", what=label, said=known[one])
        for one, label in LIMITS.items()
        if known.get(one)
    ]
    if kept := known.get("reserve_percent"):
        shown.append(fr("{share} % gardés pour les alertes", share=kept))
    told = listed(", ", shown) if shown else fr("aucune limite")
    return glued("…{sim} – {told}", sim=sim[-4:], told=told)


def _said_told(value: Mapping[str, Any]) -> str:
    parts = [*value.get("to", ()), str(value.get("place", ""))]
    shown: str = ", ".join(filter(None, parts)) or fr("personne")
    if value.get("to") and value.get("at"):
        shown = fr("{whom} à {at}", whom=shown, at=value["at"])
    told = [shown]
    if owner := value.get("owner"):
        told.append(fr("tenu par {owner}", owner=owner))
    if printed := value.get("groups"):
        told.append(fr_many("{n} groupe imprimé", "{n} groupes imprimés", len(printed)))
    return listed(" ; ", told)


def _said_hours(value: Mapping[str, Any]) -> str:
    told = []
    for urgency in (Urgency.SERVICE, Urgency.INFORMATION):
        own = value.get(urgency.value)
        hours = from_json(own) if own else DEFAULTS[urgency]
        told.append(fr("{what} : {said}", what=words.URGENCIES[urgency], said=hours_said(hours)))
    return listed(" ; ", told)


def hours_said(hours: Hours | None) -> str:
    """Return hours in one line, days alike together: « lundi à vendredi 08:00–20:00 »."""
    if hours is None:
        return fr("à toute heure")
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
        glued(
            "{days} {opens}–{closes}", days=_days(a, b), opens=clock_of(w[0]), closes=clock_of(w[1])
        )
        for a, b, w in runs
    ]
    return listed(", ", [*shown, *([] if hours.on_holidays else [fr("sauf jours fériés")])])


def said_week(hours: Hours) -> dict[str, str]:
    """Return what each weekday of these hours says, by its name, and then the holidays."""
    said_each: dict[str, str] = {}
    for day, name in enumerate(DAYS):
        window = hours.days.get(day)
        said_each[name] = "–".join(map(clock_of, window)) if window else fr("fermé")
    said_each[HOLIDAYS] = fr("ouverts aussi") if hours.on_holidays else fr("fermés")
    return said_each


def _days(first: int, last: int) -> str:
    if first == last:
        return DAYS[first]
    return fr("{first} à {last}", first=DAYS[first], last=DAYS[last])
