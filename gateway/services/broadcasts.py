"""Broadcasts: sent, followed, cancelled, reported. One way for every message, whatever the door."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from gateway import phone
from gateway import plan as plans
from gateway.changes import Changes
from gateway.clock import Clock
from gateway.dispatcher import Dispatcher
from gateway.errors import IllegalMove, Refused
from gateway.model import (
    REACHED,
    BroadcastState,
    Channel,
    Door,
    JobState,
    Outcome,
    Reason,
    RecipientState,
    Urgency,
)
from gateway.policy import expires_at
from gateway.services import words
from gateway.services.compose import MOST_SEGMENTS, Compose, cheaper
from gateway.services.directory import paged
from gateway.services.sounds import check_recording
from gateway.services.values import (
    Actor,
    AttemptView,
    BatchLine,
    BroadcastSummary,
    BroadcastView,
    Draft,
    JobView,
    Page,
    RecipientView,
    StateCount,
)
from gateway.store import Store, broadcasts, people

PAGE_SIZE: Final = 20
PEOPLE_PAGE: Final = 100
MOST_BATCH: Final = 20_000
_RATE_SPAN: Final = 120.0


class Broadcasts:
    """What the doors may do with broadcasts."""

    def __init__(
        self, store: Store, clock: Clock, changes: Changes, compose: Compose, dispatcher: Dispatcher
    ) -> None:
        self._store, self._clock, self._changes = store, clock, changes
        self._compose, self._dispatcher = compose, dispatcher

    async def send(self, actor: Actor, draft: Draft, door: Door = Door.PAGE) -> int:
        """Store a broadcast and let it go; return its id. Raise `Refused` with the field."""
        if actor.role == "technician":
            raise Refused("Votre rôle ne permet pas d'envoyer de message.")
        draft, changed = _plain(draft) if door is not Door.PAGE else (draft, False)
        prepared = await self._compose.prepare(actor, draft)
        if prepared.problems:
            raise prepared.problems[0]
        await check_recording(self._store, actor, draft.recording)
        counts = {
            channel: sum(len(plans.addresses(channel, p.addresses)) for p in prepared.people)
            for channel in prepared.channels
        }
        forecast = await self._compose.duration(counts, prepared.texts)
        return await self._store_and_go(
            actor, door, forecast,
            broadcasts.NewBroadcast(
                entity_id=actor.entity_id, title=prepared.title, urgency=prepared.urgency,
                plan=plans.first_plan(prepared.channels), door=door, author=actor.name,
                texts=prepared.texts, people=prepared.people, excluded=prepared.excluded,
                groups=prepared.groups, idempotency_key=draft.idempotency_key,
                exercise=draft.exercise, recording=draft.recording,
                extra={"plain_typography": changed} if changed else {},
            ),
        )  # fmt: skip

    async def send_batch(
        self, actor: Actor, lines: Sequence[BatchLine], *, channel: str, urgency: str, title: str
    ) -> int:
        """Send each line its own text; a bad number is excluded and told, the others leave."""
        if not lines:
            raise Refused("Ce lot est vide.")
        if len(lines) > MOST_BATCH:
            raise Refused(f"Ce lot dépasse {MOST_BATCH} lignes : coupez-le en plusieurs.")
        if channel not in set(Channel) or urgency not in set(Urgency):
            raise Refused(f"Moyen ou urgence inconnus : {channel}, {urgency}.")
        way, kind = Channel(channel), Urgency(urgency)
        found: list[people.Person] = []
        excluded: list[tuple[str, Reason]] = []
        for number, line in enumerate(lines, 1):
            body = self._batch_text(way, line, number)
            try:
                found.append(await self._compose.person_at(actor, line.to, body))
            except Refused:
                excluded.append((line.to[:80], Reason.NUMBER_REFUSED))
        if not found:
            raise Refused("Aucun numéro de ce lot ne peut être appelé.")
        return await self._store_and_go(
            actor, Door.COMMAND, 0.0,
            broadcasts.NewBroadcast(
                entity_id=actor.entity_id, title=title or f"Lot de {len(lines)} messages",
                urgency=kind, plan=plans.first_plan((way,)), door=Door.COMMAND, author=actor.name,
                texts={}, people=found, excluded=excluded,
            ),
        )  # fmt: skip

    def _batch_text(self, way: Channel, line: BatchLine, number: int) -> str:
        text = line.text.strip()
        if not text:
            raise Refused(f"Ligne {number} du lot : le texte manque.")
        if way is not Channel.SMS:
            return text
        text, _ = cheaper(text)
        segments = self._compose.measure(text).segments
        if segments > MOST_SEGMENTS:
            raise Refused(
                f"Ligne {number} du lot : ce texte fait {segments} SMS ; "
                f"la limite est de {MOST_SEGMENTS}."
            )
        return text

    async def _store_and_go(
        self, actor: Actor, door: Door, forecast: float, new: broadcasts.NewBroadcast
    ) -> int:
        now = self._clock.now()
        whole = replace(
            new, door=door, forecast=forecast,
            expires_at=expires_at(new.urgency, now, actor.timezone, forecast),
        )  # fmt: skip
        number = await self._store.write(lambda db: broadcasts.create(db, whole, now))
        self._changes.touch_broadcasts([number])
        if new.urgency is Urgency.VITAL:
            self._dispatcher.make_way()
        else:
            self._dispatcher.wake()
        return number

    async def list(self, actor: Actor, page: int = 1) -> Page[BroadcastSummary]:
        """Return one page of the town's broadcasts, newest first."""

        def work(db: sqlite3.Connection) -> Page[BroadcastSummary]:
            _, total = broadcasts.summaries(db, actor.entity_id, 0, 0)
            number, pages, offset = paged(total, page, PAGE_SIZE)
            rows, _ = broadcasts.summaries(db, actor.entity_id, PAGE_SIZE, offset)
            return Page(tuple(_summary(row, actor) for row in rows), number, pages, total)

        return await self._store.read(work)

    async def view(self, actor: Actor, broadcast_id: int) -> BroadcastView:
        """Return one broadcast as it stands; raise `Refused` when it is not this town's."""
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> tuple[Any, ...]:
            row = _owned(db, actor, broadcast_id)
            return (
                row, broadcasts.texts(db, broadcast_id), broadcasts.counts(db, broadcast_id),
                broadcasts.unfinished(db, broadcast_id),
                broadcasts.settled_since(db, broadcast_id, now - _RATE_SPAN),
            )  # fmt: skip

        row, texts, counts, unfinished, settled = await self._store.read(work)
        remaining = None
        if unfinished and row["state"] == BroadcastState.SENDING:
            left = {Channel(channel): number for channel, number in unfinished.items()}
            remaining = await self._compose.duration(left, texts)
        summary = _summary(row, actor)
        span = min(_RATE_SPAN, max(now - row["created_at"], 1.0))
        return BroadcastView(
            summary=summary,
            texts=_shown_texts(texts),
            counts=tuple(
                StateCount(state.value, words.STATES[state], number, words.KINDS[state])
                for state in RecipientState
                if (number := counts.get(state, 0))
            ),
            reached=sum(number for state, number in counts.items() if state in REACHED),
            recipients_total=sum(counts.values()),
            rate_per_minute=settled * 60 / span if row["closed_at"] is None else None,
            remaining_seconds=remaining,
            waiting_for=self._waiting_for(row, unfinished),
            can_cancel=row["state"] in {BroadcastState.SENDING, BroadcastState.PAUSED},
        )

    def _waiting_for(self, row: sqlite3.Row, unfinished: dict[str, int]) -> str:
        if row["closed_at"] is not None:
            return ""
        able = {c for lane in self._dispatcher.lanes for c in lane.channels}
        blocked = [c for code in unfinished if (c := Channel(code)) not in able]
        if blocked:
            names = ", ".join(words.CHANNELS[c] for c in blocked)
            return f"Aucun modem prêt pour : {names}. L'envoi reprendra de lui-même."
        if unfinished:
            return f"Reste à envoyer : {sum(unfinished.values())}."
        return "Tout est parti ; on attend les derniers accusés de réception."

    async def recipients(
        self, actor: Actor, broadcast_id: int, state: str | None = None, page: int = 1
    ) -> Page[RecipientView]:
        """Return one page of a broadcast's people, with their jobs."""
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> Page[RecipientView]:
            _owned(db, actor, broadcast_id)
            _, total = broadcasts.recipients(db, broadcast_id, state=state, limit=0)
            number, pages, offset = paged(total, page, PEOPLE_PAGE)
            rows, _ = broadcasts.recipients(
                db, broadcast_id, state=state, limit=PEOPLE_PAGE, offset=offset
            )
            items = tuple(_recipient(db, row, actor, now) for row in rows)
            return Page(items, number, pages, total)

        return await self._store.read(work)

    async def cancel(self, actor: Actor, broadcast_id: int) -> int:
        """Withdraw all that has not left; return how many jobs that were."""
        if actor.role == "technician":
            raise Refused("Votre rôle ne permet pas d'annuler un message.")
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> int:
            _owned(db, actor, broadcast_id)
            return broadcasts.cancel(db, broadcast_id, actor.name, now)

        try:
            withdrawn = await self._store.write(work)
        except IllegalMove:
            raise Refused("Cet envoi est déjà terminé.") from None
        self._changes.touch_broadcasts([broadcast_id])
        return withdrawn

    async def report(self, actor: Actor, broadcast_id: int) -> dict[str, Any]:
        """Return everything about a broadcast, in code words, ready for JSON."""
        return await self._store.read(lambda db: full_report(db, actor, broadcast_id))


def full_report(db: sqlite3.Connection, actor: Actor, broadcast_id: int) -> dict[str, Any]:
    """Build the report on a connection; also without a daemon."""
    row = _owned(db, actor, broadcast_id)
    rows, _ = broadcasts.recipients(db, broadcast_id)
    return {
        "broadcast": row["id"], "title": row["title"], "urgency": row["urgency"],
        "state": row["state"], "author": row["author"], "exercise": bool(row["exercise"]),
        "created_at": _iso(row["created_at"], actor), "closed_at": _iso(row["closed_at"], actor),
        "counts": {s.value: n for s, n in broadcasts.counts(db, broadcast_id).items()},
        "recipients": [
            {
                "contact": person["name"], "contact_id": person["contact_id"],
                "state": person["state"], "reason": person["reason"],
                "closed": person["closed_at"] is not None,
                "jobs": [
                    {
                        "channel": job["channel"], "endpoint": job["address"],
                        "state": job["state"], "outcome": job["outcome"],
                        "reason": job["reason"] or job["held_reason"],
                        "attempts": [
                            {"modem": a["lane"], "started_at": _iso(a["started_at"], actor),
                             "ended_at": _iso(a["ended_at"], actor), "result": a["result"],
                             "detail": a["detail"]}
                            for a in broadcasts.attempts_of(db, job["id"])
                        ],
                    }
                    for job in broadcasts.jobs_of(db, person["id"])
                ],
            }
            for person in rows
        ],
    }  # fmt: skip


def _shown_texts(texts: dict[Channel, tuple[str, str]]) -> dict[str, str]:
    shown = {channel.value: body for channel, (_, body) in texts.items()}
    if Channel.EMAIL in texts:
        shown["mail_subject"] = texts[Channel.EMAIL][0]
    return shown


def _iso(at: float | None, actor: Actor) -> str | None:
    moment = words.local(at, actor.timezone)
    return moment.isoformat(timespec="seconds") if moment else None


def _owned(db: sqlite3.Connection, actor: Actor, broadcast_id: int) -> sqlite3.Row:
    row = broadcasts.summary(db, actor.entity_id, broadcast_id)
    if row is None:
        raise Refused(f"Le message n° {broadcast_id} n'existe pas.")
    return row


def _plain(draft: Draft) -> tuple[Draft, bool]:
    """Apply plain typography where nobody is there to be asked, and say so in the record."""
    text, changed = cheaper(draft.sms_text if draft.sms_text is not None else draft.text)
    return (replace(draft, sms_text=text), True) if changed else (draft, False)


def _summary(row: sqlite3.Row, actor: Actor) -> BroadcastSummary:
    created = words.local(row["created_at"], actor.timezone)
    assert created is not None  # noqa: S101  for the type checker: the column is NOT NULL
    urgency, state = Urgency(row["urgency"]), BroadcastState(row["state"])
    return BroadcastSummary(
        row["id"], row["title"], urgency.value, words.URGENCIES[urgency], state.value,
        words.BROADCAST_STATES[state], created, row["author"], row["recipients"],
        row["reached"] or 0, words.local(row["closed_at"], actor.timezone), row["groups"],
        bool(row["exercise"]),
    )  # fmt: skip


def _recipient(db: sqlite3.Connection, row: sqlite3.Row, actor: Actor, now: float) -> RecipientView:
    jobs = broadcasts.jobs_of(db, row["id"])
    state = RecipientState(row["state"])
    waits = [j["not_before"] for j in jobs if j["state"] == "queued" and j["not_before"] > now]
    if row["look_again_at"] and row["closed_at"] is None:
        waits.append(row["look_again_at"])
    until = words.clock_time(min(waits), actor.timezone, now) if waits else None
    return RecipientView(
        row["id"], row["name"], state.value, words.STATES[state],
        words.REASONS[Reason(row["reason"])], until,
        tuple(_job(db, job, actor) for job in jobs), words.KINDS[state],
    )  # fmt: skip


def _job(db: sqlite3.Connection, row: sqlite3.Row, actor: Actor) -> JobView:
    channel, state = Channel(row["channel"]), JobState(row["state"])
    reason = words.REASONS[Reason(row["reason"] or row["held_reason"])]
    outcome = words.OUTCOMES[Outcome(row["outcome"])] if row["outcome"] else None
    attempts = []
    for attempt in broadcasts.attempts_of(db, row["id"]):
        at = words.local(attempt["started_at"], actor.timezone)
        if at is not None:
            attempts.append(AttemptView(at, attempt["lane"], _said(attempt["result"])))
    return JobView(
        channel.value, words.CHANNELS[channel], phone.shown(row["address"]), state.value,
        words.JOB_STATES[state], outcome, reason, tuple(attempts),
    )  # fmt: skip


def _said(result: str) -> str:
    """Return the French of whatever code an attempt ended with."""
    if not result:
        return "en cours"
    if result in set(Outcome):
        return words.OUTCOMES[Outcome(result)]
    if result in set(Reason):
        return words.REASONS[Reason(result)]
    return words.JOB_STATES[JobState(result)]
