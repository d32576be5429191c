"""What the doors receive: values frozen, times aware and in the town's zone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: an account of a town, or a Unix user at the control socket."""

    user_id: int | None
    login: str
    name: str
    role: str  # administrator | sender | technician
    entity_id: int
    entity_name: str
    timezone: str = "Europe/Paris"
    keeper: bool = False  # of the register of vulnerable people
    at_home: bool = True  # acts for the town the account is of
    under: str = ""  # the community whose box it is, for an account of one of its communes


@dataclass(frozen=True, slots=True)
class Session:
    """A login: ``token`` goes into the cookie and is stored nowhere in clear."""

    token: str
    csrf: str
    actor: Actor
    home_id: int = 0  # the account's own town, whichever it acts for
    awaits: str = ""  # what must come before anything else: code | password | enrol
    device: str = ""  # what the browser is known by from now on; set by a login only
    lasts: float = 0.0  # seconds the browser keeps it; 0: until it closes


@dataclass(frozen=True, slots=True)
class Browser:
    """Who knocks: from which address, with which program, known or not."""

    origin: str
    agent: str = ""
    device: str = ""  # the token it was once known by
    session: str = ""  # the token of the session it had


@dataclass(frozen=True, slots=True)
class SessionView:
    """One of somebody's open sessions; ``stays`` those that end at a date."""

    number: int
    since: datetime
    seen: datetime
    until: datetime
    origin: str
    browser: str  # in words
    own: bool  # the one that looks
    stays: bool


@dataclass(frozen=True, slots=True)
class OwnAccountView:
    """How one's own account is guarded."""

    two_factor: bool
    codes_left: int
    required: bool  # the town asks a second factor of this role
    may_stay: bool
    sessions: tuple[SessionView, ...]


@dataclass(frozen=True, slots=True)
class GuardedView:
    """An account as an administrator guards it."""

    id: int
    name: str
    login: str
    role: str
    two_factor: bool
    must_change: bool
    sessions: int
    seen: datetime | None
    own: bool


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """A secret to be scanned: as text, and as a QR code (SVG)."""

    secret: str
    picture: bytes


@dataclass(frozen=True, slots=True)
class AuthorityView:
    """The box's own authority, for those who are to trust it."""

    der: bytes
    fingerprint: str  # SHA-256, in pairs
    addresses: tuple[str, ...]  # where the page answers, as https://…
    picture: bytes  # the QR code of the first address's /certificat (SVG)


@dataclass(frozen=True, slots=True)
class TownView:
    """A town a session may act for."""

    id: int
    name: str
    acting: bool


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account of a town; ``own`` is that of whoever looks."""

    id: int
    login: str
    name: str
    role: str
    usable: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list: ``number`` counts from 1."""

    items: tuple[T, ...]
    number: int
    pages: int
    total: int
    more: bool = False  # than ``total``, which is as far as was counted


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group, its size, and how many of its people each channel reaches."""

    id: int
    name: str
    purpose: str
    people: int
    reachable_by: Mapping[str, int]
    any_sim: bool = False  # SIMs of the ordinary regime may serve it
    criteria: str = ""  # as `gateway.criteria` stores them; empty: a list kept by hand
    refused: int = 0  # of its people, those who refused what it is for; where that is asked


@dataclass(frozen=True, slots=True)
class GroupName:
    """A group as a list offers it: counting everybody's takes longer than reading the names."""

    id: int
    name: str
    purpose: str
    any_sim: bool = False
    criteria: str = ""


@dataclass(frozen=True, slots=True)
class EndpointView:
    """One number or address as shown."""

    kind: str
    label: str
    address_shown: str
    warning: str
    id: int = 0
    address: str = ""  # E.164, or a mail address


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact as listed."""

    id: int
    name: str
    groups: tuple[str, ...]
    endpoints: tuple[EndpointView, ...]
    address: str = ""
    zone: str = ""
    help_first: bool = False


@dataclass(frozen=True, slots=True)
class SmsMeasureView:
    """What a text costs: ``costly`` are the characters that force the dear alphabet."""

    segments: int
    encoding: str
    units: int
    limit: int
    left: int
    costly: tuple[tuple[str, str], ...]
    suggestion: str | None
    too_long: str | None
    marked: tuple[tuple[str, bool], ...] = ()  # the text in pieces; true: a costly character
    spoken_seconds: float = 0.0  # about how long a call takes to say it once


#: Fields of a draft that say whom it is for, beside ``to``.
WHOM: Final = ("group_ids", "contact_ids", "zones", "everybody", "duties")
#: Fields of a draft that say what is said and by which means, whoever it is for.
SAID: Final = (
    "text", "title", "sms_text", "voice_text", "mail_subject", "mail_text", "channels", "urgency",
    "exercise", "recording", "language", "text_en", "file_ids",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as somebody writes it; the texts per channel default to ``text``."""

    text: str
    title: str = ""
    sms_text: str | None = None
    voice_text: str | None = None
    mail_subject: str | None = None
    mail_text: str | None = None
    group_ids: tuple[int, ...] = ()
    contact_ids: tuple[int, ...] = ()  # people picked one by one
    zones: tuple[str, ...] = ()  # parts of the town: whoever lives there
    channels: tuple[str, ...] = ()
    urgency: str = "service"
    idempotency_key: str | None = None
    to: tuple[str, ...] = ()
    exercise: bool = False
    recording: str = ""  # the name of a recording to play instead of the spoken text
    order: str = ""  # "": all channels at once; "advised"; or the id of an order of the town's
    confirm: bool = False  # only an acknowledgement counts as reached
    enough: int = 0  # so many acknowledgements end it (0: everybody's is wanted)
    at: datetime | None = None  # when it is to leave, aware; None: now
    at_any_hour: bool = False  # leave though the hours are closed
    expires: datetime | None = None  # no longer worth sending then; None: by urgency
    everybody: bool = False  # all contacts of the town
    scenario: str = ""  # the ready message it was made from
    duties: tuple[str, ...] = ()  # lists of duty: whoever is on duty when it leaves
    as_keeper: bool = False  # written by a keeper of the register; set when it is stored
    language: str = "fr"  # in which calls introduce themselves
    text_en: str = ""  # for contacts who speak English
    file_ids: tuple[int, ...] = ()  # sent along with a mail
    on_paper: tuple[int, ...] = ()  # contacts who get it on paper, and not from here
    meeting: str = ""  # the meeting it convenes, as JSON: to be convened again
    again_of: int = 0  # the message that was stopped before anybody had it, mended into this one

    @property
    def texts(self) -> tuple[str | None, ...]:
        """All that people would read or hear of it."""
        return (self.text, self.title, self.sms_text, self.voice_text, self.mail_subject,
                self.mail_text, self.text_en)  # fmt: skip

    @property
    def addressed(self) -> bool:
        """Whether it says whom it is for, other than by numbers typed by hand."""
        return any(getattr(self, name) for name in WHOM)

    @property
    def groups_alone(self) -> bool:
        """Whether all it is for come from its groups."""
        others = any(getattr(self, name) for name in WHOM if name != "group_ids")
        return bool(self.group_ids) and not others and not self.to

    def only_to(self, address: str) -> Draft:
        """Return what it says, for one number or address and nobody else.

        Made anew from its words: a way of saying whom that is added later is not in it either.
        """
        return Draft(**{name: getattr(self, name) for name in SAID}, to=(address,))


@dataclass(frozen=True, slots=True)
class PronunciationView:
    """How the town says a word."""

    written: str
    spoken: str


@dataclass(frozen=True, slots=True)
class RecordingView:
    """A recorded message; ``seconds`` is its length."""

    name: str
    title: str
    seconds: float
    added_at: datetime
    added_by: str


@dataclass(frozen=True, slots=True)
class Listening:
    """A call ready to be listened to: its token, and its length in seconds."""

    token: str
    seconds: float


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One line of a batch: a number or address and its own text."""

    to: str
    text: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """What sending a draft would mean."""

    recipients: int
    by_channel: Mapping[str, int]
    without_way: int
    excluded: tuple[tuple[str, str], ...]
    duration_seconds: float
    ends_at: datetime
    sample_names: tuple[str, ...]
    sms_segments: int
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    leaves_at: datetime | None = None  # None: at once
    held: str = ""  # why not before: the words of `gateway.model.Reason`
    approval: bool = False  # a second person must agree first
    samples: tuple[tuple[str, str], ...] = ()  # a name and the text with that person's words
    by_group: tuple[tuple[str, float], ...] = ()  # when each group is done, seconds from the start
    faster: tuple[str, ...] = ()  # what would shorten it
    uses: tuple[str, ...] = ()  # of each SIM's budget
    doubles: int = 0  # people who are in several of the groups, and get it once
    only_now: bool = False  # nobody is on duty later, when its hours let it leave
    is_cut: bool = False  # its hours end before it has left


@dataclass(frozen=True, slots=True)
class BroadcastSummary:
    """A broadcast in a list."""

    id: int
    title: str
    urgency: str
    urgency_label: str
    state: str
    state_label: str
    created_at: datetime
    author: str
    recipients: int
    reached: int
    closed_at: datetime | None
    groups: str
    exercise: bool = False
    leaves_at: datetime | None = None  # of one that waits for its hour
    answered: str = ""  # of one that asks to confirm: how many did, and did not, as a sentence


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many people are in one state; ``kind`` is reached, waiting, doubtful or unreached."""

    code: str
    label: str
    people: int
    kind: str


@dataclass(frozen=True, slots=True)
class BroadcastView:
    """One broadcast, followed."""

    summary: BroadcastSummary
    texts: Mapping[str, str]
    counts: tuple[StateCount, ...]
    reached: int
    recipients_total: int
    rate_per_minute: float | None
    remaining_seconds: float | None
    waiting_for: str
    can_cancel: bool
    leaves: str = ""  # « partira demain à 8 h 00 », with why; empty once it may leave
    left: bool = True  # somebody may have it, or will
    waits: bool = False  # for its time or a second person: nobody has a part in it yet
    can_release: bool = False  # it waits for its hours or to be taken back
    can_pause: bool = False
    can_resume: bool = False
    silent_network: bool = False  # no SIM of ours is given receipts: ask whether to call
    approval: bool = False  # it waits for a second person
    given_up: str = ""  # why it could not leave at all, or who refused it
    again: bool = False  # taken back before anybody had it: its draft can be taken up again
    parent_id: int | None = None
    kind: str = ""
    is_end: bool = False  # of another, or such an end sent again: nothing ends or corrects it
    followed: tuple[tuple[int, str], ...] = ()  # what followed it: number and kind
    to_follow: tuple[tuple[int, str], ...] = ()  # what is planned because of it
    reminders: bool = False  # of a meeting: some have still to leave
    names_until: datetime | None = None  # when its names are forgotten, once it is over
    forgotten: bool = False  # they are
    blocked: bool = False  # what is left cannot leave: no modem, or no relay
    then: str = ""  # what may follow of its order, once what is queued has left
    late: str = ""  # of a convocation: whom it does not reach in the clear days it needs


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One execution of a job."""

    at: datetime
    modem: str
    said: str


@dataclass(frozen=True, slots=True)
class JobView:
    """One text to one endpoint by one channel."""

    channel: str
    channel_label: str
    address_shown: str
    state: str
    label: str
    outcome: str | None
    reason: str
    attempts: tuple[AttemptView, ...]


@dataclass(frozen=True, slots=True)
class RecipientView:
    """What one person lived."""

    id: int
    name: str
    state: str
    label: str
    reason: str
    until: str | None  # « jusqu'à 8 h 00 »
    jobs: tuple[JobView, ...]
    kind: str = "waiting"


@dataclass(frozen=True, slots=True)
class FindingView:
    """One line of a proof run; ``ok`` None: not tried."""

    step: str
    ok: bool | None
    said: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class ModemView:
    """A modem as the technician sees it."""

    name: str
    state: str
    state_label: str
    trouble: str
    mend: str
    port: str
    profile: str
    model: str
    operator: str
    technology: str
    registration: str
    roaming: bool
    signal_dbm: int | None
    signal_bars: int
    iccid_masked: str
    regime: str
    voice: bool
    queue: int
    doing: str
    last_error: str
    last_error_at: datetime | None
    imei: str = ""
    role: str = "both"
    place: str = ""
    remedy: str = ""  # the last thing tried on it by itself
    remedy_at: datetime | None = None
    reports: str = ""  # whether this SIM's network gives delivery reports
    voice_unproved: bool = False  # calls are placed, nobody has heard one yet
    proved_at: datetime | None = None
    voice_old: bool = False  # sound and keys were proved more than a month ago
    findings: tuple[FindingView, ...] = ()
    warning: str = ""  # in red: its radio is being switched off
    stopped: str = ""  # why its SIM carries alerts only
    detail: str = ""  # what the system or the device says of the trouble, in its own words
    seen: bool = True  # its port answers: what is told of network and voice is known
