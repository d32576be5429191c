"""A council followed: its quorum as answers come, what a secretary writes down, reminders."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import TypeVar

from gateway.changes import Changes
from gateway.clock import Clock
from gateway.departure import Departure
from gateway.errors import NotHere, Refused
from gateway.model import Door, Reason, Urgency
from gateway.near_days import near_day
from gateway.quorum import Answer
from gateway.rights import Right
from gateway.services import council_view, words
from gateway.services import council_words as said
from gateway.services.compose import Compose, Prepared
from gateway.services.council_sheet import Minutes
from gateway.services.council_values import CouncilView, PastCouncil
from gateway.services.follow import Earlier, Proposed
from gateway.services.foresight import another_day
from gateway.services.owning import owned
from gateway.services.permits import need
from gateway.services.sending import Sending
from gateway.services.values import Actor, Draft
from gateway.store import Store, council, council_words, scenarios
from gateway.store.council_words import Said

T = TypeVar("T")
#: How whoever is reminded may be reached, by default.
_CHANNELS = ("sms", "email", "voice")


class Councils:
    """What the doors may ask of a council that was convened."""

    def __init__(
        self, store: Store, clock: Clock, changes: Changes, compose: Compose, sending: Sending
    ) -> None:
        self._store, self._clock, self._changes = store, clock, changes
        self._compose, self._sending = compose, sending
        #: Makes the sheet for the minutes.
        self.minutes = Minutes(store, clock)

    async def view(self, actor: Actor, broadcast_id: int) -> CouncilView | None:
        """Return a council as it stands, None for a message that convened none."""
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> CouncilView | None:
            owned(db, actor, broadcast_id)
            row = council.meeting(db, broadcast_id)
            return council_view.of(db, row, actor.timezone, now) if row is not None else None

        return await self._store.read(work)

    async def past(self, actor: Actor) -> list[PastCouncil]:
        """Return the meetings of lately, one of which may have had no quorum."""
        now = self._clock.now()
        rows = await self._store.read(lambda db: council.past(db, actor.entity_id, now))
        return [
            PastCouncil(row["broadcast_id"], row["what"], words.at(row["at"], actor.timezone))
            for row in rows
        ]

    # what a secretary writes down

    async def write_down(
        self, actor: Actor, broadcast_id: int, member: int, answer: str, holder: int | None = None
    ) -> None:
        """Take a member's answer down, by hand; raise `Refused` for a proxy that cannot be."""
        if answer not in set(Answer):
            raise Refused("Choisissez présent, excusé, absent ou pouvoir.", "answer")
        what = Answer(answer)
        word = Said(member, what, "", "hand", self._clock.now(), actor.name)

        def work(db: sqlite3.Connection, row: sqlite3.Row) -> None:
            known = {one["id"] for one in council.members(db, broadcast_id)}
            if member not in known:
                raise Refused("Cette personne n'est pas membre de ce conseil.", "member")
            if what is not Answer.PROXY:
                council_words.take(db, row, word)
                return
            if holder is None or holder not in known:
                raise Refused("Dites à qui le pouvoir est donné.", "holder")
            why = council_words.against(db, row, member, holder)
            if why:
                raise Refused(
                    "Ce pouvoir ne peut pas être noté : {why}.", "holder", why=said.WHY[why]
                )
            council_words.give(db, row, word, holder)

        await self._change(actor, broadcast_id, work)

    async def settle(self, actor: Actor, broadcast_id: int, word_id: int) -> None:
        """Write down that somebody has dealt with a reply left to a human."""
        now = self._clock.now()

        def work(db: sqlite3.Connection, _: sqlite3.Row) -> None:
            if not council_words.settle(db, broadcast_id, word_id, actor.name, now):
                raise Refused("Notez d'abord la réponse de ce membre.")
            council.note(db, broadcast_id, "council.settled", {"by": actor.name}, now)

        await self._change(actor, broadcast_id, work)

    async def hand_over(
        self, actor: Actor, broadcast_id: int, members: Collection[int], *, given: bool = True
    ) -> None:
        """Write down who was handed the convocation on paper, or take that back."""
        now = self._clock.now()
        await self._change(
            actor, broadcast_id,
            lambda db, _: council.hand_over(
                db, broadcast_id, members, actor.name, now, given=given
            ),
        )  # fmt: skip

    async def _change(
        self, actor: Actor, broadcast_id: int, work: Callable[[sqlite3.Connection, sqlite3.Row], T]
    ) -> T:
        need(actor, Right.WRITE)

        def whole(db: sqlite3.Connection) -> T:
            return work(db, _row(db, actor, broadcast_id))

        changed = await self._store.write(whole)
        self._changes.touch_broadcasts([broadcast_id])
        return changed

    # those who have not answered

    async def propose_recall(
        self, actor: Actor, broadcast_id: int, typed: Draft | None = None
    ) -> Proposed:
        """Return the reminder to those who have not answered, and to how many; as it was typed.

        Raise `Refused` where it could leave only once the meeting has begun.
        """
        view = await self._open(actor, broadcast_id)
        until = None if view.late else view.answer_by
        text = (
            f"{view.what[:1].upper()}{view.what[1:]} du {said.when(view.at)}, {view.place} : "
            f"nous attendons votre réponse. {said.asks(until)}"
        )
        before = None
        if view.recalls:
            last = view.recalls[-1]
            before = Earlier(last.id, last.at, last.by, "recall")
        draft = typed or Draft(text, channels=_CHANNELS[:2])
        proposed = Proposed(
            view.what, draft.text, Urgency.SERVICE.value, draft.channels, len(view.unanswered),
            before=before,
        )  # fmt: skip
        try:
            draft, prepared = await self._recalled(actor, broadcast_id, view, draft)
        except Refused:  # said once it is sent
            return proposed
        try:
            departure, dated = await self._timed(actor, draft, prepared)
        except Refused:
            if typed is None:
                raise
            return proposed  # said already; what was typed stays
        leaves = words.local(departure.starts_at, actor.timezone)
        return replace(
            proposed, leaves_at=leaves if departure.held is Reason.HOURS else None,
            dated=dated, word=near_day(*draft.texts) if dated else "",
        )  # fmt: skip

    async def _recalled(
        self, actor: Actor, broadcast_id: int, view: CouncilView, draft: Draft
    ) -> tuple[Draft, Prepared]:
        """Return a reminder with all that it is, prepared; raise what stands against it."""
        silent = {one.id for one in view.unanswered}
        people = await self._store.read(
            lambda db: scenarios.people_of(
                db, actor.entity_id,
                [one["contact_id"] for one in council.members(db, broadcast_id)
                 if one["id"] in silent and one["contact_id"] is not None],
            )
        )  # fmt: skip
        if not people:
            raise Refused("Tout le monde a répondu : il n'y a personne à relancer.")
        draft = replace(
            draft, urgency="service", expires=view.at, order="advised",
            title=f"Relance : {view.what}"[:120],
        )  # fmt: skip
        prepared = await self._compose.prepare_for(actor, draft, people)
        if prepared.problems:
            raise prepared.problems[0]
        await self._compose.check_carried(prepared)
        return draft, prepared

    async def _timed(
        self, actor: Actor, draft: Draft, prepared: Prepared
    ) -> tuple[Departure, str]:  # fmt: skip
        """Return when it leaves, and a sentence where its words are then of another day, or "".

        Raise `Refused` where that is too late: its form has no field for a time.
        """
        lasting, now = replace(draft, expires=None), self._clock.now()
        departure = await self._compose.departure(actor, lasting, prepared, Door.COMMAND, 0.0)
        if draft.expires is not None and draft.expires.timestamp() <= departure.starts_at:
            raise Refused(
                "La relance ne partirait que {when}, et la séance aura commencé : appelez-les, ou "
                "écrivez-leur un nouveau message et choisissez « Envoyer maintenant ».",
                when=words.at_time(departure.starts_at, actor.timezone, now),
            )  # fmt: skip
        return departure, "".join(another_day(draft, departure, actor.timezone, now))

    async def recall(
        self, actor: Actor, broadcast_id: int, draft: Draft, *, known: str = "", word: str = ""
    ) -> int:
        """Remind those who have not answered, and nobody else; return the new message's id.

        ``known`` is the number of what whoever asks has been shown as `Proposed.before`, ``word``
        what as `Proposed.word`; raise `Refused` where somebody else has reminded them since, and
        for a word of another day that was not shown.
        """
        need(actor, Right.WRITE)
        view = await self._open(actor, broadcast_id)
        row = await self._store.read(lambda db: owned(db, actor, broadcast_id))
        draft, prepared = await self._recalled(actor, broadcast_id, view, draft)
        _, dated = await self._timed(actor, draft, prepared)
        if dated and near_day(*draft.texts) != word:
            raise Refused(dated, "text")
        if await self._compose.needs_approval(actor, prepared):
            raise Refused(
                "Cette relance a {n} destinataires : une seconde personne doit valider. Écrivez-la "
                "comme un nouveau message.", "text", n=len(prepared.people),
            )  # fmt: skip
        new, _ = await self._sending.assembled(actor, draft, prepared, Door.PAGE)
        new = replace(new, kind="recall", parent_id=broadcast_id, any_sim=bool(row["any_sim"]))
        return await self._sending.store_and_go(new, partial(_alone, actor, broadcast_id, known))

    async def _open(self, actor: Actor, broadcast_id: int) -> CouncilView:
        view = await self.view(actor, broadcast_id)
        if view is None:
            raise NotHere(
                "Le message n° {number} ne convoque pas de conseil.",
                number=broadcast_id,
            )
        if view.over:
            raise Refused("La séance a commencé : il n'y a plus personne à relancer.")
        return view


def _alone(actor: Actor, council_id: int, known: str, db: sqlite3.Connection, number: int) -> None:
    """Refuse the reminder ``number`` where another is newer than the one that was ``known``."""
    shown = int(known) if known.isascii() and known.isdigit() else 0
    for one in council.recalls(db, council_id):
        if one["id"] > shown and one["id"] != number:
            raise Refused(
                "Une relance est déjà partie {when}, par {who} : rien n'est parti une autre fois.",
                when=words.at_time(one["created_at"], actor.timezone, one["created_at"]),
                who=one["author"],
            )


def _row(db: sqlite3.Connection, actor: Actor, broadcast_id: int) -> sqlite3.Row:
    owned(db, actor, broadcast_id)
    row = council.meeting(db, broadcast_id)
    if row is None:
        raise NotHere("Le message n° {number} ne convoque pas de conseil.", number=broadcast_id)
    return row
