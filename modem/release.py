"""Why a call ended, from what the device answers to AT+CEER (27.007, 6.10).

Job: free text or a Q.850 number to a cause. Devices agree on nothing here, so the words are
searched, and what they leave open is told from how long the phone rang. Pure; for
`modem.voice` and tests.
"""

from __future__ import annotations

import re
from typing import Final

from modem.events import ReleaseCause

_BY_NUMBER: Final = {
    1: ReleaseCause.UNREACHABLE,
    3: ReleaseCause.UNREACHABLE,
    8: ReleaseCause.NETWORK,
    10: ReleaseCause.NETWORK,
    16: None,  # "normal clearing" of a call that was not answered explains nothing
    17: ReleaseCause.BUSY,
    19: ReleaseCause.NO_ANSWER,
    20: ReleaseCause.UNREACHABLE,
    21: ReleaseCause.REFUSED,
    22: ReleaseCause.UNREACHABLE,
    27: ReleaseCause.UNREACHABLE,
    28: ReleaseCause.UNREACHABLE,
    31: None,
    34: ReleaseCause.NETWORK,
    38: ReleaseCause.NETWORK,
    41: ReleaseCause.NETWORK,
    42: ReleaseCause.NETWORK,
    47: ReleaseCause.NETWORK,
}
_NO_RESPONSE: Final = 18
_BY_WORDS: Final = (
    (re.compile("network out of order"), ReleaseCause.NETWORK),
    (re.compile("busy"), ReleaseCause.BUSY),
    (re.compile("reject|refus|declin"), ReleaseCause.REFUSED),
    (re.compile("no answer|alerting|ringing"), ReleaseCause.NO_ANSWER),
    (
        re.compile("unassigned|unallocated|unreachable|not reachable|absent|out of order|no route"),
        ReleaseCause.UNREACHABLE,
    ),
    (re.compile("congestion|circuit|barr|no service|network|resource"), ReleaseCause.NETWORK),
)
#: Seconds of ringing after which an unexplained end is nobody answering, not a refusal.
RANG_OUT: Final = 15.0


def cause_of_number(number: int) -> ReleaseCause | None:
    """Return why an unanswered call ended by its Q.850 cause; None where it explains nothing."""
    return ReleaseCause.NO_ANSWER if number == _NO_RESPONSE else _BY_NUMBER.get(number)


def cause_of(said: str, rang: float | None) -> ReleaseCause:
    """Return why an unanswered call ended; ``rang`` is its ringing in seconds, None for none."""
    text = said.lower()
    if "no user responding" in text or re.search(r"\b18\b", text):  # to ringing, or to paging
        return ReleaseCause.UNREACHABLE if rang is None else ReleaseCause.NO_ANSWER
    for words, cause in _BY_WORDS:
        if words.search(text.replace("+ceer", "")):
            return cause
    for number in re.findall(r"\b\d{1,3}\b", said):
        known = _BY_NUMBER.get(int(number))
        if known is not None:
            return known
    if rang is None:
        return ReleaseCause.UNREACHABLE
    return ReleaseCause.NO_ANSWER if rang >= RANG_OUT else ReleaseCause.REFUSED
