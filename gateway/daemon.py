"""The composition root: builds every part, owns every task, stops them in order.

The one deliberate knot. It may import everything; only the command line imports it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from gateway import beside, ntp, web_door
from gateway.attendants import Attendants
from gateway.barred import StoppedSims
from gateway.changes import Changes
from gateway.channels.email import EmailChannel
from gateway.channels.sms import SmsChannel
from gateway.channels.voice import VoiceChannel
from gateway.clock import Clock, NetworkClock, SystemClock
from gateway.config import Config, ModemSettings, RelaySettings, SmtpSettings
from gateway.control.server import ControlServer
from gateway.copying import Copying
from gateway.dispatcher import Dispatcher
from gateway.health import Notifier, exclusive
from gateway.intake import Intake
from gateway.lanes import Lane
from gateway.launch_doors import LaunchDoors
from gateway.logs import log_for
from gateway.mail.pace import Pace
from gateway.mail_door import MailDoor
from gateway.mailroom import Mailroom
from gateway.model import Channel
from gateway.modem_settings import modem_settings
from gateway.outage import is_outside
from gateway.pins import StoredPins
from gateway.probing import Probing
from gateway.receipts import Receipts
from gateway.received import ReceivedSounds
from gateway.reception import Reception
from gateway.services import (
    AccountCare,
    Accounts,
    Actor,
    Agenda,
    Alerting,
    Asking,
    Audit,
    Bench,
    Broadcasts,
    Choosing,
    Compose,
    Consents,
    Convening,
    Councils,
    Diagnostic,
    Directory,
    Duties,
    Enrolling,
    Exports,
    Files,
    FirstTry,
    Fleet,
    Following,
    Groupings,
    Imports,
    Live,
    Mailing,
    Metrics,
    Orders,
    Outage,
    OwnAccount,
    Persons,
    Proving,
    RawConsole,
    Ready,
    Reports,
    Retention,
    RoundKeeping,
    Rounds,
    RoundSheet,
    Safekeeping,
    Sending,
    Services,
    SettingHistory,
    SoftwareDoor,
    Sounds,
    Telephones,
    Timing,
    Tuning,
    Unfinished,
    Warnings,
    Ways,
    Workshop,
)
from gateway.services.outage import MAILBOX, RELAY
from gateway.services.told import Told
from gateway.speech import SpeechService
from gateway.store import accounts, people, sims
from gateway.taps import Taps
from gateway.timekeeping import Timekeeping
from gateway.upkeep.opening import store_of
from gateway.web_tls import WebTls
from modem import supervisor as modems
from modem.discovery import Rollcall
from modem.events import ModemEvent
from modem.usb_switch import best_switch

_log = log_for(__name__)

#: The page is told ready after so long (seconds) even if a modem has not made up its mind.
SETTLE_LIMIT = 60.0


class Daemon:
    """One running box."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock | None = None,
        seed: int = 0,
        page: bool = True,
        tell_code: Callable[[str], None] | None = None,
        roll: Rollcall | None = None,
        kept: Callable[[], bool] = ntp.synchronised,
    ) -> None:
        """Build a box; ``tell_code`` is given the one-time code when there is no account yet.

        ``kept`` tells whether a time server keeps the machine's clock.
        """
        self.config, self.clock = config, NetworkClock(clock or SystemClock())
        self._roll, self._stopped, self._taps = roll or Rollcall(), StoppedSims(), Taps()
        self._seed, self._page, self._tell_code = seed, page, tell_code
        self.changes = Changes()
        self.store = store_of(config)
        self._timekeeping = Timekeeping(self.clock, self.store, kept)
        self._speech = SpeechService(self.store, config)
        self._received = ReceivedSounds(self.store, self.clock, config)
        self._supervisors: dict[str, modems.Supervisor] = {}
        self._news: asyncio.Queue[str] = asyncio.Queue()
        self._mail: list[EmailChannel] = []
        self._probing: Probing | None = None
        self.mail_port = self.web_port = 0  # of the doors, once they are open
        self.ready = asyncio.Event()
        lanes = self._build_lanes()
        self._build_reception()
        self._build_services(lanes)

    def _build_lanes(self) -> list[Lane]:
        """Build what carries messages, and what hands them to it."""
        lanes = [self._modem_lane(modem) for modem in self.config.modem]
        relay = self.config.relay
        self._outage = Outage(
            self.store, self.clock, self.changes, lanes, self._wake,
            relay.grace_seconds if relay else 0.0,
        )  # fmt: skip
        lanes += self._mail_lanes(relay)
        self.dispatcher = Dispatcher(self.store, self.clock, self.changes, lanes, self._seed)
        return lanes

    def _build_reception(self) -> None:
        """Build what listens to the modems, the mailbox and whoever calls."""
        self._receipts = Receipts(self.store, self.clock, self.changes, self.dispatcher)
        self._mailroom = Mailroom(
            self.store, self.clock, self.changes, self.dispatcher.wake, self.config.mailbox
        )
        if self.config.mailbox is not None:
            place = is_outside(self.config.mailbox.host)
            box = self._outage.witness(MAILBOX, outside=place)
            self._mailroom.on_look = lambda why, refused: (
                box.failed(why, reached=refused) if why else box.answered()
            )
        self._reception = Reception(
            self.store, self.clock, self._speech, self._received, self.dispatcher.wake,
            lambda number: self.changes.touch_broadcasts([number]),
            answers=self.config.calls.answer,
        )  # fmt: skip

    def _build_services(self, lanes: list[Lane]) -> None:
        """Build what the doors may ask for, and have each part hear of the others."""
        s, c = self.store, self.clock
        compose = Compose(s, c, lanes)
        compose.returns_watched = self._returns_watched
        fleet = Fleet(s, c, lanes, self.changes)
        workshop = Workshop(fleet, self.dispatcher.wake)
        sending = Sending(s, c, self.changes, compose, self.dispatcher)
        ready, files = Ready(s, c, compose), Files(s, c)
        self._intake = Intake(s, c, sending, ready, files, self.config.web.address)
        self._mailroom.on_mail = self._intake.from_mailbox
        self._asking = Asking(s, c, sending)
        warnings = Warnings(s, c, ready, compose, sending)
        self._intake.on_warning = warnings.heard
        self._intake.on_warning_mail = warnings.from_mailbox
        self._asking.on_warning = warnings.answered
        mailing = Mailing(s, c, self._ways())
        self._told = Told(s, c, sending, fleet, self._outage)
        mailing.changed = self._told.ring
        history = SettingHistory(s, c)
        history.changed = self._setting_put_back
        known = Accounts(s, c)
        self._doors = LaunchDoors(s, c, known, compose, sending, fleet, self._outage, self._speech)
        self._reception.launch = self._doors.by_call
        self._attendants = Attendants(
            s, c, self.config, self.changes, sending, fleet, self._outage,
            self._doors, self._wake, [self._asking.heard, warnings.heard_by_sms],
        )  # fmt: skip
        self._receipts.kept = self._message_kept
        keeping = RoundKeeping(s, c, sending, lanes)
        agenda = Agenda(s, c, compose, sending)
        sounds = Sounds(s, c, self._speech)
        proving = Proving(s, c, self.changes, fleet, workshop, self._taps, self._speech)
        told = Broadcasts(s, c, compose, self.dispatcher)
        directory = Directory(s, c)
        watching = self._attendants.watching
        self.dispatcher.stop_is_near = lambda: watching.nearly_empty
        self.services = Services(
            c, known, directory, Imports(s, c), Persons(s, c), Groupings(s, c), Consents(s, c),
            Exports(s, c), files, compose, told, sending, Following(s, c, compose, sending), fleet,
            Live(s, self.changes), sounds, workshop, proving, Orders(s, c, self._returns_watched),
            Tuning(s, c, lanes), ready, agenda, Convening(s, c, compose, sending),
            Duties(s, c, compose), Reports(s, c), SoftwareDoor(s, c),
            Telephones(s, c, self._speech, self._received, fleet, workshop, sounds),
            self._outage, mailing, warnings, self._attendants.inbox,
            Enrolling(s, c, sending, self._doors.numbers),
            Councils(s, c, self.changes, compose, sending), self._doors.rights,
            watching, Metrics(s, c, self.config, fleet, self._outage, watching),
            Rounds(s, c, compose), RoundSheet(s, c), Alerting(s, c, compose, ready, sending, told),
            Audit(s, c), Unfinished(s, c), Choosing(s, directory), OwnAccount(s, c, known),
            AccountCare(s, c, known), self._attendants.status,
            Bench(s, c, self.changes, fleet, proving, RawConsole(s, c, self.changes, workshop)),
            Diagnostic(self._attendants.status, s, c, self.config, self._outage), history,
            Safekeeping(s, c, self.config), self._attendants.trees, FirstTry(s, c, sending, told),
            Timing(s, c, self._timekeeping.look),
        )  # fmt: skip
        self.mail_door = self._door(self.config.smtp)

        async def at_each_tick() -> None:
            await agenda.launch_due()
            await self._attendants.at_each_tick()
            await keeping.keep()

        self.dispatcher.at_each_tick = at_each_tick

    def _message_kept(self) -> None:
        self._told.ring()
        self._attendants.correspondence.ring()

    def _setting_put_back(self) -> None:
        self._told.ring()
        self._attendants.trees.ring()

    def _ways(self) -> Ways:
        config = self.config
        return Ways(
            config.smtp.domain if config.smtp else "",
            config.mailbox.username if config.mailbox else "",
            config.relay is not None,
        )

    def _returns_watched(self) -> bool:
        return self._mailroom.watched

    def _wake(self) -> None:
        self.dispatcher.wake()  # which is built after those who wake it

    def _door(self, settings: SmtpSettings | None) -> MailDoor | None:
        if settings is None:
            return None
        door = MailDoor(
            settings, self.clock, self.services.accounts, self.services.software,
            accept=self._intake.accept, returned=self._mailroom.take_return,
            known=self._intake.known, relays=self.config.relay is not None,
        )  # fmt: skip
        account = self.config.relay.account if self.config.relay else ""
        if account.rpartition("@")[2].lower() == settings.domain:
            self._mailroom.door_open = lambda: door.is_open  # bounces come to this door
        return door

    def _mail_lanes(self, relay: RelaySettings | None) -> list[Lane]:
        """Return one lane for each connection to the relay; they share one pace."""
        if relay is None:
            return []
        pace = Pace(relay.per_minute, relay.per_domain_per_minute)
        witness = self._outage.witness(RELAY, outside=is_outside(relay.host))
        self._probing = Probing(relay, self.clock, witness)
        self._mail = [
            EmailChannel(relay, self.clock, self.store, pace, witness, self._returns_watched)
            for _ in range(relay.connections)
        ]
        self._outage.give_up = self._give_up
        return [
            Lane(f"courriel {number}" if number > 1 else "courriel", {Channel.EMAIL: one},
                 pace=pace)
            for number, one in enumerate(self._mail, 1)
        ]  # fmt: skip

    def _give_up(self) -> None:
        for channel in self._mail:
            channel.give_up()

    def _modem_lane(self, settings: ModemSettings) -> Lane:
        name = settings.name

        async def on_event(event: ModemEvent) -> None:
            await self._receipts.take(name, lane.sim, event)
            self._taps.tell(name, event)

        supervisor = modems.Supervisor(
            modem_settings(settings), on_event, lambda: self._news.put_nowait(name),
            roll=self._roll, usb=best_switch(), pins=StoredPins(self.store, self.clock),
            on_time=lambda moment: self.clock.hear(moment.timestamp()),
            on_ring=lambda number: self._reception.at_door(lane, number),
        )  # fmt: skip
        self._supervisors[name] = supervisor
        lane = Lane(
            name,
            {
                Channel.SMS: SmsChannel(self.store, self.clock),
                Channel.VOICE: VoiceChannel(
                    self._speech, ring_limit=self.config.calls.ring_seconds, ear=self._received
                ),
            },
            supervisor, settings.role, settings.regime, stopped=self._stopped,
            call_pause=self.config.calls.pause_seconds,
        )  # fmt: skip
        return lane

    async def run(self) -> None:
        """Serve until `stop`. Raises `ConfigError`, `StoreError` or `AlreadyRunning` at start."""
        notifier = Notifier()
        with exclusive(self.config.lock):
            await self.store.open()
            try:
                await self._serve(notifier)
            finally:
                await self._close()

    @contextlib.asynccontextmanager
    async def on_the_bench(self) -> AsyncIterator[Actor]:
        """Run the modems alone, with no queue, page or door; yield once they are settled.

        Raises what `run` does.
        """
        with exclusive(self.config.lock):
            await self.store.open()
            try:
                actor = await self._first_steps()
                async with asyncio.TaskGroup() as tasks:
                    helpers = self._modem_tasks(tasks)
                    await self._say_ready(Notifier())
                    try:
                        yield actor
                    finally:
                        await self._stop_modems()
                        for helper in helpers:
                            helper.cancel()
            finally:
                await self._close()

    async def _close(self) -> None:
        for part in (self._speech, self._received, self._intake, self._mailroom):
            part.close()
        self.services.accounts.close()
        await self.store.close()

    def _modem_tasks(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        helpers = [
            beside.begin(tasks, f"modem:{name}", supervisor.run)
            for name, supervisor in self._supervisors.items()
        ]
        helpers.append(beside.begin(tasks, "news", self._pass_news))
        return helpers

    async def _stop_modems(self) -> None:
        for supervisor in self._supervisors.values():
            await supervisor.stop()

    async def _serve(self, notifier: Notifier) -> None:
        actor = await self._first_steps()
        async with contextlib.AsyncExitStack() as doors:
            if self._page:
                await doors.enter_async_context(self._web())
            control = ControlServer(self.config.control_socket, self.services, lambda: actor)
            await control.start()
            doors.push_async_callback(control.close)
            if self.mail_door is not None:
                self.mail_port = await self.mail_door.open(actor)
                doors.callback(self.mail_door.close)
            async with asyncio.TaskGroup() as tasks:
                helpers = self._modem_tasks(tasks)
                helpers += self._helpers(tasks)
                helpers.append(tasks.create_task(notifier.keep_alive(), name="watchdog"))
                helpers.append(tasks.create_task(self._say_ready(notifier), name="ready"))
                await self.dispatcher.run()
                notifier.stopping()
                await self._stop_modems()
                for channel in self._mail:
                    await channel.close()
                for helper in helpers:
                    helper.cancel()

    def _helpers(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Have all that works beside the dispatcher at work."""
        parts = {
            "intake": self._intake.run, "outage": self._outage.watch,
            "reception": self._reception.run, "launch:rendering": self._doors.by_call.run,
            "dictation": self.services.telephones.run,
            "retention": Retention(self.store, self.clock).run, "mailroom": self._mailroom.run,
            "told": self._told.run, "timekeeping": self._timekeeping.run,
            "copying": Copying(self.store, self.clock, self.config.backup.copy_hours).run,
        }  # fmt: skip
        if self._probing is not None:
            parts["probing"] = self._probing.run
        begun = [beside.begin(tasks, name, run) for name, run in parts.items()]
        return [*begun, *self.services.bench.start(tasks), *self._attendants.begin(tasks)]

    def stop(self) -> None:
        """Begin a graceful stop: jobs in hand are finished, nothing more is claimed."""
        self.dispatcher.stop()

    async def _first_steps(self) -> Actor:
        await self._timekeeping.begin()
        now, town = self.clock.now(), self.config.town
        await self.services.imports.undo_unfinished()
        await self._asking.after_stop()
        known = await self.store.read(sims.habits)
        self._stopped.load({sim: h.stopped_why for sim, h in known.items() if h.stopped_at})
        entity = await self.store.write(
            lambda db: people.ensure_entity(db, town.name, town.timezone, now)
        )
        if await self.services.accounts.needs_first_account() and not await self.store.read(
            accounts.first_code
        ):
            code = await self.services.accounts.issue_first_code()
            if code is not None and self._tell_code is not None:
                self._tell_code(code)
        return Actor(None, "tocsin", "Tocsin", "administrator", entity, town.name, town.timezone)

    @contextlib.asynccontextmanager
    async def _web(self):  # type: ignore[no-untyped-def]  # an async generator of nothing
        from web.app import create_app
        from web.keys import PAGES

        settings = self.config.web
        tls = WebTls(self.config, self.clock) if settings.encrypted else None
        if tls is not None:
            await asyncio.to_thread(tls.load, self.clock.now())
        app = create_app(
            self.services, secure_cookies=tls is not None, proxies=settings.trusted_proxies,
            lasting=tls is not None and not tls.is_own,
            authority=tls.authority if tls else lambda: None,
            compiled=self.config.data_dir / "pages",
        )  # fmt: skip
        await asyncio.to_thread(app[PAGES].warm)  # later it would hold up calls in progress
        async with web_door.opened(app, settings, tls.context if tls else None) as port:
            self.web_port = port
            watching = asyncio.create_task(tls.watch(), name="tls") if tls else None
            try:
                yield
            finally:
                if watching:
                    watching.cancel()

    async def _pass_news(self) -> None:
        regimes = {modem.name: modem.regime for modem in self.config.modem}
        while True:
            name = await self._news.get()
            status = self._supervisors[name].status
            await self._receipts.modem_changed(name, status, regimes[name])
            await self._attendants.past.hear(status)

    async def _say_ready(self, notifier: Notifier) -> None:
        try:
            async with asyncio.timeout(SETTLE_LIMIT), asyncio.TaskGroup() as tasks:
                for name, supervisor in self._supervisors.items():
                    tasks.create_task(supervisor.wait_settled(), name=f"settled:{name}")
        except TimeoutError:
            _log.warning("some modem is still starting")
        notifier.ready(f"{len(self._supervisors)} modems")
        self.ready.set()
