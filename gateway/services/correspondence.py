"""What an SMS that came in leads to: read from the disk, understood, acted upon, written down.

Each message is dealt with in one transaction, with its effect and the answer it gets: a stop in
between loses none and does nothing twice. Who may act on it is a list of takers; the first that
does ends it, and what nobody takes is left for a human to read.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from gateway import phone
from gateway.assembly import PATIENCE, ReceivedMessage
from gateway.changes import INBOX, Changes
from gateway.clock import Clock
from gateway.errors import StoreError
from gateway.launching import carries_pin, concealed
from gateway.logs import log_for, masked
from gateway.model import Urgency
from gateway.replies import Kind, Reply, to_us, understand
from gateway.services import town_settings
from gateway.services.asked import Asked, tell
from gateway.services.launchers import known
from gateway.services.sending import Sending
from gateway.store import Store, entities, inbox, launches, settings
from gateway.store.inbox import Done

_log = log_for(__name__)

#: Seconds between two looks while parts are awaited, or a job is in hand.
_LOOK: Final = 30.0
_SOON: Final = 1.0
#: Seconds a cry for help waits for the rest of it.
_SHORT: Final = 20.0
#: Seconds an answer of the box may wait for a modem.
ANSWER_LIFE: Final = 3600.0
#: What a fault of ours makes the database say, and no fault of its own: the next SMS may be well.
_DEFECTS: Final = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError)
#: What may be said with four digits that are no PIN.
_CODED: Final = frozenset({Kind.YES, Kind.NO, Kind.ACK})


class NotYet(Exception):
    """What a message concerns is under way: it is dealt with a moment later."""


@dataclass(slots=True)
class Heard:
    """A whole message and what is known of it.

    ``number``: E.164, or what the network gave for a sender. ``changed``, ``made`` and ``about``
    take the broadcasts that changed, were made (with their urgency), or are shown with it;
    ``hushed`` those whose calls may end.
    """

    message: ReceivedMessage
    number: str
    reply: Reply
    sent: Sequence[sqlite3.Row]
    entity_id: int | None
    now: float
    changed: list[int] = field(default_factory=list)
    made: list[tuple[int, Urgency]] = field(default_factory=list)
    about: list[int] = field(default_factory=list)
    hushed: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it says."""
        return self.message.text

    @property
    def last(self) -> sqlite3.Row | None:
        """What was sent to the number last."""
        return max(self.sent, key=lambda row: row["left_at"], default=None)


Taker = Callable[[sqlite3.Connection, Heard], Done | None]
#: Takes a message in its own way, before all others; returns what came of it.
Listener = Callable[[str, str], Awaitable[bool]]


class Correspondence:
    """Deals with what comes in."""

    def __init__(
        self, store: Store, clock: Clock, changes: Changes, sending: Sending,
        wake: Callable[[], None], takers: Sequence[Taker],
    ) -> None:  # fmt: skip
        """Make it; ``wake`` has the lanes look round."""
        self._store, self._clock, self._changes = store, clock, changes
        self._sending, self._wake, self._takers = sending, wake, tuple(takers)
        self._bell = asyncio.Event()
        #: Asked first: what does an SMS of a telephone that launches alerts ask for?
        self.launching: Callable[[ReceivedMessage], Awaitable[Taker | None]] | None = None
        #: Those who wait for a word with a code of theirs.
        self.listeners: list[Listener] = []
        #: Told once all that came in is dealt with.
        self.counted: Callable[[], Awaitable[None]] | None = None

    def hear_first(self, takers: Sequence[Taker]) -> None:
        """Let these have each message before all others: the box's own talk."""
        self._takers = (*takers, *self._takers)

    def ring(self) -> None:
        """Hear that an SMS, or a part of one, is on the disk."""
        self._bell.set()

    async def run(self) -> None:
        """Deal with what waits, for ever."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, understand, "oui")  # its tables are made now, and beside
        while True:
            self._bell.clear()
            rest = await self.deal()
            try:
                async with asyncio.timeout(rest):
                    await self._bell.wait()
            except TimeoutError:
                pass

    async def deal(self) -> float | None:
        """Deal with all that is whole; return when (seconds) to look again, None: when it rings."""
        now, later = self._clock.now(), False
        waiting = await self._store.read(lambda db: _waiting(db, now))
        for message in waiting:
            try:
                await self._deal(message)
            except NotYet:
                later = True
            except _DEFECTS:
                _log.exception("an SMS could not be dealt with", sms=message.first)
                await self._leave_to_a_human(message)
            except (sqlite3.Error, StoreError):
                raise
            except Exception:  # noqa: BLE001  one message's defect never stops those behind it
                _log.exception("an SMS could not be dealt with", sms=message.first)
                await self._leave_to_a_human(message)
        if self.counted is not None:
            await self.counted()
        if waiting:
            self._changes.touch(INBOX)
        if later:
            return _SOON
        return _LOOK if await self._store.read(inbox.awaited) else None

    async def _deal(self, message: ReceivedMessage) -> None:
        now = self._clock.now()
        reply = _understood(message)
        known_ = await self._store.read(lambda db: inbox.known(db, message.first))
        if known_ is not None:
            cries = reply.kind is Kind.DISTRESS and known_["kind"] != Kind.DISTRESS
            takers = self._takers if cries else ()
            self._tell(
                await self._store.write(lambda db: complete(db, message, reply, takers, now))
            )
            return
        number = _number_of(message)
        own = await self.launching(message) if self.launching is not None else None
        if own is None and await self._listened(message):
            asked = Done("question")
            await self._store.write(lambda db: inbox.keep(db, message, number, reply, asked, now))
            return

        takers = (own, *self._takers) if own else self._takers
        heard = await self._store.write(lambda db: deal(db, message, reply, takers, now))
        self._tell(heard)
        for question in heard.hushed:
            await self._sending.hush(question)

    async def _listened(self, message: ReceivedMessage) -> bool:
        for listener in self.listeners:
            if await listener(message.sender, message.text):
                return True
        return False

    async def _leave_to_a_human(self, message: ReceivedMessage) -> None:
        now, done = self._clock.now(), Done("defect", to_read=True)
        number = _number_of(message)

        def work(db: sqlite3.Connection) -> None:
            kept = message
            if known(db, number):  # it may hold a PIN
                kept = replace(message, text=concealed(message.text))
                inbox.conceal(db, kept)
            inbox.keep(db, kept, number, Reply(Kind.FREE), done, now)

        await self._store.write(work)

    def _tell(self, heard: Heard) -> None:
        _log.info("SMS understood", kind=heard.reply.kind, sender=masked(heard.number))
        self._changes.touch_broadcasts([*heard.changed, *heard.about])
        for number, urgency in heard.made:
            self._sending.announce(number, urgency)
        if heard.changed:
            self._wake()


def _waiting(db: sqlite3.Connection, now: float) -> list[ReceivedMessage]:
    """Return what waits; a cry for help that lacks a part is not kept waiting for it."""
    cries, whole = [], []
    for one in inbox.waiting(db, now, _SHORT):
        if not one.missing or now - one.at >= PATIENCE:
            whole.append(one)
        elif _understood(one).kind is Kind.DISTRESS:
            cries.append(one)
    return [*cries, *whole]


def _understood(message: ReceivedMessage) -> Reply:
    """Return what a message says; of one that lacks a part nothing but danger is believed."""
    reply = understand(message.text)
    return reply if reply.kind is Kind.DISTRESS or not message.missing else Reply(Kind.FREE)


def complete(
    db: sqlite3.Connection, message: ReceivedMessage, reply: Reply, takers: Sequence[Taker],
    now: float,
) -> Heard:  # fmt: skip
    """Put late parts into a message; with ``takers`` it is dealt with anew, for what they say."""
    heard = _heard(db, message, reply, now)
    _hide_pin(db, heard)
    inbox.complete(db, heard.message, now)
    if takers:
        done = _taken(db, heard, takers)
        inbox.understood_late(db, message.first, reply, done)
        heard.about += [done.broadcast_id] if done.broadcast_id else []
        _answer(db, heard, done)
    return heard


def _number_of(message: ReceivedMessage) -> str:
    """Return who wrote, in E.164; a name, or a short number, as the network gave it."""
    return phone.of_caller(message.sender) or message.sender


def _heard(
    db: sqlite3.Connection, message: ReceivedMessage, reply: Reply, now: float
) -> Heard:  # fmt: skip
    number = _number_of(message)
    sent = inbox.sent_to(db, number, now)
    town = inbox.town_of(db, number, sent)
    if reply.kind is Kind.FREE and town is not None and not message.missing:
        ours = entities.name_of(db, town), town_settings.signature(settings.read(db, town))
        reply = to_us(message.text, ours) or reply
    return Heard(message, number, reply, sent, town, now)


def deal(
    db: sqlite3.Connection, message: ReceivedMessage, reply: Reply, takers: Sequence[Taker],
    now: float,
) -> Heard:  # fmt: skip
    """Deal with one message inside a transaction: effect, inbox and answer, or none of them."""
    heard = _heard(db, message, reply, now)
    done = _taken(db, heard, takers)
    _hide_pin(db, heard)
    inbox.keep(db, heard.message, heard.number, heard.reply, done, now)
    heard.about += [done.broadcast_id] if done.broadcast_id else []
    _answer(db, heard, done)
    return heard


def _hide_pin(db: sqlite3.Connection, heard: Heard) -> None:
    """Keep out of the inbox what may be a PIN: in any words of a launcher's, in any launch."""
    text = heard.text
    if heard.reply.detail and heard.reply.kind in _CODED:
        return  # the digits are the code of something else
    if known(db, heard.number) or carries_pin(text, launches.words(db)):
        hidden = concealed(text)
        if hidden != text:
            heard.message = replace(heard.message, text=hidden)
            inbox.conceal(db, heard.message)


def _taken(db: sqlite3.Connection, heard: Heard, takers: Sequence[Taker]) -> Done:
    for taker in takers:
        done = taker(db, heard)
        if done is not None:
            return done
    return unread(heard)


def asked_by_hand(heard: Heard) -> bool:
    """Tell whether the last word to whoever writes was typed by hand: what a bare yes is to.

    Only whoever typed it knows what they asked.
    """
    last = heard.last
    return last is not None and last["kind"] == "reply" and not heard.reply.detail


def unread(heard: Heard, effect: str = "") -> Done:
    """Return that a human must read a message, next to what it may be about."""
    last = heard.last
    return Done(
        effect, heard.entity_id, last["broadcast_id"] if last else None,
        last["recipient_id"] if last else None, to_read=True,
    )  # fmt: skip


def _answer(db: sqlite3.Connection, heard: Heard, done: Done) -> None:
    """Queue the answer to whoever wrote, where it is a telephone and no echo."""
    if not done.answer or done.entity_id is None or not phone.of_caller(heard.message.sender):
        return
    kind = done.effect
    if not inbox.may_answer(db, heard.number, kind, heard.now, moved=done.moved):
        return
    inbox.answered(db, heard.number, kind, heard.now, moved=done.moved)
    urgency = Urgency.VITAL if heard.reply.kind is Kind.DISTRESS else Urgency.SERVICE
    number = tell(
        db, done.entity_id, urgency, "Réponse automatique", done.answer,
        [Asked(heard.number, heard.number)], heard.now, heard.now + ANSWER_LIFE,
        kind="auto", sim=heard.message.sim,
    )  # fmt: skip
    heard.made.append((number, urgency))
