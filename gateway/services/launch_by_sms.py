"""Launching by SMS: a word, the PIN, what is read back, a fresh code; ETAT, ANNULE, LEVE.

What takes time (a PIN compared, people counted, the alert itself) is done first and may be done
again after a crash; what is written down and answered is one transaction with the SMS.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from gateway import launch_words, launching, phone
from gateway.assembly import ReceivedMessage
from gateway.clock import Clock
from gateway.errors import Refused
from gateway.launching import Aim, Said, Step, Word
from gateway.services.correspondence import Heard, Taker
from gateway.services.health_line import HealthLine
from gateway.services.launch_turns import (
    Turn,
    ask_cancel,
    ask_pin,
    cancel,
    count_wrong,
    dropped,
    launched,
    lift,
    list_all,
    read_back,
    refused,
    telling,
    written,
)
from gateway.services.launchers import BEHIND, Caller, Launchers, known
from gateway.services.launches import Choice, Launches, choices, progress_of
from gateway.store import Store, launches, tries

#: A confirmation that a stop of the box has made so old (seconds) launches nothing.
_STALE: Final = 1800.0
_AIMS: Final = {Word.CANCEL: Aim.CANCEL, Word.LIFT: Aim.LIFT}


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who writes, what they ask, and what they were asked before."""

    caller: Caller
    said: Said
    open: Sequence[sqlite3.Row]
    known: Sequence[Choice]
    at: float  # when the SMS came in
    named: bool = False  # the SMS names the town
    towns: Sequence[str] = ()  # those it may be for, where it does not say which

    def latest(self, *steps: Step) -> sqlite3.Row | None:
        """Return the newest open dialogue in one of these steps that the writer began."""
        asked = (row for row in self.open if row["step"] in steps)
        return next(
            (row for row in asked if row["aim"] != Aim.LIFT or row["step"] == Step.PIN), None
        )

    @property
    def choice(self) -> Choice | None:
        """The scenario that is asked for."""
        if self.said.word is Word.NUMBER:
            wanted = int(self.said.detail)
            return next((one for one in self.known if one.place == wanted), None)
        return next((one for one in self.known if one.word == self.said.detail), None)


class LaunchBySms:
    """Understands what a launcher writes."""

    def __init__(
        self, store: Store, clock: Clock, launchers: Launchers, launches_: Launches,
        health: HealthLine,
    ) -> None:  # fmt: skip
        self._store, self._clock = store, clock
        self._launchers, self._launches, self._health = launchers, launches_, health

    async def take(self, message: ReceivedMessage) -> Taker | None:
        """Return what takes an SMS of a telephone that may launch; None: it is not for us."""
        number = phone.of_caller(message.sender)
        if not number or message.missing:
            return None
        now = self._clock.now()
        asking = await self._store.read(lambda db: _asking(db, number, message, now))
        turn = await self._turn(asking) if asking else None
        return partial(written, asking.caller, turn) if asking and turn else None

    async def _turn(self, asking: _Asking) -> Turn | None:
        word = asking.said.word
        if word is Word.STATUS:
            return await self._status(asking)
        if not asking.caller.launches:
            return None
        if word is Word.YES:
            return await self._yes(asking, asking.said.detail)
        if word is Word.NO:
            return self._no(asking)
        if word is Word.DIGITS:
            return await self._digits(asking)
        if asking.towns:
            return Turn("launch_which", telling(launch_words.which_town(asking.towns)), False)
        if word is Word.NUMBER and asking.said.bare and not asking.latest(Step.CHOICE):
            return None
        return await self._asked(asking)

    # a word, and the PIN

    async def _asked(self, asking: _Asking) -> Turn:
        caller, said = asking.caller, asking.said
        aim = _AIMS.get(said.word, Aim.LAUNCH)
        choice = asking.choice if said.word in {Word.SCENARIO, Word.NUMBER} else None
        target = phone.of_caller(said.detail) if aim is Aim.LIFT else ""
        if said.pin:
            verdict = await self._launchers.check(caller, said.pin, "sms")
            if not verdict.right:
                return refused(caller, verdict, self._clock.now())
            return await self._proved(asking, None, aim, choice, target)
        chosen = aim is Aim.LAUNCH and asking.latest(Step.CHOICE, Step.CONFIRM)
        if chosen and chosen["aim"] == Aim.LAUNCH:
            open_ = chosen if chosen["step"] == Step.CHOICE else None
            # the PIN was given a while ago: nobody is to make a storm of read-backs by it
            return replace(await self._proved(asking, open_, aim, choice, target), proved=False)
        now = self._clock.now()
        lately = await self._store.read(lambda db: tries.of_number(db, caller.number, now))
        if aim is Aim.CANCEL and launching.is_proved(lately, now):
            return replace(await self._proved(asking, None, aim, choice, target), proved=False)
        return ask_pin(caller, aim, choice, target)

    async def _digits(self, asking: _Asking) -> Turn | None:
        """Take bare digits for the code that was given, else for the PIN that was asked."""
        pin = asking.said.pin
        if any(row["code"] == pin for row in asking.open):
            return await self._yes(asking, pin)
        row = asking.latest(Step.PIN)
        if row is None and asking.latest(Step.CONFIRM):
            return await self._yes(asking, pin)
        if row is None:
            return await self._unasked(asking)
        verdict = await self._launchers.check(asking.caller, pin, "sms")
        if not verdict.right:
            return refused(asking.caller, verdict, self._clock.now())
        choice = next((one for one in asking.known if one.id == row["scenario_id"]), None)
        return await self._proved(asking, row, Aim(row["aim"]), choice, row["target"])

    async def _unasked(self, asking: _Asking) -> Turn | None:
        """Keep digits nobody asked for out of the inbox: they may be a PIN that came late."""
        number, now = asking.caller.number, self._clock.now()
        if await self._store.read(lambda db: launches.is_foreign(db, number, asking.said.pin, now)):
            return None
        return Turn("launch_unasked", telling(launch_words.TOO_LATE), proved=False)

    async def _proved(
        self, asking: _Asking, row: sqlite3.Row | None, aim: Aim, choice: Choice | None,
        target: str,
    ) -> Turn:  # fmt: skip
        """Go on with what was asked, now that the PIN was right."""
        caller = asking.caller
        if aim is Aim.CANCEL:
            return Turn("launch_cancel_asked", partial(ask_cancel, caller, row))
        if aim is Aim.LIFT:
            return Turn("launch_lifted", partial(lift, caller, row, target))
        if choice is None:
            return Turn("launch_list", partial(list_all, caller, row, asking.known))
        return await self._read_back(caller, row, choice)

    async def _read_back(
        self, caller: Caller, row: sqlite3.Row | None, choice: Choice
    ) -> Turn:  # fmt: skip
        try:
            found = await self._launches.read_back(caller, choice)
        except Refused as refusal:
            return Turn("launch_refused", telling(refusal.message))
        return Turn("launch_read_back", partial(read_back, caller, row, found))

    # a code

    async def _yes(self, asking: _Asking, code: str) -> Turn | None:
        caller, now = asking.caller, self._clock.now()
        if not code:
            hint = asking.latest(Step.CONFIRM)
            return Turn("launch_hint", telling(launch_words.NEEDS_CODE), False) if hint else None
        row = await self._store.read(lambda db: launches.by_code(db, caller.number, code, now))
        if row is None:
            return await self._wrong_code(asking, code)
        if row["entity_id"] != caller.entity_id:
            return None
        if row["step"] == Step.DONE:
            return Turn("launch_again", telling(launch_words.GONE), False)
        if row["step"] != Step.CONFIRM or asking.at > row["expires_at"]:
            return Turn("launch_late", telling(launch_words.TOO_LATE), False)
        if now - asking.at > _STALE:
            return Turn("launch_late", telling(launch_words.STALE))
        return await self._confirmed(caller, row)

    async def _confirmed(self, caller: Caller, row: sqlite3.Row) -> Turn:
        if row["aim"] == Aim.CANCEL:
            return Turn("launch_cancelled", partial(cancel, caller, row))
        if row["aim"] == Aim.LIFT:
            return Turn("launch_lifted", partial(lift, caller, row, row["target"]))
        if await self._launches.crossed(caller, row):
            known_ = await self._store.read(lambda db: choices(db, caller.entity_id))
            again = next((one for one in known_ if one.id == row["scenario_id"]), None)
            if again is not None:
                return await self._read_back(caller, row, again)
        try:
            number = await self._launches.launch(caller, row)
        except Refused as refusal:
            return Turn("launch_refused", partial(dropped, row["id"], refusal.message))
        return Turn("launched", partial(launched, caller, row, number), after=BEHIND)

    async def _wrong_code(self, asking: _Asking, code: str) -> Turn | None:
        row, number, now = asking.latest(Step.CONFIRM), asking.caller.number, self._clock.now()
        if row is None:
            return None
        if await self._store.read(lambda db: launches.is_foreign(db, number, code, now)):
            return None
        return Turn("launch_wrong_code", partial(count_wrong, asking.caller, row["id"]), False)

    def _no(self, asking: _Asking) -> Turn | None:
        """Drop what is refused with its code; a bare no changes nothing, anybody could send it."""
        code = asking.said.detail
        row = next((row for row in asking.open if code and row["code"] == code), None)
        if row is not None:
            return Turn("launch_dropped", partial(dropped, row["id"], launch_words.DROPPED))
        if code or not asking.latest(Step.CONFIRM):
            return None
        return Turn("launch_hint", telling(launch_words.DROPPED), False)

    async def _status(self, asking: _Asking) -> Turn:
        caller = asking.caller
        health = await self._health.said(caller.acting("sms"))

        def work(db: sqlite3.Connection, _: Heard) -> Sequence[str]:
            row = launches.alert_under_way(db, caller.entity_id, caller.name)
            if row is None or not caller.launches:
                return (health,)
            return (progress_of(db, row["id"], row["title"]),)

        return Turn("launch_status", work, False)


def _asking(
    db: sqlite3.Connection, number: str, message: ReceivedMessage, now: float
) -> _Asking | None:
    """Return what an SMS asks of which town; of several, that whose word or question it is."""
    open_, callers = launches.open_of(db, number, now), known(db, number)
    found: list[_Asking] = []
    for caller in callers:
        ready = choices(db, caller.entity_id)
        bare = launching.without_town(message.text, caller.town) if len(callers) > 1 else ""
        said = launching.read(bare or message.text, {one.word for one in ready if one.word})
        if said is not None:
            own = [row for row in open_ if row["entity_id"] == caller.entity_id]
            found.append(_Asking(caller, said, own, ready, message.at, bool(bare)))
    found.sort(key=lambda one: _order(db, one))
    return replace(found[0], towns=_unnamed(found)) if found else None


def _order(db: sqlite3.Connection, one: _Asking) -> tuple[bool, ...]:
    """Sort by how likely a town is meant: it is named, has the word, an alert or a question."""
    runs = one.said.word in {Word.CANCEL, Word.STATUS} and launches.alert_under_way(
        db, one.caller.entity_id, one.caller.name
    )
    return (not one.named, one.said.word is not Word.SCENARIO, not runs, not one.open)


def _unnamed(found: Sequence[_Asking]) -> tuple[str, ...]:
    """Return the towns whose launch somebody may ask for without saying which."""
    first = found[0]
    chosen = first.latest(Step.CHOICE, Step.CONFIRM)  # from the list of one town
    if first.named or chosen or first.said.word not in {Word.SCENARIO, Word.LIST}:
        return ()
    same = [
        one.caller.town for one in found
        if one.said.word is first.said.word and one.caller.launches
    ]  # fmt: skip
    return tuple(same) if len(same) > 1 else ()
