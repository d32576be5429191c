"""The words of the gateway as values. Pure: standard library only, anybody may import it.

Codes are English and stable: they stand in the database, in JSON and in CSV. The French that a
person reads is in `gateway.services.words`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Channel(StrEnum):
    """A way to reach somebody."""

    SMS = "sms"
    VOICE = "voice"
    EMAIL = "email"


class Urgency(StrEnum):
    """How much a broadcast may overtake, exceed and disturb."""

    VITAL = "vital"  # Alerte
    SERVICE = "service"
    INFORMATION = "information"


class Purpose(StrEnum):
    """What a group's members agreed to be told."""

    ALERT = "alerte"
    SERVICE = "service"
    INFORMATION = "information"
    VULNERABLE = "registre"


class Line(StrEnum):
    """What an endpoint can carry."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    EMAIL = "email"


class Door(StrEnum):
    """By which way a broadcast came in."""

    PAGE = "page"
    COMMAND = "command"
    DEMO = "demo"
    SCHEDULE = "schedule"
    API = "api"
    MAIL = "mail"
    SMS = "sms"  # launched from a telephone, by text
    CALL = "call"  # launched from a telephone, by voice


class RecipientState(StrEnum):
    """What the person lived."""

    PENDING = "pending"  # nothing has left yet
    IN_PROGRESS = "in_progress"  # a step is under way
    SENT = "sent"  # handed over, and nobody reported: neither reached nor unreached
    RECEIVED = "received"  # every part has a delivery report
    ANSWERED = "answered"  # picked up, did not hear it all
    LISTENED = "listened"  # the whole message was played
    ACKNOWLEDGED = "acknowledged"  # pressed 1, or replied
    DECLINED = "declined"  # answered no to a call for help
    UNCERTAIN = "uncertain"  # our doubt: perhaps received
    TOLD_IN_PERSON = "told_in_person"  # entered from the door-to-door sheet
    FAILED = "failed"  # all of the plan was tried
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    EXCLUDED = "excluded"  # never had a way to be reached, or refused


#: *Joint*: those of whom the mayor can say that they know. `gateway.plan.reached` says of which
#: message: one that asks to confirm wants more.
REACHED = frozenset(
    {
        RecipientState.RECEIVED,
        RecipientState.LISTENED,
        RecipientState.ACKNOWLEDGED,
        RecipientState.DECLINED,
        RecipientState.TOLD_IN_PERSON,
    }
)


class JobState(StrEnum):
    """Where one text to one endpoint by one channel stands."""

    QUEUED = "queued"
    RUNNING = "running"
    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNCERTAIN = "uncertain"


class Outcome(StrEnum):
    """What a call came to, beside its job's state."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    ANSWERED = "answered"
    LISTENED = "listened"
    ACKNOWLEDGED = "acknowledged"
    DECLINED = "declined"
    INTERRUPTED = "interrupted"


class Asks(StrEnum):
    """What a call asks, which gives its keys their meaning."""

    HEARD = "heard"  # 1: I have heard
    PRESENCE = "presence"  # a council: 1 present, 2 absent
    WELL = "well"  # the daily round: 1 all is well, 2 call me back
    VISIT = "visit"  # the referent of somebody silent: 1 I go, 2 I cannot


class PartState(StrEnum):
    """Where one SMS PDU stands; `SUBMITTING` after a crash is a doubt."""

    PREPARED = "prepared"
    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    REPORTED = "reported"


class BroadcastState(StrEnum):
    """Where a broadcast stands."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Why something stands as it stands: one code for each sentence a person may read."""

    NONE = ""
    # waiting
    IN_QUEUE = "in_queue"
    NO_MODEM = "no_modem"
    ALERTS_ONLY = "alerts_only"
    PAUSE_BETWEEN_CALLS = "pause_between_calls"
    TRY_AGAIN = "try_again"
    TAKE_BACK = "take_back"
    HOURS = "hours"
    BUDGET = "budget"
    REGIME = "regime"
    TOO_LONG = "too_long"
    SCHEDULED = "scheduled"
    APPROVAL = "approval"
    RESTART = "restart"
    WAITING_FOR_REPORT = "waiting_for_report"
    # refused or failed
    NO_WAY = "no_way"
    KEY_MISSING = "key_missing"
    DUPLICATE = "duplicate"
    OPTED_OUT = "opted_out"
    NUMBER_REFUSED = "number_refused"
    NUMBER_UNKNOWN = "number_unknown"
    PHONE_UNREACHABLE = "phone_unreachable"
    NETWORK_REFUSED = "network_refused"
    SIM_REFUSED = "sim_refused"
    MODEM_FAULT = "modem_fault"
    NOT_DELIVERED = "not_delivered"
    RELAY_REFUSED = "relay_refused"
    ADDRESS_REFUSED = "address_refused"
    RELAY_UNREACHABLE = "relay_unreachable"
    RELAY_BUSY = "relay_busy"
    MAILBOX_LATER = "mailbox_later"
    BOUNCED = "bounced"
    SPEECH_FAILED = "speech_failed"
    DEFECT = "defect"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    CALL_REFUSED = "call_refused"
    HUNG_UP = "hung_up"
    CALL_INTERRUPTED = "call_interrupted"
    MACHINE = "machine"
    CALLED_BACK = "called_back"
    # doubtful
    ANSWER_LOST = "answer_lost"
    RELAY_ANSWER_LOST = "relay_answer_lost"
    RESENT_AFTER_DOUBT = "resent_after_doubt"
    STOPPED_MEANWHILE = "stopped_meanwhile"
    # the end
    NO_REPORT = "no_report"
    RELAYED = "relayed"
    RETURNS_WATCHED = "returns_watched"
    IN_MAILBOX = "in_mailbox"
    MAIL_READ = "mail_read"
    MAIL_ANSWERED = "mail_answered"
    SMS_ANSWERED = "sms_answered"
    TOO_LATE = "too_late"
    TOO_LATE_BUDGET = "too_late_budget"
    TOO_LATE_REGIME = "too_late_regime"
    TOO_LATE_HOURS = "too_late_hours"
    TOO_LATE_NO_MODEM = "too_late_no_modem"
    BY_SOMEBODY = "by_somebody"
    ALREADY_REACHED = "already_reached"
    ENOUGH = "enough"
    BY_REFERENT = "by_referent"
    IN_PERSON = "in_person"
    TICK_TAKEN_BACK = "tick_taken_back"


class Address(NamedTuple):
    """One endpoint as a broadcast uses it: ``value`` is E.164 or a mail address."""

    endpoint_id: int | None
    line: Line
    value: str


@dataclass(frozen=True, slots=True)
class JobFact:
    """A job as policy sees it; times are seconds since 1970."""

    id: int
    channel: Channel
    step: int
    state: JobState
    outcome: Outcome | None = None
    reason: Reason = Reason.NONE
    attempts: int = 0
    handed_over_at: float | None = None
    ended_at: float | None = None
    address: str = ""
    line: Line | None = None
    endpoint_id: int | None = None
    to_referent: bool = False
    receipts: bool = True  # whether the network it left by gives delivery reports
    overdue: bool = False  # a mail that no relay takes: the plan goes on without it
