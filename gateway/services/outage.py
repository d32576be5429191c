"""The day the internet falls: noticed, said on every page, and lived with.

Whoever talks to the outside says here how that went; `watch` draws the consequences: people whose
mail waits too long are told by telephone, and all mail leaves when the way is free again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.changes import MODEMS, Changes
from gateway.clock import Clock
from gateway.lanes import Lane
from gateway.logs import log_for
from gateway.model import Channel
from gateway.outage import Cut, Line, State, judged
from gateway.sentences import fr, fr_all, sentence
from gateway.services import words
from gateway.services.values import Actor
from gateway.store import Store, outage

_log = log_for(__name__)

RELAY: Final = "relay"
MAILBOX: Final = "mailbox"
#: While mail is held up, those it is for are looked at so often (seconds).
_TICK: Final = 10.0


_WHAT: Final = fr_all(
    {
        (Cut.INTERNET, False): "Internet coupé",
        (Cut.INTERNET, True): "Internet coupé",
        (Cut.RELAY, False): "Le serveur de courriel ne répond pas",
        (Cut.RELAY, True): "Le serveur de courriel refuse les messages",
    }
)


#: What goes on without mail: SMS, calls.
_WORKS: Final = fr_all({
    (True, True): "SMS et voix fonctionnent.",
    (True, False): "les SMS fonctionnent, les appels non.",
    (False, True): "les appels fonctionnent, les SMS non.",
    (False, False): "ni SMS ni appels ne partent non plus : prévenez le technicien.",
})  # fmt: skip
_PAST: Final = fr_all({Cut.INTERNET.value: "Internet coupé", Cut.RELAY.value: "Courriel arrêté"})


@dataclass(frozen=True, slots=True)
class OutageView:
    """An outage that is over, or still lasts (``until`` None)."""

    what: str
    since: datetime
    until: datetime | None
    why: str


class Witness:
    """Says of one line how it answers."""

    def __init__(self, watch: Outage, line: Line) -> None:
        self._watch, self.line = watch, line

    def answered(self) -> None:
        """It did what it was asked."""
        self._watch.hear(self.line)

    def failed(self, why: str, *, reached: bool, about: str = "") -> None:
        """It did not; ``reached``: it answered, with a refusal, perhaps ``about`` one mailbox."""
        self._watch.hear(self.line, why or fr("pas de réponse"), reached=reached, about=about)


class Outage:
    """What is cut, and what is done about it."""

    def __init__(
        self, store: Store, clock: Clock, changes: Changes, lanes: Sequence[Lane],
        wake: Callable[[], None], grace: float = 300.0,
    ) -> None:  # fmt: skip
        self._store, self._clock, self._changes = store, clock, changes
        self._lanes, self._wake, self._grace = lanes, wake, grace
        self._lines: list[Line] = []
        self._turn = asyncio.Event()
        self.state = State()
        #: Called when the grace is over: whoever has a mail in hand is to wait no longer.
        self.give_up: Callable[[], None] = lambda: None

    def witness(self, name: str, *, outside: bool) -> Witness:
        """Return who speaks for a way out."""
        line = next((one for one in self._lines if one.name == name), None)
        if line is None:
            line = Line(name, outside)
            self._lines.append(line)
        return Witness(self, line)

    def hear(self, line: Line, why: str = "", *, reached: bool = False, about: str = "") -> None:
        """Take note of how a line answered; an empty ``why``: well."""
        now = self._clock.now()
        if why:
            line.failed(now, why, reached=reached, about=about)
        else:
            line.answered(now)
        if judged(self._lines, RELAY) != self.state or self._grace_is_over():
            self._turn.set()

    # what is done

    async def watch(self) -> None:
        """Draw the consequences of what is heard, for ever."""
        now = self._clock.now()
        await self._store.write(lambda db: outage.end_all(db, now))
        while True:
            await self._rest()
            found = judged(self._lines, RELAY)
            if found.cut != self.state.cut or found.mail != self.state.mail:
                await self._changed(self.state, found)
            self.state = found
            await self._tell_otherwise()

    async def _rest(self) -> None:
        """Wait for news, or while mail is held up for the next moment to do something."""
        wait = None
        if self.state.mail:
            left = self.state.since + self._grace - self._clock.now()
            wait = max(left, 0.0) if left > 0 else _TICK
        try:
            async with asyncio.timeout(wait):
                await self._turn.wait()
        except TimeoutError:
            pass
        self._turn.clear()

    async def _changed(self, before: State, after: State) -> None:
        now = self._clock.now()
        if before.cut is not Cut.NOTHING:
            await self._store.write(lambda db: outage.end_all(db, now))
        if after.cut is not Cut.NOTHING:
            _log.warning("cut", what=after.cut, why=after.why)
            await self._store.write(
                lambda db: outage.begin(db, after.cut, after.since, after.why[:200], now)
            )
        if before.mail and not after.mail:
            freed = await self._store.write(lambda db: outage.let_go(db, now))
            _log.info("mail leaves again", waiting=freed)
            self._wake()
        self._changes.touch(MODEMS)

    async def _tell_otherwise(self) -> None:
        """Have the telephones tell those whose mail has waited as long as it may."""
        if not self._grace_is_over():
            return
        self.give_up()
        while True:
            now = self._clock.now()
            changed = await self._store.write(lambda db, now=now: outage.mark_overdue(db, now))  # type: ignore[misc]
            if not changed:
                return
            self._changes.touch_broadcasts(changed)
            self._wake()

    def _grace_is_over(self) -> bool:
        return self.state.mail and self._clock.now() >= self.state.since + self._grace

    # what is said

    @property
    def known(self) -> bool:
        """Whether every way out has been heard of since the start."""
        return all(line.known for line in self._lines)

    def notice(self) -> str:
        """Return what every page says of it, empty while all is well."""
        if self.state.cut is Cut.NOTHING:
            return ""
        minutes = max(0, int((self._clock.now() - self.state.since) / 60))
        since = fr("depuis moins d’une minute")
        if minutes:
            since = fr("depuis {n} min", n=minutes)
        if minutes >= 120:
            since = fr("depuis {n} h", n=minutes // 60)
        what = _WHAT[self.state.cut, self.state.refused]
        return fr("{what} {since} ; {works}", what=what, since=since, works=self._still_works())

    def _still_works(self) -> str:
        able = {channel for lane in self._lanes if lane.modem is not None for channel in lane.able}
        return _WORKS[Channel.SMS in able, Channel.VOICE in able]

    async def past(self, actor: Actor, days: float = 30.0) -> list[OutageView]:
        """Return the outages of the last days, newest first."""
        since = self._clock.now() - days * 86400
        rows = await self._store.read(lambda db: outage.latest(db, since))
        return [
            OutageView(
                _PAST.get(row["what"], row["what"]), words.at(row["since"], actor.timezone),
                words.local(row["until"], actor.timezone), sentence(row["why"]),
            )
            for row in rows
        ]  # fmt: skip
