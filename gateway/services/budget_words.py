"""What a SIM's budget means, used up or about to be, in a secretary's words. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from gateway.errors import Refused
from gateway.sentences import fr, glued, listed
from gateway.store.budgets import WARN_AT, Limits, State

ORDINARY: Final = fr(
    "La carte SIM est au régime ordinaire : elle ne sert, hors alerte, que les groupes qu'un "
    "administrateur a désignés. Ce message attendra ; faites désigner le groupe, ou inscrivez "
    "l'accord écrit de l'opérateur."
)
#: The limits worth telling, what they count and in which span; minutes and hours pass by
#: themselves before anybody has read of them.
_COUNTED: Final = (
    ("segments_per_day", fr("SMS"), fr("aujourd'hui")),
    ("segments_per_month", fr("SMS"), fr("ce mois-ci")),
    ("recipients_per_month", fr("correspondants"), fr("ce mois-ci")),
    ("call_minutes_per_month", fr("minutes d'appel"), fr("ce mois-ci")),
)


def warnings(name: str, state: State) -> list[str]:
    """Return a sentence for each limit of a SIM that is nearly used, or used.

    ``name`` is its modem's. A month of which a share is kept for alerts is used for routine
    messages when only that share is left.
    """
    if state.limits is None:
        return []
    found: list[str] = []
    for limit_name, counted, span in _COUNTED:
        limit, used = getattr(state.limits, limit_name), getattr(state.used, limit_name)
        if not limit:
            continue
        said = fr(
            "{used} {counted} sur {limit} {span}",
            used=int(used), counted=counted, limit=limit, span=span,
        )  # fmt: skip
        if used >= limit:
            found.append(
                fr("Forfait épuisé, SIM de {name} : {said}. Les messages ordinaires attendent ; "
                   "une alerte part toujours.", name=name, said=said)
            )  # fmt: skip
        elif used >= _routine(state.limits, limit_name):
            found.append(
                fr("Forfait bientôt épuisé, SIM de {name} : {said}. Le reste est gardé pour les "
                   "alertes ; les messages ordinaires attendent.", name=name, said=said)
            )  # fmt: skip
        elif used >= WARN_AT * limit:
            found.append(
                fr("Forfait bientôt épuisé, SIM de {name} : {said}.", name=name, said=said)
            )
    return found


def too_long(segments: int, most: int) -> Refused | None:
    """Return what stands against a routine text of so many SMS, ``most`` being what a SIM takes."""
    if segments <= most:
        return None
    return Refused(
        "Ce texte fait {segments} SMS, et le forfait des cartes SIM n'en permet que {most} par "
        "jour ou par mois : il ne partirait jamais. Raccourcissez-le, ou faites relever la limite "
        "(Réglages, Forfaits des cartes SIM).",
        "text", segments=segments, most=most,
    )  # fmt: skip


def exceeding(
    sims: Sequence[tuple[str, State]], segments: int, *, vital: bool, call_minutes: float = 0.0
) -> list[str]:
    """Return a sentence for each SIM whose budget a message would exceed.

    ``sims`` are (modem's name, state); the load, ``segments`` SMS and ``call_minutes`` of calls,
    is shared evenly between those that carry such.
    """
    found: list[str] = []
    states = [state for _, state in sims]
    for name, state in sims:
        share, minutes = shares(states, state, segments, call_minutes)
        over = listed(", ", _over(state, share, minutes, len(states), vital=vital))
        if over and vital:
            found.append(
                fr("Dépassera le forfait de la SIM de {name} de {over} ; partira quand même.",
                   name=name, over=over)
            )  # fmt: skip
        elif over:
            found.append(
                fr("Dépasse le forfait de la SIM de {name} de {over} : le reste attendra, au plus "
                   "tant que le message est utile.",
                   name=name, over=over)
            )  # fmt: skip
    return found


def shares(
    states: Sequence[State], state: State, segments: int, call_minutes: float
) -> tuple[int, float]:
    """Return how many SMS, and minutes of calls, of so many fall to one of these SIMs."""
    texts, calls = (sum(one.texts for one in states), sum(one.calls for one in states))
    return (
        -(-segments // texts) if state.texts else 0,
        call_minutes / calls if state.calls else 0.0,
    )


def _over(
    state: State, share: int, minutes: float, sims: int, *, vital: bool
) -> list[str]:  # fmt: skip
    """Return by how much each limit would be exceeded; one the message adds nothing to is not."""
    if state.limits is None:
        return []
    adds: dict[str, float] = {
        "segments_per_day": share, "segments_per_month": share,
        "recipients_per_month": -(-state.fresh // sims), "call_minutes_per_month": minutes,
    }  # fmt: skip
    found: list[str] = []
    for name, counted, span in _COUNTED:
        limit = getattr(state.limits, name)
        # what is kept for alerts holds a routine message before the limit itself does
        open_to_it = limit if vital else _routine(state.limits, name)
        over = math.ceil(getattr(state.used, name) + adds[name] - open_to_it)
        if limit and adds[name] and over > 0:
            daily = name == "segments_per_day"
            found.append(
                glued("{over} {counted} {span}" if daily else "{over} {counted}",
                      over=over, counted=counted, span=span)
            )  # fmt: skip
    return found


def _routine(limits: Limits, name: str) -> float:
    """Return how much of a limit routine messages may use."""
    kept = limits.reserve_percent if name.endswith("per_month") else 0
    return float(getattr(limits, name) * (1 - kept / 100))
