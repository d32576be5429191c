"""What a budget means for a message about to leave, in a secretary's words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gateway.store.budgets import State

ORDINARY: Final = (
    "La carte SIM est au régime ordinaire : elle ne sert, hors alerte, que les groupes qu'un "
    "administrateur a désignés. Ce message attendra ; faites désigner le groupe, ou inscrivez "
    "l'accord écrit de l'opérateur."
)


def exceeding(sims: Sequence[tuple[str, State]], segments: int, *, vital: bool) -> list[str]:
    """Return a sentence for each SIM whose budget a message of ``segments`` SMS would exceed.

    ``sims`` are (modem's name, state); the load is shared evenly between them.
    """
    share = -(-segments // max(len(sims), 1))
    found = []
    for name, state in sims:
        over = _over(state, share)
        if over and vital:
            found.append(
                f"Dépassera le forfait de la SIM de {name} de {over} ; partira quand même."
            )
        elif over:
            found.append(f"Dépasse le forfait de la SIM de {name} de {over} : le reste attendra.")
    return found


def _over(state: State, share: int) -> str:
    if state.limits is None:
        return ""
    limits, used = state.limits, state.used
    texts = used.segments_per_month + share - limits.segments_per_month
    if limits.segments_per_month and texts > 0:
        return f"{texts} SMS"
    people = used.recipients_per_month + state.fresh - limits.recipients_per_month
    if limits.recipients_per_month and people > 0:
        return f"{people} correspondants"
    return ""
