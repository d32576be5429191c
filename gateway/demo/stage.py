"""The stage of the demonstration: network, mailbox, configuration, sample commune, daemon."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from gateway.clock import Clock
from gateway.config import Config, ModemSettings, RelaySettings, TownSettings, WebSettings
from gateway.daemon import Daemon
from gateway.demo.mailbox import Mailbox
from gateway.demo.people import settle_in
from gateway.services import Actor, Draft
from gateway.store import people
from modem.emulator import Network, Pace
from modem.emulator.records import Recorder

EVERYBODY = "toute la commune"
TOWN = "La Redorte"
#: Alerts made ready, as a town hall keeps them: name, group, text.
READY = (
    ("Crue de l'Argent-Double", "quartier inondable",
     ("L'Argent-Double monte. Quittez les caves et les rez-de-chaussée, montez à l'étage. Laissez "
     "les enfants à l'école, ils y sont en sécurité.")),
    ("Incendie", EVERYBODY,
     ("Feu de pinède à l'ouest du village. Rentrez, fermez portes et volets, laissez la route "
     "libre aux pompiers.")),
    ("Eau non potable", EVERYBODY,
     ("L'eau du robinet n'est pas potable jusqu'à nouvel ordre. De l'eau en bouteille est donnée à "
     "la mairie.")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that plays, while it plays."""

    daemon: Daemon
    network: Network
    mailbox: Mailbox
    actor: Actor


def sample() -> bytes:
    """Return the sample commune's contact list, as a town hall would have it."""
    return (resources.files("gateway") / "sample" / "la-redorte.csv").read_bytes()


@contextlib.asynccontextmanager
async def staged(
    folder: Path, *, clock: Clock, seed: int, modems: int, listen: str, pace: Pace, page: bool,
    tell: Callable[[str], None], tell_code: Callable[[str], None] | None = None,
) -> AsyncIterator[Stage]:  # fmt: skip
    """Set everything up, yield it running, and take it down."""
    epoch = datetime.fromtimestamp(clock.now(), UTC)
    network = Network(seed=seed, pace=pace, epoch=epoch, keep_audio=False)
    names = [f"modem-{number}" for number in range(1, modems + 1)]
    for name in names:
        network.add_modem(name)
    network.on_record = Recorder(folder).write
    mailbox = Mailbox(folder / "mailbox", tell)
    port = await mailbox.open("127.0.0.1", 0)
    config = Config(
        data_dir=folder,
        town=TownSettings(name=TOWN),
        web=WebSettings(listen=listen),
        relay=RelaySettings(port=port, sender="mairie@la-redorte.example"),
        modem=tuple(
            ModemSettings(name=name, port=f"emulator:{name}", regime="automated") for name in names
        ),
    )
    daemon = Daemon(config, clock=clock, seed=seed, page=page, tell_code=tell_code)
    network.install()
    try:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(daemon.run(), name="daemon")
            await _ready(daemon, running)
            actor = await _settled(daemon, network, seed)
            try:
                yield Stage(daemon, network, mailbox, actor)
            finally:
                daemon.stop()
    finally:
        network.remove()
        mailbox.close()


async def _ready(daemon: Daemon, running: asyncio.Task[None]) -> None:
    ready = asyncio.ensure_future(daemon.ready.wait())
    await asyncio.wait({ready, running}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        ready.cancel()
        await running


async def _settled(daemon: Daemon, network: Network, seed: int) -> Actor:
    """Import the commune, once, and give every telephone its temper."""
    now = daemon.clock.now()
    entity = await daemon.store.write(
        lambda db: people.ensure_entity(db, TOWN, "Europe/Paris", now)
    )
    actor = Actor(None, "demo", "Démonstration", "administrator", entity, TOWN)
    if not await daemon.services.directory.groups(actor):
        await daemon.services.imports.take_file(actor, sample(), (EVERYBODY,))
        await _made_ready(daemon, actor)
    members = await daemon.store.read(lambda db: people.members(db, entity, None))
    numbers = [a.value for person in members for a in person.addresses if "@" not in a.value]
    settle_in(network, numbers, seed)
    return actor


async def _made_ready(daemon: Daemon, actor: Actor) -> None:
    """Keep the alerts that whoever tries it finds as big buttons under *Alerter*."""
    groups = {one.name: one.id for one in await daemon.services.directory.groups(actor)}
    for name, group, text in READY:
        draft = Draft(
            text, title=name, group_ids=(groups[group],), channels=("sms", "voice", "email"),
            urgency="vital", order="advised",
        )  # fmt: skip
        await daemon.services.ready.keep(actor, name, draft)
