"""Launching a scenario from a telephone: what is ready, read back, sent, and how far it got.

Both doors, text and voice, come through here; the message leaves by the one way there is.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace

from gateway import launch_words, phone
from gateway.clock import Clock
from gateway.launching import AT_END, MOMENTS, progress_due
from gateway.model import REACHED, Channel, Door, Line, RecipientState, Urgency
from gateway.services import drafts, words
from gateway.services.asked import Asked
from gateway.services.compose import Compose
from gateway.services.drafting import cheaper, title_of
from gateway.services.gone import without_gone
from gateway.services.launchers import BEHIND, Caller, others, say
from gateway.services.sending import Sending
from gateway.services.values import Draft
from gateway.store import Store, broadcasts, joint, launches, scenarios

#: An alert of the same title that left within so long (seconds) before is told of.
LATELY = 3600.0


@dataclass(frozen=True, slots=True)
class Choice:
    """A scenario that may be launched by telephone: its place in the list, name and word."""

    place: int
    id: int
    name: str
    word: str
    draft: Draft
    missing: str = ""  # which of its groups are gone


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What a launch would send, as it is read back; ``before``: it has left a while ago."""

    choice: Choice
    text: str
    people: int
    seconds: float
    before: str
    kept: str  # the draft, as it will leave
    warning: str  # what it would exceed, or what is not there to carry it


def choices(db: sqlite3.Connection, entity_id: int) -> list[Choice]:
    """Return what a town may launch by telephone: alerts with people, or with a word."""
    found: list[Choice] = []
    for row in scenarios.listed(db, entity_id):
        kept = drafts.from_json(row["draft"])
        draft, missing = without_gone(db, entity_id, kept, keeper=False)
        if kept.addressed and (draft.urgency == Urgency.VITAL or row["word"]):
            place = len(found) + 1
            found.append(Choice(place, row["id"], row["name"], row["word"], draft, missing))
    return found


class Launches:
    """Launches, and tells how far it got."""

    def __init__(self, store: Store, clock: Clock, compose: Compose, sending: Sending) -> None:
        self._store, self._clock = store, clock
        self._compose, self._sending = compose, sending

    async def read_back(self, caller: Caller, choice: Choice) -> ReadBack:
        """Return what a launch would send now; raise `Refused` where something is against it."""
        draft = replace(
            choice.draft, urgency=Urgency.VITAL.value, at=None, expires=None,
            scenario=choice.name, title=choice.draft.title or choice.name,
        )  # fmt: skip
        actor = caller.acting("telephone")
        prepared = await self._compose.prepare(actor, draft)
        if prepared.problems:
            raise prepared.problems[0]
        forecast = await self._compose.foresee(actor, draft)
        text = prepared.dearest.get(Channel.SMS, ("", draft.text))[1]
        before = await self._before(caller, title_of(draft), self._clock.now() - LATELY, "")
        warning = next(iter(forecast.warnings), "")
        warning = " ".join(filter(None, (choice.missing, warning)))
        return ReadBack(
            choice, cheaper(text)[0], forecast.recipients, forecast.duration_seconds, before,
            drafts.to_json(draft), warning,
        )  # fmt: skip

    async def _before(self, caller: Caller, title: str, since: float, but: str) -> str:
        row = await self._store.read(
            lambda db: launches.same_alert(db, caller.entity_id, title, since, but)
        )
        if row is None:
            return ""
        at = words.at_time(row["created_at"], caller.timezone, self._clock.now())
        return launch_words.already(at, row["author"])

    async def crossed(self, caller: Caller, dialogue: sqlite3.Row) -> bool:
        """Tell whether somebody has launched the same since it was read back."""
        title = title_of(drafts.from_json(dialogue["draft"]))
        return bool(await self._before(caller, title, dialogue["began_at"], _key(dialogue)))

    async def launch(self, caller: Caller, dialogue: sqlite3.Row) -> int:
        """Send what was read back, once however often it is asked; return its number.

        Raise `Refused` where something is against it now.
        """
        door = Door(dialogue["door"])
        draft = replace(drafts.from_json(dialogue["draft"]), idempotency_key=_key(dialogue))
        return await self._sending.send(caller.acting(door.value), draft, door)

    def announce(self, *numbers: int) -> None:
        """Say that a few texts may leave; no call is cut for them."""
        for number in numbers:
            self._sending.announce(number, Urgency.SERVICE)

    # how far it got

    async def tell_progress(self) -> None:
        """Tell whoever launched how far it got: after 5 min, 15 min and at the end, once each."""
        now = self._clock.now()
        for row in await self._store.read(launches.followed):
            over = row["closed_at"] is not None
            due = progress_due(row["launched_at"], row["told"], now, over=over)
            if due is not None:
                self.announce(
                    *await self._store.write(
                        lambda db, row=row, due=due: _told(db, row, due, now)  # type: ignore[misc]
                    )
                )


def _key(dialogue: sqlite3.Row) -> str:
    """Return what makes a launch one: its read-back, however often it is confirmed."""
    return f"launch-{dialogue['id']}-{dialogue['code']}"


def _told(db: sqlite3.Connection, row: sqlite3.Row, due: int, now: float) -> list[int]:
    if not launches.told(db, row["id"], due) or not takes_texts(row["number"]):
        return []
    if due < AT_END:
        after = f"{round(MOMENTS[due - 1] / 60)} min"
    else:
        after = "stoppée" if row["state"] == "cancelled" else "fin"
    said = progress_of(db, row["broadcast_id"], row["alert"], after)
    return [say(db, row["entity_id"], [Asked(row["name"], row["number"])], said, now)]


def takes_texts(number: str) -> bool:
    """Tell whether a number is a mobile's."""
    return phone.parse(number).line is Line.MOBILE


def counted(db: sqlite3.Connection, broadcast_id: int) -> tuple[int, int, int]:
    """Return how many people an alert is for, how many have it, how many confirmed."""
    counts = broadcasts.counts(db, broadcast_id)
    people = sum(counts.values()) - counts.get(RecipientState.EXCLUDED, 0)
    joined = sum(counts.get(state, 0) for state in REACHED)
    return people, joined, counts.get(RecipientState.ACKNOWLEDGED, 0)


def progress_of(db: sqlite3.Connection, broadcast_id: int, title: str, after: str = "") -> str:
    """Return how far an alert got, in one SMS."""
    people, has_it, confirmed = counted(db, broadcast_id)
    asks = joint.of(db, broadcast_id) != REACHED
    return launch_words.progress(title, after, people, has_it, confirmed, asks=asks)


def done(
    db: sqlite3.Connection, caller: Caller, dialogue: int, broadcast_id: int, now: float
) -> list[int]:
    """Write a launch down and tell the others; return the texts that were made."""
    if not launches.launched(db, dialogue, broadcast_id, now):
        return []
    row = launches.get(db, dialogue)
    whom = others(db, caller)
    if not whom:
        return []
    people, *_ = counted(db, broadcast_id)
    said = launch_words.told_launch(row["title"], caller.name, people)
    return [say(db, caller.entity_id, whom, said, now, after=BEHIND)]
