"""Convening a council: the convocation, its reminders, and the clear days the law wants."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway import council
from gateway.clock import Clock
from gateway.departure import Departure
from gateway.errors import Refused
from gateway.model import Door, Reason
from gateway.rights import Right
from gateway.sentences import fr
from gateway.services import clear_days, closing_words, words
from gateway.services import council_words as said
from gateway.services.before_leaving import check_once
from gateway.services.compose import Compose, Prepared
from gateway.services.council_rules import Convened, council_of
from gateway.services.council_values import CouncilForm, CouncilPlan
from gateway.services.permits import need
from gateway.services.sending import Sending
from gateway.services.turning import first_turn
from gateway.services.unfinished import Unfinished
from gateway.services.values import Actor, Draft
from gateway.store import Store, broadcasts, scenarios, settings

_INHABITANTS: Final = "inhabitants"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting to convene; ``at`` in the town's zone."""

    what: str
    at: datetime
    place: str
    agenda: str
    group_ids: tuple[int, ...]
    days_before: int = 1
    morning: bool = True
    inhabitants: int = 0
    key: str = ""
    council: CouncilForm | None = None
    again_of: int = 0  # the convocation that was stopped, and is mended into this one


@dataclass(frozen=True, slots=True)
class MeetingView:
    """What convening a meeting would send, and when.

    ``people`` get it; ``without`` (name, why) have no way to: they are convened in writing.
    ``leaves`` is when the convocation waits for its hours, None where it leaves at once.
    """

    plan: council.Convocation
    convocation: str
    reminders: tuple[tuple[datetime, str], ...]
    people: int
    warning: str
    council: CouncilPlan | None = None
    without: tuple[tuple[str, str], ...] = ()
    leaves: datetime | None = None
    approval: bool = False  # a second person must agree first
    yes_by: str = ""  # until when they must, for the clear days; as a sentence
    unreminded: tuple[datetime, ...] = ()  # reminders that would leave after it has begun


class Convening:
    """What the doors may ask of meetings."""

    def __init__(self, store: Store, clock: Clock, compose: Compose, sending: Sending) -> None:
        self._store, self._clock = store, clock
        self._compose, self._sending = compose, sending
        self._unfinished = Unfinished(store, clock)

    async def foresee_meeting(self, actor: Actor, meeting: Meeting) -> MeetingView:
        """Return what convening a meeting would send; raise `Refused` with the field."""
        now = datetime.fromtimestamp(self._clock.now(), ZoneInfo(actor.timezone))
        _check_meeting(meeting)
        council.check_to_come(meeting.at, now)
        convened = await self._convened(actor, meeting)
        draft = _convocation(meeting, convened)
        prepared = await self._compose.prepare(actor, draft)
        if prepared.problems:
            raise prepared.problems[0]
        seconds = await self._compose.forecast(actor, prepared)
        departure = await self._departure(actor, draft, prepared)
        sent = words.at(departure.starts_at, actor.timezone)
        # the law counts its clear days from that day, not from the day it was written
        leaves = sent if departure.held is Reason.HOURS else None
        if sent >= meeting.at:
            raise Refused("La convocation partirait après la réunion : changez la date.", "at")
        plan = council.plan(
            meeting.at, sent, meeting.inhabitants, days_before=meeting.days_before,
            morning=meeting.morning,
        )  # fmt: skip
        # at its hours like any message: two that wait for one morning are one
        leave = {
            at: words.at(
                (await self._departure(actor, _reminder(meeting, at), prepared)).starts_at,
                actor.timezone,
            )
            for at in plan.reminders
        }
        late = {at for at in leave.values() if at >= meeting.at}
        without = await self._without(actor, prepared)
        approval = await self._compose.needs_approval(actor, prepared)
        second = bool(convened and convened.second)
        done = words.at(
            closing_words.ends_at(departure, actor.timezone, seconds), actor.timezone
        )  # fmt: skip
        return MeetingView(
            plan, _sms(draft),
            tuple((at, _sms(_reminder(meeting, at))) for at in sorted({*leave.values()} - late)),
            len(prepared.people) - len(without),
            "" if second else _lateness(plan, now, leaves) or clear_days.cut(plan, sent, done),
            convened.plan if convened else None, without, leaves, approval,
            clear_days.yes_by(
                plan, departure.hours, seconds, actor.timezone, now.timestamp()
            ) if approval and not second else "",
            tuple(wanted for wanted, at in leave.items() if at in late),
        )  # fmt: skip

    async def _departure(self, actor: Actor, draft: Draft, prepared: Prepared) -> Departure:
        """Return when a convocation or a reminder leaves."""
        # its end is looked at by whoever asks: here a form has no field for it
        lasting = replace(draft, expires=None)
        return await self._compose.departure(actor, lasting, prepared, Door.PAGE, 0.0)

    async def _without(self, actor: Actor, prepared: Prepared) -> tuple[tuple[str, str], ...]:
        """Return who cannot be convened, and why; who shares a number with another can."""
        unwanted = await self._store.read(
            lambda db: broadcasts.spared(db, actor.entity_id, prepared.urgency)
        )
        turn = first_turn(prepared.plan, prepared.people, prepared.channels, unwanted)
        shared = words.REASONS[Reason.DUPLICATE]
        return tuple(one for one in turn.without if one[1] != shared)

    async def _convened(self, actor: Actor, meeting: Meeting) -> Convened | None:
        """Return the council a meeting is of, its rules looked at; None for another meeting."""
        form = meeting.council
        if form is None:
            return None
        now = self._clock.now()
        return await self._store.read(
            lambda db: council_of(db, actor, form, (meeting.what, meeting.place, meeting.at), now)
        )

    async def convene(self, actor: Actor, meeting: Meeting) -> int:
        """Send the convocation and let its reminders wait; return the convocation's id.

        All of it is stored in one transaction: nobody is convened without being reminded.
        """
        need(actor, Right.WRITE)
        if stopped := meeting.again_of:
            key = meeting.key[:40]
            await self._store.read(lambda db: check_once(db, actor, stopped, key))
        view = await self.foresee_meeting(actor, meeting)
        convened = await self._convened(actor, meeting)
        convocation = await self._sending.ready(
            actor, _convocation(meeting, convened), kind="council" if convened else "convocation"
        )
        reminders = [
            await self._sending.ready(actor, _reminder(meeting, at), kind="reminder")
            for at, _ in view.reminders
        ]
        now = self._clock.now()

        def beside(db: sqlite3.Connection, number: int) -> None:
            if convened:
                convened.beside(actor.entity_id)(db, number)
            for one in reminders:
                broadcasts.create(db, replace(one.new, parent_id=number), now)
            count = meeting.inhabitants or None
            settings.write(db, actor.entity_id, _INHABITANTS, count, actor.name, now)

        return await self._sending.let_go(actor, convocation, beside)

    async def taken_back(self, actor: Actor, broadcast_id: int) -> Meeting:
        """Return the meeting of a convocation that was stopped before anybody had it.

        Raise `Refused` where it went out, or where nothing is kept of how it was convened.
        """
        draft = await self._unfinished.taken_back(actor, broadcast_id)
        if not draft.meeting:
            raise Refused("Cette convocation ne se reprend pas : écrivez-la de nouveau.")
        return replace(_from_json(draft.meeting), again_of=broadcast_id)

    async def inhabitants(self, actor: Actor) -> int:
        """Return how many inhabitants the town said it has, 0 when it never did."""
        town = await self._store.read(lambda db: settings.read(db, actor.entity_id))
        return int(town.get(_INHABITANTS, 0))

    async def drop_reminders(self, actor: Actor, broadcast_id: int) -> int:
        """Withdraw the reminders of a meeting that is off; return how many there were."""
        rows = await self._store.read(
            lambda db: scenarios.reminders(db, actor.entity_id, broadcast_id)
        )
        for row in rows:
            await self._sending.cancel(actor, row["id"])
        return len(rows)


def _to_json(meeting: Meeting) -> str:
    return json.dumps(asdict(replace(meeting, key="")), default=datetime.isoformat)


def _from_json(text: str) -> Meeting:
    """Return the meeting stored as ``text``; its times keep the offset they were written in."""
    data = json.loads(text)
    form = data.pop("council")
    if form is not None and form["answer_by"]:
        form["answer_by"] = datetime.fromisoformat(form["answer_by"])
    data["at"], data["group_ids"] = datetime.fromisoformat(data["at"]), tuple(data["group_ids"])
    return Meeting(**data, council=CouncilForm(**form) if form is not None else None)


def _check_meeting(meeting: Meeting) -> None:
    for field, value, lacking in (
        ("what", meeting.what, fr("Dites quelle réunion, par exemple « conseil municipal ».")),
        ("place", meeting.place, fr("Dites où la réunion a lieu.")),
        (
            "agenda",
            meeting.agenda,
            fr("L'ordre du jour manque : la loi le veut dans la convocation."),
        ),
    ):
        if not value.strip():
            raise Refused(lacking, field)
    if not meeting.group_ids and meeting.council is None:
        raise Refused("Choisissez le groupe à convoquer.", "group_ids")
    if not 0 <= meeting.days_before <= 30:
        raise Refused("Le rappel part de 0 à 30 jours avant.", "days_before")


def _when(at: datetime) -> str:
    return said.when(at)


def _groups(meeting: Meeting) -> tuple[int, ...]:
    own = {meeting.council.group_id} if meeting.council else set()
    return tuple(sorted({*meeting.group_ids, *own}))


def _sms(draft: Draft) -> str:
    return draft.sms_text or draft.text


def _asking(meeting: Meeting, text: str) -> str | None:
    """Return an SMS to the council, which says how to answer; None for another meeting's."""
    return f"{text} {said.asks(meeting.council.answer_by)}" if meeting.council else None


def _convocation(meeting: Meeting, convened: Convened | None = None) -> Draft:
    second = f" {convened.second}" if convened and convened.second else ""
    text = (
        f"Vous êtes convoqué(e) : {meeting.what.strip()}, le {_when(meeting.at)}, "
        f"{meeting.place.strip()}."
    )
    mail = (
        f"Madame, Monsieur,\n\nVous êtes convoqué(e) à la réunion suivante : "
        f"{meeting.what.strip()}, le {_when(meeting.at)}, {meeting.place.strip()}.{second}\n\n"
        f"Ordre du jour :\n{meeting.agenda.strip()}"
    )
    if meeting.council:
        mail += f"\n\n{said.asks_by_mail(meeting.council.answer_by)}"
    return Draft(
        text=text, sms_text=_asking(meeting, text),
        title=f"Convocation : {meeting.what.strip()}"[:120], mail_text=mail,
        mail_subject=f"Convocation : {meeting.what.strip()}, le {_when(meeting.at)}",
        group_ids=_groups(meeting), channels=("email", "sms"), urgency="service",
        expires=meeting.at, at_any_hour=False, idempotency_key=_key(meeting, "convocation"),
        on_paper=convened.on_paper if convened else (), meeting=_to_json(meeting),
    )  # fmt: skip


def _reminder(meeting: Meeting, at: datetime) -> Draft:
    # never « aujourd'hui »: the calendar may give it another day
    text = f"Rappel : {meeting.what.strip()} le {_when(meeting.at)}, {meeting.place.strip()}."
    more = f"{text} Pas encore répondu ? {said.HOW}." if meeting.council else None
    return Draft(
        text=text, sms_text=more, mail_text=more,
        title=f"Rappel : {meeting.what.strip()}"[:120], group_ids=_groups(meeting),
        channels=("sms", "email", "voice"), urgency="service", order="advised", at=at,
        expires=meeting.at, idempotency_key=_key(meeting, at.isoformat()),
    )  # fmt: skip


def _key(meeting: Meeting, what: str) -> str | None:
    if not meeting.key:
        return None
    content = hashlib.sha256(repr(replace(meeting, key="")).encode()).hexdigest()[:16]
    return f"{meeting.key[:40]}-{content}-{what}"


def _lateness(plan: council.Convocation, now: datetime, leaves: datetime | None) -> str:
    if not plan.late:
        return ""
    if leaves is not None and now.date() <= plan.last_day:
        return fr(
            "Il faut {clear_days} jours francs : cette convocation doit partir le {long_day} au "
            "plus tard, et à cette heure elle attendrait l'ouverture des envois, {when}. "
            "Convoquez, puis choisissez aussitôt « Envoyer maintenant » sur la page qui "
            "s'ouvre.",
            clear_days=plan.clear_days, long_day=words.long_day(plan.last_day),
            when=_when(leaves),
        )  # fmt: skip
    return fr(
        "Il faut {clear_days} jours francs : cette convocation devait partir le "
        "{long_day} au plus tard. Envoyez-la seulement en cas d'urgence, et faites-la "
        "constater par le conseil.",
        clear_days=plan.clear_days,
        long_day=words.long_day(plan.last_day),
    )
