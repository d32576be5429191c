"""What a town sets on the page, read with its defaults. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gateway.departure import TAKE_BACK
from gateway.hours import DEFAULTS, Hours, from_json
from gateway.model import Urgency

#: Keys of the settings table.
HOURS: Final = "hours"  # {urgency: hours as `gateway.hours` stores them}
TAKE_BACK_SECONDS: Final = "take_back_seconds"
APPROVAL_ABOVE: Final = "approval_above"
SIGNATURE: Final = "signature"
NAMES_MONTHS: Final = "names_months"
ROUND_MONTHS: Final = "round_months"
RECEIVED_MONTHS: Final = "received_months"
FORWARD_SMS: Final = "forward_sms"  # {"to": [mail addresses], "since": seconds since 1970}
SUMMARY: Final = "summary"  # {"to": [mail addresses], "at": "07:30"}
PAPER: Final = "paper"  # {"to": [mail addresses], "place": folder or usb:LABEL, "owner": name}
#: Months that names in messages, and what came in, are kept unless the town says otherwise.
KEPT_MONTHS: Final = 12
#: Months that the daily round of the register is kept unless the town says otherwise.
ROUND_KEPT: Final = 3


def hours(town: Mapping[str, Any], urgency: Urgency) -> Hours | None:
    """Return when messages of an urgency may leave; None: at any time."""
    own = town.get(HOURS, {}).get(urgency.value)
    return from_json(own) if own and urgency is not Urgency.VITAL else DEFAULTS[urgency]


def take_back(town: Mapping[str, Any]) -> float:
    """Return how long (seconds) a message sent from the page can be taken back."""
    return float(town.get(TAKE_BACK_SECONDS, TAKE_BACK))


def approval_above(town: Mapping[str, Any]) -> int:
    """Return above how many people a second person must agree; 0: never."""
    return int(town.get(APPROVAL_ABOVE, 0))


def asks_second(town: Mapping[str, Any], urgency: Urgency, people: int) -> bool:
    """Tell whether a message to so many needs a second person's word: never an alert."""
    above = approval_above(town)
    return urgency is not Urgency.VITAL and 0 < above < people


def names_months(town: Mapping[str, Any]) -> int:
    """Return how many months a message that is over keeps its names."""
    return int(town.get(NAMES_MONTHS, KEPT_MONTHS))


def received_months(town: Mapping[str, Any]) -> int:
    """Return how many months SMS and calls that came in are kept."""
    return int(town.get(RECEIVED_MONTHS, KEPT_MONTHS))


def round_months(town: Mapping[str, Any]) -> int:
    """Return how many months a daily round is kept."""
    return int(town.get(ROUND_MONTHS, ROUND_KEPT))


def signature(town: Mapping[str, Any]) -> str:
    """Return what the town signs its messages with; empty: nothing."""
    return str(town.get(SIGNATURE, ""))
