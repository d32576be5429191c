"""The telephone as a door: who called, whom the town trusts, and messages dictated by telephone."""

from __future__ import annotations

import array
import asyncio
import io
import math
import wave
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway import phone as phones
from gateway import telephones
from gateway.channels.call_script import Part
from gateway.channels.performance import Performance
from gateway.channels.reception_script import (
    DICTATE,
    DICTATE_AGAIN,
    REVIEW,
    Course,
    dictation_phrases,
)
from gateway.channels.voice import Unspeakable
from gateway.clock import Clock
from gateway.errors import Refused
from gateway.lanes import Lane
from gateway.logs import log_for, masked
from gateway.received import ReceivedSounds
from gateway.rights import Right
from gateway.sentences import fr, fr_all
from gateway.services import words
from gateway.services.fleet import Fleet
from gateway.services.permits import need
from gateway.services.sounds import Sounds
from gateway.services.values import Actor
from gateway.services.workshop import Workshop, ready_driver
from gateway.speech import SpeechService
from gateway.store import Connection, Store, calls, settings, tries
from gateway.telephones import KEY, Telephone
from modem.errors import ModemError
from modem.events import Answered, DigitPressed, Released
from modem.voice import VoiceCall

_log = log_for(__name__)

#: Seconds a dictated message may last, and a telephone rings for it.
LONGEST: Final = 120.0
_RINGS: Final = 45.0
#: Tries at one message.
_TRIES: Final = 3
#: Seconds at the end of a dictation that the key itself takes up.
_KEY: Final = 0.4
_RATE: Final = 8000

_OUTCOMES: Final = fr_all({
    calls.UNANSWERED: "sans réponse", calls.UNKNOWN: "personne n'attendait ce numéro",
    calls.MENU: "numéro autorisé", "launched": "a lancé une alerte",
    "acknowledged": "a confirmé", "listened": "a tout écouté",
    "answered": "n'a pas tout écouté", "interrupted": "appel interrompu",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class CallView:
    """Somebody who called the box."""

    at: datetime
    who: str
    number: str
    said: str
    modem: str


@dataclass(frozen=True, slots=True)
class SoundView:
    """What the other end of a call said, kept for a time."""

    name: str
    at: datetime
    number: str
    seconds: float


@dataclass(frozen=True, slots=True)
class _Wish:
    actor: Actor
    number: str
    title: str


class Telephones:
    """What the doors may ask of the telephone."""

    def __init__(
        self, store: Store, clock: Clock, speech: SpeechService, received: ReceivedSounds,
        fleet: Fleet, workshop: Workshop, sounds: Sounds,
    ) -> None:  # fmt: skip
        self._store, self._clock, self._speech, self._received = store, clock, speech, received
        self._fleet, self._workshop, self._sounds = fleet, workshop, sounds
        self._wishes: asyncio.Queue[_Wish] = asyncio.Queue(maxsize=4)
        self._news: dict[int, str] = {}

    async def calls(self, actor: Actor) -> list[CallView]:
        """Return who called last, newest first."""
        need(actor, Right.INBOX)
        rows = await self._store.read(lambda db: calls.latest(db, actor.entity_id))
        found = []
        for row in rows:
            at = words.local(row["at"], actor.timezone)
            assert at is not None  # noqa: S101  for the type checker: the column is NOT NULL
            shown = phones.shown(row["caller"]) if row["caller"] else fr("numéro masqué")
            said = _OUTCOMES.get(row["outcome"], row["outcome"])
            found.append(CallView(at, row["name"] or "", shown, said, row["lane"]))
        return found

    async def kept(self, actor: Actor) -> list[SoundView]:
        """Return the sounds of calls that are kept, newest first."""
        need(actor, Right.INBOX)
        rows = await self._store.read(lambda db: calls.sounds_kept(db, actor.entity_id))
        found = []
        for row in rows:
            at = words.local(row["at"], actor.timezone)
            assert at is not None  # noqa: S101  for the type checker: the column is NOT NULL
            found.append(SoundView(row["name"], at, phones.shown(row["number"]), row["seconds"]))
        return found

    async def sound(self, actor: Actor, name: str) -> bytes | None:
        """Return a kept sound (WAV), None when it is gone or another town's."""
        need(actor, Right.INBOX)
        known = {one.name for one in await self.kept(actor)}
        return await self._received.read(name) if name in known else None

    # whom the town trusts

    async def trusted(self, actor: Actor) -> tuple[Telephone, ...]:
        """Return the telephones a town trusts, by name."""
        town = await self._store.read(lambda db: settings.read(db, actor.entity_id))
        return telephones.listed(town)

    async def trust(self, actor: Actor, name: str, number: str) -> None:
        """Trust a telephone; raise `Refused` with the field at fault."""
        need(actor, Right.SETTINGS)
        title = " ".join(name.split())[:60]
        if not title:
            raise Refused("Écrivez le nom de la personne.", "name")
        new = Telephone(title, phones.parse(number).e164)
        all_known = await self.trusted(actor)
        roles = [one.roles for one in all_known if one.number == new.number]
        known = [one for one in all_known if one.number != new.number]
        await self._set(actor, (*known, replace(new, roles=roles[0]) if roles else new))

    async def distrust(self, actor: Actor, number: str) -> None:
        """Trust a telephone no more."""
        need(actor, Right.SETTINGS)
        known = await self.trusted(actor)
        left = tuple(one for one in known if one.number != number)
        if len(left) == len(known):
            raise Refused("Ce numéro n'est plus autorisé.")
        await self._set(actor, left)

    async def _set(self, actor: Actor, known: tuple[Telephone, ...]) -> None:
        now = self._clock.now()
        value = telephones.stored(known)

        def work(db: Connection) -> None:
            settings.write(db, actor.entity_id, KEY, value, actor.name, now)
            tries.drop_pins_but(db, actor.entity_id, {one.number for one in known})

        await self._store.write(work)

    # dictating

    def news(self, actor: Actor) -> str:
        """Return how the last dictation stands, empty before the first."""
        return self._news.get(actor.entity_id, "")

    async def dictate(self, actor: Actor, number: str, title: str) -> None:
        """Call a trusted telephone soon, to have a message spoken there.

        Raise `Refused`: not trusted, no title, or too many wait already.
        """
        need(actor, Right.WRITE)
        if not " ".join(title.split()):
            raise Refused("Donnez un titre à cet enregistrement.", "title")
        if number not in {one.number for one in await self.trusted(actor)}:
            raise Refused("Ce numéro n'est pas autorisé : ajoutez-le d'abord.", "number")
        try:
            self._wishes.put_nowait(_Wish(actor, number, title))
        except asyncio.QueueFull:
            raise Refused("D'autres enregistrements attendent : réessayez.", "number") from None
        self._tell(actor, fr("Tocsin va appeler le {number}.", number=phones.shown(number)))

    async def run(self) -> None:
        """Make the calls that were asked for, one after the other, for ever."""
        while True:
            wish = await self._wishes.get()
            try:
                said = await self._fulfil(wish)
            except (Refused, Unspeakable) as error:
                said = str(error)
            except ModemError as error:
                _log.warning("dictation failed", to=masked(wish.number), error=str(error))
                said = fr("L'appel n'a pas pu être passé : réessayez.")
            self._tell(wish.actor, said)

    def _tell(self, actor: Actor, said: str) -> None:
        self._news[actor.entity_id] = said

    async def _fulfil(self, wish: _Wish) -> str:
        actor = wish.actor
        sounds = await self._speech.say_all(dictation_phrases(actor.entity_name), actor.entity_id)
        sounds[Part.BEEP] = _beep()
        async with self._workshop.held(self._line().name) as (lane, recalled):
            driver = await ready_driver(lane)
            if driver is None:
                return fr("Aucun modem n'est prêt à appeler.")
            call = await driver.dial(wish.number)
            try:
                if not await _picked_up(call):
                    return fr("Personne n'a décroché.")
                pcm = await _spoken(call, sounds, recalled)
            finally:
                await call.hang_up()
        if pcm is None:
            return fr("Rien n'a été gardé.")
        kept = await self._sounds.keep_recording(actor, wish.title, _wav(pcm))
        return fr(
            "« {title} » est gardé ({seconds:.0f} s).", title=kept.title, seconds=kept.seconds
        )

    def _line(self) -> Lane:
        able = [lane for lane in self._fleet.lanes if lane.can_answer]
        if not able:
            raise Refused("Aucun modem n'est prêt à appeler.")
        return next((lane for lane in able if lane.idle), able[0])


async def _picked_up(call: VoiceCall) -> bool:
    try:
        async with asyncio.timeout(_RINGS):
            while True:
                event = await call.next_event()
                if isinstance(event, Answered | Released):
                    return isinstance(event, Answered)
    except TimeoutError:
        return False


async def _spoken(
    call: VoiceCall, sounds: Mapping[Part, bytes], recalled: asyncio.Event
) -> bytes | None:
    """Return what was dictated (s16le, 8 kHz, mono) and kept with the key 1."""
    for turn in range(_TRIES):
        asking = Course(DICTATE_AGAIN if turn else DICTATE, "speak")
        performance = Performance(call, sounds, asking, recalled)
        await performance.run()
        if performance.released is not None or recalled.is_set():
            return None
        pcm = await _heard(call, recalled)
        if pcm is None:
            return None
        course = Course(REVIEW, "review")
        await Performance(call, {**sounds, Part.MESSAGE: pcm}, course, recalled).run()
        if "keep" in course.passed:
            return pcm
        if "anew" not in course.passed:
            return None
    return None


async def _heard(call: VoiceCall, recalled: asyncio.Event) -> bytes | None:
    """Return what is said until a key, a minute or two at most; None when the line is gone."""
    call.sound.keep(LONGEST)
    loop = asyncio.get_running_loop()
    until = loop.time() + LONGEST
    while (left := until - loop.time()) > 0 and not recalled.is_set():
        event = await call.next_event(min(left, 1.0))
        if isinstance(event, Released):
            return None
        if isinstance(event, DigitPressed):
            pcm = call.sound.kept()
            return pcm[: max(0, len(pcm) - round(_KEY * _RATE) * 2)]
    return None if recalled.is_set() else call.sound.kept()


def _beep() -> bytes:
    """Return the tone after which one speaks: 1,000 Hz, four tenths of a second, -20 dBov."""
    return array.array(
        "h", (round(4600 * math.sin(2 * math.pi * n / 8)) for n in range(round(0.4 * _RATE)))
    ).tobytes()


def _wav(pcm: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(pcm)
    return out.getvalue()
