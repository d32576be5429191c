"""What stands beside the modems, and the file a technician sends for help: no personal data.

The file is built from what is known to be harmless, never from messages or the directory; what
still looks like a number or an address is masked at the end.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import Final

from gateway.clock import Clock
from gateway.config import Config
from gateway.rights import Right
from gateway.sentences import fr
from gateway.services import words
from gateway.services.outage import Outage
from gateway.services.permits import need
from gateway.services.reports import File
from gateway.services.status_page import Board, StatusPage
from gateway.services.values import Actor
from gateway.store import Store, events, retention
from gateway.upkeep import findings, look_data, look_machine, look_supply
from gateway.upkeep.findings import Finding, Machine

_LOOKS_PERSONAL: Final = re.compile(r"\+?\d(?:[ .]?\d){7,}|[^\s@]+@[^\s@]+")
_EVENTS: Final = 200
#: Seconds for which what was read of the whole database is shown again: each page of it, and each
#: event of its record, are some seconds of a core after a year.
_READ_AGAIN: Final = 900.0


class Diagnostic:
    """Looks at the box from inside."""

    def __init__(
        self, status: StatusPage, store: Store, clock: Clock, config: Config, outage: Outage
    ) -> None:
        self._store, self._clock, self._config = store, clock, config
        self._status, self._outage = status, outage
        self._read: tuple[float, list[Finding]] | None = None  # of the database, and when

    async def beside(self, actor: Actor) -> list[Finding]:
        """Return how relay, internet, clock, disk, database and version are, with the mend."""
        need(actor, Right.HEALTH)
        now, machine, config = self._clock.now(), Machine(), self._config
        cut = self._outage.notice()
        found = [
            findings.warning("ways", cut, fr("voyez la box et le serveur de courriel")) if cut
            else findings.good("ways", fr("internet et le serveur de courriel répondent")),
            findings.good("version", f"Tocsin {version('tocsin')}"),
        ]  # fmt: skip
        for code, look in (
            ("clock", lambda: look_machine.clock(machine, now, actor.timezone)),
            ("disk", lambda: look_machine.disk(machine, config.data_dir)),
        ):
            found += await asyncio.to_thread(_looked, code, look)
        found += await self._database(now)
        return [*found, *[one async for one in look_supply.power(config, machine)]]

    async def _database(self, now: float) -> list[Finding]:
        """Return how the database is, as last read beside an alert: its calls would hear it."""
        if self._read is not None and 0 <= now - self._read[0] < _READ_AGAIN:
            return self._read[1]
        if await self._store.read(retention.alert_is_open):
            return self._read[1] if self._read is not None else [
                findings.unknown(
                    "database", fr("la base n'est pas relue pendant une alerte"),
                    fr("revenez quand l'alerte est finie"),
                )
            ]  # fmt: skip
        path = self._config.database
        found = await asyncio.to_thread(_looked, "database", lambda: look_data.database(path))
        self._read = now, found
        return found

    async def file(self, actor: Actor) -> File:
        """Return the diagnostic file. Raises `NotAllowed`."""
        need(actor, Right.TEND)
        board, beside = await self._status.board(actor), await self.beside(actor)
        kinds = await self._store.read(lambda db: events.last_kinds(db, _EVENTS))
        lines = [
            f"Tocsin {version('tocsin')}", board.headline.said, board.headline.mend, "",
            "# Boîtier", *(f"{one.level} {one.code} : {one.sentence} {one.mend}" for one in beside),
            "", "# Configuration", *_settings(self._config), *_modems(board),
            "", "# Derniers événements", *(
                f"{words.at(at, actor.timezone):%d/%m/%Y %H:%M:%S} {kind}" for at, kind in kinds
            ),
        ]  # fmt: skip
        text = _LOOKS_PERSONAL.sub("[masqué]", "\n".join(lines))
        return File("tocsin-diagnostic.txt", "text/plain", text.encode())


def _looked(code: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(look())
    except Exception as error:  # noqa: BLE001  one look that fails hides no other
        return [
            findings.unknown(
                code, fr("n’a pas pu être examiné : {name}", name=type(error).__name__)
            )
        ]


def _settings(config: Config) -> list[str]:
    """Return what of the configuration names nobody."""
    parts = ("smtp", "relay", "mailbox")
    return [
        *(f"{name} : {'oui' if getattr(config, name) else 'non'}" for name in parts),
        *(f"modem {one.name} : {one.role}, {one.regime}" for one in config.modem),
    ]


def _modems(board: Board) -> list[str]:
    lines = []
    for card in board.cards:
        one = card.modem
        lines += [
            "", f"# Modem {one.name}", f"{one.state} : {card.health} {card.mend}",
            f"{one.model}, {one.profile}, {one.operator} {one.technology}, {one.signal_dbm} dBm",
            *(f"{row.at:%Y-%m-%d %H:%M} erreur : {row.said}" for row in card.faults),
            *(f"{row.at:%Y-%m-%d %H:%M} {row.tried} ({row.because}) : {row.result}"
              for row in card.diary),
            *(f"essai {row.step} : {row.ok} {row.said}" for row in one.findings),
        ]  # fmt: skip
    return lines
