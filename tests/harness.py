"""A town for the tests: the real daemon on the emulated network, with phones as characters."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

from gateway import dispatcher, driven, keys
from gateway.clock import LoopClock
from gateway.config import (
    CallSettings,
    Config,
    ModemSettings,
    RelaySettings,
    TownSettings,
    WebSettings,
)
from gateway.config_box import HealthSettings, PowerSettings
from gateway.daemon import Daemon
from gateway.demo.mailbox import Mailbox
from gateway.model import Door
from gateway.services import Actor, Draft, Services, watching
from gateway.store import base
from gateway.store.cipher import Key
from modem import inbox, supervisor
from modem.discovery import Rollcall
from modem.emulator import Behaviour, Handset, Network
from tests.shared import share
from tts import child, studio

#: How often (seconds) what is a matter of half a minute happens in `Town.sleep_through`.
_RARELY = 300.0
_OFTEN = (
    (supervisor, "HEALTH_PACE"), (inbox, "POLL"), (watching, "LOOK"), (dispatcher, "SLOWEST_TICK"),
)  # fmt: skip
NIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=ZoneInfo("Europe/Paris"))


@dataclass(frozen=True)
class Town:
    """A running box and everything around it."""

    daemon: Daemon
    network: Network
    mailbox: Mailbox
    actor: Actor

    @property
    def services(self) -> Services:
        return self.daemon.services

    def phone(self, number: str, behaviour: Behaviour | None = None) -> Handset:
        handset = self.network.handset(number)
        if behaviour is not None:
            handset.behaviour = behaviour
        return handset

    async def raise_alert(
        self, text: str, *, to: Sequence[str] = (), groups: Sequence[str] = (),
        channels: Sequence[str] = ("sms",), urgency: str = "vital",
    ) -> int:  # fmt: skip
        known = {g.name: g.id for g in await self.services.directory.groups(self.actor)}
        draft = Draft(
            text=text, to=tuple(to), group_ids=tuple(known[name] for name in groups),
            channels=tuple(channels), urgency=urgency, at_any_hour=True,
        )  # fmt: skip
        return await self.services.sending.send(self.actor, draft, Door.COMMAND)

    async def finished(self, broadcast: int) -> dict[str, Any]:
        """Wait until everybody in it has their end, and return the report."""
        async for _ in self.services.live.watch(self.actor, f"broadcast:{broadcast}"):
            view = await self.services.broadcasts.view(self.actor, broadcast)
            if view.summary.closed_at is not None:
                break
        return await self.services.broadcasts.report(self.actor, broadcast)

    async def report(self, broadcast: int) -> dict[str, Any]:
        return await self.services.broadcasts.report(self.actor, broadcast)

    async def advance(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def sleep_through(self, seconds: float) -> None:
        """Let hours pass in which nobody touches anything, the last quarter of an hour as it is.

        Until then the box looks every five minutes at what it looks at every half minute: what is
        due later than that is as it would have been, for a fifth of the time it takes.
        """
        with contextlib.ExitStack() as rare:
            for module, name in _OFTEN:
                rare.enter_context(mock.patch.object(module, name, _RARELY))
            await asyncio.sleep(seconds - 3 * _RARELY)
        await asyncio.sleep(3 * _RARELY)


@contextlib.asynccontextmanager
async def running(
    folder: Path, network: Network, *, names: Sequence[str] | None = None,
    role: str = "both", clock: Any = None, page: bool = False, roll: Rollcall | None = None,
    calls: CallSettings | None = None, own_speech: bool = False,
    health: HealthSettings | None = None, web: WebSettings | None = None,
    power: PowerSettings | None = None, kept: Callable[[], bool] = lambda: False,
    pins: Mapping[str, Path] = MappingProxyType({}),
) -> AsyncIterator[Town]:  # fmt: skip
    """Run a daemon on ``network``'s modems until the block ends.

    ``own_speech``: what others have had said is not known here, the voice is asked for all.
    """
    share(folder, "pages", *([] if own_speech else ["speech"]))
    mailbox = Mailbox(folder / "mailbox")
    port = await mailbox.open("127.0.0.1", 0)
    modems = tuple(
        ModemSettings(
            name=name,
            port=f"emulator:{name}",
            role=role,  # type: ignore[arg-type]
            regime="automated",
            pin_file=pins.get(name),
        )
        for name in (names if names is not None else network.modems)
    )
    config = Config(
        data_dir=folder, town=TownSettings(name="La Redorte"), modem=modems,
        relay=RelaySettings(port=port, sender="mairie@la-redorte.example"),
        calls=calls or CallSettings(), health=health or HealthSettings(heartbeat_hours=0),
        web=web or WebSettings(), power=power or PowerSettings(),
        register_key_file=key_file(folder),
    )  # fmt: skip
    daemon = Daemon(config, clock=clock or LoopClock(NIGHT), seed=1, page=page, roll=roll,
                    kept=kept)  # fmt: skip
    new_database(folder)
    network.install()
    # on the real clock a call under way when a test is over is not worth its twenty seconds
    is_driven = isinstance(asyncio.get_running_loop(), driven.DrivenLoop)
    grace = dispatcher.GRACE if is_driven else 0.5
    try:
        ask = studio.ask if own_speech else _ask_here
        with mock.patch.object(dispatcher, "GRACE", grace), mock.patch.object(studio, "ask", ask):
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(daemon.run(), name="daemon")
                await daemon.ready.wait()
                actor = Actor(None, "test", "Essai", "administrator", 1, "La Redorte")
                try:
                    yield Town(daemon, network, mailbox, actor)
                finally:
                    daemon.stop()
    finally:
        network.remove()
        mailbox.close()


def _ask_here(command: tuple[str, ...], request: Mapping[str, Any], limit: float) -> dict[str, Any]:
    """Answer as a child process would; prepare speech in this one, which has numpy already."""
    if command != child.module("tts.process"):
        return child.ask(command, request, limit)
    from tts import process

    parts = [Path(part) for part in request["parts"]]
    return dict(process.prepare(parts, Path(request["out"]), request["target"], request["pause"]))


def new_database(folder: Path) -> None:
    """Give a folder without a database one whose schema is up to date, as the last test had it."""
    path = folder / "tocsin.db"
    if not path.exists():
        path.touch(0o600)
        path.write_bytes(_schema())


@functools.cache
def _schema() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tocsin.db"
        db = base.connect(path)
        base.migrate(db)
        db.close()
        return path.read_bytes()


def key_file(folder: Path) -> Path:
    """Return the file of the register's key of a box in a folder, made if it was not there."""
    path = folder / "secrets/register.key"
    if not path.exists():
        keys.write(path, Key.new())
    return path


def states(report: dict[str, Any]) -> dict[str, str]:
    """Return each person's state by name."""
    return {person["contact"]: person["state"] for person in report["recipients"]}


def jobs(report: dict[str, Any], channel: str | None = None) -> list[dict[str, Any]]:
    """Return all jobs of a report."""
    return [
        job
        for person in report["recipients"]
        for job in person["jobs"]
        if channel is None or job["channel"] == channel
    ]
