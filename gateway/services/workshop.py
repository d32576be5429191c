"""What a technician does with a modem's port: probe it, talk to it, ask its balance.

The modem's lane steps aside for the time and takes it back afterwards; an alert that comes in
meanwhile takes it back at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from gateway.errors import Refused
from gateway.lanes import Lane
from gateway.logs import log_for
from gateway.sentences import Sentence, fr
from gateway.services.fleet import Fleet
from gateway.services.values import Actor
from gateway.system_words import why
from modem import discovery
from modem.console import Console, console
from modem.driver import Driver
from modem.errors import LocalProtocolError, ModemError, PortBusy
from modem.probe import Probe, probe
from modem.status import ModemState

#: Seconds a technician waits for the job in hand to end; a call lasts a few minutes at most.
PATIENCE: Final = 300.0
_GLANCE: Final = 0.2
#: Seconds a modem that was just given back, or plugged in, is waited for.
_STARTING: Final = 60.0
_ON_ITS_WAY: Final = frozenset({ModemState.STARTING, ModemState.LENT})

_log = log_for(__name__)


class Workshop:
    """Lends modems out. ``wake`` tells the dispatcher that one is back."""

    def __init__(self, fleet: Fleet, wake: Callable[[], None]) -> None:
        self._fleet, self._wake = fleet, wake

    @asynccontextmanager
    async def held(self, name: str) -> AsyncIterator[tuple[Lane, asyncio.Event]]:
        """Keep a modem free of jobs; yield its lane, and what is set when an alert wants it.

        Raises Refused: no such modem, lent already, or its job does not end.
        """
        lane = self._fleet.lane(name)
        if lane.borrower is not None:
            raise Refused("« {name} » est déjà prêté : attendez qu’il soit rendu.", name=name)
        lane.borrower = asyncio.Event()
        try:
            await _until_idle(lane)
            yield lane, lane.borrower
        finally:
            lane.borrower = None
            self._wake()

    @asynccontextmanager
    async def talking(self, actor: Actor, name: str) -> AsyncIterator[Talk]:
        """Have the daemon leave a modem's port, and yield a line to it. Raises Refused."""
        _log.info("console opened", modem=name, by=actor.login)
        async with self.held(name) as (lane, recalled):
            assert lane.modem is not None  # noqa: S101  a lane with a name here has a modem
            try:
                async with lane.modem.borrowed() as address, console(address) as line:
                    yield Talk(line, recalled)
            except ModemError as error:
                raise Refused(
                    "Le port de « {name} » ne s’ouvre pas : {error}.",
                    name=name,
                    error=of_port(error),
                ) from error

    async def probe(self, actor: Actor, target: str) -> Probe:
        """Ask who answers at a port, or at the modem of that name. Raises Refused."""
        _log.info("port probed", port=target, by=actor.login)
        name = self._at(target)
        if name is None:
            return await probed(target)
        async with self.held(name) as (lane, _):
            assert lane.modem is not None  # noqa: S101
            try:
                async with lane.modem.borrowed() as address:
                    return await probed(address)
            except ModemError as error:
                raise Refused(
                    "« {name} » n’est nulle part : {error}.", name=name, error=of_port(error)
                ) from error

    async def ussd(self, actor: Actor, name: str, code: str) -> tuple[str, bool]:
        """Ask the network a code such as #123#; return its words, and whether it wants more."""
        _log.info("code asked", modem=name, by=actor.login)
        async with self.held(name) as (lane, _):
            driver = await ready_driver(lane)
            if driver is None:
                raise Refused("« {name} » n’est pas prêt : voyez « tocsin modem list ».", name=name)
            try:
                reply = await driver.ask_ussd(code)
            except LocalProtocolError:
                raise Refused("Un code n’a que des chiffres, * et #.", "code") from None
            except ModemError as error:
                raise Refused(
                    "Le réseau n’a pas répondu à {code} : {error}.", code=code, error=of_port(error)
                ) from error
            return reply.text, reply.wants_answer

    def _at(self, target: str) -> str | None:
        """Return the name of the modem called ``target`` or sitting on that port."""
        for lane in self._fleet.lanes:
            if lane.modem is not None and target in {lane.name, lane.modem.status.port}:
                return lane.name
        return None


class Talk:
    """A console that ends when an alert needs the modem."""

    def __init__(self, line: Console, recalled: asyncio.Event) -> None:
        self._line, self._recalled = line, recalled

    async def say(self, text: str) -> tuple[str, ...]:
        """Say one line; return the answer. Raises Refused: taken back, not to be said, or gone."""
        if self._recalled.is_set():
            raise Refused("Une alerte a besoin du modem : il a été repris.")
        try:
            return await self._line.say(text)
        except LocalProtocolError:
            raise Refused(
                "Une ligne de texte sans accent ; jamais un numéro d’urgence ni un numéro court."
            ) from None
        except ModemError as error:
            raise Refused("Le port est perdu : {error}.", error=of_port(error)) from error

    async def recalled(self) -> None:
        """Return when an alert needs the modem."""
        await self._recalled.wait()


def of_port(error: ModemError) -> Sentence:
    """Return in words why a port does not serve, as far as the system tells it."""
    if isinstance(error, PortBusy):
        return fr("{holder} le tient", holder=error.holder or fr("un autre programme"))
    return why(error)


async def probed(address: str) -> Probe:
    """Ask who answers at a port nobody holds; raise Refused with the mend."""
    own = discovery.port_at(address, discovery.usb_ports())
    try:
        return await probe(address, own.usb_id if own else None)
    except ModemError as error:
        raise Refused(
            "{address} ne s’ouvre pas : {error}.", "port", address=address, error=of_port(error)
        ) from error


async def ready_driver(lane: Lane) -> Driver | None:
    """Return a modem's driver, waiting for one that is just starting; None: it is not ready."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_STARTING):
            while lane.modem and lane.modem.status.state in _ON_ITS_WAY:  # noqa: ASYNC110
                await asyncio.sleep(_GLANCE)
    return lane.modem.driver if lane.modem else None


async def _until_idle(lane: Lane) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while not lane.idle:  # noqa: ASYNC110  a lane sets no event for so rare a wish
                await asyncio.sleep(_GLANCE)
    except TimeoutError:
        raise Refused("« {name} » reste occupé : réessayez plus tard.", name=lane.name) from None
