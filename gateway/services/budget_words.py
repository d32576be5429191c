"""What a SIM's budget means, used up or about to be, in a secretary's words. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from gateway.store.budgets import WARN_AT, Limits, State

ORDINARY: Final = (
    "La carte SIM est au régime ordinaire : elle ne sert, hors alerte, que les groupes qu'un "
    "administrateur a désignés. Ce message attendra ; faites désigner le groupe, ou inscrivez "
    "l'accord écrit de l'opérateur."
)
#: The limits worth telling, what they count and in which span; minutes and hours pass by
#: themselves before anybody has read of them.
_COUNTED: Final = (
    ("segments_per_day", "SMS", "aujourd'hui"),
    ("segments_per_month", "SMS", "ce mois-ci"),
    ("recipients_per_month", "correspondants", "ce mois-ci"),
    ("call_minutes_per_month", "minutes d'appel", "ce mois-ci"),
)


def warnings(name: str, state: State) -> list[str]:
    """Return a sentence for each limit of a SIM that is nearly used, or used.

    ``name`` is its modem's. A month of which a share is kept for alerts is used for routine
    messages when only that share is left.
    """
    if state.limits is None:
        return []
    found = []
    for limit_name, counted, span in _COUNTED:
        limit, used = getattr(state.limits, limit_name), getattr(state.used, limit_name)
        if not limit:
            continue
        said = f"{int(used)} {counted} sur {limit} {span}"
        if used >= limit:
            found.append(
                f"Forfait épuisé, SIM de {name} : {said}. Les messages ordinaires attendent ; "
                "une alerte part toujours."
            )
        elif used >= _routine(state.limits, limit_name):
            found.append(
                f"Forfait bientôt épuisé, SIM de {name} : {said}. Le reste est gardé pour les "
                "alertes ; les messages ordinaires attendent."
            )
        elif used >= WARN_AT * limit:
            found.append(f"Forfait bientôt épuisé, SIM de {name} : {said}.")
    return found


def exceeding(
    sims: Sequence[tuple[str, State]], segments: int, *, vital: bool, call_minutes: float = 0.0
) -> list[str]:
    """Return a sentence for each SIM whose budget a message would exceed.

    ``sims`` are (modem's name, state); the load, ``segments`` SMS and ``call_minutes`` of calls,
    is shared evenly between them.
    """
    count = max(len(sims), 1)
    found = []
    for name, state in sims:
        over = ", ".join(_over(state, -(-segments // count), call_minutes / count, vital=vital))
        if over and vital:
            found.append(
                f"Dépassera le forfait de la SIM de {name} de {over} ; partira quand même."
            )
        elif over:
            found.append(f"Dépasse le forfait de la SIM de {name} de {over} : le reste attendra.")
    return found


def _over(state: State, share: int, minutes: float, *, vital: bool) -> list[str]:
    """Return by how much each limit would be exceeded; one the message adds nothing to is not."""
    if state.limits is None:
        return []
    adds: dict[str, float] = {
        "segments_per_day": share, "segments_per_month": share,
        "recipients_per_month": state.fresh, "call_minutes_per_month": minutes,
    }  # fmt: skip
    found = []
    for name, counted, span in _COUNTED:
        limit = getattr(state.limits, name)
        # what is kept for alerts holds a routine message before the limit itself does
        open_to_it = limit if vital else _routine(state.limits, name)
        over = math.ceil(getattr(state.used, name) + adds[name] - open_to_it)
        if limit and adds[name] and over > 0:
            found.append(f"{over} {counted}" + (f" {span}" if name == "segments_per_day" else ""))
    return found


def _routine(limits: Limits, name: str) -> float:
    """Return how much of a limit routine messages may use."""
    kept = limits.reserve_percent if name.endswith("per_month") else 0
    return float(getattr(limits, name) * (1 - kept / 100))
