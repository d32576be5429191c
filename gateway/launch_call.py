"""A launch in a call: the PIN, the list, what is read back, a spoken code; then the alert leaves.

A caller is held by their key presses only; silence, a wrong code or hanging up launches nothing.
All that can be said beforehand is rendered before it is needed (`gateway.launch_reception`).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway import launch_words
from gateway.channels.call_script import LEAD_IN, Part
from gateway.channels.keypad import SHORT, Keypad
from gateway.channels.performance import Performance
from gateway.channels.voice import Unspeakable
from gateway.clock import Clock
from gateway.errors import Refused
from gateway.launching import MOST_WRONG_CODES, Aim, Event, Step, locked_until
from gateway.logs import log_for, masked
from gateway.services.asked import Asked
from gateway.services.launchers import BEHIND, Caller, Launchers, say
from gateway.services.launches import (
    Choice,
    Launches,
    ReadBack,
    choices,
    counted,
    done,
    takes_texts,
)
from gateway.speech import SpeechService
from gateway.store import Store, launches, tries
from modem.events import Released
from modem.voice import VoiceCall

_log = log_for(__name__)

#: Outcomes of such a call.
LAUNCHED: Final = "launched"
MENU: Final = "menu"
#: The caller would rather hear the message that waits for them.
WAITING: Final = "waiting"
#: Seconds such a call may last.
LONGEST: Final = 600.0
#: Scenarios on a page, one for each key.
PAGE: Final = 9


class _Over(Exception):
    """Nothing more can be said."""


@dataclass(frozen=True, slots=True)
class Means:
    """What every such call needs."""

    store: Store
    clock: Clock
    speech: SpeechService
    launchers: Launchers
    launches: Launches

    async def said(self, caller: Caller, *texts: str) -> bytes:
        """Return texts as they sound, one after the other; raise `Unspeakable`."""
        return b"".join([
            (await self.speech.say_all({Part.MESSAGE: one}, caller.entity_id))[Part.MESSAGE]
            for one in texts
        ])  # fmt: skip


def fixed(town: str) -> tuple[str, ...]:
    """Return what every such call may say."""
    return (
        launch_words.hello(town, waiting=False), launch_words.hello(town, waiting=True),
        launch_words.PIN_AGAIN, launch_words.CALL_LOCKED, launch_words.LEAVES,
        launch_words.EXCUSE, launch_words.NOTHING_LEFT, launch_words.CODE_AGAIN,
    )  # fmt: skip


def read_aloud(choice: Choice) -> str:
    """Return an alert as it is read back, as far as its ready text says."""
    draft = choice.draft
    return launch_words.spoken(choice.name, draft.voice_text or draft.text)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A scenario read back: the dialogue, its code, and what is said of it."""

    dialogue: int
    code: str
    tail: bytes


class LaunchCall:
    """One caller who may launch."""

    def __init__(self, door: Means, caller: Caller, *, waiting: bool) -> None:
        self._door, self._caller, self._waiting = door, caller, waiting
        self._sounds: dict[str, bytes] = {}
        self._call: VoiceCall | None = None
        self._preempt = asyncio.Event()
        self.lost: Released | None = None

    async def prepare(self) -> None:
        """Have the first words rendered; raise `Unspeakable`."""
        for text in fixed(self._caller.town):
            self._sounds[text] = await self._door.said(self._caller, text)

    async def hold(self, call: VoiceCall, preempt: asyncio.Event) -> str:
        """Lead a call that was answered; return what came of it."""
        self._call, self._preempt = call, preempt
        try:
            return await self._led()
        except _Over:
            return MENU
        except Unspeakable as error:
            _log.warning("a launch by telephone fell silent", error=str(error))
            return MENU

    async def _led(self) -> str:
        proved = await self._prove()
        if proved != LAUNCHED:
            return proved
        ready = await self._door.store.read(lambda db: choices(db, self._caller.entity_id))
        choice = await self._choose(ready)
        if choice is None:
            return MENU
        return await self._confirm(choice)

    # saying, and hearing keys

    async def _ask(self, pcm: bytes, pad: Keypad) -> Keypad:
        """Say something and take keys; raise `_Over` when the call is."""
        assert self._call is not None  # noqa: S101  for the type checker: `hold` was given it
        sounds = {Part.MESSAGE: pcm, Part.EXCUSE: self._sounds[launch_words.EXCUSE]}
        performance = Performance(self._call, sounds, pad, self._preempt)
        await performance.run()
        if performance.released is not None or self._preempt.is_set():
            self.lost = performance.released
            raise _Over
        return pad

    async def _end(self, text: str) -> str:
        await self._ask(await self._said(text), Keypad(0))
        return MENU

    async def _said(self, *texts: str) -> bytes:
        missing = [one for one in texts if one not in self._sounds]
        for text in missing:
            self._sounds[text] = await self._door.said(self._caller, text)
        return b"".join(self._sounds[one] for one in texts)

    # the PIN

    async def _prove(self) -> str:
        """Have the PIN typed until it is right or no more are taken."""
        said, lead = launch_words.hello(self._caller.town, waiting=self._waiting), LEAD_IN
        while True:
            now = self._door.clock.now()
            lately = await self._door.store.read(
                lambda db, now=now: tries.of_number(db, self._caller.number, now)  # type: ignore[misc]
            )
            if locked_until(lately, now) is not None:
                return await self._end(launch_words.CALL_LOCKED)
            pad = Keypad(8, star=self._waiting, lead=lead)
            await self._ask(await self._said(said), pad)
            lead = SHORT
            if pad.starred:
                return WAITING
            if not pad.digits:
                return await self._end(launch_words.NOTHING_LEFT)
            verdict = await self._door.launchers.check(self._caller, pad.digits, "call")
            self._door.launches.announce(*verdict.made)
            if verdict.right:
                return LAUNCHED
            if verdict.no_pin:
                return await self._end(launch_words.NOTHING_LEFT)
            said = launch_words.PIN_AGAIN

    # the list

    async def _choose(self, ready: Sequence[Choice]) -> Choice | None:
        """Have a scenario chosen by its key, page by page."""
        if not ready:
            await self._end(launch_words.NONE_READY)
            return None
        first, silent = 0, 0
        while silent < 2:
            page = ready[first : first + PAGE]
            lines = [launch_words.choice(key, one.name) for key, one in enumerate(page, 1)]
            more = [launch_words.NEXT_PAGE] if len(ready) > PAGE else []
            words = await self._said(*lines, *more, launch_words.HEAR_AGAIN)
            pad = await self._ask(words, Keypad(1))
            key = int(pad.digits or 0)
            if 1 <= key <= len(page):
                return page[key - 1]
            if pad.ended and more:
                first = first + PAGE if first + PAGE < len(ready) else 0
            silent += not pad.digits and not pad.ended
        await self._end(launch_words.NOTHING_LEFT)
        return None

    # reading back, and the code

    async def _confirm(self, choice: Choice) -> str:
        """Read an alert back and take the fresh code that launches it."""
        aloud = await self._said(read_aloud(choice))
        preparing = asyncio.ensure_future(self._prepared(choice))
        try:
            pad = await self._ask(aloud, Keypad(0, star=True))
            chosen = await preparing
        except Refused as refusal:
            return await self._end(refusal.message)
        finally:
            preparing.cancel()
        for turn in range(MOST_WRONG_CODES):
            again = [self._sounds[launch_words.CODE_AGAIN]] if turn else []
            pad = await self._typed(b"".join([*again, chosen.tail]), aloud)
            if not pad.digits:
                break
            if secrets.compare_digest(pad.digits, chosen.code):
                return await self._launch(chosen)
            await self._note_wrong(chosen)
        await self._drop(chosen)
        return await self._end(launch_words.NOTHING_LEFT)

    async def _typed(self, tail: bytes, aloud: bytes) -> Keypad:
        """Have a code typed; the star reads all back again."""
        pad = await self._ask(tail, Keypad(4, star=True))
        for _ in range(3):
            if not pad.starred:
                break
            pad = await self._ask(aloud + tail, Keypad(4, star=True))
        return pad

    async def _prepared(self, choice: Choice) -> _Chosen:
        """Count people and have the code said, while the text is read back."""
        caller = self._caller
        found, now = await self._door.launches.read_back(caller, choice), self._door.clock.now()
        dialogue, code = await self._door.store.write(
            lambda db: _begun(db, caller, choice, found, now)
        )
        words = launch_words.spoken_code(
            found.people, found.seconds, code, found.before, found.warning
        )
        return _Chosen(dialogue, code, await self._said(words))

    async def _note_wrong(self, chosen: _Chosen) -> None:
        caller, now = self._caller, self._door.clock.now()

        def work(db: sqlite3.Connection) -> None:
            launches.wrong_code(db, chosen.dialogue)
            tries.note(db, caller.entity_id, caller.number, "call", Event.CODE, now)

        await self._door.store.write(work)

    async def _drop(self, chosen: _Chosen) -> None:
        now = self._door.clock.now()
        await self._door.store.write(lambda db: launches.go(db, chosen.dialogue, Step.DROPPED, now))

    async def _launch(self, chosen: _Chosen) -> str:
        door, caller = self._door, self._caller
        row = await door.store.read(lambda db: launches.get(db, chosen.dialogue))
        if await door.launches.crossed(caller, row):
            await self._drop(chosen)
            return await self._end(launch_words.CROSSED)
        try:
            number = await door.launches.launch(caller, row)
        except Refused as refusal:
            await self._drop(chosen)
            return await self._end(refusal.message)
        now = door.clock.now()
        made = await door.store.write(lambda db: _done(db, caller, chosen.dialogue, number, now))
        door.launches.announce(*made)
        _log.info("launched by call", broadcast=number, caller=masked(caller.number))
        await self._say_it_leaves()
        return LAUNCHED

    async def _say_it_leaves(self) -> None:
        """Say the one thing that matters, though the alert wants this very modem."""
        self._preempt = asyncio.Event()
        with contextlib.suppress(_Over):  # they have hung up: the alert is gone all the same
            await self._ask(self._sounds[launch_words.LEAVES], Keypad(0))


def _begun(
    db: sqlite3.Connection, caller: Caller, choice: Choice, found: ReadBack, now: float
) -> tuple[int, str]:
    number = launches.begin(
        db, caller.entity_id, caller.number, caller.name, "call", Aim.LAUNCH, now
    )
    return number, launches.read_back(db, number, choice.id, choice.name, found.kept, now)


def _done(
    db: sqlite3.Connection, caller: Caller, dialogue: int, number: int, now: float
) -> list[int]:
    """Write a launch down; tell the others, and the launcher what to send next."""
    made = done(db, caller, dialogue, number, now)
    if takes_texts(caller.number):
        title = launches.get(db, dialogue)["title"]
        said = launch_words.launched(title, counted(db, number)[0])
        whom = [Asked(caller.name, caller.number)]
        made.append(say(db, caller.entity_id, whom, said, now, after=BEHIND))
    return made
