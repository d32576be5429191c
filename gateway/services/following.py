"""What follows a message: again to the unreached, the end of an alert, a correction to all."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Final

from gateway.errors import Refused
from gateway.model import BroadcastState, Channel, Door, RecipientState
from gateway.rights import Right
from gateway.services import town_settings
from gateway.services.compose import Compose, Prepared
from gateway.services.drafting import undressed
from gateway.services.follow import Proposed
from gateway.services.permits import need
from gateway.services.sending import Sending, owned
from gateway.services.values import Actor, Draft
from gateway.store import Store, aftermath, attachments, broadcasts, settings

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
#: What may follow a message: to whom it goes, and the first words it is proposed with.
FOLLOWING: Final = {
    "resend": (_UNREACHED, "", ""),
    "end": (_GOT_IT, "Fin de l'alerte", "End of the alert"),
    "correction": (_GOT_IT, "Rectificatif", "Correction"),
}


class Following:
    """What the doors may ask to follow a message."""

    def __init__(self, store: Store, compose: Compose, sending: Sending) -> None:
        self._store, self._compose, self._sending = store, compose, sending

    async def propose(self, actor: Actor, broadcast_id: int, kind: str) -> Proposed:
        """Return the message that would follow: to how many people, by which channels."""
        if kind not in FOLLOWING:
            raise Refused("Suite inconnue : resend, end ou correction.", "kind")
        states, opening, in_english = FOLLOWING[kind]

        def work(db: sqlite3.Connection) -> Proposed:
            row = owned(db, actor, broadcast_id)
            texts = broadcasts.texts(db, broadcast_id)
            found = aftermath.audience(db, broadcast_id, states)
            text = _written(db, row)
            theirs = aftermath.english(db, broadcast_id)
            text_en = _undressed(db, row, *theirs[0]) if len(theirs) == 1 else ""
            if opening:
                text, text_en = f"{opening} : {row['title']}.", f"{in_english}: {row['title']}."
            return Proposed(
                row["title"], text, row["urgency"], tuple(c.value for c in texts), len(found),
                bool(theirs), text_en if theirs else "",
            )  # fmt: skip

        return await self._store.read(work)

    async def _check_unchanged(
        self, actor: Actor, row: sqlite3.Row, draft: Draft, prepared: Prepared
    ) -> None:
        """Refuse another text under the agreement that a second person gave to the first."""
        written = await self._store.read(lambda db: _written(db, row))
        if draft.text.strip() != written.strip() and await self._compose.needs_approval(
            actor, prepared
        ):
            raise Refused(
                "Le texte a changé, et une seconde personne doit valider : écrivez un nouveau "
                "message.", "text",
            )  # fmt: skip

    async def follow(self, actor: Actor, broadcast_id: int, kind: str, draft: Draft) -> int:
        """Send what follows a message: again to the unreached, its end or a correction to all.

        ``kind`` is one of `FOLLOWING`. Return the new broadcast's id.
        """
        need(actor, Right.LAUNCH)
        if kind not in FOLLOWING:
            raise Refused("Suite inconnue : resend, end ou correction.", "kind")
        states, *_ = FOLLOWING[kind]
        row = await self._store.read(lambda db: owned(db, actor, broadcast_id))
        found = await self._store.read(lambda db: aftermath.audience(db, broadcast_id, states))
        if not found:
            raise Refused("Personne n'est concerné par cette suite.")
        files = await self._store.read(lambda db: attachments.ids_of(db, broadcast_id))
        draft = replace(
            draft,
            urgency=row["urgency"],
            exercise=bool(row["exercise"]),
            language=row["language"],
            file_ids=files if "email" in draft.channels else (),
        )
        prepared = await self._compose.prepare_for(actor, draft, found)
        if prepared.problems:
            raise prepared.problems[0]
        if kind == "resend":
            await self._check_unchanged(actor, row, draft, prepared)
        elif row["state"] in {BroadcastState.SENDING, BroadcastState.PAUSED}:
            # nobody may still get the first after its end or correction
            await self._sending.cancel(actor, broadcast_id)
            found = await self._store.read(lambda db: aftermath.audience(db, broadcast_id, states))
            if not found:
                raise Refused("Le premier message est arrêté ; personne ne l'avait encore reçu.")
            prepared = await self._compose.prepare_for(actor, draft, found)
        new, _ = await self._sending.assembled(actor, draft, prepared, Door.PAGE)
        return await self._sending.store_and_go(
            replace(new, kind=kind, parent_id=broadcast_id, groups=row["groups"],
                    any_sim=bool(row["any_sim"]))
        )  # fmt: skip


def _written(db: sqlite3.Connection, row: sqlite3.Row) -> str:
    """Return the text of a broadcast as its sender wrote it."""
    texts = broadcasts.texts(db, row["id"])
    channel, text = next(((c, body) for c, (_, body) in texts.items() if body), (Channel.SMS, ""))
    return _undressed(db, row, channel, text)


def _undressed(db: sqlite3.Connection, row: sqlite3.Row, channel: Channel, text: str) -> str:
    signature = town_settings.signature(settings.read(db, row["entity_id"]))
    return undressed(text, channel, signature, exercise=bool(row["exercise"]))
