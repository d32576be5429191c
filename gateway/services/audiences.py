"""Whom it concerns that follows a message: those it has not reached, or those who had it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Final

from gateway.errors import Refused
from gateway.model import RecipientState
from gateway.services.compose import Compose, Prepared
from gateway.services.values import Actor, Draft
from gateway.store import Store, aftermath

_GOT_IT: Final = frozenset(
    {
        RecipientState.SENT, RecipientState.RECEIVED, RecipientState.ANSWERED,
        RecipientState.LISTENED, RecipientState.ACKNOWLEDGED, RecipientState.UNCERTAIN,
        RecipientState.TOLD_IN_PERSON, RecipientState.IN_PROGRESS, RecipientState.DECLINED,
    }
)  # fmt: skip
_UNREACHED: Final = frozenset(
    {
        RecipientState.FAILED, RecipientState.EXPIRED, RecipientState.ANSWERED,
        RecipientState.SENT, RecipientState.UNCERTAIN, RecipientState.CANCELLED,
    }
)  # fmt: skip
#: What may follow a message, and to whom it goes.
FOLLOWING: Final = {"resend": _UNREACHED, "end": _GOT_IT, "correction": _GOT_IT}


async def prepared_after(
    store: Store, compose: Compose, actor: Actor, row: sqlite3.Row, kind: str, draft: Draft,
    *, nobody: Refused | None = None,
) -> Prepared:  # fmt: skip
    """Prepare what follows the message ``row`` for whoever it concerns now.

    Raise ``nobody`` where that is nobody, or `Refused` where something stands against it.
    """
    found = await store.read(lambda db: aftermath.audience(db, row["id"], FOLLOWING[kind]))
    if not found:
        raise nobody or Refused("Personne n'est concerné par cette suite.")
    prepared = await compose.prepare_for(actor, draft, found)
    if prepared.problems:
        raise prepared.problems[0]
    return replace(prepared, groups=row["groups"], any_sim=bool(row["any_sim"]))
