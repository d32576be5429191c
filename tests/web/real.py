"""The pages over the real services, on emulated modems: for what no fake should answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.clock import LoopClock
from gateway.services import Services, Session
from modem.emulator import Network, Pace
from tests.harness import NIGHT, Town, running

LIST = """Nom;Prénom;Téléphone;Rue;N°;Groupe
Alibert;Anne;06 39 98 00 01;rue du Port;12;Quartier inondable
Bonnet;Blaise;01 99 00 00 01;rue du Port;3;Quartier inondable
Cros;Chloé;06 39 98 00 03;chemin du Canal;7;Quartier inondable
Denat;Denis;chloe@example.org;place de l'Église;1;Quartier inondable
""".replace("chloe@example.org;", ";")


@dataclass
class OneAccount:
    """The one account there is, opened as the visitor's."""

    session: Session

    def open(self, role: str) -> Session:
        assert role == self.session.actor.role
        return self.session


@dataclass
class RealTown:
    """A running box as `Visitor.visit` takes it."""

    box: Town
    accounts: OneAccount

    @property
    def services(self) -> Services:
        return self.box.services

    @property
    def actor(self) -> Any:
        return self.accounts.session.actor


@asynccontextmanager
async def real_town(
    folder: Path, network: Network | None = None, *, moment: datetime = NIGHT
) -> AsyncIterator[RealTown]:
    """Run a box with a small list, its administrator logged in."""
    if network is None:
        network = Network(seed=1, pace=Pace.FAST, sms_seconds=0.01, report_seconds=0.02)
        network.add_modem("orange-1")
    # a real loop counts from the machine's start: the night begins when the test does
    begin = moment - timedelta(seconds=asyncio.get_running_loop().time())
    async with running(folder, network, clock=LoopClock(begin)) as box:
        code = await box.services.accounts.issue_first_code()
        session = await box.services.accounts.create_first(
            code or "", "camille", "Camille", "crue de l'Argent-Double"
        )
        await box.services.imports.take_file(session.actor, LIST.encode())
        yield RealTown(box, OneAccount(session))
