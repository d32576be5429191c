"""The call tree on paper: made at once from the page, and each week by mail or into a folder.

What was made and where it went is a fact on the disk: a restart makes nothing twice and forgets
nothing. What fails is a fault of the box, told as the others are.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway import call_tree, phone
from gateway.attachments import Attachment
from gateway.clock import Clock, is_known
from gateway.config_box import BackupSettings
from gateway.errors import Refused
from gateway.model import Urgency
from gateway.rights import Right
from gateway.services import town_forms, town_settings, tree_reading, versions, words
from gateway.services.fleet_numbers import KEY as NUMBERS
from gateway.services.fleet_numbers import FleetNumbers
from gateway.services.mailing import addresses
from gateway.services.permits import need
from gateway.services.reports import TYPES, File
from gateway.services.sending import Sending
from gateway.services.told import mail_to
from gateway.services.values import Actor
from gateway.services.watching import kept_up
from gateway.store import Store, attachments, entities, events, facts, groups, sent_once, settings
from gateway.store import call_tree as tree_rows
from gateway.system_words import why
from gateway.upkeep.backup import slug
from gateway.upkeep.places import place_for

#: Seconds between two looks, and before a folder that failed is tried again.
_LOOK: Final = 600.0
_AGAIN: Final = 3600.0
#: It is made on Mondays from this hour on.
_HOUR: Final = 7
_PLACE: Final = re.compile(r"usb:[A-Za-z0-9_.-]{1,64}|/[^\0]{1,200}")
#: Groups printed whole.
_MOST_GROUPS: Final = 12


@dataclass(frozen=True, slots=True)
class TreeSetup:
    """Who gets it each week, and how the last one fared (``made_at`` None: none was made)."""

    to: tuple[str, ...] = ()
    place: str = ""
    owner: str = ""
    groups: tuple[int, ...] = ()
    choices: tuple[tuple[int, str], ...] = ()  # groups that can be printed
    made_at: datetime | None = None
    trouble: str = ""


class CallTrees:
    """Makes them."""

    def __init__(
        self, store: Store, clock: Clock, sending: Sending, numbers: FleetNumbers, *, sends: bool
    ) -> None:
        """Build it; ``sends``: mail can leave."""
        self._store, self._clock, self._sending = store, clock, sending
        self._numbers, self._sends = numbers, sends
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Hear that the setting changed."""
        self._bell.set()

    async def run(self) -> None:
        """Make what is due, for ever."""
        while True:
            self._bell.clear()
            await kept_up(self.look)
            try:
                async with asyncio.timeout(_LOOK):
                    await self._bell.wait()
            except TimeoutError:
                pass

    # from the page

    async def setup(self, actor: Actor) -> TreeSetup:
        """Return what is set and how the last one fared."""
        need(actor, Right.WRITE)
        town, known, rows = await self._store.read(
            lambda db: (
                settings.read(db, actor.entity_id), facts.known(db),
                groups.named(db, actor.entity_id, register=False),
            )
        )  # fmt: skip
        at, done = known.get(_fact(actor.entity_id), (0.0, {}))
        return replace(
            _of_town(town), choices=tuple((row["id"], row["name"]) for row in rows),
            made_at=words.local(at or None, actor.timezone), trouble=trouble_of(done),
        )  # fmt: skip

    async def set(
        self, actor: Actor, *, to: str, place: str, owner: str, chosen: Sequence[int],
        version: str = "",
    ) -> None:  # fmt: skip
        """Set who gets it each week; raise `Refused` with the field at fault.

        Raise `Changed` where somebody set it since the form of ``version``.
        """
        need(actor, Right.SETTINGS)
        wanted = {
            "to": list(addresses(to, "to")), "place": _checked(place.strip()),
            "owner": " ".join(owner.split())[:80], "groups": sorted(set(chosen))[:_MOST_GROUPS],
        }  # fmt: skip
        if wanted["to"] and not self._sends:
            raise Refused(
                "Aucun courriel ne peut partir : le technicien doit d'abord régler [relay].", "to"
            )
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            town = settings.read(db, actor.entity_id)
            stands = town_forms.paper_shown(db, actor, town.get(town_settings.PAPER, {}))
            asked = town_forms.paper_shown(db, actor, wanted)
            versions.check(version, stands, asked, town_forms.PAPER_INPUTS)
            if town.get(town_settings.PAPER) != wanted:
                settings.write(
                    db, actor.entity_id, town_settings.PAPER, wanted, actor.name, now
                )  # fmt: skip

        await self._store.write(work)
        self.ring()

    async def file(self, actor: Actor) -> File:
        """Return the call tree as it is now."""
        need(actor, Right.WRITE)
        try:
            return await self._made(actor)
        except OSError:
            raise Refused("L'arbre d'appel n'a pas pu être fait : réessayez.") from None

    async def _made(self, actor: Actor) -> File:
        """Return it, recorded; raise OSError where the PDF cannot be made."""
        numbers = await self._numbers.of(actor)
        return await made_now(self._store, actor, self._clock.now(), numbers)

    # each week

    async def look(self) -> None:
        """Make what is due in each town."""
        if not is_known(self._clock):
            return  # nobody knows which week it is
        for town in await self._store.read(entities.every):
            known, done = await self._store.read(
                lambda db, n=town["id"]: (settings.read(db, n), facts.known(db).get(_fact(n)))  # type: ignore[misc]
            )
            setup = _of_town(known)
            if setup.to or setup.place:
                await self._keep(town, setup, done[1] if done else {})

    async def _keep(self, town: sqlite3.Row, setup: TreeSetup, done: Mapping[str, Any]) -> None:
        now = self._clock.now()
        week = _week(now, town["timezone"])
        wanted = {"week": week, "to": list(setup.to), "place": setup.place}
        if {name: done.get(name) for name in wanted} != wanted:
            await self._make(town, setup, {**wanted, "mail": "", "place_trouble": ""}, now)
        elif done.get("place_trouble") and now - done["tried"] >= _AGAIN:
            await self._make(town, setup, {**done, "place_trouble": ""}, now)
        elif done.get("mail") and not done.get("mail_trouble"):
            failed = await self._store.read(
                lambda db: tree_rows.mail_failed(db, town["id"], done["mail"])
            )
            if failed:
                told = {**done, "mail_trouble": "le courriel n'est arrivé à personne"}
                await self._store.write(lambda db: facts.note(db, _fact(town["id"]), told, now))

    async def _make(
        self, town: sqlite3.Row, setup: TreeSetup, done: dict[str, Any], now: float
    ) -> None:
        actor = Actor(None, "tocsin", "Tocsin", "administrator", town["id"], town["name"],
                      town["timezone"])  # fmt: skip
        done["tried"] = now
        try:
            file = await self._made(actor)
        except OSError as error:
            done["place_trouble"] = f"le PDF n'a pas pu être fait ({why(error)})"
            await self._store.write(lambda db: facts.note(db, _fact(town["id"]), done, now))
            return
        if setup.place:
            done["place_trouble"] = await asyncio.to_thread(put, setup.place, file)
        number = await self._store.write(lambda db: _posted(db, town, setup, file, done, now))
        if number is not None:
            self._sending.announce(number, Urgency.SERVICE)


async def made_now(
    store: Store, actor: Actor, now: float, numbers: Sequence[str] | None = None
) -> File:  # fmt: skip
    """Return the call tree as it is now, recorded; raise OSError where it cannot be made.

    ``numbers`` (E.164) are the box's own; without them those the town wrote down.
    """

    def read(db: sqlite3.Connection) -> call_tree.Tree:
        own = settings.read(db, actor.entity_id).get(NUMBERS, ()) if numbers is None else numbers
        return _read(db, actor, [phone.shown(one) for one in own], now)

    tree = await store.write(read)
    data = await asyncio.get_running_loop().run_in_executor(None, call_tree.make, tree)
    return File(f"arbre-d-appel-{slug(actor.entity_name)}.pdf", TYPES["pdf"], data)


def _posted(
    db: sqlite3.Connection, town: sqlite3.Row, setup: TreeSetup, file: File, done: dict[str, Any],
    now: float,
) -> int | None:  # fmt: skip
    """Queue the mail, once a week for the same mailboxes, and write down what was done."""
    number = None
    if setup.to:
        done["mail"] = f"paper-{done['week']}-{_digest(list(setup.to))[:12]}"
        tree_rows.forget_sent(db, town["id"], done["mail"])
        if sent_once.of_key(db, town["id"], done["mail"]) is None:
            kept = Attachment(file.name, file.content_type, file.data)
            ids = (attachments.keep(db, town["id"], kept, "Tocsin", now),)
            here = datetime.fromtimestamp(now, ZoneInfo(town["timezone"]))
            number = mail_to(
                db, town["id"], f"Arbre d'appel {town['name']}, {words.long_day(here.date())}",
                _BODY, setup.to, "summary", done["mail"], now, ids,
            )  # fmt: skip
    facts.note(db, _fact(town["id"]), done, now)
    return number


_BODY: Final = (
    "Voici l'arbre d'appel de la semaine, pour le jour où Tocsin ne marche plus.\n\n"
    "Imprimez-le, rangez-le près du téléphone, et jetez celui de la semaine passée : "
    "il porte des noms et des numéros."
)


def _read(db: sqlite3.Connection, actor: Actor, numbers: list[str], now: float) -> call_tree.Tree:
    """Return what stands on the tree now; that it was made is recorded."""
    setup = _of_town(settings.read(db, actor.entity_id))
    made = words.at(now, actor.timezone)
    tree = call_tree.Tree(
        actor.entity_name, setup.owner or actor.name,
        f"{words.long_day(made.date())} à {words.hour(made)}", numbers,
        tree_reading.callers(db, actor.entity_id, actor.timezone, now),
        tree_reading.cases(db, actor.entity_id, now),
        tree_reading.printed(db, actor.entity_id, setup.groups), "",
    )  # fmt: skip
    told = {"by": actor.name, "sha256": _digest(asdict(tree))}
    events.record(db, now, "paper.made", told, entity_id=actor.entity_id)
    return replace(tree, seal=events.last_seal(db))


def troubles(known: Mapping[str, tuple[float, Any]], towns: Mapping[int, str]) -> list[
    tuple[str, str]
]:  # fmt: skip
    """Return the towns whose call tree did not get where it should, and why; from the facts."""
    found = [(name, trouble_of(known.get(_fact(number), (0.0, {}))[1]))
             for number, name in towns.items()]  # fmt: skip
    return [(name, why) for name, why in found if why]


def trouble_of(done: Mapping[str, Any]) -> str:
    """Return what went wrong with the last one, empty when nothing did."""
    return " ; ".join(filter(None, (done.get("place_trouble"), done.get("mail_trouble"))))


def put(place: str, file: File) -> str:
    """Write the file into a place; return why it could not be, empty when it is there."""
    if place.startswith("/") and not Path(place).is_dir():
        return f"le dossier {place} n'est pas là : branchez le disque, ou changez le réglage"
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / file.name
            path.write_bytes(file.data)
            place_for(place, BackupSettings()).put(path, 1)
    except (Refused, OSError) as error:
        return why(error)
    return ""


def _checked(place: str) -> str:
    if place and not _PLACE.fullmatch(place):
        raise Refused("Écrivez un dossier du boîtier (/mnt/nas/tocsin) ou usb:ÉTIQUETTE.", "place")
    return place


def _of_town(town: Mapping[str, Any]) -> TreeSetup:
    kept = town.get(town_settings.PAPER, {})
    return TreeSetup(
        tuple(kept.get("to", ())), kept.get("place", ""), kept.get("owner", ""),
        tuple(kept.get("groups", ())),
    )  # fmt: skip


def _week(now: float, zone: str) -> str:
    """Return the week a tree is for: it turns on Mondays at `_HOUR`."""
    begun = datetime.fromtimestamp(now, ZoneInfo(zone)) - timedelta(hours=_HOUR)
    year, week, _ = begun.isocalendar()
    return f"{year}-W{week:02}"


def _fact(entity_id: int) -> str:
    return f"paper.{entity_id}"


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()
