"""What follows a message: again to the unreached, the end of an alert, a correction to all."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from functools import partial
from typing import Final

from gateway.errors import Refused
from gateway.model import BroadcastState, Channel, Door, Urgency
from gateway.rights import Right
from gateway.services import town_settings, words
from gateway.services.audiences import FOLLOWING, prepared_after
from gateway.services.compose import Compose, Prepared
from gateway.services.drafting import undressed
from gateway.services.follow import Earlier, Proposed
from gateway.services.owning import owned
from gateway.services.permits import need
from gateway.services.sending import Sending
from gateway.services.values import Actor, Draft
from gateway.store import Store, aftermath, attachments, broadcasts, sent_once, settings

#: The first words it is proposed with, in each language; an alert ends as one.
_OPENINGS: Final = {
    ("end", "fr"): "Fin : ", ("end", "en"): "It is over: ",
    ("correction", "fr"): "Rectificatif : ", ("correction", "en"): "Correction: ",
}  # fmt: skip
_ALERT_ENDS: Final = {"fr": "Fin de l'alerte : ", "en": "End of the alert: "}


class Following:
    """What the doors may ask to follow a message."""

    def __init__(self, store: Store, compose: Compose, sending: Sending) -> None:
        self._store, self._compose, self._sending = store, compose, sending

    async def propose(self, actor: Actor, broadcast_id: int, kind: str) -> Proposed:
        """Return the message that would follow: to how many people, by which channels."""
        if kind not in FOLLOWING:
            raise Refused("Suite inconnue : resend, end ou correction.", "kind")

        def work(db: sqlite3.Connection) -> Proposed:
            row = owned(db, actor, broadcast_id)
            texts = broadcasts.texts(db, broadcast_id)
            found = aftermath.audience(db, broadcast_id, FOLLOWING[kind])
            text = _written(db, row)
            theirs = aftermath.english(db, broadcast_id)
            text_en = _undressed(db, row, *theirs[0]) if len(theirs) == 1 else ""
            if kind != "resend":
                text, text_en = _opened(row, kind, "fr"), _opened(row, kind, "en")
                text = text_en if row["language"] == "en" else text
            town = settings.read(db, actor.entity_id)
            asks = kind != "resend" and town_settings.asks_second(
                town, Urgency(row["urgency"]), len(found)
            )
            return Proposed(
                row["title"], text, row["urgency"], tuple(c.value for c in texts), len(found),
                bool(theirs), text_en if theirs else "", asks, _before(db, actor, row, kind),
            )  # fmt: skip

        return await self._store.read(work)

    async def _made(self, actor: Actor, key: str | None) -> int | None:
        if key is None:
            return None
        return await self._store.read(lambda db: sent_once.of_key(db, actor.entity_id, key))

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

    async def follow(
        self, actor: Actor, broadcast_id: int, kind: str, draft: Draft, *, known: str = ""
    ) -> int:
        """Send what follows a message: again to the unreached, its end or a correction to all.

        ``kind`` is one of `FOLLOWING`, ``known`` the number of the last of this kind that whoever
        asks has been shown. Return the new broadcast's id; raise `Refused` also where somebody
        else has announced the same meanwhile.
        """
        need(actor, Right.LAUNCH)
        if kind not in FOLLOWING:
            raise Refused("Suite inconnue : resend, end ou correction.", "kind")
        row = await self._store.read(lambda db: owned(db, actor, broadcast_id))
        if (made := await self._made(actor, draft.idempotency_key)) is not None:
            return made
        earlier = await self._store.read(lambda db: _before(db, actor, row, kind))
        if (str(earlier.id) if earlier else "") != known:
            raise Refused(
                "Cela vient d'être annoncé : rien n'est parti une autre fois. Voyez d'abord."
            )
        files = await self._store.read(lambda db: attachments.ids_of(db, broadcast_id))
        draft = replace(
            draft,
            urgency=row["urgency"],
            exercise=bool(row["exercise"]),
            language=row["language"],
            file_ids=files if "email" in draft.channels else (),
        )
        prepare = partial(prepared_after, self._store, self._compose, actor, row, kind, draft)
        prepared = await prepare()
        if kind == "resend":
            await self._check_unchanged(actor, row, draft, prepared)
        elif row["state"] in {BroadcastState.SENDING, BroadcastState.PAUSED}:
            # nobody may still get the first after its end or correction
            await self._sending.cancel(actor, broadcast_id)
            prepared = await prepare(
                nobody=Refused("Le premier message est arrêté ; personne ne l'avait encore reçu.")
            )
        new, departure = await self._sending.assembled(actor, draft, prepared, Door.PAGE)
        new = replace(new, kind=kind, parent_id=broadcast_id)
        if kind == "resend":  # the same text: agreed to with the first
            return await self._sending.store_and_go(new)
        ready = await self._sending.gated(actor, new, draft, prepared, departure)
        return await self._sending.let_go(actor, ready)


def _before(
    db: sqlite3.Connection, actor: Actor, row: sqlite3.Row, kind: str
) -> Earlier | None:  # fmt: skip
    """Return the last of this kind that followed a message; to the unreached one sends often."""
    if kind == "resend":
        return None
    for one in reversed(aftermath.followed_by(db, row["id"])):
        if one["kind"] == kind and one["state"] != BroadcastState.CANCELLED:
            return Earlier(one["id"], words.at(one["created_at"], actor.timezone), one["author"])
    return None


def _opened(row: sqlite3.Row, kind: str, language: str) -> str:
    """Return the text that is proposed after a message, which its title ends as a sentence."""
    opening = _OPENINGS[kind, language]
    if kind == "end" and row["urgency"] == Urgency.VITAL:
        opening = _ALERT_ENDS[language]
    title = row["title"]
    return f"{opening}{title}" if title.endswith((".", "!", "?", "…")) else f"{opening}{title}."


def _written(db: sqlite3.Connection, row: sqlite3.Row) -> str:
    """Return the text of a broadcast as its sender wrote it."""
    texts = broadcasts.texts(db, row["id"])
    channel, text = next(((c, body) for c, (_, body) in texts.items() if body), (Channel.SMS, ""))
    return _undressed(db, row, channel, text)


def _undressed(db: sqlite3.Connection, row: sqlite3.Row, channel: Channel, text: str) -> str:
    signature = town_settings.signature(settings.read(db, row["entity_id"]))
    return undressed(text, channel, signature, exercise=bool(row["exercise"]))
