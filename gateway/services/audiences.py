"""Whom it concerns that follows a message: those it has not reached, or those who had it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import replace
from typing import Final

from gateway import orders, referent
from gateway import plan as plans
from gateway.errors import Refused
from gateway.hours import from_json
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
        # of a message that asks to confirm; another counts them as reached
        RecipientState.RECEIVED, RecipientState.LISTENED,
    }
)  # fmt: skip
#: What may follow a message, and to whom it goes.
FOLLOWING: Final = {"resend": _UNREACHED, "end": _GOT_IT, "correction": _GOT_IT}


def concerned(db: sqlite3.Connection, broadcast_id: int, kind: str) -> list[people.Person]:
    """Return whom it concerns that follows a message or any of its family, each person once."""
    if kind == "resend":
        first = family.first(db, broadcast_id, family.REPEATS)
        said, ends = family.whole(db, first, family.REPEATS), family.ends(db, first)
        return aftermath.unreached(db, said, FOLLOWING[kind], ends)
    return aftermath.had(db, family.whole(db, family.first(db, broadcast_id)), FOLLOWING[kind])


def referents(db: sqlite3.Connection, broadcast_id: int, kind: str) -> list[people.Person]:
    """Return who was asked to go and see somebody, and is to hear that it is over.

    Whoever gets the end anyway, by a telephone they share even, is none of them.
    """
    if kind != "end":
        return []
    named = concerned(db, broadcast_id, kind)
    theirs = {address.value for one in named for address in one.addresses}
    whole = family.whole(db, family.first(db, broadcast_id))
    return [one for one in aftermath.asked(db, whole)
            if theirs.isdisjoint(address.value for address in one.addresses)]  # fmt: skip


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
    found, asked = await store.read(
        lambda db: (concerned(db, row["id"], kind), referents(db, row["id"], kind))
    )
    if not found and not asked:
        raise nobody or Refused("Personne n'est concerné par cette suite.")
    order = order_after(row, kind, draft.channels) if draft.channels else None
    prepared = await compose.prepare_for(actor, draft, found, order=order)
    if asked and not prepared.problems:
        theirs = await compose.prepare_for(actor, _to_referents(draft), asked, order=order)
        own = [_with_texts(one, theirs) for one in theirs.people]
        prepared = replace(
            prepared, people=(*prepared.people, *own), problems=theirs.problems
        )  # fmt: skip
    if prepared.problems:
        raise prepared.problems[0]
    return replace(
        prepared, groups=row["groups"], any_sim=bool(row["any_sim"]),
        # whoever may be told at five that the garage is closed may be told then that it is open
        hours=from_json(row["hours"]),
    )  # fmt: skip


def _to_referents(draft: Draft) -> Draft:
    """Return an end as those read it who were asked to go and see somebody."""
    return replace(
        draft, text=referent.over(draft.text), text_en=referent.over(draft.text_en, "en"),
        sms_text=None, voice_text=None, mail_text=None,
    )  # fmt: skip


def _with_texts(one: people.Person, prepared: Prepared) -> people.Person:
    return one._replace(
        bodies=one.bodies or {channel: body for channel, (_, body) in prepared.texts.items()}
    )
