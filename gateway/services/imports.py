"""Lists that come in: what a file would change, shown before it does; then done, or undone."""

from __future__ import annotations

import asyncio
import csv
import io
import logging
import secrets
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from gateway.clock import Clock
from gateway.errors import NotHere, Refused
from gateway.heap import unsearched
from gateway.lists import child, columns, matching, referents
from gateway.lists import sheet as sheets
from gateway.lists.matching import Book, Fate, Known, Verdict
from gateway.lists.values import Reading, Sheet
from gateway.model import Purpose
from gateway.rights import Right
from gateway.sentences import fr, listed
from gateway.services import words
from gateway.services.import_values import (
    BatchView,
    ImportPreview,
    ImportResult,
    NoPreview,
    Wish,
    made_for_others,
    referent_remarks,
    shown,
)
from gateway.services.permits import need
from gateway.services.values import Actor
from gateway.store import Store, appointing, consent, groups, imports

log = logging.getLogger(__name__)

T = TypeVar("T")
#: Files kept until confirmed; the oldest goes when there are more.
_MOST_PREVIEWS: Final = 4
_PASTED: Final = fr("liste collée")
_GONE: Final = fr("Cet import n'est plus en attente : envoyez de nouveau le fichier.")


@dataclass
class _Pending:
    """A file that was sent, and what its sender has chosen since."""

    entity_id: int
    filename: str
    sheet: Sheet
    wish: Wish
    reading: Reading | None = None
    verdicts: list[Verdict] = field(default_factory=list)


class Imports:
    """What the doors may ask of lists that come in."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._pending: OrderedDict[str, _Pending] = OrderedDict()
        self._turn = asyncio.Lock()  # a list is judged by what the one before it has left

    async def preview(self, actor: Actor, filename: str, data: bytes) -> ImportPreview:
        """Read a file and say what it would change; nothing is changed."""
        opened, proposed = await _aside(lambda: child.open_file(data))
        return await self._first_look(actor, filename, opened, proposed)

    async def preview_pasted(self, actor: Actor, text: str) -> ImportPreview:
        """Read a pasted list and say what it would change."""
        opened = await _aside(lambda: sheets.pasted(text))
        return await self._first_look(actor, _PASTED, opened, columns.propose(opened))

    async def _first_look(
        self, actor: Actor, filename: str, opened: Sheet, proposed: Sequence[str]
    ) -> ImportPreview:
        need(actor, Right.PEOPLE)
        titles = columns.signature(opened.titles)
        known = await self._store.read(lambda db: imports.columns_for(db, actor.entity_id, titles))
        if known is not None and len(known) == len(opened.titles):
            proposed = columns.recalled(opened.titles, known, proposed)
        token = secrets.token_urlsafe(16)
        self._pending[token] = _Pending(
            actor.entity_id,
            filename if filename is _PASTED else filename[:120],
            opened,
            Wish(tuple(proposed)),
        )
        while len(self._pending) > _MOST_PREVIEWS:
            self._pending.popitem(last=False)
        return await self.look_again(actor, token, self._pending[token].wish)

    async def look_again(self, actor: Actor, token: str, wish: Wish) -> ImportPreview:
        """Say what a file would change with these columns and choices."""
        pending = self._of(actor, token)
        pending.wish, problem = wish, ""
        pending.reading, pending.verdicts = None, []
        try:
            await self._check_groups(actor, wish)
            reading = await _aside(lambda: child.read(pending.sheet, wish.columns))
            pending.reading, pending.verdicts = reading, await self._compared(actor, reading, wish)
        except Refused as refusal:
            problem = refusal.message
        return shown(
            token, pending.filename, pending.sheet, pending.wish, pending.reading,
            pending.verdicts, problem,
        )  # fmt: skip

    async def _check_groups(self, actor: Actor, wish: Wish) -> None:
        if wish.purpose not in set(Purpose):
            raise Refused("Choisissez à quoi servent les groupes nouveaux.", "purpose")
        if wish.purpose == Purpose.VULNERABLE and not actor.keeper:
            raise Refused(words.KEEPERS_ONLY, "purpose")

    async def _compared(self, actor: Actor, reading: Reading, wish: Wish) -> list[Verdict]:
        hidden = await self._store.read(lambda db: _of_register(db, actor))
        for name in {name for line in reading.lines for name in line.groups} | set(wish.groups):
            if name.casefold() in hidden:
                raise Refused(words.KEEPERS_ONLY, "groups")
        known = await self._store.read(
            lambda db: imports.known(db, actor.entity_id, register=actor.keeper)
        )
        return await _aside(lambda: _judged(known, reading, wish))

    def wished(self, actor: Actor, token: str) -> Wish:
        """Return what was chosen for a previewed list; raise `NoPreview` when it is gone."""
        return self._of(actor, token).wish

    async def confirm(self, actor: Actor, token: str) -> ImportResult:
        """Take in a previewed list, once, if it would still do what was shown.

        Raise `Refused` where the directory has changed since: what it would do now is to be seen.
        """
        pending = self._of(actor, token)
        if pending.reading is None:
            raise Refused("Choisissez d'abord ce que contient chaque colonne.", "columns")
        self._store.room.check()
        del self._pending[token]  # a second press meanwhile takes nothing in
        try:
            async with self._turn:
                await self._check_as_shown(actor, pending, pending.reading)
                return await self._kept(actor, pending, pending.reading)
        except BaseException:
            self._pending[token] = pending
            raise

    async def _check_as_shown(self, actor: Actor, pending: _Pending, reading: Reading) -> None:
        fresh = await self._compared(actor, reading, pending.wish)
        if fresh != pending.verdicts:
            raise Refused(
                "Les contacts ont changé depuis cet aperçu. Voici ce que la liste ferait "
                "maintenant : regardez-le, puis confirmez."
            )

    async def _kept(self, actor: Actor, pending: _Pending, reading: Reading) -> ImportResult:
        titles, now = columns.signature(pending.sheet.titles), self._clock.now()
        await self._store.write(
            lambda db: imports.remember_columns(
                db, actor.entity_id, titles, pending.wish.columns, now
            )
        )
        return await self._written(actor, pending.filename, reading, pending.verdicts, pending.wish)

    async def take_file(
        self, actor: Actor, data: bytes, into: tuple[str, ...] = (), filename: str = "fichier"
    ) -> ImportResult:
        """Read and take in a file at once, everybody also into these groups."""
        need(actor, Right.PEOPLE)
        opened, proposed = await _aside(lambda: child.open_file(data))
        reading = await _aside(lambda: child.read(opened, proposed))
        wish = Wish(tuple(proposed), groups=into)
        return await self._taken(actor, filename, reading, wish)

    async def add(
        self, actor: Actor, *, name: str, given_name: str = "", phones: Sequence[str] = (),
        emails: Sequence[str] = (), groups: Sequence[str] = (),
    ) -> ImportResult:  # fmt: skip
        """Take in one contact as a list of one line: the same checks, the same merging.

        Raise `Refused` with why nothing could be taken in.
        """
        need(actor, Right.PEOPLE)
        lines = io.StringIO()
        writer = csv.writer(lines, delimiter=";")
        writer.writerow(("Nom", "Prénom", "Téléphone", "Courriel"))
        writer.writerow((name, given_name, " / ".join(phones), " / ".join(emails)))
        opened = sheets.open_file(lines.getvalue().encode())
        reading = child.read(opened, columns.propose(opened))
        if not reading.lines:
            said = listed("; ", (one.message for one in reading.refused)) or fr("rien à garder")
            raise Refused("Ce contact n'a pas été ajouté : {said}.", "phones", said=said)
        return await self._taken(actor, "un contact", reading, Wish((), groups=tuple(groups)))

    async def _taken(
        self, actor: Actor, filename: str, reading: Reading, wish: Wish
    ) -> ImportResult:
        async with self._turn:
            verdicts = await self._compared(actor, reading, wish)
            return await self._written(actor, filename, reading, verdicts, wish)

    async def _written(
        self, actor: Actor, filename: str, reading: Reading, verdicts: list[Verdict], wish: Wish
    ) -> ImportResult:
        """Write a list in whole; raise `Refused` where that failed and it was taken back."""
        self._store.room.check()
        now, by = self._clock.now(), actor.name
        number = await self._store.write(
            lambda db: imports.begin(db, actor.entity_id, filename, by, now)
        )
        try:
            await self._in_slices(actor, number, verdicts, wish, now)
            tally = matching.counts(verdicts)
            added = tally.get(Fate.ADDED, 0)
            changed = tally.get(Fate.CHANGED, 0) + tally.get(Fate.MERGED, 0)
            more = made_for_others(verdicts)
            await self._store.write(
                lambda db: imports.finish(db, number, added + more, changed, by, now)
            )
        except Exception as failure:
            raise await self._failed(number, failure) from failure
        return ImportResult(
            added, changed, tally.get(Fate.UNCHANGED, 0), tuple(reading.refused),
            (*reading.warnings, *referent_remarks(verdicts)), number, more,
        )  # fmt: skip

    async def _in_slices(
        self, actor: Actor, number: int, verdicts: list[Verdict], wish: Wish, now: float
    ) -> None:
        """Write in slices, so that no modem waits; a stop half way is undone at the next start.

        Referents after everybody: one may stand in a later line than whom they look after.
        """
        made: dict[int, int] = {}
        for part in _slices(verdicts):

            def work(db: sqlite3.Connection, part: list[Verdict] = part) -> None:
                imports.write(
                    db, number, actor.entity_id, part, made, wish.purpose, actor.name, now
                )
                if wish.source:
                    _agreed(db, actor, part, wish, now)

            await self._store.write(work)
        await self._appoint(actor, number, verdicts, made, now)

    async def _appoint(
        self, actor: Actor, number: int, verdicts: list[Verdict], made: dict[int, int], now: float
    ) -> None:
        """Write the referents in slices: first who is to be a contact, then whose they are."""
        entity_id, wards = actor.entity_id, appointing.wards(verdicts, made)
        for few in _slices([one.referent for one in verdicts if one.referent]):
            await self._store.write(
                partial(
                    appointing.make, import_id=number, entity_id=entity_id, appointed=few,
                    of=wards, made=made, now=now,
                )
            )  # fmt: skip
        for part in _slices([one for one in verdicts if one.referent]):
            await self._store.write(
                partial(
                    appointing.link, import_id=number, entity_id=entity_id, verdicts=part,
                    made=made, by=actor.name, now=now,
                )
            )  # fmt: skip

    async def _failed(self, number: int, failure: Exception) -> Refused:
        """Take back at once what was written of a list; return what to say of it."""
        log.error("import %d failed and is taken back: %s", number, type(failure).__name__)
        try:
            await self._undone(number, "Tocsin")
        except Exception as again:  # noqa: BLE001  the next start takes it back
            log.error("import %d is not taken back yet: %s", number, type(again).__name__)  # noqa: TRY400
            return Refused(
                "La liste n'a pas pu être enregistrée en entier, et ce qui l'a été n'a pas pu être "
                "repris : Tocsin le reprendra à son prochain démarrage. Faites vérifier le disque "
                "(« tocsin doctor »)."
            )
        if isinstance(failure, Refused):
            return failure
        return Refused(
            "La liste n'a pas pu être enregistrée ({why}) : le carnet est resté comme il était. "
            "Recommencez ; si cela revient, faites vérifier le disque (« tocsin doctor »).",
            why=str(failure) or type(failure).__name__,
        )

    def _of(self, actor: Actor, token: str) -> _Pending:
        need(actor, Right.PEOPLE)
        pending = self._pending.get(token)
        if pending is None or pending.entity_id != actor.entity_id:
            raise NoPreview(_GONE)
        return pending

    async def batches(self, actor: Actor) -> list[BatchView]:
        """Return the last lists taken in, newest first."""
        rows = await self._store.read(lambda db: imports.batches(db, actor.entity_id))
        return [
            BatchView(
                row["id"], row["filename"], words.at(row["at"], actor.timezone), row["by"],
                row["added"], row["changed"],
                words.local(row["undone_at"], actor.timezone), row["undone_by"],
            )
            for row in rows
        ]  # fmt: skip

    async def undo(self, actor: Actor, number: int) -> int:
        """Take a list back; return how many contacts stayed because they were used since."""
        need(actor, Right.PEOPLE)
        found = await self._store.read(lambda db: imports.get(db, actor.entity_id, number))
        if found is None:
            raise NotHere("Cet import n'existe pas, ou a déjà été annulé.")
        return await self._undone(number, actor.name)

    async def undo_unfinished(self) -> int:
        """Take back what a stop left half done; return how many lists that were."""
        left = await self._store.read(imports.unfinished)
        for number in left:
            await self._undone(number, "Tocsin")
        return len(left)

    async def _undone(self, number: int, by: str) -> int:
        now, stayed = self._clock.now(), 0
        while True:
            changes = await self._store.read(lambda db: imports.pending(db, number, imports.SLICE))
            if not changes:
                break
            stayed += await self._store.write(partial(_taken_back, changes, by, now))
        await self._store.write(lambda db: imports.undone(db, number, by, now))
        return stayed


def _slices(whole: list[T]) -> list[list[T]]:
    return [whole[at : at + imports.SLICE] for at in range(0, len(whole), imports.SLICE)]


def _taken_back(changes: list[sqlite3.Row], by: str, now: float, db: sqlite3.Connection) -> int:
    return imports.undo(db, changes, by, now)


@unsearched()
def _judged(known: Sequence[Known], reading: Reading, wish: Wish) -> list[Verdict]:
    book = Book(known)
    verdicts = matching.judge(reading.lines, book, replace=wish.replace, groups=wish.groups)
    return referents.appoint(verdicts, book, instead=wish.replace)


async def _aside(work: Callable[[], T]) -> T:
    """Do what waits for a child, or counts for long, beside the loop."""
    return await asyncio.get_running_loop().run_in_executor(None, work)


def _of_register(db: sqlite3.Connection, actor: Actor) -> set[str]:
    """Return the names of groups that whoever asks may not know of."""
    if actor.keeper:
        return set()
    rows = groups.named(db, actor.entity_id)
    return {row["name"].casefold() for row in rows if row["purpose"] == Purpose.VULNERABLE}


def _agreed(
    db: sqlite3.Connection, actor: Actor, part: Sequence[Verdict], wish: Wish, now: float
) -> None:
    """Write down where the agreement of these people comes from; a no of theirs stands."""
    purpose = Purpose(wish.purpose)
    for verdict in part:
        for endpoint in verdict.line.endpoints:
            known = consent.in_force(db, actor.entity_id, endpoint.address)
            if all(row["purpose"] != purpose for row in known):  # by whatever way it was said
                consent.restore(
                    db, actor.entity_id, channel=None, address=endpoint.address, purpose=purpose,
                    source=wish.source, by=actor.name, now=now,
                )  # fmt: skip
