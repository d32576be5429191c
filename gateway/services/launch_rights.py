"""Which trusted telephones may launch alerts or ask how the box is; their PINs, their sheet."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway import leaflet, phone, telephones
from gateway.clock import Clock
from gateway.errors import NotHere, Refused
from gateway.launching import folded, is_word
from gateway.rights import Right
from gateway.services import words
from gateway.services.accounts import Accounts
from gateway.services.fleet_numbers import FleetNumbers
from gateway.services.launches import choices
from gateway.services.permits import need
from gateway.services.reports import TYPES, File
from gateway.services.values import Actor
from gateway.store import Store, launches, scenarios, settings, tries
from gateway.telephones import KEY, LAUNCHER, TECHNICIAN, Telephone

#: Digits of a PIN that is drawn.
_DRAWN: Final = 6
_RUN: Final = "0123456789012345678"


@dataclass(frozen=True, slots=True)
class LauncherView:
    """A trusted telephone: what it may do, and since when it has a PIN (None: it has none)."""

    name: str
    number: str
    shown: str
    launcher: bool
    technician: bool
    pin_since: datetime | None


@dataclass(frozen=True, slots=True)
class LaunchWordView:
    """A scenario that can be launched by telephone: its place in the list, name and word."""

    id: int
    place: int
    name: str
    word: str


class LaunchRights:
    """What the doors may ask of launching by telephone."""

    def __init__(
        self, store: Store, clock: Clock, accounts: Accounts, numbers: FleetNumbers
    ) -> None:
        self._store, self._clock, self._accounts = store, clock, accounts
        self._numbers = numbers

    async def telephones(self, actor: Actor) -> list[LauncherView]:
        """Return the trusted telephones of a town, by name."""
        known, pins = await self._store.read(
            lambda db: (
                telephones.listed(settings.read(db, actor.entity_id)),
                tries.with_pin(db, actor.entity_id),
            )
        )
        return [
            LauncherView(
                one.name, one.number, phone.shown(one.number), LAUNCHER in one.roles,
                TECHNICIAN in one.roles, words.local(pins.get(one.number), actor.timezone),
            )
            for one in known
        ]  # fmt: skip

    async def let(self, actor: Actor, number: str, *, launcher: bool, technician: bool) -> None:
        """Say what a trusted telephone may do; whoever may launch no more loses the PIN."""
        need(actor, Right.SETTINGS)
        roles = frozenset(
            role for role, on in ((LAUNCHER, launcher), (TECHNICIAN, technician)) if on
        )
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            known = telephones.listed(settings.read(db, actor.entity_id))
            _only(known, number)
            new = tuple(replace(one, roles=roles) if one.number == number else one for one in known)
            settings.write(db, actor.entity_id, KEY, telephones.stored(new), actor.name, now)
            if not launcher:
                tries.drop_pin(db, actor.entity_id, number, actor.name, now)

        await self._store.write(work)

    async def set_pin(self, actor: Actor, number: str, pin: str = "") -> str:
        """Give a telephone that may launch its PIN, drawn where none is chosen; return it.

        It is shown this once: only its hash is kept. Raise `Refused` with the field.
        """
        need(actor, Right.SETTINGS)
        chosen = pin.strip() or _drawn()
        _check_pin(chosen)
        known = await self._store.read(
            lambda db: telephones.listed(settings.read(db, actor.entity_id))
        )
        if LAUNCHER not in _only(known, number).roles:
            raise Refused("Ce téléphone ne peut pas lancer d'alerte : cochez-le d'abord.", "pin")
        hashed, now = await self._accounts.hashed(chosen), self._clock.now()
        await self._store.write(
            lambda db: tries.set_pin(db, actor.entity_id, number, hashed, actor.name, now)
        )
        return chosen

    async def remove_pin(self, actor: Actor, number: str) -> None:
        """Take a telephone's PIN away: it launches nothing any more."""
        need(actor, Right.SETTINGS)
        now = self._clock.now()
        if not await self._store.write(
            lambda db: tries.drop_pin(db, actor.entity_id, number, actor.name, now)
        ):
            raise Refused("Ce téléphone n'a pas de PIN.")

    # the words

    async def scenarios(self, actor: Actor) -> list[LaunchWordView]:
        """Return what can be launched by telephone, as the list gives it."""
        found = await self._store.read(lambda db: choices(db, actor.entity_id))
        return [LaunchWordView(one.id, one.place, one.name, one.word) for one in found]

    async def set_word(self, actor: Actor, scenario_id: int, word: str) -> None:
        """Let a word launch a scenario; empty: only its place in the list does."""
        need(actor, Right.WRITE)
        parts = folded(word)
        new = parts[0] if len(parts) == 1 else ""
        if (parts or word.strip()) and not is_word(new):
            raise Refused(
                "Écrivez un seul mot de 2 à 20 lettres, qui ne veuille rien dire d'autre : CRUE, "
                "FEU, NEIGE…", "word",
            )  # fmt: skip
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> bool:
            if scenarios.get(db, actor.entity_id, scenario_id) is None:
                raise NotHere("Ce message prêt n'existe plus.")
            return launches.keep_word(db, actor.entity_id, scenario_id, new, actor.name, now)

        if not await self._store.write(work):
            raise Refused("Le mot {new} lance déjà un autre message prêt.", "word", new=new.upper())

    # the numbers, and the sheet

    async def numbers(self, actor: Actor) -> tuple[str, ...]:
        """Return the numbers one writes to and calls, as a French reader writes them."""
        return tuple(phone.shown(one) for one in await self._numbers.of(actor))

    async def set_numbers(self, actor: Actor, text: str) -> None:
        """Keep the numbers of the box, one to a line, where the SIMs do not know theirs."""
        need(actor, Right.SETTINGS)
        await self._numbers.keep(actor, text)

    async def sheet(self, actor: Actor, number: str) -> File:
        """Return the page that whoever may launch keeps at home; no PIN is on it."""
        known = await self._store.read(
            lambda db: telephones.listed(settings.read(db, actor.entity_id))
        )
        one = _only(known, number)
        ready = await self._store.read(lambda db: choices(db, actor.entity_id))
        page = leaflet.Leaflet(
            actor.entity_name, one.name, phone.shown(one.number), await self.numbers(actor),
            [(choice.place, choice.name, choice.word.upper()) for choice in ready],
            words.long_day(words.at(self._clock.now(), actor.timezone).date()),
            launcher=LAUNCHER in one.roles,
        )  # fmt: skip
        try:
            data = await asyncio.get_running_loop().run_in_executor(None, leaflet.make, page)
        except OSError:
            raise Refused("La fiche n'a pas pu être faite : réessayez dans un moment.") from None
        return File("fiche-reflexe.pdf", TYPES["pdf"], data)


def _only(known: tuple[Telephone, ...], number: str) -> Telephone:
    """Return the telephone of a number; raise `NotHere` where it is not trusted."""
    for one in known:
        if one.number == number:
            return one
    raise NotHere("Ce numéro n'est plus autorisé.")


def _drawn() -> str:
    """Return a PIN that is none of the first to be guessed."""
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(_DRAWN))
        if not _is_guessed(pin):
            return pin


def _is_guessed(pin: str) -> bool:
    return len(set(pin)) < 3 or pin in _RUN or pin[::-1] in _RUN or pin[: len(pin) // 2] * 2 == pin


def _check_pin(pin: str) -> None:
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        raise Refused("Un PIN a 4 à 8 chiffres.", "pin")
    if _is_guessed(pin):
        raise Refused("Ce PIN se devine : choisissez-en un autre, ou laissez vide.", "pin")
