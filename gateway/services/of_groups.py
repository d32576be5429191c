"""What the groups of a draft have it keep: hours of their own, the SIMs that may carry it. Pure."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.hours import Hours
from gateway.hours import from_json as hours_from_json
from gateway.model import Urgency
from gateway.services import town_settings
from gateway.services.values import Draft
from gateway.store import people

#: Different numbers a person may write to by hand from a SIM of the ordinary regime.
MOST_ORDINARY: Final = 5


def own_hours(draft: Draft, groups: Sequence[sqlite3.Row]) -> Hours | None:
    """Return the hours of the groups' own, where all have the same and nobody else gets it."""
    if not draft.groups_alone:
        return None
    own = {row["hours"] for row in groups}
    return hours_from_json(own.pop()) if len(own) == 1 else None


def hours(
    draft: Draft, town: Mapping[str, Any], urgency: Urgency, own: Hours | None
) -> Hours | None:  # fmt: skip
    """Return the hours a draft would keep if it left now; ``own`` are those of its groups."""
    return None if draft.at_any_hour else own or town_settings.hours(town, urgency)


def any_sim(draft: Draft, groups: Sequence[sqlite3.Row], known: Sequence[people.Person]) -> bool:
    """Whether a SIM of the ordinary regime may carry it: named groups, or a handful of numbers."""
    if draft.everybody:
        return False
    if draft.group_ids and not draft.zones and len(draft.contact_ids) <= MOST_ORDINARY:
        return all(row["any_sim"] for row in groups)
    return len(known) <= MOST_ORDINARY
