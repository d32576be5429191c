"""Who agreed and who asked to be left alone, as the page writes it down.

For alerts a no is asked for twice: whoever writes it down confirms that the person understood.
"""

from __future__ import annotations

import sqlite3

from gateway import phone
from gateway.clock import Clock
from gateway.errors import NotHere, Refused
from gateway.model import Purpose
from gateway.rights import Right
from gateway.services.past import PURPOSES
from gateway.services.permits import need
from gateway.services.values import Actor
from gateway.store import Store, answers, consent, contacts


class Consents:
    """What the doors may ask of agreements."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def say(
        self, actor: Actor, contact_id: int, address: str, purpose: str, *, given: bool,
        source: str, confirmed: bool = False,
    ) -> None:  # fmt: skip
        """Write down a yes or a no of one of a contact's addresses.

        ``source``: how the person said so. Raise `Refused` where it is missing, or where a no to
        the alerts is not confirmed.
        """
        need(actor, Right.PEOPLE)
        said = " ".join(source.split())[:200]
        if not said:
            raise Refused("Dites comment la personne l'a demandé : au guichet, par courrier…",
                          "source")  # fmt: skip
        if purpose not in {one.value for one in PURPOSES}:
            raise Refused("Choisissez alerte, service ou information.", "purpose")
        if purpose == Purpose.ALERT and not given and not confirmed:
            raise Refused(
                "{address} ne recevra plus aucune alerte, même en danger de mort : cochez la "
                "case qui le confirme.",
                "confirmed",
                address=phone.shown(address),
            )
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            row = contacts.get(db, actor.entity_id, contact_id, register=actor.keeper)
            known = [e["address"] for e in contacts.endpoints(db, contact_id)] if row else []
            if address not in known:
                raise NotHere("Ce numéro n'est plus dans cette fiche.")
            write, wanted = consent.restore if given else consent.withdraw, Purpose(purpose)
            write(
                db, actor.entity_id, channel=None, address=address, purpose=wanted, source=said,
                by=actor.name, now=now,
            )  # fmt: skip
            if not given:
                answers.withdraw_queued(db, actor.entity_id, address, frozenset({wanted}), now)

        await self._store.write(work)
