"""One call across the emulated network, from the dialled number to its end.

Job: the times of a call, and while it lasts its clock: every 20 ms one frame from the modem's
voice port to the ear, and one back. Not its job: what AT says of it (`leg`) and what the person
does (`Behaviour`, read at the first ring). Times come from the running loop. Used by
`modem.emulator.network`.

What the person hears begins at the answer and is only ever what the voice port was fed: silence
where it was fed nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Final, Protocol

from modem.emulator.audio import FRAME, FRAME_SECONDS, SILENCE, AudioEndpoint
from modem.emulator.behaviour import Behaviour, Press
from modem.emulator.pace import RING_LIMIT, Latencies
from modem.emulator.tones import beep, frames_of, greeting, key_tone
from modem.events import ReleaseCause

#: A sample above this is voice, for someone waiting to be asked for a key.
_VOICE: Final = 300
_ENOUGH_VOICE: Final = 50  # frames: a second of speech
_PROMPT_IS_OVER: Final = 60  # frames of silence: longer than any pause between sentences
_LONGEST_CATCH_UP: Final = 0.5


class CallState(Enum):
    """A call's states, with the values +CLCC gives them (27.007, 7.18); 6 is SIMCom's own."""

    ACTIVE = 0
    DIALLING = 2
    ALERTING = 3
    INCOMING = 4
    ENDED = 6


class Leg(Protocol):
    """The modem's side of a call."""

    @property
    def audio(self) -> AudioEndpoint:
        """The voice port."""

    def call_changed(self, call: EmulatedCall) -> None:
        """Tell of a new state; `EmulatedCall.cause` says why when it is the end."""

    def digit_heard(self, digit: str) -> None:
        """Tell of a key the network signalled."""


class EmulatedCall:
    """One call, outgoing as seen from the modem (or incoming, see `ring_modem`)."""

    def __init__(
        self,
        leg: Leg,
        number: str,
        latencies: Latencies,
        on_end: Callable[[EmulatedCall], None],
    ) -> None:
        self.number = number
        self.state = CallState.DIALLING
        self.cause = ReleaseCause.NORMAL
        self.hung_up_by_modem = False
        self.keys = ""
        self.hidden = False  # whether the modem is not told who calls
        self.keys_heard = ""  # those the modem pressed
        self.beeped_at: float | None = None  # seconds after the answer at which a beep was over
        self.heard = bytearray()
        self.at = self._loop.time()
        self.alerted_at: float | None = None
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self._leg, self._latencies, self._on_end = leg, latencies, on_end
        self._behaviour = Behaviour()
        self._timers: list[asyncio.TimerHandle] = []
        self._downlink: deque[bytes] = deque()
        self._next_tick = 0.0
        self._voiced = self._quiet = 0

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    @property
    def incoming(self) -> bool:
        """Whether the phone called the modem."""
        return False

    @property
    def seconds(self) -> int:
        """Whole seconds since the answer."""
        if self.answered_at is None:
            return 0
        return int((self.ended_at or self._loop.time()) - self.answered_at)

    def place(self, behaviour: Callable[[], Behaviour | None]) -> None:
        """Let the network look for the phone; None from ``behaviour`` means it is engaged."""
        self._later(self._latencies.alerting(), lambda: self._reach(behaviour()))

    def hang_up(self) -> None:
        """End the call from the modem's side."""
        self.hung_up_by_modem = True
        self.end(ReleaseCause.NORMAL)

    def end(self, cause: ReleaseCause) -> None:
        """End the call; ending twice is harmless."""
        if self.state is CallState.ENDED:
            return
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self.state, self.cause, self.ended_at = CallState.ENDED, cause, self._loop.time()
        self._leg.call_changed(self)
        self._on_end(self)

    def press(
        self,
        digit: str,
        seconds: float = 0.16,
        level_dbov: float = -16.0,
        twist_db: float = 2.0,
    ) -> None:
        """Press a key: the network signals it, and renders it as tones towards the modem."""
        if self.state is not CallState.ACTIVE:
            return
        self.keys += digit
        self.say(key_tone(digit, seconds, level_dbov, twist_db))
        self._later(min(seconds, 0.1), lambda: self._leg.digit_heard(digit))

    def _press(self, key: Press) -> None:
        self.press(key.digit, key.seconds, key.level_dbov, key.twist_db)

    def say(self, pcm: bytes) -> None:
        """Let the person be heard by the modem, after what is already being said."""
        self._downlink.extend(frames_of(pcm, FRAME))

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._timers.append(self._loop.call_later(seconds, act))

    def _change(self, state: CallState) -> None:
        self.state = state
        self._leg.call_changed(self)

    def _reach(self, behaviour: Behaviour | None) -> None:
        if behaviour is None or behaviour.busy:
            self.end(ReleaseCause.BUSY)
            return
        if behaviour.unreachable:
            self.end(ReleaseCause.UNREACHABLE)
            return
        self._behaviour = behaviour
        self.alerted_at = self._loop.time()
        self._change(CallState.ALERTING)
        if behaviour.refuses:
            self._later(self._latencies.declining(), lambda: self.end(ReleaseCause.REFUSED))
            return
        if behaviour.early_media and behaviour.announcement is not None:
            self._later(behaviour.announcement, lambda: self.end(ReleaseCause.UNREACHABLE))
            return
        if behaviour.answers_after is not None:
            rings = self._latencies.ringing(behaviour.answers_after)
            if rings < RING_LIMIT:
                self._later(rings, self.answer)
                return
        self._later(RING_LIMIT, lambda: self.end(ReleaseCause.NO_ANSWER))

    def answer(self) -> None:
        """Pick up: the ear's clock starts."""
        now = self._loop.time()
        self.answered_at, self._next_tick = now, now + FRAME_SECONDS
        self._change(CallState.ACTIVE)
        behaviour = self._behaviour
        for press in behaviour.presses:
            self._later(press.after, partial(self._press, press))
        if behaviour.hangs_up_after is not None:
            self._later(behaviour.hangs_up_after, lambda: self.end(ReleaseCause.NORMAL))
        self._speak_first(behaviour)
        self._clock = self._loop.call_at(self._next_tick, self._tick)
        self._timers.append(self._clock)

    def _speak_first(self, behaviour: Behaviour) -> None:
        """Say what this phone, its machine or the network in its place says on answering."""
        if behaviour.announcement is not None:
            self.say(greeting(behaviour.announcement))
            self._later(behaviour.announcement, lambda: self.end(ReleaseCause.NORMAL))
        elif behaviour.machine:
            self.say(greeting(behaviour.greeting) + beep())
            self.beeped_at = behaviour.greeting + len(beep()) / 16000
        elif behaviour.says_hello is not None:
            self.say(greeting(behaviour.says_hello))
        if behaviour.beeps_after is not None:
            self._later(behaviour.beeps_after, lambda: self.say(beep()))

    def press_from_modem(self, digit: str) -> None:
        """Let the person hear a key the modem pressed."""
        self.keys_heard += digit

    def _tick(self) -> None:
        """Move one frame each way, and as many more as a late loop owes."""
        now = self._loop.time()
        if now - self._next_tick > _LONGEST_CATCH_UP:
            self._next_tick = now
        while self._next_tick <= now and self.state is CallState.ACTIVE:
            self._exchange()
            self._next_tick += FRAME_SECONDS
        if self.state is CallState.ACTIVE:
            self._timers.remove(self._clock)
            self._clock = self._loop.call_at(self._next_tick, self._tick)
            self._timers.append(self._clock)

    def _exchange(self) -> None:
        audio = self._leg.audio
        frame = audio.next_frame()
        self.heard += frame
        audio.send(self._downlink.popleft() if self._downlink else SILENCE)
        if self._behaviour.presses_when_prompted is not None:
            self._listen_for_the_prompt(frame)

    def _listen_for_the_prompt(self, frame: bytes) -> None:
        """Press the key a second after a voice that has spoken falls silent, once."""
        if frame != SILENCE and max(memoryview(frame).cast("h")) > _VOICE:
            self._voiced, self._quiet = self._voiced + 1, 0
            return
        self._quiet += 1
        key = self._behaviour.presses_when_prompted
        if (
            key
            and self._voiced >= _ENOUGH_VOICE
            and self._quiet == _PROMPT_IS_OVER
            and not self.keys
        ):
            self.press(key)
