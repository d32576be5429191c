"""The two doors of a launch by telephone, text and voice, built on one set of services."""

from __future__ import annotations

from gateway.clock import Clock
from gateway.launch_call import Means
from gateway.launch_reception import LaunchByCall
from gateway.services import Accounts, Compose, Fleet, LaunchRights, Outage, Sending
from gateway.services.fleet_numbers import FleetNumbers
from gateway.services.health_line import HealthLine
from gateway.services.launch_by_sms import LaunchBySms
from gateway.services.launchers import Launchers
from gateway.services.launches import Launches
from gateway.speech import SpeechService
from gateway.store import Store


class LaunchDoors:
    """Who may launch (`rights`), the doors they use, and what is told afterwards (`launches`)."""

    def __init__(
        self, store: Store, clock: Clock, accounts: Accounts, compose: Compose, sending: Sending,
        fleet: Fleet, outage: Outage, speech: SpeechService,
    ) -> None:  # fmt: skip
        launchers = Launchers(store, clock, accounts)
        self.launches = Launches(store, clock, compose, sending)
        self.health = HealthLine(store, clock, fleet, outage)
        self.by_sms = LaunchBySms(store, clock, launchers, self.launches, self.health)
        self.by_call = LaunchByCall(Means(store, clock, speech, launchers, self.launches))
        self.numbers = FleetNumbers(store, clock, fleet)
        self.rights = LaunchRights(store, clock, accounts, self.numbers)
