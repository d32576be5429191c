"""What any door may ask for. The page, the command line and later doors all come through here.

A door imports this package and nothing below it: no SQL, no policy, no port.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.clock import Clock
from gateway.criteria import Criteria
from gateway.criteria import stored_said as criteria_said
from gateway.errors import DiskFull, KeyUsed, Merged, NotHere, Refused
from gateway.lists.values import LineProblem
from gateway.model import Door, Line
from gateway.origin import ORIGIN
from gateway.rights import ROLES, Right, rights_of
from gateway.sentences import Sentence
from gateway.services.account_care import AccountCare
from gateway.services.accounts import Accounts, TooManyTries
from gateway.services.agenda import Agenda, DayView, EntryView
from gateway.services.alerting import AlertHome, Alerting, Launchable
from gateway.services.asking import Asking
from gateway.services.audit import Audit, AuditEntry, AuditFilter, ChainView, families
from gateway.services.bench import Bench, Trial
from gateway.services.broadcasts import Broadcasts
from gateway.services.call_trees import CallTrees, TreeSetup
from gateway.services.choosing import Choosing, PersonChoice, WhomView
from gateway.services.compose import Compose
from gateway.services.consents import Consents
from gateway.services.convening import Convening, Meeting, MeetingView
from gateway.services.council_values import CouncilForm, CouncilView
from gateway.services.councils import Councils
from gateway.services.diagnostic import Diagnostic
from gateway.services.directory import Directory
from gateway.services.duties import Duties, TurnView
from gateway.services.enrolling import Enrolling, EnrolmentView
from gateway.services.exports import Exports
from gateway.services.files import Files, FileView
from gateway.services.first_try import FirstTry, TryView
from gateway.services.fleet import Fleet
from gateway.services.follow import Proposed, Sheet, Street, Told, Visit
from gateway.services.following import Following
from gateway.services.groupings import (
    Choices,
    GroupForm,
    Groupings,
    KeeperView,
    group_version,
)
from gateway.services.import_values import (
    BatchView,
    ColumnView,
    ImportPreview,
    ImportResult,
    LineView,
    NoPreview,
    Wish,
)
from gateway.services.imports import Imports
from gateway.services.inbox import Inbox
from gateway.services.launch_rights import LauncherView, LaunchRights, LaunchWordView
from gateway.services.live import Live
from gateway.services.mailing import Mailing, SenderView, ToldView, Ways
from gateway.services.metrics import Metrics
from gateway.services.orders import Orders, OrderView, StepForm, StepView, choices
from gateway.services.outage import Outage, OutageView
from gateway.services.own_account import OwnAccount
from gateway.services.permits import NotAllowed
from gateway.services.person_values import (
    ConsentView,
    PastView,
    PersonForm,
    PersonView,
    ReachView,
    TwinView,
)
from gateway.services.persons import Persons
from gateway.services.proving import Proving
from gateway.services.raw_console import ConsoleView, RawConsole
from gateway.services.ready import Ready, ReadyView
from gateway.services.reports import File, Reports, UseView
from gateway.services.retention import Retention
from gateway.services.round_keeping import RoundKeeping
from gateway.services.round_sheet import RoundSheet
from gateway.services.round_values import DayPerson, RoundDay, RoundForm, RoundPerson, RoundSetup
from gateway.services.rounds import Rounds
from gateway.services.safekeeping import BackupView, Safekeeping
from gateway.services.sending import Sending
from gateway.services.setting_history import ChangeView, SettingHistory
from gateway.services.software import SoftwareDoor, SoftwareView, TooOften
from gateway.services.sounds import Sounds
from gateway.services.status_page import Board, StatusPage
from gateway.services.telephone import CallView, SoundView, Telephones
from gateway.services.timing import ClockView, Timing
from gateway.services.tuning import HoursView, SettingsView, SimView, Tuning
from gateway.services.unfinished import Unfinished, UnfinishedView
from gateway.services.values import (
    AccountView,
    Actor,
    AttemptView,
    AuthorityView,
    BatchLine,
    BroadcastSummary,
    BroadcastView,
    Browser,
    ContactView,
    Draft,
    EndpointView,
    FindingView,
    Forecast,
    GroupName,
    GroupView,
    GuardedView,
    JobView,
    Listening,
    ModemView,
    OwnAccountView,
    Page,
    PronunciationView,
    RecipientView,
    RecordingView,
    SecondFactor,
    Session,
    SessionView,
    SmsMeasureView,
    StateCount,
    TownView,
)
from gateway.services.versions import NEW, Changed
from gateway.services.wall_time import at_wall_time
from gateway.services.warnings import RuleView, Warnings, WarningView
from gateway.services.watching import AlarmView, Watching
from gateway.services.words import ROLES as ROLE_NAMES
from gateway.services.workshop import Workshop
from gateway.visible import all_visible


@dataclass(frozen=True, slots=True)
class Services:
    """All services of a running box."""

    clock: Clock
    accounts: Accounts
    directory: Directory
    imports: Imports
    persons: Persons
    groupings: Groupings
    consents: Consents
    exports: Exports
    files: Files
    compose: Compose
    broadcasts: Broadcasts
    sending: Sending
    following: Following
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
    outage: Outage
    mailing: Mailing
    warnings: Warnings
    inbox: Inbox
    enrolling: Enrolling
    councils: Councils
    launching: LaunchRights
    watching: Watching
    metrics: Metrics
    rounds: Rounds
    round_sheet: RoundSheet
    alerting: Alerting
    audit: Audit
    unfinished: Unfinished
    choosing: Choosing
    own_account: OwnAccount
    account_care: AccountCare
    status: StatusPage
    bench: Bench
    diagnostic: Diagnostic
    history: SettingHistory
    safekeeping: Safekeeping
    trees: CallTrees
    first_try: FirstTry
    timing: Timing


__all__ = [
    "NEW",
    "ORIGIN",
    "ROLES",
    "ROLE_NAMES",
    "AccountCare",
    "AccountView",
    "Accounts",
    "Actor",
    "Agenda",
    "AlarmView",
    "AlertHome",
    "Alerting",
    "Asking",
    "AttemptView",
    "Audit",
    "AuditEntry",
    "AuditFilter",
    "AuthorityView",
    "BackupView",
    "BatchLine",
    "BatchView",
    "Bench",
    "Board",
    "BroadcastSummary",
    "BroadcastView",
    "Broadcasts",
    "Browser",
    "CallTrees",
    "CallView",
    "ChainView",
    "ChangeView",
    "Changed",
    "Choices",
    "Choosing",
    "ClockView",
    "ColumnView",
    "Compose",
    "ConsentView",
    "Consents",
    "ConsoleView",
    "ContactView",
    "Convening",
    "CouncilForm",
    "CouncilView",
    "Councils",
    "Criteria",
    "DayPerson",
    "DayView",
    "Diagnostic",
    "Directory",
    "DiskFull",
    "Door",
    "Draft",
    "Duties",
    "EndpointView",
    "Enrolling",
    "EnrolmentView",
    "EntryView",
    "Exports",
    "File",
    "FileView",
    "Files",
    "FindingView",
    "FirstTry",
    "Fleet",
    "Following",
    "Forecast",
    "GroupForm",
    "GroupName",
    "GroupView",
    "Groupings",
    "GuardedView",
    "HoursView",
    "ImportPreview",
    "ImportResult",
    "Imports",
    "Inbox",
    "JobView",
    "KeeperView",
    "KeyUsed",
    "LaunchRights",
    "LaunchWordView",
    "Launchable",
    "LauncherView",
    "Line",
    "LineProblem",
    "LineView",
    "Listening",
    "Live",
    "Mailing",
    "Meeting",
    "MeetingView",
    "Merged",
    "Metrics",
    "ModemView",
    "NoPreview",
    "NotAllowed",
    "NotHere",
    "OrderView",
    "Orders",
    "Outage",
    "OutageView",
    "OwnAccount",
    "OwnAccountView",
    "Page",
    "PastView",
    "PersonChoice",
    "PersonForm",
    "PersonView",
    "Persons",
    "PronunciationView",
    "Proposed",
    "Proving",
    "RawConsole",
    "ReachView",
    "Ready",
    "ReadyView",
    "RecipientView",
    "RecordingView",
    "Refused",
    "Reports",
    "Retention",
    "Right",
    "RoundDay",
    "RoundForm",
    "RoundKeeping",
    "RoundPerson",
    "RoundSetup",
    "RoundSheet",
    "Rounds",
    "RuleView",
    "Safekeeping",
    "SecondFactor",
    "SenderView",
    "Sending",
    "Sentence",
    "Services",
    "Session",
    "SessionView",
    "SettingHistory",
    "SettingsView",
    "Sheet",
    "SimView",
    "SmsMeasureView",
    "SoftwareDoor",
    "SoftwareView",
    "SoundView",
    "Sounds",
    "StateCount",
    "StatusPage",
    "StepForm",
    "StepView",
    "Street",
    "Telephones",
    "Timing",
    "Told",
    "ToldView",
    "TooManyTries",
    "TooOften",
    "TownView",
    "TreeSetup",
    "Trial",
    "TryView",
    "Tuning",
    "TurnView",
    "TwinView",
    "Unfinished",
    "UnfinishedView",
    "UseView",
    "Visit",
    "WarningView",
    "Warnings",
    "Watching",
    "Ways",
    "WhomView",
    "Wish",
    "Workshop",
    "all_visible",
    "at_wall_time",
    "choices",
    "criteria_said",
    "families",
    "group_version",
    "rights_of",
]
