"""The guided first message: an exercise, to oneself only, in four steps; done or skipped once.

Where each account stands is kept among the town's settings, under a key of its own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from gateway.clock import Clock
from gateway.errors import Refused
from gateway.rights import Right
from gateway.services.broadcasts import Broadcasts
from gateway.services.permits import need
from gateway.services.sending import Sending
from gateway.services.values import Actor, BroadcastView, Draft
from gateway.store import Store, settings

#: The text that is proposed.
TEXT: Final = "Ceci est mon premier essai de Tocsin. Rien à faire."


@dataclass(frozen=True, slots=True)
class TryView:
    """Where somebody stands: their number, the text, the message once it has left."""

    to: str
    text: str
    message: BroadcastView | None
    over: bool  # done or skipped


class FirstTry:
    """What the page may ask of it."""

    def __init__(
        self, store: Store, clock: Clock, sending: Sending, broadcasts: Broadcasts
    ) -> None:
        self._store, self._clock = store, clock
        self._sending, self._broadcasts = sending, broadcasts

    async def view(self, actor: Actor) -> TryView:
        """Return where somebody stands."""
        need(actor, Right.WRITE)
        kept = await self._kept(actor)
        number, message = kept.get("message", 0), None
        if number:
            message = await self._broadcasts.view(actor, number)
        return TryView(
            await self._sending.trial_number(actor), kept.get("text", TEXT), message,
            bool(kept.get("over")),
        )  # fmt: skip

    async def is_over(self, actor: Actor) -> bool:
        """Tell whether it was done or skipped: it is proposed no more."""
        return bool((await self._kept(actor)).get("over"))

    async def send(self, actor: Actor, to: str, text: str) -> int:
        """Send the exercise to one number; raise `Refused` with the field at fault.

        Asked for again with the same words before it is begun anew, it is the one that was sent;
        a form gone back to, its wrong number put right, is another.
        """
        need(actor, Right.WRITE)
        if not to.strip():
            raise Refused("Écrivez le numéro de votre portable.", "to")
        if not text.strip():
            raise Refused("Écrivez un texte, même court.", "text")
        kept = await self._kept(actor)
        draft = Draft(text.strip()[:300], channels=("sms", "voice"), exercise=True)
        content = hashlib.sha256(repr((to.strip(), draft.text)).encode()).hexdigest()[:16]
        key = f"first-try-{actor.login}-{kept.get('turn', 0)}-{content}"
        try:
            number = await self._sending.try_out(actor, draft, to.strip(), once=key)
        except Refused as refusal:
            raise Refused(refusal.message, "to") from None
        if number != kept.get("message"):
            await self._keep(actor, {**kept, "message": number, "text": draft.text})
        return number

    async def end(self, actor: Actor) -> None:
        """Be done with it, read or skipped."""
        need(actor, Right.WRITE)
        await self._keep(actor, {**await self._kept(actor), "over": True})

    async def again(self, actor: Actor) -> None:
        """Begin anew."""
        need(actor, Right.WRITE)
        turn = (await self._kept(actor)).get("turn", 0)
        await self._keep(actor, {"turn": turn + 1})

    async def _kept(self, actor: Actor) -> dict[str, Any]:
        town = await self._store.read(lambda db: settings.read(db, actor.entity_id))
        return dict(town.get(_key(actor), {}))

    async def _keep(self, actor: Actor, value: dict[str, Any]) -> None:
        now = self._clock.now()
        await self._store.write(
            lambda db: settings.note(db, actor.entity_id, _key(actor), value, actor.name, now)
        )


def _key(actor: Actor) -> str:
    return f"first_try.{actor.login}"
