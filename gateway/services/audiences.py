"""Whom it concerns that follows a message: those it has not reached, or those who had it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import replace
from typing import Final

from gateway import orders
from gateway import plan as plans
from gateway.errors import Refused
from gateway.model import Channel, RecipientState, Urgency
from gateway.services.compose import Compose, Prepared
from gateway.services.values import Actor, Draft
from gateway.store import Store, aftermath, family, people

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


def concerned(db: sqlite3.Connection, broadcast_id: int, kind: str) -> list[people.Person]:
    """Return whom it concerns that follows a message or any of its family, each person once."""
    if kind == "resend":
        first = family.first(db, broadcast_id, family.REPEATS)
        return aftermath.unreached(db, family.whole(db, first, family.REPEATS), FOLLOWING[kind])
    return aftermath.had(db, family.whole(db, family.first(db, broadcast_id)), FOLLOWING[kind])


def order_after(row: sqlite3.Row, kind: str, channels: Collection[str]) -> plans.Plan:
    """Return in which order it goes that follows the message ``row``, by these channels."""
    chosen = [one for one in Channel if one.value in channels]
    return orders.after(plans.from_json(row["plan"]), Urgency(row["urgency"]), chosen, kind)


async def prepared_after(
    store: Store, compose: Compose, actor: Actor, row: sqlite3.Row, kind: str, draft: Draft,
    *, nobody: Refused | None = None,
) -> Prepared:  # fmt: skip
    """Prepare what follows the message ``row`` for whoever it concerns now.

    Raise ``nobody`` where that is nobody, or `Refused` where something stands against it.
    """
    found = await store.read(lambda db: concerned(db, row["id"], kind))
    if not found:
        raise nobody or Refused("Personne n'est concerné par cette suite.")
    order = order_after(row, kind, draft.channels) if draft.channels else None
    prepared = await compose.prepare_for(actor, draft, found, order=order)
    if prepared.problems:
        raise prepared.problems[0]
    return replace(prepared, groups=row["groups"], any_sim=bool(row["any_sim"]))
