"""Groups that a message names and that are gone: which, and the message without them.

Nobody deletes a group that a ready alert names (`gateway.services.groupings`); one may be gone all
the same, or have become the register's. The alert then goes to its other groups, and says so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import replace
from typing import Final

from gateway.model import Purpose
from gateway.sentences import Sentence, fr, glued, listed
from gateway.services.values import Draft
from gateway.store import group_uses, groups


def lacking(
    db: sqlite3.Connection, entity_id: int, numbers: Collection[int], *, keeper: bool
) -> tuple[frozenset[int], str]:
    """Return which of these groups cannot be written to, and the sentence that names them.

    ``keeper``: whoever asks knows the groups of the register; others learn none of their names.
    """
    missing = frozenset(numbers) - open_to(db, entity_id, keeper=keeper)
    if not missing:
        return missing, ""
    return missing, _said(missing, group_uses.gone(db, entity_id, missing), keeper=keeper)


def open_to(db: sqlite3.Connection, entity_id: int, *, keeper: bool) -> frozenset[int]:
    """Return the groups that whoever asks can write to."""
    return frozenset(row["id"] for row in groups.named(db, entity_id, register=keeper))


def without_gone(
    db: sqlite3.Connection, entity_id: int, draft: Draft, *, keeper: bool
) -> tuple[Draft, str]:
    """Return a kept draft without the groups that are gone, and what to say of those."""
    missing, said = lacking(db, entity_id, draft.group_ids, keeper=keeper or draft.as_keeper)
    left = tuple(one for one in draft.group_ids if one not in missing)
    return replace(draft, group_ids=left), said


def said_uses(uses: group_uses.Uses) -> Sentence:
    """Return what uses something that was to be deleted, each by its name."""
    said: list[str] = [fr("message prêt « {name} »", name=row["title"]) for row in uses.ready]
    said += [fr("message prévu « {name} »", name=row["title"]) for row in uses.waiting]
    said += [fr("message qui revient « {name} »", name=row["title"]) for row in uses.series]
    return listed(", ", said)


#: The same of both, a name being known only of what was deleted: nobody learns from it which group
#: is the register's.
_UNNAMED: Final = fr("un de ses groupes n'existe plus, ou est au registre, qu'un gardien prévient")


def _said(gone: Collection[int], known: dict[int, tuple[str, str]], *, keeper: bool) -> Sentence:
    """Return which groups are missing, each by the name it had where that may be told."""
    told: list[str] = []
    for number in sorted(gone):
        name, purpose = known.get(number, ("", ""))
        if not name or (purpose == Purpose.VULNERABLE and not keeper):
            told.append(_UNNAMED)
        else:
            told.append(fr("le groupe « {name} » n'existe plus", name=name))
    return glued("{told!c}.", told=listed(", ", dict.fromkeys(told)))
