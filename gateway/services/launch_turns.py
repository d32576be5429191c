"""What an SMS of a launcher changes and is answered: each a step inside its transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway import launch_words, launching, phone
from gateway.errors import IllegalMove
from gateway.launching import Aim, Event, Step
from gateway.model import Urgency
from gateway.services import words
from gateway.services.asked import Asked
from gateway.services.correspondence import Heard
from gateway.services.launchers import Caller, Verdict, known, say
from gateway.services.launches import Choice, ReadBack, counted, done
from gateway.store import broadcasts, inbox, launches, tries
from gateway.store.inbox import Done

#: What is written in the transaction of an SMS; returns what is answered.
Work = Callable[[sqlite3.Connection, Heard], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Turn:
    """What an SMS comes to; ``proved``: the answer is owed, whatever came before."""

    effect: str
    work: Work
    proved: bool = True
    after: float = 0.0  # seconds the answer lets something else go first


def written(caller: Caller, turn: Turn, db: sqlite3.Connection, heard: Heard) -> Done:
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


def telling(*texts: str) -> Work:
    """Return what answers and changes nothing."""
    return lambda _db, _heard: texts


def refused(caller: Caller, verdict: Verdict, now: float) -> Turn:
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

    return Turn("launch_pin_refused", work, False)


def ask_pin(caller: Caller, aim: Aim, choice: Choice | None, target: str) -> Turn:
    """Ask for the PIN, where this telephone has one."""

    def work(db: sqlite3.Connection, heard: Heard) -> Sequence[str]:
        if not tries.pin_of(db, caller.entity_id, caller.number):
            return (launch_words.NO_PIN,)
        launches.begin(
            db, caller.entity_id, caller.number, caller.name, "sms", aim, heard.now,
            scenario_id=choice.id if choice else None, target=target,
        )  # fmt: skip
        return (launch_words.ask_pin(caller.town),)

    return Turn("launch_pin_asked", work, False)


def dialogue_of(
    db: sqlite3.Connection, caller: Caller, row: sqlite3.Row | None, aim: Aim, now: float
) -> int:
    """Return the dialogue that goes on, or a new one."""
    if row is not None:
        return int(row["id"])
    return launches.begin(db, caller.entity_id, caller.number, caller.name, "sms", aim, now)


def list_all(
    caller: Caller, row: sqlite3.Row | None, ready: Sequence[Choice], db: sqlite3.Connection,
    heard: Heard,
) -> Sequence[str]:  # fmt: skip
    """Send the list, and let one be chosen from it."""
    number = dialogue_of(db, caller, row, Aim.LAUNCH, heard.now)
    if launches.get(db, number)["step"] == Step.PIN:
        launches.go(db, number, Step.CHOICE, heard.now)
    return (launch_words.listed([(one.place, one.name, one.word) for one in ready]),)


def launched(
    caller: Caller, row: sqlite3.Row, number: int, db: sqlite3.Connection, heard: Heard
) -> Sequence[str]:
    """Write a launch down, and tell everybody."""
    heard.made += [(one, Urgency.SERVICE) for one in done(db, caller, row["id"], number, heard.now)]
    heard.about.append(number)
    return (launch_words.launched(row["title"], counted(db, number)[0]),)


def ask_cancel(
    caller: Caller, row: sqlite3.Row | None, db: sqlite3.Connection, heard: Heard
) -> Sequence[str]:
    """Ask for the code that stops the alert under way."""
    alert = launches.alert_under_way(db, caller.entity_id, caller.name)
    if alert is None:
        return (launch_words.NOTHING_RUNS,)
    number = dialogue_of(db, caller, row, Aim.CANCEL, heard.now)
    code = launches.ask_code(db, number, alert["title"], alert["id"], heard.now)
    return (launch_words.ask_cancel(alert["title"], code),)


def cancel(caller: Caller, row: sqlite3.Row, db: sqlite3.Connection, heard: Heard) -> Sequence[str]:
    """Stop an alert, and say who has it all the same."""
    launches.go(db, row["id"], Step.DONE, heard.now)
    try:
        withdrawn = broadcasts.cancel(db, row["broadcast_id"], caller.name, heard.now)
    except IllegalMove:
        return (launch_words.NOTHING_RUNS,)
    heard.changed.append(row["broadcast_id"])
    joined = counted(db, row["broadcast_id"])[1]
    return (launch_words.cancelled(row["title"], withdrawn, joined),)


def lift(
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


def dropped(dialogue: int, said: str, db: sqlite3.Connection, heard: Heard) -> Sequence[str]:
    """End a dialogue in which nothing leaves."""
    launches.go(db, dialogue, Step.DROPPED, heard.now)
    return (said,)


def count_wrong(
    caller: Caller, dialogue: int, db: sqlite3.Connection, heard: Heard
) -> Sequence[str]:
    """Count a wrong code; after three nothing leaves any more."""
    wrong = launches.wrong_code(db, dialogue)
    left = max(launching.MOST_WRONG_CODES - wrong, 0)
    if not left:
        launches.go(db, dialogue, Step.DROPPED, heard.now)
    tries.note(db, caller.entity_id, caller.number, "sms", Event.CODE, heard.now)
    return (launch_words.wrong_code(left),)


def read_back(
    caller: Caller, row: sqlite3.Row | None, found: ReadBack, db: sqlite3.Connection, heard: Heard
) -> Sequence[str]:
    """Read an alert back, with the code that lets it leave as it was read."""
    number, name = dialogue_of(db, caller, row, Aim.LAUNCH, heard.now), found.choice.name
    code = launches.read_back(db, number, found.choice.id, name, found.kept, heard.now)
    both = launch_words.read_back(
        name, found.text, found.people, found.seconds, code, found.before, found.warning
    )
    whole = "\n".join(both)
    return (whole,) if len(whole) <= launch_words.TOGETHER else both
