"""One modem kept alive: connect, start, watch, step back, connect again, for ever.

Job: turn a configured modem into a `Driver` when it can serve, and into a `ModemStatus` that
says why when it cannot; climb the recovery ladder; lend the port to a technician. It catches
`ModemError` and nothing else: a defect of ours must be seen. Not its job: what is sent. For
`gateway.daemon`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from modem import discovery
from modem.discovery import Finder, Rollcall
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
from modem.logs import log_for, tell_of
from modem.pins import ForgetfulMemory, Pin, PinMemory
from modem.profiles import GENERIC
from modem.profiles.base import AudioKind, Profile
from modem.recovery import Rung, Symptom
from modem.remedies import SysfsSwitch, UsbSwitch
from modem.rescue import Rescue, symptom_of
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
#: Seconds between two looks at the bus while a modem is away: replugged, it serves at once.
GLANCE: Final = 2.0
#: Seconds a healthy modem may be without a network before the ladder is tried on it.
SEARCH_PATIENCE: Final = 300.0
#: Seconds between two questions for the network's time.
TIME_PACE: Final = 3600.0
#: A modem that fails within so many seconds of being ready, so many times in a row, is unstable.
STABLE_AFTER: Final = 60.0
_FALLS: Final = 5
_START_LIMIT: Final = 180.0
_FOR_A_HUMAN: Final = frozenset(
    {Trouble.PIN_REFUSED, Trouble.PIN_UNREADABLE, Trouble.PUK_NEEDED, Trouble.OPERATOR_LOCK}
)

_log = log_for(__name__)


@dataclass(frozen=True, slots=True)
class ModemSettings:
    """One modem of the configuration; ``port``, or one of the two ``match_`` keys, finds it.

    ``read_pin`` is asked before each start and raises OSError or ValueError where it cannot tell.
    """

    name: str
    port: str | None = None
    audio: str | None = None
    profile: str = "auto"
    read_pin: Callable[[], str | None] = field(default=lambda: None, repr=False)
    match_imei: str | None = None
    match_usb_path: str | None = None


class Worn(SoundLost):
    """The sound of the next call will not open: the device must be restarted first."""


class NoService(NotReady):
    """The modem is well and has had no network for so long that ``rung`` is due."""

    def __init__(self, reason: str, rung: Rung) -> None:
        super().__init__(reason, f"for {SEARCH_PATIENCE:.0f} s")
        self.rung = rung


class Supervisor:
    """Keeps one modem. ``driver`` is there only while the modem is ready.

    ``roll`` is shared by all modems of a box; ``usb`` can take a device off its bus; ``pins``
    outlives the process; ``on_ring`` is asked whether a caller may ring on.
    """

    def __init__(
        self,
        settings: ModemSettings,
        on_event: Callable[[ModemEvent], Awaitable[None]],
        on_change: Callable[[], None],
        *,
        roll: Rollcall | None = None,
        usb: UsbSwitch | None = None,
        pins: PinMemory | None = None,
        on_time: Callable[[datetime], None] | None = None,
        on_ring: Callable[[str], bool] | None = None,
    ) -> None:
        self.settings = settings
        self.status = ModemStatus(settings.name, port=settings.port or "")
        self.driver: Driver | None = None
        self._on_event, self._on_change, self._on_time = on_event, on_change, on_time
        self._on_ring = on_ring
        self._pin = Pin(memory=pins or ForgetfulMemory())
        self._finder = Finder(
            roll or Rollcall(), settings.port or "", settings.match_imei or "",
            settings.match_usb_path or "",
        )  # fmt: skip
        self._rescue = Rescue(self._finder, usb or SysfsSwitch())
        self._profile: Profile = GENERIC
        self._detour = ""
        self._centres: dict[str, str] = {}
        self._faults: asyncio.Queue[ModemError] = asyncio.Queue()
        self._settled, self._stopping = asyncio.Event(), asyncio.Event()
        self._interrupted, self._lent, self._given_back = (asyncio.Event() for _ in range(3))
        self._borrowing = asyncio.Lock()
        self._pause, self._falls = FIRST_PAUSE, 0
        self._out_of_service: float | None = None
        self._time_due = 0.0

    async def run(self) -> None:
        """Serve until `stop`; raises only for a defect of ours."""
        tell_of(self.settings.name)
        while not self._stopping.is_set():
            async with asyncio.TaskGroup() as group:
                work = group.create_task(self._keep(), name=f"{self.settings.name}:keep")
                await self._interrupted.wait()
                work.cancel()
            self._interrupted.clear()
            if self._borrowing.locked() and not self._stopping.is_set():
                await self._lend()

    async def stop(self) -> None:
        """Have `run` end: a call under way is hung up, the port closed."""
        self._stopping.set()
        self._interrupted.set()
        self._given_back.set()

    async def wait_settled(self) -> None:
        """Return once the modem has been ready, or is known to be in trouble."""
        await self._settled.wait()

    def report_fault(self, error: ModemError) -> None:
        """Say that the driver failed: it is resynchronised, or connected anew."""
        self._faults.put_nowait(error)

    @contextlib.asynccontextmanager
    async def borrowed(self) -> AsyncIterator[str]:
        """Step aside: yield the address of the AT port, closed, and take it back afterwards.

        Whoever borrows sees to it that no job is under way. Raises PortLost when the modem is
        nowhere.
        """
        async with self._borrowing:
            self._given_back.clear()
            self._interrupted.set()
            try:
                await self._lent.wait()
                yield await self._finder.address()
            finally:
                self._lent.clear()
                self._given_back.set()

    async def _lend(self) -> None:
        self._tell(state=ModemState.LENT, trouble=None, detail="", signal_dbm=None)
        self._lent.set()
        await self._given_back.wait()
        self._pause = FIRST_PAUSE
        self._tell(state=ModemState.STARTING)

    # --- the life of a modem -------------------------------------------------------------

    async def _keep(self) -> None:
        while True:
            try:
                await self._serve()
            except ModemError as error:
                _log.warning("%s", error)
                await self._recover(error)

    async def _recover(self, error: ModemError) -> None:
        """Climb one rung if a remedy is due, else wait."""
        address = self.status.port
        self._detour = ""
        self._fell(error)
        rung = self._remedy(error, address)
        if rung is Rung.HUMAN:
            self._tell(state=ModemState.QUARANTINED)
        self._tell_rung()
        if rung is None or rung is Rung.HUMAN:
            await self._rest(self._next_pause())
            return
        if rung is Rung.OTHER_PORT:
            self._detour = self._finder.second(address)
        await self._rescue.climb(rung, address, self._profile)
        self._tell_rung()

    def _remedy(self, error: ModemError, address: str) -> Rung | None:
        if isinstance(error, NoService):
            return error.rung
        symptom = Symptom.WORN if isinstance(error, Worn) else symptom_of(error)
        if symptom is None or self.status.state is ModemState.QUARANTINED:
            return None
        return self._rescue.choose(symptom, address, self._profile)

    async def _rest(self, seconds: float) -> None:
        """Wait, but not longer than until something is plugged in."""
        if not self._finder.watches:
            await asyncio.sleep(seconds)
            return
        sign, now = self._finder.sign(), asyncio.get_running_loop().time
        until = now() + seconds
        while (left := until - now()) > 0:
            await asyncio.sleep(min(left, GLANCE))
            if self._finder.sign() != sign:
                self._rescue.served()
                self._pause = FIRST_PAUSE
                return

    async def _serve(self) -> None:
        """Connect and serve until something fails, which is raised."""
        self._read_pin()
        address = self._detour or await self._finder.address()
        self._tell(port=address, place=self._finder.place_of(address))
        port = await open_port(address)
        known = asyncio.Event()

        async def take(event: ModemEvent) -> None:
            await known.wait()  # whose SIM a report belongs to must be told before the report
            await self._on_event(event)

        driver = Driver(
            port,
            take,
            name=self.settings.name,
            profile=self.settings.profile,
            pin=self._pin,
            usb_id=self._finder.usb_id_of(address),
            centres=self._centres,
        )
        try:
            await self._start(driver)
            driver.audio, driver.on_time = self._audio(address, driver), self._on_time
            driver.door.wanted = self._on_ring
            await self._know(driver, address)
            known.set()
            await self._watch(driver)
        finally:
            self.driver = None
            await driver.close()
            self._finder.roll.leave(self._finder)

    def _read_pin(self) -> None:
        """Read the PIN anew: a file mended meanwhile is believed; its SIM tells a lost one."""
        try:
            code = self.settings.read_pin()
        except (OSError, ValueError) as error:
            self._pin.code, self._pin.unreadable = None, str(error)
            return
        self._pin.unreadable = ""
        if code != self._pin.code:
            self._pin.code, self._pin.refused = code, False

    async def _start(self, driver: Driver) -> None:
        try:
            async with asyncio.timeout(_START_LIMIT):
                await driver.start()
        except TimeoutError:
            raise CommandTimeout(f"not started in {_START_LIMIT:.0f} s") from None
        finally:
            self._profile = driver.profile

    def _audio(self, address: str, driver: Driver) -> str:
        """Return where the sound of calls is: as configured, else as the profile knows."""
        if self.settings.audio is not None or driver.profile.audio is not AudioKind.SERIAL_PCM:
            return self.settings.audio or ""
        if address.startswith("emulator:"):
            return f"{address}.audio"
        ports = self._finder.roll.bus.ports()
        return discovery.beside(address) or discovery.sound_port(address, ports)

    async def _watch(self, driver: Driver) -> None:
        while True:
            self._judge(driver)
            await self._ask_time(driver)
            pace = SEARCH_PACE if driver.health.trouble else HEALTH_PACE
            fault = await self._fault_within(driver, pace)
            if isinstance(fault, PortLost | NotReady):
                raise fault
            if fault is not None:
                await self._resynchronise(driver, fault)
            await self._look(driver)
            self._check_service(driver)
            if driver.wear.out and not driver.busy:
                raise Worn("the sound port has worn out")

    async def _resynchronise(self, driver: Driver, fault: ModemError) -> None:
        """Find common ground; noted as a remedy only where silence or nonsense was the fault."""
        if symptom_of(fault) in {Symptom.MUTE, Symptom.CONFUSED}:
            self._rescue.note(Rung.SYNC, str(fault))
            self._tell_rung()
        await driver.resynchronise()

    async def _look(self, driver: Driver) -> None:
        """Read the health; one silence is forgiven if the device then answers to AT."""
        try:
            await driver.read_health()
        except CommandTimeout as silence:
            await self._resynchronise(driver, silence)

    async def _ask_time(self, driver: Driver) -> None:
        """Ask a modem at rest for the network's time, now and then; silence is no illness."""
        now = asyncio.get_running_loop().time()
        if self._on_time is None or driver.busy or driver.health.trouble or now < self._time_due:
            return
        self._time_due = now + TIME_PACE
        with contextlib.suppress(CommandTimeout):
            await driver.read_network_time()

    def _check_service(self, driver: Driver) -> None:
        """Raise NoService when the network has been away for long and a remedy is due."""
        now, trouble = asyncio.get_running_loop().time(), driver.health.trouble
        if trouble is None:
            self._out_of_service = None
            return
        if self._out_of_service is None:
            self._out_of_service = now
        if now - self._out_of_service < SEARCH_PATIENCE or driver.busy:
            return
        self._out_of_service = now
        rung = self._rescue.choose(Symptom.NO_SERVICE, self.status.port, self._profile)
        if rung is not None:
            raise NoService(trouble.value, rung)

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

    async def _know(self, driver: Driver, address: str) -> None:
        who = driver.identity
        if not self._detour:
            await self._finder.met(address, who.imei)
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
            advice=driver.profile.advice_on(who.revision),
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
            smsc=driver.service_centre,
            storage_used=driver.usage.used if driver.usage else None,
            storage_total=driver.usage.total if driver.usage else None,
        )
        self._settled.set()
        now = asyncio.get_running_loop().time()
        if ready and now - self.status.since >= STABLE_AFTER:
            self._pause, self._falls = FIRST_PAUSE, 0
            self._rescue.served()

    def _fell(self, error: ModemError) -> None:
        self._falls += self.status.state is ModemState.READY
        trouble, state = _trouble_of(error)
        if self._falls >= _FALLS:
            trouble, state = Trouble.UNSTABLE, ModemState.QUARANTINED
        elif self._rescue.given_up and symptom_of(error) is not None:
            state = ModemState.QUARANTINED
        holder = error.holder if isinstance(error, PortBusy) else ""
        self._tell(state=state, trouble=trouble, detail=str(error), holder=holder, signal_dbm=None)
        self._settled.set()
        while not self._faults.empty():
            self._faults.get_nowait()

    def _next_pause(self) -> float:
        if self.status.state is ModemState.QUARANTINED and not self._rescue.given_up:
            self._falls = 0
            return QUARANTINE
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
        return pause

    def _tell_rung(self) -> None:
        last = self._rescue.last
        if last is not None:
            self._tell(rung=last.rung, rung_at=last.at, rung_note=last.note)

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
