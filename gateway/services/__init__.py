"""What any door may ask for. The page, the command line and later doors all come through here.

A door imports this package and nothing below it: no SQL, no policy, no port.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.csv_import import LineProblem
from gateway.errors import NotHere, Refused
from gateway.model import Door
from gateway.services.accounts import Accounts
from gateway.services.agenda import Agenda, DayView, EntryView
from gateway.services.broadcasts import Broadcasts
from gateway.services.compose import Compose
from gateway.services.convening import Convening, Meeting, MeetingView
from gateway.services.directory import Directory
from gateway.services.duties import Duties, TurnView
from gateway.services.fleet import Fleet
from gateway.services.follow import Proposed, Sheet, Street, Visit
from gateway.services.live import Live
from gateway.services.orders import Orders, OrderView, StepForm, StepView, choices
from gateway.services.proving import Proving
from gateway.services.ready import Ready, ReadyView
from gateway.services.reports import File, Reports, UseView
from gateway.services.sending import Sending, at_wall_time
from gateway.services.software import SoftwareDoor, SoftwareView, TooOften
from gateway.services.sounds import Sounds
from gateway.services.telephone import CallView, MessageView, SoundView, Telephones
from gateway.services.tuning import HoursView, SettingsView, SimView, Tuning
from gateway.services.values import (
    AccountView,
    Actor,
    AttemptView,
    BatchLine,
    BroadcastSummary,
    BroadcastView,
    ContactView,
    Draft,
    EndpointView,
    FindingView,
    Forecast,
    GroupView,
    ImportPreview,
    ImportResult,
    JobView,
    Listening,
    ModemView,
    Page,
    PronunciationView,
    RecipientView,
    RecordingView,
    Session,
    SmsMeasureView,
    StateCount,
    TownView,
)
from gateway.services.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Services:
    """All services of a running box."""

    accounts: Accounts
    directory: Directory
    compose: Compose
    broadcasts: Broadcasts
    sending: Sending
    fleet: Fleet
    live: Live
    sounds: Sounds
    workshop: Workshop
    proving: Proving
    orders: Orders
    tuning: Tuning
    ready: Ready
    agenda: Agenda
    convening: Convening
    duties: Duties
    reports: Reports
    software: SoftwareDoor
    telephones: Telephones


__all__ = [
    "AccountView",
    "Accounts",
    "Actor",
    "Agenda",
    "AttemptView",
    "BatchLine",
    "BroadcastSummary",
    "BroadcastView",
    "Broadcasts",
    "CallView",
    "Compose",
    "ContactView",
    "Convening",
    "DayView",
    "Directory",
    "Door",
    "Draft",
    "Duties",
    "EndpointView",
    "EntryView",
    "File",
    "FindingView",
    "Fleet",
    "Forecast",
    "GroupView",
    "HoursView",
    "ImportPreview",
    "ImportResult",
    "JobView",
    "LineProblem",
    "Listening",
    "Live",
    "Meeting",
    "MeetingView",
    "MessageView",
    "ModemView",
    "NotHere",
    "OrderView",
    "Orders",
    "Page",
    "PronunciationView",
    "Proposed",
    "Proving",
    "Ready",
    "ReadyView",
    "RecipientView",
    "RecordingView",
    "Refused",
    "Reports",
    "Sending",
    "Services",
    "Session",
    "SettingsView",
    "Sheet",
    "SimView",
    "SmsMeasureView",
    "SoftwareDoor",
    "SoftwareView",
    "SoundView",
    "Sounds",
    "StateCount",
    "StepForm",
    "StepView",
    "Street",
    "Telephones",
    "TooOften",
    "TownView",
    "Tuning",
    "TurnView",
    "UseView",
    "Visit",
    "Workshop",
    "at_wall_time",
    "choices",
]
