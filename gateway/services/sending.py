"""Sending, and what may still be done with what was sent. One way for every message.

Job: from a draft to a stored broadcast that leaves when it should, whatever the door; take back,
pause, cancel, approve. Not its job: what follows it (`gateway.services.following`), reading it
again (`gateway.services.broadcasts`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from gateway import hours as opening_hours
from gateway import orders
from gateway import plan as plans
from gateway.changes import Changes
from gateway.clock import Clock
from gateway.departure import Departure
from gateway.dispatcher import Dispatcher
from gateway.errors import IllegalMove, Refused
from gateway.logs import log_for
from gateway.model import BroadcastState, Channel, Door, Reason, Urgency
from gateway.rights import Right
from gateway.services import before_leaving as before
from gateway.services import drafting, drafts
from gateway.services.audiences import FOLLOWING, prepared_after
from gateway.services.batches import as_one_text, check_batch, prepared_batch
from gateway.services.compose import Compose, Prepared
from gateway.services.owning import owned
from gateway.services.permits import need
from gateway.services.sounds import check_recording
from gateway.services.turning import reaches
from gateway.services.values import Actor, BatchLine, Draft
from gateway.store import (
    Store,
    aftermath,
    approvals,
    broadcasts,
    doors,
    progress,
    questions,
    settings,
)

_log = log_for(__name__)

#: Written down in the transaction that stores a broadcast, which it is given the number of.
Beside = Callable[[sqlite3.Connection, int], None]

#: Seconds a second person has to say yes; nothing waits for ever.
APPROVAL_TIME: Final = 24 * 3600.0


class Sending:
    """What the doors may do to make messages leave, wait or stop."""

    def __init__(
        self, store: Store, clock: Clock, changes: Changes, compose: Compose, dispatcher: Dispatcher
    ) -> None:
        self._store, self._clock, self._changes = store, clock, changes
        self._compose, self._dispatcher = compose, dispatcher
        #: Asks somebody by SMS for the word that a large message waits for; whether it has grown.
        self.ask_approval: Callable[[Actor, int, bool], Awaitable[None]] | None = None

    async def send(
        self, actor: Actor, draft: Draft, door: Door = Door.PAGE, *, kind: str = "",
        parent_id: int | None = None, beside: Beside | None = None,
    ) -> int:  # fmt: skip
        """Store a broadcast and let it go when it should; return its id.

        ``kind`` says what it is of the message ``parent_id``; ``beside`` writes what belongs to it.
        Raise `Refused` with the field when something stands against it.
        """
        need(actor, Right.WRITE)
        return await self.leave(actor, draft, door, kind=kind, parent_id=parent_id, beside=beside)

    async def leave(
        self, actor: Actor, draft: Draft, door: Door, *, kind: str = "",
        parent_id: int | None = None, beside: Beside | None = None,
    ) -> int:  # fmt: skip
        """Do what `send` does for somebody whose right was asked before."""
        asked = before.plain(draft)[0] if door is not Door.PAGE else draft
        made = await self._store.read(lambda db: before.made(db, actor, asked, door))
        if made is not None:
            return made
        ready = await self.ready(actor, draft, door, kind=kind, parent_id=parent_id)
        return await self.let_go(actor, ready, beside)

    async def ready(
        self, actor: Actor, draft: Draft, door: Door = Door.PAGE, *, kind: str = "",
        parent_id: int | None = None,
    ) -> before.Ready:  # fmt: skip
        """Return a broadcast that can be stored as it is; raise as `leave` does."""
        draft = replace(draft, as_keeper=actor.keeper or draft.as_keeper)
        draft, changed = before.plain(draft) if door is not Door.PAGE else (draft, False)
        if draft.urgency != Urgency.VITAL:
            self._store.room.check()
        if stopped := draft.again_of:
            key = draft.idempotency_key
            await self._store.read(lambda db: before.check_once(db, actor, stopped, key))
            kind, parent_id = aftermath.MENDED, stopped
        prepared = await self._prepared(actor, draft)
        await self._compose.check_carried(prepared)
        new, departure = await self.assembled(actor, draft, prepared, door)
        before.check_day(draft, door, departure.starts_at, actor.timezone, self._clock.now())
        new = replace(new, kind=kind, parent_id=parent_id)
        if departure.held or draft.meeting:  # to be mended, were it taken back
            new = replace(new, draft=drafts.to_json(draft))
        if changed:
            new = replace(new, extra={**new.extra, "plain_typography": True})
        ready = before.Ready(new)
        if kind != "reminder":  # agreed to with its convocation, before which it never leaves
            ready = await self.gated(actor, new, draft, prepared, departure)
        if kind == "reminder" or (ready.approval_until is None and departure.scheduled):
            return before.Ready(await before.waiting(self._store, new, draft))
        return ready

    async def gated(
        self, actor: Actor, new: broadcasts.NewBroadcast, draft: Draft, prepared: Prepared,
        departure: Departure,
    ) -> before.Ready:  # fmt: skip
        """Return a broadcast that waits for a second person where one must agree, else as it is."""
        if not await self._compose.needs_approval(actor, prepared):
            return before.Ready(new)
        until = min(self._clock.now() + APPROVAL_TIME, departure.expires_at)
        waits = await before.waiting(self._store, new, draft, BroadcastState.AWAITING_APPROVAL)
        return before.Ready(replace(waits, held_reason=Reason.APPROVAL), until)

    async def let_go(self, actor: Actor, ready: before.Ready, beside: Beside | None = None) -> int:
        """Store what is ready and let it leave, or ask a second person; return its id."""
        until = ready.approval_until
        if until is None:
            return await self.store_and_go(ready.new, beside)
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> tuple[int, bool]:
            number = broadcasts.create(db, ready.new, now)
            fresh = approvals.ask(db, number, now, until)
            if beside is not None:
                beside(db, number)
            return number, fresh

        number, fresh = await self._store.write(work)
        self._changes.touch_broadcasts([number])
        if fresh and self.ask_approval is not None:
            await self.ask_approval(actor, number, False)
        return number

    async def try_out(self, actor: Actor, draft: Draft, to: str, *, once: str = "") -> int:
        """Send a message to one number or address only, at once; return its id.

        The number is kept as that of whoever asked. ``once``: the same word, the same message.
        """
        need(actor, Right.WRITE)
        person = await self._compose.whom.person_at(actor, to)
        ways = [one.value for one in Channel if one.value in draft.channels]
        able = [w for w in ways if plans.opening(orders.at_once((Channel(w),)), person.addresses)]
        if not able:
            raise Refused("Ce numéro ne reçoit aucun des moyens choisis.", "test_to")
        trial = replace(
            draft.only_to(to), channels=tuple(able), urgency=Urgency.SERVICE.value,
            at_any_hour=True, title=f"Essai : {drafting.title_of(draft)}"[:120],
            file_ids=draft.file_ids if "email" in able else (), idempotency_key=once or None,
        )  # fmt: skip
        prepared = await self._prepared(actor, trial)
        new, _ = await self.assembled(actor, trial, prepared, Door.PAGE)
        now = self._clock.now()
        new = replace(new, kind="test", starts_at=now, held_reason=Reason.NONE)
        await self._store.write(
            lambda db: settings.note(
                db, actor.entity_id, before.trial_key(actor), to.strip()[:80], actor.name, now
            )
        )
        return await self.store_and_go(new)

    async def trial_number(self, actor: Actor) -> str:
        """Return where this account's last trial went, empty before the first."""
        town = await self._store.read(lambda db: settings.read(db, actor.entity_id))
        return str(town.get(before.trial_key(actor), ""))

    async def _prepared(self, actor: Actor, draft: Draft) -> Prepared:
        prepared = await self._compose.prepare(actor, draft)
        if prepared.problems:
            raise prepared.problems[0]
        await check_recording(self._store, actor, draft.recording)
        return prepared

    async def assembled(
        self, actor: Actor, draft: Draft, prepared: Prepared, door: Door
    ) -> tuple[broadcasts.NewBroadcast, Departure]:
        """Return a prepared draft as it would be stored, and when it leaves."""
        forecast = await self._compose.forecast(actor, prepared)
        departure = await self._compose.departure(actor, draft, prepared, door, forecast)
        new = broadcasts.NewBroadcast(
            entity_id=actor.entity_id, title=prepared.title, urgency=prepared.urgency,
            plan=prepared.plan, door=door, author=actor.name, texts=prepared.texts,
            people=prepared.people, excluded=prepared.excluded, groups=prepared.groups,
            idempotency_key=draft.idempotency_key, asked=drafts.as_asked(draft, door),
            exercise=draft.exercise, recording=draft.recording, forecast=forecast,
            starts_at=departure.starts_at, expires_at=departure.expires_at,
            useless_at=draft.expires.timestamp() if draft.expires else None,
            held_reason=departure.held, hours=opening_hours.to_json(departure.hours),
            closes_at=departure.closes_at, any_sim=prepared.any_sim, language=draft.language,
            file_ids=draft.file_ids,
            extra={"at_any_hour": True} if draft.at_any_hour else {},
        )  # fmt: skip
        return new, departure

    async def send_batch(
        self, actor: Actor, lines: Sequence[BatchLine], *, channel: str, urgency: str, title: str,
        at_any_hour: bool = False, exercise: bool = False, key: str | None = None,
    ) -> int:  # fmt: skip
        """Send each line its own text; a bad number is excluded and told, the others leave.

        The same ``key`` returns the message it made the first time: nobody is written to twice.
        """
        need(actor, Right.WRITE)
        way, kind = check_batch(lines, channel, urgency)
        draft = Draft(
            as_one_text(lines), title, channels=(channel,), urgency=urgency, exercise=exercise,
            at_any_hour=at_any_hour, idempotency_key=key,
        )  # fmt: skip
        made = await self._store.read(lambda db: before.made(db, actor, draft, Door.COMMAND))
        if made is not None:
            return made
        if kind is not Urgency.VITAL:
            self._store.room.check()
        prepared = await prepared_batch(
            self._compose, actor, lines, way, kind, title, exercise=exercise
        )
        new, departure = await self.assembled(actor, draft, prepared, Door.COMMAND)
        now = self._clock.now()
        before.check_day(draft, Door.COMMAND, departure.starts_at, actor.timezone, now)
        return await self.store_and_go(new)

    async def store_and_go(self, new: broadcasts.NewBroadcast, beside: Beside | None = None) -> int:
        """Store a broadcast and let it leave; return its id."""
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> int:
            number = broadcasts.create(db, new, now)
            if beside is not None:
                beside(db, number)
            return number

        number = await self._store.write(work)
        self._go(number, new.urgency)
        return number

    def announce(self, number: int, urgency: Urgency) -> None:
        """Say that a broadcast stored elsewhere may leave."""
        self._go(number, urgency)

    def _go(self, number: int, urgency: Urgency) -> None:
        self._changes.touch_broadcasts([number])
        if urgency is Urgency.VITAL:
            self._dispatcher.make_way()
        else:
            self._dispatcher.wake()

    # a second person's word

    async def approve(self, actor: Actor, broadcast_id: int, why: str = "") -> float:
        """Let a message leave that waited for a second person; return when (since 1970).

        Its author may do so only with a reason, which is recorded. Raise `Refused` also where it
        does not leave after all: it has grown, or it is too late for it.
        """
        row = await self._store.read(lambda db: owned(db, actor, broadcast_id))
        own = row["author"] == actor.name
        need(actor, Right.WRITE if own else Right.DECIDE)
        if own and not why.strip():
            raise Refused("Une autre personne doit valider ; sinon dites pourquoi.", "why")
        now = self._clock.now()
        answered = await self._store.write(
            lambda db: approvals.answer(db, broadcast_id, "yes", actor.name, why.strip(), now)
        )
        if not answered:
            raise Refused("Ce message n'attend plus de validation.")
        await self.launch(broadcast_id)
        after = await self._store.read(lambda db: owned(db, actor, broadcast_id))
        before.check_agreed(row, after)
        return float(after["starts_at"])

    async def refuse(self, actor: Actor, broadcast_id: int, why: str = "") -> None:
        """Say no to a message that waited for a second person: it is cancelled, with why."""
        row = await self._store.read(lambda db: owned(db, actor, broadcast_id))
        need(actor, Right.WRITE if row["author"] == actor.name else Right.DECIDE)

        def work(db: sqlite3.Connection, by: str, now: float) -> bool:
            answered = approvals.answer(db, broadcast_id, "no", by, why.strip(), now)
            if answered:
                broadcasts.cancel(db, broadcast_id, by, now)
            return answered

        if not await self._change(actor, broadcast_id, work, stopped=True):
            raise Refused("Ce message n'attend plus de validation.")

    # what waits for its time

    async def launch_due(self, *, alerts_only: bool) -> None:
        """Let every scheduled broadcast leave whose time has come."""
        now = self._clock.now()
        if not alerts_only:
            late = await self._store.write(lambda db: approvals.expire(db, now))
            self._changes.touch_broadcasts(late)
        alerts_only |= self._store.room.scant
        for row in await self._store.read(lambda db: broadcasts.due(db, now)):
            if row["urgency"] == Urgency.VITAL or not alerts_only:
                await self.launch(row["id"])

    async def launch(self, broadcast_id: int, *, at_any_hour: bool = False) -> None:
        """Let one leave now, to whoever is in its groups now; cancel it where nobody is left.

        One whose hour passed while the box was off leaves late, until it expires. One that somebody
        lets go before its hour (``at_any_hour``) waits on; raise `Refused` with why.
        """
        row = await self._store.read(lambda db: broadcasts.waiting(db, broadcast_id))
        if row is None or await self._store.read(lambda db: approvals.awaited(db, broadcast_id)):
            return
        actor = Actor(
            None, "tocsin", row["author"], "administrator", row["entity_id"], row["town"],
            row["timezone"],
        )  # fmt: skip
        now = self._clock.now()
        draft = before.overdue(drafts.from_json(row["draft"]), row, now)
        draft = replace(draft, at_any_hour=draft.at_any_hour or at_any_hour)
        try:
            before.check_in_time(row, now)
            prepared = await self.prepared_again(actor, row, draft)
            new, departure = await self.assembled(actor, draft, prepared, Door(row["door"]))
            new = before.still_true(new, row, draft, now)
        except Refused as refusal:
            if at_any_hour and row["starts_at"] > now:
                raise  # somebody wanted it now: it goes on waiting for its own hour
            _log.warning("a message could not leave", broadcast=broadcast_id)
            why = refusal.message
            await self._store.write(lambda db: broadcasts.give_up(db, broadcast_id, why, now))
            self._changes.touch_broadcasts([broadcast_id])
            return
        new = replace(new, awaited=await self._store.read(lambda db: reaches(db, new)))
        if await self._has_outgrown(actor, row, prepared, new.awaited):
            await self._ask_late(actor, broadcast_id, new)
            return
        if departure.scheduled:
            await self._store.write(lambda db: broadcasts.schedule(db, broadcast_id, new, now))
        else:
            if departure.held is Reason.TAKE_BACK:  # it could be taken back until now
                new = replace(new, starts_at=now, held_reason=Reason.NONE)
            new = replace(new, starts_at=max(now, new.starts_at or now))
            await self._store.write(lambda db: broadcasts.start(db, broadcast_id, new, now))
        self._go(broadcast_id, new.urgency)

    async def prepared_again(self, actor: Actor, row: sqlite3.Row, draft: Draft) -> Prepared:
        """Prepare what waits in ``row`` for whoever it is for now; raise `Refused`."""
        if row["kind"] not in FOLLOWING:
            return await self._prepared(actor, draft)
        first = await self._store.read(lambda db: owned(db, actor, row["parent_id"]))
        return await prepared_after(self._store, self._compose, actor, first, row["kind"], draft)

    async def _has_outgrown(
        self, actor: Actor, row: sqlite3.Row, prepared: Prepared, people: int
    ) -> bool:
        """Tell whether it needs a second person by now, and none has said yes to so many."""
        if not await self._compose.needs_approval(actor, prepared):
            return False
        agreed = await self._store.read(lambda db: approvals.agreed(db, row["id"]))
        return not agreed or before.outgrown(row["awaited"], people)

    async def _ask_late(self, actor: Actor, number: int, new: broadcasts.NewBroadcast) -> None:
        now = self._clock.now()
        ends, people = min(now + APPROVAL_TIME, new.expires_at), new.awaited
        held = await self._store.write(lambda db: approvals.hold(db, number, people, now, ends))
        self._changes.touch_broadcasts([number])
        if held and self.ask_approval is not None:
            await self.ask_approval(actor, number, True)

    async def cancel(self, actor: Actor, broadcast_id: int) -> int:
        """Withdraw all that has not left; return how many jobs that were."""
        withdrawn: int = await self._change(
            actor, broadcast_id,
            lambda db, by, now: broadcasts.cancel(db, broadcast_id, by, now), stopped=True,
        )  # fmt: skip
        return withdrawn

    async def hush(self, question_id: int) -> None:
        """End the calls that ask a question somebody has answered: nobody's phone rings on."""
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> list[int]:
            asked = questions.messages_of(db, question_id)
            for number in asked:
                broadcasts.cancel(db, number, "Tocsin", now)
            return asked

        asked = await self._store.write(work)
        self._dispatcher.end_calls(asked)
        self._changes.touch_broadcasts(asked)

    async def pause(self, actor: Actor, broadcast_id: int) -> None:
        """Hold back what has not left; what is under way comes to its end."""
        await self._change(
            actor, broadcast_id,
            lambda db, by, now: broadcasts.pause(db, broadcast_id, by, now, on=True),
        )  # fmt: skip

    async def resume(self, actor: Actor, broadcast_id: int) -> None:
        """Go on after a pause."""
        await self._change(
            actor, broadcast_id,
            lambda db, by, now: broadcasts.pause(db, broadcast_id, by, now, on=False),
        )  # fmt: skip
        self._dispatcher.wake()

    async def send_now(self, actor: Actor, broadcast_id: int) -> None:
        """Let leave at once what waits for its hours or to be taken back; recorded."""
        row = await self._store.read(lambda db: owned(db, actor, broadcast_id))
        if await self._store.read(lambda db: approvals.awaited(db, broadcast_id)):
            raise Refused("Ce message attend qu'une seconde personne valide : il partira ensuite.")
        how = broadcasts.release
        if row["state"] == BroadcastState.SCHEDULED:
            need(actor, Right.LAUNCH)
            await self.launch(broadcast_id, at_any_hour=True)
            how = broadcasts.hurried
        await self._change(actor, broadcast_id, lambda db, by, now: how(db, broadcast_id, by, now))
        self._dispatcher.wake()

    async def call_everybody(self, actor: Actor, broadcast_id: int) -> None:
        """Call also those whose network gives no receipts: silence then says nothing."""

        def work(db: sqlite3.Connection, by: str, now: float) -> None:
            row = owned(db, actor, broadcast_id)
            plan = replace(plans.from_json(row["plan"]), call_silent=True)
            if all(Channel.VOICE not in step.channels for step in plan.steps):
                plan = replace(
                    plan, steps=(*plan.steps, plans.Step((Channel.VOICE,), 0.0,
                                                         plans.When.UNCALLED)),
                )  # fmt: skip
            aftermath.replan(db, broadcast_id, plan, now)
            broadcasts.note(db, broadcast_id, "broadcast.call_everybody", by, now)

        await self._change(actor, broadcast_id, work)
        self._dispatcher.wake()

    async def _change(
        self, actor: Actor, broadcast_id: int,
        work: Callable[[sqlite3.Connection, str, float], Any], *, stopped: bool = False,
    ) -> Any:  # fmt: skip
        """Do ``work`` on a message that goes on, or that was ``stopped`` too."""
        need(actor, Right.LAUNCH)
        now = self._clock.now()

        def whole(db: sqlite3.Connection) -> Any:
            row = owned(db, actor, broadcast_id)
            if not stopped:
                before.check_not_stopped(db, row, actor, now)
            return work(db, actor.name, now)

        try:
            changed = await self._store.write(whole)
        except IllegalMove:
            raise Refused("Ce n'est plus possible : cet envoi est déjà plus loin.") from None
        self._changes.touch_broadcasts([broadcast_id])
        return changed

    async def told_in_person(self, actor: Actor, recipient_ids: Sequence[int], by: str) -> int:
        """Write down who was told at their door, by whom; return how many. None: `Refused`."""
        need(actor, Right.LAUNCH)
        if not recipient_ids:
            raise Refused("Cochez d'abord qui a été prévenu, puis notez-le.", "person")
        teller, now = " ".join(by.split())[:80] or actor.name, self._clock.now()

        def work(db: sqlite3.Connection) -> set[int]:
            touched = set()
            for number in recipient_ids:
                broadcast_id = progress.broadcast_of(db, actor.entity_id, number)
                if broadcast_id is None:
                    raise Refused("Cette personne n'est pas dans cette feuille.")
                progress.told_in_person(db, number, teller, now, noted_by=actor.name)
                touched.add(broadcast_id)
            return touched

        self._changes.touch_broadcasts(await self._store.write(work))
        return len(recipient_ids)

    async def take_back_tick(self, actor: Actor, broadcast_id: int, recipient_id: int) -> None:
        """Undo a tick of the door-to-door sheet; nothing it has stopped leaves again."""
        need(actor, Right.LAUNCH)
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            owned(db, actor, broadcast_id)
            if not doors.take_back(db, broadcast_id, recipient_id, actor.name, now):
                raise Refused("Ce pointage est déjà retiré.")

        await self._store.write(work)
        self._changes.touch_broadcasts([broadcast_id])
