"""One call, as told by the modem: the only file that changes a call's state.

Job: a table of what may follow what. Devices tell the same thing twice, in two dialects
(``VOICE CALL: BEGIN`` and ``+CLCC: 1,0,0``; ``BUSY`` and ``NO CARRIER``): what is no news is
said to be none. Not its job: ports, time, causes. Pure; for `modem.voice` and tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from modem.errors import RemoteProtocolError
from modem.events import Alerting, Answered, CallEvent, DigitPressed, MachineHeard, Released


class CallState(Enum):
    """What the person called lives through."""

    DIALLING = "dialling"  # nothing yet
    RINGING = "ringing"  # their phone rings
    ACTIVE = "active"  # somebody, or something, picked up
    ENDED = "ended"  # it is over


TRANSITIONS: Final[Mapping[CallState, Mapping[type[CallEvent], CallState]]] = {
    CallState.DIALLING: {
        Alerting: CallState.RINGING,
        Answered: CallState.ACTIVE,
        Released: CallState.ENDED,
    },
    CallState.RINGING: {
        Alerting: CallState.RINGING,
        Answered: CallState.ACTIVE,
        Released: CallState.ENDED,
    },
    CallState.ACTIVE: {
        Answered: CallState.ACTIVE,
        DigitPressed: CallState.ACTIVE,
        MachineHeard: CallState.ACTIVE,
        Released: CallState.ENDED,
    },
    CallState.ENDED: {Released: CallState.ENDED},
}


class Call:
    """One call. Knows no port and no clock."""

    def __init__(self) -> None:
        self.state = CallState.DIALLING
        self.answered = False

    def process(self, event: CallEvent) -> bool:
        """Take an event; return whether it is news.

        Raises RemoteProtocolError for what cannot follow, a key before the answer for instance.
        """
        before = self.state
        try:
            self.state = TRANSITIONS[before][type(event)]
        except KeyError:
            raise RemoteProtocolError(f"{type(event).__name__} while {before.value}") from None
        self.answered = self.answered or self.state is CallState.ACTIVE
        return self.state is not before or isinstance(event, DigitPressed | MachineHeard)
