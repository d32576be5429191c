"""Mail as a way to send and to be told: who may send by mail, who gets what came by SMS."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway import phone
from gateway.clock import Clock
from gateway.errors import Refused
from gateway.mail.wishes import hash_of, without_code
from gateway.rights import Right
from gateway.services import town_forms, town_settings, words
from gateway.services.permits import need
from gateway.services.values import Actor
from gateway.store import Store, mail_in, people, settings

#: Letters and digits nobody takes for another.
_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH: Final = 8
#: Mailboxes told of one thing; a list of the mail server does the rest.
MOST_TOLD: Final = 10
MORNING: Final = "07:30"
#: Mails refused are shown so long (seconds).
_SHOWN: Final = 31 * 86400.0
_HOUR: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class SenderView:
    """Somebody who may send by mail into the mailbox, with a code only they know."""

    id: int
    name: str
    address: str
    added_at: datetime
    added_by: str


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A mail that led to nothing, and why: a machine that sent it hears of it nowhere else."""

    at: datetime
    author: str
    said: str


@dataclass(frozen=True, slots=True)
class Ways:
    """Where mail may come in; empty where the site has set none up. ``sends``: mail leaves."""

    domain: str = ""
    mailbox: str = ""
    sends: bool = False


@dataclass(frozen=True, slots=True)
class ToldView:
    """Which mailboxes get the SMS that come in, and which the day's summary and when."""

    forward: tuple[str, ...]
    summary: tuple[str, ...]
    summary_at: str


class Mailing:
    """What the doors may ask of mail."""

    def __init__(self, store: Store, clock: Clock, ways: Ways) -> None:
        self._store, self._clock, self.ways = store, clock, ways
        #: Told when other mailboxes are to be told.
        self.changed: Callable[[], None] = lambda: None

    async def senders(self, actor: Actor) -> list[SenderView]:
        """Return who may send by mail, by address."""
        rows = await self._store.read(lambda db: mail_in.senders(db, actor.entity_id))
        return [
            SenderView(
                row["id"], row["name"], row["address"],
                words.at(row["added_at"], actor.timezone), row["added_by"],
            )
            for row in rows
        ]  # fmt: skip

    async def turned_away(self, actor: Actor) -> list[TurnedAway]:
        """Return the mails that led to nothing in the last month, newest first."""
        since = self._clock.now() - _SHOWN
        rows = await self._store.read(lambda db: mail_in.turned_away(db, actor.entity_id, since))
        return [
            TurnedAway(
                words.at(row["received_at"], actor.timezone), row["author"],
                without_code(row["said"]),
            )
            for row in rows
        ]  # fmt: skip

    async def add_sender(self, actor: Actor, name: str, address: str) -> str:
        """Let somebody send by mail; return their code: shown once, stored nowhere in clear."""
        need(actor, Right.SETTINGS)
        title = " ".join(name.split())[:80]
        if not title:
            raise Refused("Écrivez le nom de la personne.", "name")
        plain = _address(address, "address")
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        now = self._clock.now()
        await self._store.write(
            lambda db: mail_in.add_sender(
                db, actor.entity_id, plain, title, hash_of(code), actor.name, now
            )
        )
        return code

    async def remove_sender(self, actor: Actor, number: int) -> None:
        """Let somebody send by mail no more."""
        need(actor, Right.SETTINGS)
        now = self._clock.now()
        gone = await self._store.write(
            lambda db: mail_in.remove_sender(db, actor.entity_id, number, actor.name, now)
        )
        if not gone:
            raise Refused("Cette personne n'envoie plus par courriel.")

    async def told(self, actor: Actor) -> ToldView:
        """Return which mailboxes are told what."""
        town = await self._store.read(lambda db: settings.read(db, actor.entity_id))
        forward, summary = forwarded_to(town), summary_of(town)
        return ToldView(forward[0], summary[0], summary[1])

    async def gets_sms(self, actor: Actor) -> bool:
        """Tell whether the SMS that come in are this town's: the SIMs are the box's."""
        town = await self._store.read(people.first_entity)
        return town is not None and town["id"] == actor.entity_id

    async def set_told(
        self, actor: Actor, forward: str, summary: str, at: str, version: str = ""
    ) -> None:
        """Set which mailboxes are told what; raise `Refused` with the field at fault.

        Raise `Changed` where somebody set it since the form of ``version``.
        """
        need(actor, Right.SETTINGS)
        to, daily = addresses(forward, "forward"), addresses(summary, "summary")
        hour = at.strip() or MORNING
        if not _HOUR.fullmatch(hour):
            raise Refused("Écrivez l'heure du résumé comme 07:30.", "summary_at")
        if (to or daily) and not self.ways.sends:
            raise Refused(
                "Aucun courriel ne peut partir : le technicien doit d'abord régler [relay].",
                "forward" if to else "summary",
            )
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            before = settings.read(db, actor.entity_id)
            asked = {
                town_settings.FORWARD_SMS: {"to": to},
                town_settings.SUMMARY: {"to": daily, "at": hour},
            }
            town_forms.unchanged(version, town_forms.TOLD, before, asked)
            if forwarded_to(before)[0] != to:  # what came before is not sent again to the new ones
                value = {"to": list(to), "since": now}
                settings.write(
                    db, actor.entity_id, town_settings.FORWARD_SMS, value, actor.name, now
                )
            if summary_of(before) != (daily, hour):
                wanted = {"to": list(daily), "at": hour}
                settings.write(db, actor.entity_id, town_settings.SUMMARY, wanted, actor.name, now)

        await self._store.write(work)
        self.changed()


def forwarded_to(town: Mapping[str, Any]) -> tuple[tuple[str, ...], float]:
    """Return the mailboxes that get the SMS that come in, and from when on."""
    kept = town.get(town_settings.FORWARD_SMS, {})
    return tuple(kept.get("to", ())), float(kept.get("since", 0.0))


def summary_of(town: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """Return the mailboxes that get the day's summary, and its hour (``07:30``)."""
    kept = town.get(town_settings.SUMMARY, {})
    return tuple(kept.get("to", ())), str(kept.get("at", MORNING))


def addresses(typed: str, field: str) -> tuple[str, ...]:
    """Return mail addresses as they are typed in a list; raise `Refused` with the field."""
    found = tuple(dict.fromkeys(_address(one, field) for one in re.split(r"[\s,;]+", typed) if one))
    if len(found) > MOST_TOLD:
        raise Refused(
            "Au plus {most} adresses : créez une liste de diffusion.", field, most=MOST_TOLD
        )
    return found


def _address(typed: str, field: str) -> str:
    try:
        return phone.parse_mail(typed.strip())
    except Refused as refusal:
        raise Refused(refusal.message, field) from None
