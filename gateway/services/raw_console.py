"""The page's console: one AT command at a time to a modem its lane has stepped aside for.

A browser goes away without a word, so the modem comes back by itself: after a silence, when an
alert needs it, or when the daemon stops. Everything said is recorded; nothing that dials, sends,
erases or shows what people wrote is said (`modem.raw_rules`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.changes import MODEMS, Changes
from gateway.clock import Clock
from gateway.errors import Refused
from gateway.sentences import fr, fr_all
from gateway.services.permits import need_box
from gateway.services.values import Actor
from gateway.services.workshop import Talk, Workshop
from gateway.store import Store, events
from modem.raw_rules import Danger, danger_of

#: Seconds without a command after which the modem is given back.
SILENCE: Final = 120.0
#: Commands and answers the page still shows.
_KEPT: Final = 100
_LONGEST: Final = 400
#: Why a command is not said, and what to do instead.
WHY: Final[Mapping[Danger, str]] = fr_all({
    Danger.LOCK: "elle touche au code PIN ou à un verrou : faites-le au boîtier, avec « tocsin "
    "modem console »",
    Danger.CALL: "elle appelle ou décroche : « M'appeler » essaie un appel sans risque",
    Danger.SEND: "elle envoie un SMS ou un code qui peut coûter : « Un SMS à moi », ou « tocsin "
    "modem ussd » au boîtier",
    Danger.READ: "sa réponse montre les numéros ou les messages des gens",
    Danger.ERASE: "elle efface, ou change ce qu'un redémarrage ne défait pas : faites-le au "
    "boîtier, avec « tocsin modem console »",
    Danger.REPEAT: "elle répète une commande que personne ne voit ici",
})  # fmt: skip


@dataclass(slots=True)
class _Open:
    """One console: who holds it, what was said, and the commands that wait."""

    account: str
    asked: asyncio.Queue[tuple[str, asyncio.Future[tuple[str, ...]]]]
    said: deque[tuple[str, tuple[str, ...]]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    ended: str = ""  # why it is over, in words; empty while the modem is lent
    ready: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class ConsoleView:
    """A console as the page shows it: the oldest first."""

    modem: str
    lines: tuple[tuple[str, tuple[str, ...]], ...]
    lent: bool
    ended: str


class RawConsole:
    """Consoles of the page, one for each modem at most."""

    def __init__(self, store: Store, clock: Clock, changes: Changes, workshop: Workshop) -> None:
        self._store, self._clock = store, clock
        self._changes, self._workshop = changes, workshop
        self._open: dict[str, _Open] = {}
        self._wanted: asyncio.Queue[tuple[Actor, str, _Open]] = asyncio.Queue()

    async def run(self) -> None:
        """Lend what is asked for, modems beside each other, for ever."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                tasks.create_task(self._lend(*await self._wanted.get()), name="raw console")

    def view(self, actor: Actor, name: str) -> ConsoleView:
        """Return what was said to a modem in this console."""
        need_box(actor)
        found = self._open.get(name)
        if found is None or found.account != actor.login:
            return ConsoleView(name, (), lent=False, ended="")
        return ConsoleView(name, tuple(found.said), not found.ended, found.ended)

    async def say(self, actor: Actor, name: str, command: str) -> None:
        """Say one command and keep its answer; the first one borrows the modem.

        Raises `NotAllowed`; `Refused` for what must not be said from here, for a modem that is
        lent to somebody else, carries an alert, or went away.
        """
        need_box(actor)
        text = command.strip()
        if not text or len(text) > _LONGEST:
            raise Refused(
                "Écrivez une commande de {longest} caractères au plus.", "command", longest=_LONGEST
            )
        danger = danger_of(text)
        if danger is not None:
            raise Refused(
                "« {text} » n'est pas dite d'ici : {why}.", "command", text=text, why=WHY[danger]
            )
        opened = await self._opened(actor, name)
        now, told = self._clock.now(), {"modem": name, "command": text, "by": actor.name}
        await self._store.write(
            lambda db: events.record(db, now, "modem.console", told, entity_id=actor.entity_id)
        )
        if opened.ended:  # while that was written down
            raise Refused(opened.ended)
        answer: asyncio.Future[tuple[str, ...]] = asyncio.get_running_loop().create_future()
        opened.asked.put_nowait((text, answer))
        opened.said.append((text, await answer))

    async def _opened(self, actor: Actor, name: str) -> _Open:
        found = self._open.get(name)
        if found is not None and not found.ended:
            if found.account != actor.login:
                raise Refused(
                    "« {name} » est déjà entre les mains de {account}.",
                    name=name,
                    account=found.account,
                )
            return found
        said = found.said if found is not None and found.account == actor.login else deque()
        fresh = _Open(actor.login, asyncio.Queue(), deque(said, maxlen=_KEPT))
        self._open[name] = fresh
        self._wanted.put_nowait((actor, name, fresh))
        await fresh.ready.wait()
        if fresh.ended:
            raise Refused(fresh.ended)
        return fresh

    def give_back(self, actor: Actor, name: str) -> None:
        """End a console: the modem goes back to its work."""
        need_box(actor)
        found = self._open.get(name)
        if found is not None and found.account == actor.login and not found.ended:
            done: asyncio.Future[tuple[str, ...]] = asyncio.get_running_loop().create_future()
            found.asked.put_nowait(("", done))

    async def _lend(self, actor: Actor, name: str, opened: _Open) -> None:
        why: str = fr("La console est fermée : le modem a repris son travail.")
        try:
            async with self._workshop.talking(actor, name) as talk:
                opened.ready.set()
                self._changes.touch(MODEMS)
                why = await self._serve(talk, opened)
        except Refused as refusal:
            why = refusal.message
        finally:
            opened.ended = why
            opened.ready.set()
            while not opened.asked.empty():
                _, answer = opened.asked.get_nowait()
                if not answer.done():
                    answer.set_exception(Refused(why))
            self._changes.touch(MODEMS)

    async def _serve(self, talk: Talk, opened: _Open) -> str:
        """Say what is asked until it ends; return why it did."""
        recalled = asyncio.create_task(talk.recalled(), name="raw console:recall")
        try:
            while True:
                asked = asyncio.create_task(opened.asked.get(), name="raw console:command")
                await asyncio.wait(
                    {asked, recalled}, timeout=SILENCE, return_when=asyncio.FIRST_COMPLETED
                )
                if not asked.done():
                    asked.cancel()
                    if recalled.done():
                        return fr("Une alerte a besoin du modem : il a été repris.")
                    return fr("Sans commande depuis deux minutes : le modem a repris son travail.")
                text, answer = asked.result()
                if not text:
                    return fr("La console est fermée : le modem a repris son travail.")
                try:
                    answer.set_result(await talk.say(text))
                except Refused as refusal:
                    answer.set_exception(refusal)
        finally:
            recalled.cancel()
