"""Launching by SMS: a word, the PIN, what is read back, a fresh code; ETAT, ANNULE, LEVE.

What takes time (a PIN compared, people counted, the alert itself) is done first and may be done
again after a crash; what is written down and answered is one transaction with the SMS.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from gateway import launch_words, launching, phone
from gateway.assembly import ReceivedMessage
from gateway.clock import Clock
from gateway.errors import IllegalMove, Refused
from gateway.launching import Aim, Event, Said, Step, Word
from gateway.model import Urgency
from gateway.services import words
from gateway.services.asked import Asked
from gateway.services.correspondence import Heard, Taker
from gateway.services.health_line import HealthLine
from gateway.services.launchers import BEHIND, Caller, Launchers, Verdict, known, say
from gateway.services.launches import Choice, Launches, choices, counted, done, progress_of
from gateway.store import Store, broadcasts, inbox, launches, tries
from gateway.store.inbox import Done

#: A confirmation that a stop of the box has made so old (seconds) launches nothing.
_STALE: Final = 1800.0
_AIMS: Final = {Word.CANCEL: Aim.CANCEL, Word.LIFT: Aim.LIFT}

#: What is written in the transaction of an SMS; returns what is answered.
Work = Callable[[sqlite3.Connection, Heard], Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Turn:
    """What an SMS comes to; ``proved``: the answer is owed, whatever came before."""

    effect: str
    work: Work
    proved: bool = True
    after: float = 0.0  # seconds the answer lets something else go first


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who writes, what they ask, and what they were asked before."""

    caller: Caller
    said: Said
    open: Sequence[sqlite3.Row]
    known: Sequence[Choice]
    at: float  # when the SMS came in

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
        return partial(_written, asking.caller, turn) if asking and turn else None

    async def _turn(self, asking: _Asking) -> _Turn | None:
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
        if word is Word.NUMBER and asking.said.bare and not asking.latest(Step.CHOICE):
            return None
        return await self._asked(asking)

    # a word, and the PIN

    async def _asked(self, asking: _Asking) -> _Turn:
        caller, said = asking.caller, asking.said
        aim = _AIMS.get(said.word, Aim.LAUNCH)
        choice = asking.choice if said.word in {Word.SCENARIO, Word.NUMBER} else None
        target = phone.of_caller(said.detail) if aim is Aim.LIFT else ""
        if said.pin:
            verdict = await self._launchers.check(caller, said.pin, "sms")
            if not verdict.right:
                return _refused(caller, verdict, self._clock.now())
            return await self._proved(asking, None, aim, choice, target)
        chosen = aim is Aim.LAUNCH and asking.latest(Step.CHOICE, Step.CONFIRM)
        if chosen and chosen["aim"] == Aim.LAUNCH:
            open_ = chosen if chosen["step"] == Step.CHOICE else None
            return await self._proved(asking, open_, aim, choice, target)
        now = self._clock.now()
        lately = await self._store.read(lambda db: tries.of_number(db, caller.number, now))
        if aim is Aim.CANCEL and launching.is_proved(lately, now):
            return await self._proved(asking, None, aim, choice, target)
        return _ask_pin(caller, aim, choice, target)

    async def _digits(self, asking: _Asking) -> _Turn | None:
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
            return _refused(asking.caller, verdict, self._clock.now())
        choice = next((one for one in asking.known if one.id == row["scenario_id"]), None)
        return await self._proved(asking, row, Aim(row["aim"]), choice, row["target"])

    async def _unasked(self, asking: _Asking) -> _Turn | None:
        """Keep digits nobody asked for out of the inbox: they may be a PIN that came late."""
        number, now = asking.caller.number, self._clock.now()
        if await self._store.read(lambda db: launches.is_foreign(db, number, asking.said.pin, now)):
            return None
        return _Turn("launch_unasked", _telling(launch_words.TOO_LATE), proved=False)

    async def _proved(
        self, asking: _Asking, row: sqlite3.Row | None, aim: Aim, choice: Choice | None,
        target: str,
    ) -> _Turn:  # fmt: skip
        """Go on with what was asked, now that the PIN was right."""
        caller = asking.caller
        if aim is Aim.CANCEL:
            return _Turn("launch_cancel_asked", partial(_ask_cancel, caller, row))
        if aim is Aim.LIFT:
            return _Turn("launch_lifted", partial(_lift, caller, row, target))
        if choice is None:
            return _Turn("launch_list", partial(_list, caller, row, asking.known))
        return await self._read_back(caller, row, choice)

    async def _read_back(
        self, caller: Caller, row: sqlite3.Row | None, choice: Choice
    ) -> _Turn:  # fmt: skip
        try:
            found = await self._launches.read_back(caller, choice)
        except Refused as refusal:
            return _Turn("launch_refused", _telling(refusal.message))

        def work(db: sqlite3.Connection, heard: Heard) -> Sequence[str]:
            number = _dialogue(db, caller, row, Aim.LAUNCH, heard.now)
            code = launches.read_back(db, number, choice.id, choice.name, found.kept, heard.now)
            both = launch_words.read_back(
                choice.name, found.text, found.people, found.seconds, code, found.before
            )
            whole = "\n".join(both)
            return (whole,) if len(whole) <= launch_words.TOGETHER else both

        return _Turn("launch_read_back", work)

    # a code

    async def _yes(self, asking: _Asking, code: str) -> _Turn | None:
        caller, now = asking.caller, self._clock.now()
        if not code:
            hint = asking.latest(Step.CONFIRM)
            return _Turn("launch_hint", _telling(launch_words.NEEDS_CODE), False) if hint else None
        row = await self._store.read(lambda db: launches.by_code(db, caller.number, code, now))
        if row is None:
            return await self._wrong_code(asking, code)
        if row["entity_id"] != caller.entity_id:
            return None
        if row["step"] == Step.DONE:
            return _Turn("launch_again", _telling(launch_words.GONE), False)
        if row["step"] != Step.CONFIRM or asking.at > row["expires_at"]:
            return _Turn("launch_late", _telling(launch_words.TOO_LATE), False)
        if now - asking.at > _STALE:
            return _Turn("launch_late", _telling(launch_words.STALE))
        return await self._confirmed(caller, row)

    async def _confirmed(self, caller: Caller, row: sqlite3.Row) -> _Turn:
        if row["aim"] == Aim.CANCEL:
            return _Turn("launch_cancelled", partial(_cancel, caller, row))
        if row["aim"] == Aim.LIFT:
            return _Turn("launch_lifted", partial(_lift, caller, row, row["target"]))
        if await self._launches.crossed(caller, row):
            known_ = await self._store.read(lambda db: choices(db, caller.entity_id))
            again = next((one for one in known_ if one.id == row["scenario_id"]), None)
            if again is not None:
                return await self._read_back(caller, row, again)
        try:
            number = await self._launches.launch(caller, row)
        except Refused as refusal:
            return _Turn("launch_refused", partial(_dropped, row["id"], refusal.message))
        return _Turn("launched", partial(_launched, caller, row, number), after=BEHIND)

    async def _wrong_code(self, asking: _Asking, code: str) -> _Turn | None:
        row, number, now = asking.latest(Step.CONFIRM), asking.caller.number, self._clock.now()
        if row is None:
            return None
        if await self._store.read(lambda db: launches.is_foreign(db, number, code, now)):
            return None
        return _Turn("launch_wrong_code", partial(_count_wrong, asking.caller, row["id"]), False)

    def _no(self, asking: _Asking) -> _Turn | None:
        """Drop what is refused with its code; a bare no changes nothing, anybody could send it."""
        code = asking.said.detail
        row = next((row for row in asking.open if code and row["code"] == code), None)
        if row is not None:
            return _Turn("launch_dropped", partial(_dropped, row["id"], launch_words.DROPPED))
        if code or not asking.latest(Step.CONFIRM):
            return None
        return _Turn("launch_hint", _telling(launch_words.DROPPED), False)

    async def _status(self, asking: _Asking) -> _Turn:
        caller = asking.caller
        health = await self._health.said(caller.acting("sms"))

        def work(db: sqlite3.Connection, _: Heard) -> Sequence[str]:
            row = launches.alert_under_way(db, caller.entity_id, caller.name)
            if row is None or not caller.launches:
                return (health,)
            return (progress_of(db, row["id"], row["title"]),)

        return _Turn("launch_status", work, False)


def _asking(
    db: sqlite3.Connection, number: str, message: ReceivedMessage, now: float
) -> _Asking | None:
    """Return what an SMS asks of which town; of several, that whose word or question it is."""
    open_ = launches.open_of(db, number, now)
    found: list[_Asking] = []
    for caller in known(db, number):
        ready = choices(db, caller.entity_id)
        said = launching.read(message.text, {one.word for one in ready if one.word})
        if said is not None:
            own = [row for row in open_ if row["entity_id"] == caller.entity_id]
            found.append(_Asking(caller, said, own, ready, message.at))
    found.sort(key=lambda one: (one.said.word is not Word.SCENARIO, not one.open))
    return found[0] if found else None


def _written(caller: Caller, turn: _Turn, db: sqlite3.Connection, heard: Heard) -> Done:
    """Write down what an SMS came to, with its answers; what may be a PIN is not kept. A taker."""
    texts = turn.work(db, heard)
    lately = tries.of_number(db, caller.number, heard.now)
    if not turn.proved and texts:
        if launching.may_answer(lately, heard.now):
            tries.note(db, caller.entity_id, caller.number, "sms", Event.ANSWERED, heard.now)
        else:
            texts = ()
    for text in texts:
        _say(db, caller, text, heard, turn.after)
    heard.message = replace(heard.message, text=launching.concealed(heard.message.text))
    heard.reply = replace(heard.reply, detail="")
    inbox.conceal(db, heard.message)
    return Done(turn.effect, caller.entity_id)


def _say(
    db: sqlite3.Connection, caller: Caller, text: str, heard: Heard, after: float = 0.0
) -> None:
    whom = [Asked(caller.name, caller.number)]
    number = say(db, caller.entity_id, whom, text, heard.now, after=after)
    heard.made.append((number, Urgency.SERVICE))  # it goes first, and cuts no call


def _telling(*texts: str) -> Work:
    return lambda _db, _heard: texts


def _refused(caller: Caller, verdict: Verdict, now: float) -> _Turn:
    """Say why a PIN was not taken."""
    until = ""
    if verdict.until is not None:
        until = words.clock_time(verdict.until, caller.timezone, now)
    if verdict.no_pin:
        said = launch_words.NO_PIN
    elif verdict.held_off:
        said = launch_words.held_off(until)
    else:
        said = launch_words.wrong_pin(verdict.left, until)

    def work(_: sqlite3.Connection, heard: Heard) -> Sequence[str]:
        heard.made += [(number, Urgency.SERVICE) for number in verdict.made]
        return (said,)

    return _Turn("launch_pin_refused", work, False)


def _ask_pin(caller: Caller, aim: Aim, choice: Choice | None, target: str) -> _Turn:
    def work(db: sqlite3.Connection, heard: Heard) -> Sequence[str]:
        if not tries.pin_of(db, caller.entity_id, caller.number):
            return (launch_words.NO_PIN,)
        launches.begin(
            db, caller.entity_id, caller.number, caller.name, "sms", aim, heard.now,
            scenario_id=choice.id if choice else None, target=target,
        )  # fmt: skip
        return (launch_words.ask_pin(caller.town),)

    return _Turn("launch_pin_asked", work, False)


def _dialogue(
    db: sqlite3.Connection, caller: Caller, row: sqlite3.Row | None, aim: Aim, now: float
) -> int:
    """Return the dialogue that goes on, or a new one."""
    if row is not None:
        return int(row["id"])
    return launches.begin(db, caller.entity_id, caller.number, caller.name, "sms", aim, now)


def _list(
    caller: Caller, row: sqlite3.Row | None, ready: Sequence[Choice], db: sqlite3.Connection,
    heard: Heard,
) -> Sequence[str]:  # fmt: skip
    number = _dialogue(db, caller, row, Aim.LAUNCH, heard.now)
    if launches.get(db, number)["step"] == Step.PIN:
        launches.go(db, number, Step.CHOICE, heard.now)
    return (launch_words.listed([(one.place, one.name, one.word) for one in ready]),)


def _launched(
    caller: Caller, row: sqlite3.Row, number: int, db: sqlite3.Connection, heard: Heard
) -> Sequence[str]:
    heard.made += [(one, Urgency.SERVICE) for one in done(db, caller, row["id"], number, heard.now)]
    heard.about.append(number)
    return (launch_words.launched(row["title"], counted(db, number)[0]),)


def _ask_cancel(
    caller: Caller, row: sqlite3.Row | None, db: sqlite3.Connection, heard: Heard
) -> Sequence[str]:
    alert = launches.alert_under_way(db, caller.entity_id, caller.name)
    if alert is None:
        return (launch_words.NOTHING_RUNS,)
    number = _dialogue(db, caller, row, Aim.CANCEL, heard.now)
    code = launches.ask_code(db, number, alert["title"], alert["id"], heard.now)
    return (launch_words.ask_cancel(alert["title"], code),)


def _cancel(
    caller: Caller, row: sqlite3.Row, db: sqlite3.Connection, heard: Heard
) -> Sequence[str]:
    launches.go(db, row["id"], Step.DONE, heard.now)
    try:
        withdrawn = broadcasts.cancel(db, row["broadcast_id"], caller.name, heard.now)
    except IllegalMove:
        return (launch_words.NOTHING_RUNS,)
    heard.changed.append(row["broadcast_id"])
    joined = counted(db, row["broadcast_id"])[1]
    return (launch_words.cancelled(row["title"], withdrawn, joined),)


def _lift(
    caller: Caller, row: sqlite3.Row | None, target: str, db: sqlite3.Connection, heard: Heard
) -> Sequence[str]:
    """Let another number in again; both are told."""
    if row is not None:
        for step in (Step.CONFIRM, Step.DONE):
            if launches.get(db, row["id"])["step"] != step:
                launches.go(db, row["id"], step, heard.now)
    other = next((one for one in known(db, target) if one.entity_id == caller.entity_id), None)
    if other is None or target == caller.number:
        return (launch_words.NOT_OURS,)
    tries.note(db, caller.entity_id, target, "sms", Event.LIFTED, heard.now, {"by": caller.name})
    said = launch_words.lifted(phone.shown(target))
    _say(db, other, said, heard)
    return (said,)


def _dropped(dialogue: int, said: str, db: sqlite3.Connection, heard: Heard) -> Sequence[str]:
    launches.go(db, dialogue, Step.DROPPED, heard.now)
    return (said,)


def _count_wrong(
    caller: Caller, dialogue: int, db: sqlite3.Connection, heard: Heard
) -> Sequence[str]:
    wrong = launches.wrong_code(db, dialogue)
    left = max(launching.MOST_WRONG_CODES - wrong, 0)
    if not left:
        launches.go(db, dialogue, Step.DROPPED, heard.now)
    tries.note(db, caller.entity_id, caller.number, "sms", Event.CODE, heard.now)
    return (launch_words.wrong_code(left),)
