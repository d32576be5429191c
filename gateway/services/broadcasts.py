"""Broadcasts as they are followed: listed, seen live, reported. Sending is `services.sending`."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from gateway import phone
from gateway import plan as plans
from gateway.clock import Clock
from gateway.dispatcher import Dispatcher
from gateway.lanes import carriers
from gateway.model import (
    BroadcastState,
    Channel,
    Reason,
    RecipientState,
    Urgency,
)
from gateway.rights import Right
from gateway.sentences import fr, fr_all, listed, sentence
from gateway.services import clear_days, closing_words, held_back, steps_to_come, words
from gateway.services.compose import Compose
from gateway.services.directory import paged
from gateway.services.follow import Sheet, Street, Told, Visit
from gateway.services.foresight import Load
from gateway.services.owning import owned
from gateway.services.permits import need
from gateway.services.recipient_views import Of, recipient_view, why
from gateway.services.retention import Retention
from gateway.services.values import (
    Actor,
    BroadcastSummary,
    BroadcastView,
    Page,
    RecipientView,
    StateCount,
)
from gateway.store import (
    Store,
    aftermath,
    approvals,
    broadcasts,
    doors,
    family,
    summaries,
    waiting,
    windows,
)
from gateway.store.holding import Carrier, Hold, but_alerts, holds

PAGE_SIZE: Final = 20
PEOPLE_PAGE: Final = 40
_RATE_SPAN: Final = 120.0


class Broadcasts:
    """What the doors may ask of broadcasts."""

    def __init__(
        self, store: Store, clock: Clock, compose: Compose, dispatcher: Dispatcher
    ) -> None:
        self._store, self._clock = store, clock
        self._compose, self._dispatcher = compose, dispatcher
        self._retention = Retention(store, clock)

    async def list(self, actor: Actor, page: int = 1) -> Page[BroadcastSummary]:
        """Return one page of the town's broadcasts, newest first."""
        need(actor, Right.FOLLOW)

        def work(db: sqlite3.Connection) -> Page[BroadcastSummary]:
            _, total = summaries.page(db, actor.entity_id, 0, 0)
            number, pages, offset = paged(total, page, PAGE_SIZE)
            rows, _ = summaries.page(db, actor.entity_id, PAGE_SIZE, offset)
            return Page(tuple(_summary(row, actor) for row in rows), number, pages, total)

        return await self._store.read(work)

    async def view(self, actor: Actor, broadcast_id: int) -> BroadcastView:
        """Return one broadcast as it stands; raise `Refused` when it is not this town's."""
        need(actor, Right.FOLLOW)
        now = self._clock.now()

        here = self._here(now)
        seen = await self._store.read(lambda db: _seen(db, actor, broadcast_id, here))
        row, texts, counts, unfinished = seen.row, seen.texts, seen.counts, seen.unfinished
        plan = plans.from_json(row["plan"])
        reached = plans.reached(plan)
        remaining, load = None, None
        held = held_back.said(seen.held, unfinished, row, actor.timezone, now)
        moves = not held and seen.caught is None
        if row["state"] == BroadcastState.SENDING and moves:
            load = await self._compose.left(row, unfinished)
            remaining = load.seconds if unfinished else None
        then = _then(row, plan, seen.standing, load, actor, now) if load is not None else ""
        summary = _summary(row, actor)
        until = None
        if summary.closed_at is not None and row["forgotten_at"] is None:
            until = await self._retention.until(actor, summary.closed_at)
        span = min(_RATE_SPAN, max(now - row["created_at"], 1.0))
        blocked = bool(self._blocked(unfinished)) and row["closed_at"] is None
        stands = bool(unfinished) and (blocked or row["state"] == BroadcastState.PAUSED)
        coming = [one for one in seen.followed if one["state"] in _NOT_LEFT]
        still = ""
        if stands:
            still = closing_words.until_wrong(seen.word, row["closes_at"], actor.timezone)
        return BroadcastView(
            summary=summary,
            texts=_shown_texts(texts),
            counts=tuple(
                StateCount(
                    state.value,
                    words.state(state, kind=row["kind"]),
                    number,
                    words.kind(state, reached),
                )
                for state in RecipientState
                if (number := counts.get(state, 0))
            ),
            reached=sum(number for state, number in counts.items() if state in reached),
            recipients_total=summary.recipients,
            rate_per_minute=seen.settled * 60 / span if row["closed_at"] is None else None,
            remaining_seconds=remaining,
            waiting_for=_left_over(seen, actor, now)
            or listed(" ", filter(None, (self._waiting_for(row, unfinished, held), still))),
            can_cancel=row["state"] in _STOPPABLE,
            leaves=_leaves(row, actor, now, awaited=seen.awaited),
            can_release=not seen.awaited
            and (_held(row, now) or seen.caught is not None)
            and _releasable(row),
            can_pause=row["state"] == BroadcastState.SENDING,
            can_resume=row["state"] == BroadcastState.PAUSED,
            silent_network=seen.silent and row["urgency"] == Urgency.VITAL,
            approval=row["state"] == BroadcastState.AWAITING_APPROVAL,
            waits=BroadcastState(row["state"]) in _NOT_LEFT,
            left=not set(counts) <= _NOBODY_HAS,
            given_up=_refused(seen.asked) or sentence(row["given_up"]),
            again=seen.mendable and set(counts) <= _NOBODY_HAS,
            parent_id=row["parent_id"],
            kind=row["kind"],
            is_end=seen.is_end,
            followed=tuple((one["id"], one["kind"]) for one in seen.followed if one["begun"]),
            to_follow=tuple((one["id"], one["kind"]) for one in coming),
            reminders=any(one["kind"] == "reminder" for one in coming),
            names_until=until,
            blocked=blocked,
            forgotten=row["forgotten_at"] is not None,
            then=then,
            late=seen.late,
        )

    def _waiting_for(self, row: sqlite3.Row, unfinished: dict[str, int], held: str) -> str:
        if row["closed_at"] is not None or BroadcastState(row["state"]) in _NOT_LEFT:
            return ""
        if blocked := self._blocked(unfinished):
            names = listed(", ", (words.CHANNELS[c] for c in blocked))
            return fr(
                "Aucun modem prêt pour : {names}. L'envoi reprendra de lui-même.", names=names
            )
        if held:
            return held
        if unfinished:
            return fr("Reste à envoyer : {n}.", n=sum(unfinished.values()))
        return fr("Tout est parti ; on attend les derniers accusés de réception.")

    def _able(self) -> frozenset[Channel]:
        """Return the channels that something here can carry."""
        return frozenset(c for lane in self._dispatcher.lanes for c in lane.able)

    def _here(self, now: float) -> Here:
        lanes = self._dispatcher.lanes
        return Here(self._able(), carriers(lanes), now, self._dispatcher.alerts_only)

    def _blocked(self, unfinished: Iterable[str]) -> tuple[Channel, ...]:
        able = self._able()
        return tuple(c for code in unfinished if (c := Channel(code)) not in able)

    async def recipients(
        self, actor: Actor, broadcast_id: int, state: str | None = None, page: int = 1
    ) -> Page[RecipientView]:
        """Return one page of a broadcast's people, with their jobs."""
        need(actor, Right.FOLLOW)
        here = self._here(self._clock.now())

        def work(db: sqlite3.Connection) -> Page[RecipientView]:
            row = owned(db, actor, broadcast_id)
            of = Of(row, plans.reached(plans.from_json(row["plan"])), here.able,
                    here.held(row, here.sims(db, row)), here.now)  # fmt: skip
            _, total = broadcasts.recipients(db, broadcast_id, state=state, limit=0)
            number, pages, offset = paged(total, page, PEOPLE_PAGE)
            rows, _ = broadcasts.recipients(
                db, broadcast_id, state=state, limit=PEOPLE_PAGE, offset=offset
            )
            items = tuple(recipient_view(db, row, of, actor) for row in rows)
            return Page(items, number, pages, total)

        return await self._store.read(work)

    async def door_to_door(self, actor: Actor, broadcast_id: int) -> Sheet:
        """Return who is left to be told at their door, street by street."""
        need(actor, Right.FOLLOW)
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> Sheet:
            row = owned(db, actor, broadcast_id)
            left = doors.unreached(db, broadcast_id, register=actor.keeper)
            told = doors.told(db, broadcast_id)
            at = words.local(now, actor.timezone)
            assert at is not None  # noqa: S101  for the type checker: now is never None
            return Sheet(
                row["title"], at, len(left), _streets(left),
                tuple(Told(one["id"], one["name"], one["told_by"]) for one in told),
                0 if actor.keeper else doors.kept_back(db, broadcast_id),
                plans.from_json(row["plan"]).confirm,
            )  # fmt: skip

        return await self._store.read(work)

    async def report(self, actor: Actor, broadcast_id: int) -> dict[str, Any]:
        """Return everything about a broadcast, in code words, ready for JSON."""
        need(actor, Right.FOLLOW)
        here = self._here(self._clock.now())
        return await self._store.read(
            lambda db: full_report(db, actor, broadcast_id, here.now, here)
        )


class Here(NamedTuple):
    """What this box can carry, by which modems, at which moment (seconds since 1970)."""

    able: frozenset[Channel]
    lanes: Sequence[Carrier]
    now: float
    alerts_only: bool = False

    def sims(self, db: sqlite3.Connection, message: sqlite3.Row) -> Mapping[Channel, Hold]:
        """Return what the SIMs here hold back of a message, by channel."""
        return holds(db, message, self.lanes, self.now)

    def held(self, message: sqlite3.Row, sims: Mapping[Channel, Hold]) -> Mapping[Channel, Hold]:
        """Return what holds a message back here, by channel: the box, before its SIMs."""
        return (but_alerts(message) if self.alerts_only else {}) or sims


def full_report(
    db: sqlite3.Connection, actor: Actor, broadcast_id: int, now: float, here: Here | None = None
) -> dict[str, Any]:
    """Build the report on a connection, as it is ``now``; ``here`` is None without a daemon."""
    row = owned(db, actor, broadcast_id)
    of = Of(row, frozenset(), None, {}, now)
    if here is not None:
        of = Of(row, frozenset(), here.able, here.held(row, here.sims(db, row)), now)
    rows, _ = broadcasts.recipients(db, broadcast_id)
    return {
        "broadcast": row["id"], "title": row["title"], "urgency": row["urgency"],
        "state": row["state"], "author": row["author"], "exercise": bool(row["exercise"]),
        "created_at": _iso(row["created_at"], actor), "closed_at": _iso(row["closed_at"], actor),
        "starts_at": _iso(row["starts_at"], actor),
        "people": row["recipients"],
        "counts": {s.value: n for s, n in broadcasts.counts(db, broadcast_id).items()},
        "recipients": [
            {
                "contact": person["name"],
                "contact_id": None if person["registered"] else person["contact_id"],
                "state": person["state"],
                "reason": str(why(person, known, of)[0]),
                "closed": person["closed_at"] is not None,
                "jobs": [
                    {
                        "channel": job["channel"],
                        "endpoint": "" if person["registered"] else job["address"],
                        "state": job["state"], "outcome": job["outcome"],
                        "reason": str(waiting.reason_of(job, of.now)),
                        "attempts": [
                            {"modem": a["lane"], "started_at": _iso(a["started_at"], actor),
                             "ended_at": _iso(a["ended_at"], actor), "result": a["result"],
                             "detail": a["detail"]}
                            for a in broadcasts.attempts_of(db, job["id"])
                        ],
                    }
                    for job in known
                ],
            }
            for person in rows
            for known in (broadcasts.jobs_of(db, person["id"]),)
        ],
    }  # fmt: skip


_NOBODY_HAS: Final = frozenset({RecipientState.CANCELLED, RecipientState.EXCLUDED})
_NOT_LEFT: Final = frozenset({BroadcastState.SCHEDULED, BroadcastState.AWAITING_APPROVAL})
_STOPPABLE: Final = frozenset(
    {
        BroadcastState.SENDING, BroadcastState.PAUSED, *_NOT_LEFT,
    }
)  # fmt: skip


class _Seen(NamedTuple):
    """What is read of one message to show it."""

    row: sqlite3.Row
    texts: dict[Channel, tuple[str, str]]
    counts: dict[RecipientState, int]
    unfinished: dict[str, int]  # jobs, by channel
    settled: int  # attempts that ended lately
    followed: list[sqlite3.Row]
    asked: sqlite3.Row | None  # of a second person
    awaited: bool
    silent: bool
    is_end: bool
    mendable: bool
    held: Mapping[Channel, Hold]
    caught: tuple[int, float] | None  # by the end of its hours: how much, and until when
    word: str  # by which its text names its day
    standing: dict[int, int]  # people who are still waited for, by the step they are at
    late: str  # of a convocation


def _seen(db: sqlite3.Connection, actor: Actor, broadcast_id: int, here: Here) -> _Seen:
    row, now = owned(db, actor, broadcast_id), here.now
    sims = here.sims(db, row)
    return _Seen(
        row, broadcasts.texts(db, broadcast_id), broadcasts.counts(db, broadcast_id),
        broadcasts.unfinished(db, broadcast_id),
        broadcasts.settled_since(db, broadcast_id, now - _RATE_SPAN),
        aftermath.followed_by(db, broadcast_id), approvals.of(db, broadcast_id),
        approvals.awaited(db, broadcast_id), aftermath.silent(db, broadcast_id),
        family.is_end(db, broadcast_id), _can_be_mended(db, row),
        here.held(row, sims),
        windows.caught(db, broadcast_id, now),
        windows.names_its_day(db, broadcast_id), broadcasts.standing(db, broadcast_id),
        clear_days.lateness(db, row, actor.timezone, now, sims.get(Channel.SMS)),
    )  # fmt: skip


def _then(
    row: sqlite3.Row, plan: plans.Plan, standing: Mapping[int, int], load: Load, actor: Actor,
    now: float,
) -> str:  # fmt: skip
    """Say what may follow of the order of a message that is leaving."""
    call = load.call_seconds / load.voice_modems if load.voice_modems else 0.0
    return steps_to_come.said(
        plan, standing, now + load.seconds, call, row["expires_at"],
        actor.timezone, now,
    )  # fmt: skip


def _can_be_mended(db: sqlite3.Connection, row: sqlite3.Row) -> bool:
    """Tell whether a stopped message can be taken up again: somebody else may have done so."""
    stopped = row["state"] == BroadcastState.CANCELLED and bool(row["draft"])
    return stopped and aftermath.mended_into(db, row["entity_id"], row["id"]) is None


def _refused(asked: sqlite3.Row | None) -> str:
    """Say who said no to a message that waited for it, and why; empty where nobody did."""
    if asked is None or asked["answer"] != "no":
        return ""
    if not asked["why"]:
        return fr("Refusé par {who}, qui n'a pas dit pourquoi.", who=asked["answered_by"])
    return fr("Refusé par {who} : {why}", who=asked["answered_by"], why=asked["why"])


def _left_over(seen: _Seen, actor: Actor, now: float) -> str:
    """Say what waits of a message that had begun to leave when its hours ended."""
    if seen.caught is None or _held(seen.row, now):
        return ""
    if seen.row["state"] != BroadcastState.SENDING:
        return ""
    return closing_words.left_over(*seen.caught, seen.word, actor.timezone, now)


def _releasable(row: sqlite3.Row) -> bool:
    """Tell whether what holds a message may be passed over; one that is over is held by nothing."""
    state = BroadcastState(row["state"])
    return state is BroadcastState.SENDING or (
        state is BroadcastState.SCHEDULED and row["held_reason"] == Reason.HOURS
    )


def _held(row: sqlite3.Row, now: float) -> bool:
    return bool(row["starts_at"] > now and row["held_reason"])


def _leaves(row: sqlite3.Row, actor: Actor, now: float, *, awaited: bool) -> str:
    """Return when a message that waits will leave; empty when nothing holds it, or it is over."""
    if row["closed_at"] is not None:
        return ""
    if row["state"] == BroadcastState.AWAITING_APPROVAL:
        return fr("attend qu'une seconde personne le valide")
    if awaited:  # by the convocation it calls to mind
        return fr("attend qu'une seconde personne valide la convocation")
    if row["state"] == BroadcastState.SCHEDULED or _held(row, now):
        return fr(
            "partira {when}",
            when=words.at_time(row["starts_at"], actor.timezone, now),
        )
    return ""


def _streets(rows: list[sqlite3.Row]) -> tuple[Street, ...]:
    """Group people by street, by number; streets with somebody to help first come first."""
    by_street: dict[str, list[sqlite3.Row]] = {}
    for row in rows:
        by_street.setdefault(row["street"], []).append(row)
    streets = [
        (min(not row["help_first"] for row in found), not name, name.casefold(), name, found)
        for name, found in by_street.items()
    ]
    return tuple(
        Street(name, tuple(_visit(row) for row in sorted(found, key=_door)))
        for *_, name, found in sorted(streets, key=lambda street: street[:3])
    )


def _door(row: sqlite3.Row) -> tuple[bool, int, str]:
    digits = re.match(r"\d+", row["number"])
    return (not row["help_first"], int(digits.group()) if digits else 0, row["name"].casefold())


def _visit(row: sqlite3.Row) -> Visit:
    floor = fr("étage {floor}", floor=row["floor"]) if row["floor"] else ""
    address = listed(" ", filter(None, (row["number"], row["street"], row["complement"], floor)))
    telephones = ", ".join(phone.shown(one) for one in (row["telephones"] or "").split())
    return Visit(
        row["id"], row["name"], address, telephones, row["note"], bool(row["help_first"]),
        words.STATES[RecipientState(row["state"])],
    )  # fmt: skip


def _shown_texts(texts: dict[Channel, tuple[str, str]]) -> dict[str, str]:
    shown = {channel.value: body for channel, (_, body) in texts.items()}
    if Channel.EMAIL in texts:
        shown["mail_subject"] = texts[Channel.EMAIL][0]
    return shown


def _iso(at: float | None, actor: Actor) -> str | None:
    moment = words.local(at, actor.timezone)
    return moment.isoformat(timespec="seconds") if moment else None


#: How a message that was stopped came to its end, where that says more than that it was.
_ENDED_AS: Final = fr_all(
    {"end": "fin annoncée", "correction": "suivi d'un rectificatif", "refused": "refusé"}
)


def _summary(row: sqlite3.Row, actor: Actor) -> BroadcastSummary:
    created = words.local(row["created_at"], actor.timezone)
    assert created is not None  # noqa: S101  for the type checker: the column is NOT NULL
    urgency, state = Urgency(row["urgency"]), BroadcastState(row["state"])
    return BroadcastSummary(
        row["id"], row["title"], urgency.value, words.URGENCIES[urgency], state.value,
        _ENDED_AS.get(row["ended_as"]) or words.BROADCAST_STATES[state], created, row["author"],
        row["recipients"], row["reached"] or 0, words.local(row["closed_at"], actor.timezone),
        row["groups"], bool(row["exercise"]),
        words.local(row["starts_at"], actor.timezone) if state is BroadcastState.SCHEDULED
        else None,
        "" if row["confirmed"] is None
        else words.answered(row["confirmed"], row["reached"] or 0, row["recipients"]),
    )  # fmt: skip
