"""One modem kept alive: connect, start, watch, step back, connect again, for ever.

Job: turn a configured modem into a `Driver` when it can serve, and into a `ModemStatus` that
says why when it cannot. It catches `ModemError` and nothing else: a defect of ours must be
seen. Not its job: what is sent. For `gateway.daemon`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Final

from modem import discovery
from modem.driver import Driver
from modem.errors import (
    CommandTimeout,
    ModemError,
    NotReady,
    PortBusy,
    PortLost,
    RemoteProtocolError,
    SoundLost,
)
from modem.events import ModemEvent
from modem.profiles.base import AudioKind
from modem.startup import Pin
from modem.status import ModemState, ModemStatus, Trouble
from modem.transport import open_port

#: Seconds between two looks at a modem that serves, and at one waiting for its network.
HEALTH_PACE: Final = 30.0
SEARCH_PACE: Final = 5.0
#: Seconds before the next attempt: doubled each time, up to a minute.
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
#: Seconds a modem is left alone that needs a human or fails again and again.
QUARANTINE: Final = 600.0
#: A modem that fails within so many seconds of being ready, so many times in a row, is unstable.
STABLE_AFTER: Final = 60.0
_FALLS: Final = 5
_START_LIMIT: Final = 180.0
_FOR_A_HUMAN: Final = frozenset({Trouble.PIN_REFUSED, Trouble.PUK_NEEDED, Trouble.OPERATOR_LOCK})

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModemSettings:
    """One modem of the configuration; ``port``, or one of the two ``match_`` keys, finds it."""

    name: str
    port: str | None = None
    audio: str | None = None
    profile: str = "auto"
    pin: str | None = field(default=None, repr=False)
    match_imei: str | None = None
    match_usb_path: str | None = None


class Supervisor:
    """Keeps one modem. ``driver`` is there only while the modem is ready."""

    def __init__(
        self,
        settings: ModemSettings,
        on_event: Callable[[ModemEvent], Awaitable[None]],
        on_change: Callable[[], None],
    ) -> None:
        self.settings = settings
        self.status = ModemStatus(settings.name, port=settings.port or "")
        self.driver: Driver | None = None
        self._on_event, self._on_change = on_event, on_change
        self._pin = Pin(settings.pin)
        self._faults: asyncio.Queue[ModemError] = asyncio.Queue()
        self._settled, self._stopping = asyncio.Event(), asyncio.Event()
        self._pause, self._falls = FIRST_PAUSE, 0

    async def run(self) -> None:
        """Serve until `stop`; raises only for a defect of ours."""
        async with asyncio.TaskGroup() as group:
            work = group.create_task(self._keep(), name=f"{self.settings.name}:keep")
            await self._stopping.wait()
            work.cancel()

    async def stop(self) -> None:
        """Have `run` end: a call under way is hung up, the port closed."""
        self._stopping.set()

    async def wait_settled(self) -> None:
        """Return once the modem has been ready, or is known to be in trouble."""
        await self._settled.wait()

    def report_fault(self, error: ModemError) -> None:
        """Say that the driver failed: it is resynchronised, or connected anew."""
        self._faults.put_nowait(error)

    # --- the life of a modem -------------------------------------------------------------

    async def _keep(self) -> None:
        while True:
            try:
                await self._serve()
            except ModemError as error:
                _log.warning("%s: %s", self.settings.name, error)
                self._fell(error)
            await asyncio.sleep(self._next_pause())

    async def _serve(self) -> None:
        """Connect and serve until something fails, which is raised."""
        address = await self._address()
        port = await open_port(address)
        driver = Driver(
            port,
            self._on_event,
            name=self.settings.name,
            profile=self.settings.profile,
            pin=self._pin,
        )
        try:
            await self._start(driver)
            driver.audio = self._audio(address, driver)
            self._know(driver, address)
            await self._watch(driver)
        finally:
            self.driver = None
            await driver.close()

    async def _start(self, driver: Driver) -> None:
        try:
            async with asyncio.timeout(_START_LIMIT):
                await driver.start()
        except TimeoutError:
            raise CommandTimeout(f"not started in {_START_LIMIT:.0f} s") from None

    async def _address(self) -> str:
        if self.settings.match_usb_path:
            return discovery.at_port(self.settings.match_usb_path)
        if self.settings.match_imei:
            return await discovery.port_of_imei(self.settings.match_imei)
        return self.settings.port or ""

    def _audio(self, address: str, driver: Driver) -> str:
        """Return where the sound of calls is: as configured, else as the profile knows."""
        if self.settings.audio is not None or driver.profile.audio is AudioKind.NONE:
            return self.settings.audio or ""
        if address.startswith("emulator:"):
            return f"{address}.audio"
        named = discovery.beside(address)
        return named or discovery.sibling(address, driver.profile.audio_interface)

    async def _watch(self, driver: Driver) -> None:
        while True:
            self._judge(driver)
            pace = SEARCH_PACE if driver.health.trouble else HEALTH_PACE
            fault = await self._fault_within(driver, pace)
            if isinstance(fault, PortLost | NotReady):
                raise fault
            if fault is not None:
                await driver.resynchronise()
            await self._look(driver)

    async def _look(self, driver: Driver) -> None:
        """Read the health; one silence is forgiven if the device then answers to AT."""
        try:
            await driver.read_health()
        except CommandTimeout:
            await driver.resynchronise()

    async def _fault_within(self, driver: Driver, seconds: float) -> ModemError | None:
        """Wait for the driver to fail or the lane to say so; None when all is well."""
        waits = (
            asyncio.ensure_future(driver.wait_failed()),
            asyncio.ensure_future(self._faults.get()),
        )
        try:
            done, _ = await asyncio.wait(
                waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            return next(iter(done)).result() if done else None
        finally:
            for wait in waits:
                wait.cancel()

    # --- what is known of it -------------------------------------------------------------

    def _know(self, driver: Driver, address: str) -> None:
        who = driver.identity
        self._tell(
            port=address,
            imei=who.imei,
            manufacturer=who.manufacturer,
            model=who.model,
            revision=who.revision,
            imsi=who.imsi,
            iccid=who.iccid,
            profile=driver.profile.name,
            voice=driver.can_call,
        )

    def _judge(self, driver: Driver) -> None:
        """Publish the health; the driver is lent out only when it can send."""
        health = driver.health
        ready = health.trouble is None
        self.driver = driver if ready else None
        self._tell(
            state=ModemState.READY if ready else ModemState.SICK,
            trouble=health.trouble,
            detail="",
            registration=health.registration,
            roaming=health.roaming,
            operator=health.operator,
            technology=health.technology,
            signal_dbm=health.signal_dbm,
        )
        self._settled.set()
        now = asyncio.get_running_loop().time()
        if ready and now - self.status.since >= STABLE_AFTER:
            self._pause, self._falls = FIRST_PAUSE, 0

    def _fell(self, error: ModemError) -> None:
        self._falls += self.status.state is ModemState.READY
        trouble, state = _trouble_of(error)
        if self._falls >= _FALLS:
            trouble, state = Trouble.UNSTABLE, ModemState.QUARANTINED
        self._tell(state=state, trouble=trouble, detail=str(error), signal_dbm=None)
        self._settled.set()
        while not self._faults.empty():
            self._faults.get_nowait()

    def _next_pause(self) -> float:
        if self.status.state is ModemState.QUARANTINED:
            self._falls = 0
            return QUARANTINE
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
        return pause

    def _tell(self, **changes: object) -> None:
        changed = replace(self.status, **changes)  # type: ignore[arg-type]  # names are fields
        if changed.state is not self.status.state or changed.trouble is not self.status.trouble:
            changed = replace(changed, since=asyncio.get_running_loop().time())
        if changed != self.status:
            self.status = changed
            self._on_change()


def _trouble_of(error: ModemError) -> tuple[Trouble, ModemState]:
    """Return the word for a failure, and what it makes of the modem."""
    if isinstance(error, PortBusy):
        return Trouble.PORT_BUSY, ModemState.SICK
    if isinstance(error, SoundLost):
        return Trouble.VOICE_MISSING, ModemState.SICK
    if isinstance(error, PortLost):
        return Trouble.PORT_MISSING, ModemState.ABSENT
    if isinstance(error, NotReady):
        trouble = Trouble(error.reason)
        return trouble, ModemState.QUARANTINED if trouble in _FOR_A_HUMAN else ModemState.SICK
    if isinstance(error, RemoteProtocolError):
        return Trouble.GARBAGE, ModemState.SICK
    if isinstance(error, CommandTimeout):
        return Trouble.NO_ANSWER, ModemState.SICK
    return Trouble.REFUSES, ModemState.SICK
