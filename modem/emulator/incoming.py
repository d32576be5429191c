"""A call from an emulated telephone to a modem.

Job: ring until answered, declined or given up. Not its job: what AT says of it. Used by
`modem.emulator.network`. Times come from the running loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from modem.emulator.behaviour import Behaviour
from modem.emulator.call import CallState, EmulatedCall, Leg
from modem.emulator.pace import RING_LIMIT, Latencies
from modem.events import ReleaseCause

#: Seconds between two rings.
_CADENCE: Final = 4.0


class RingingCall(EmulatedCall):
    """One incoming call; ``ring`` is told of every ring."""

    def __init__(
        self,
        leg: Leg,
        number: str,
        latencies: Latencies,
        on_end: Callable[[EmulatedCall], None],
        ring: Callable[[EmulatedCall], None],
        *,
        behaviour: Behaviour,
        hidden: bool,
    ) -> None:
        super().__init__(leg, number, latencies, on_end)
        self.state = CallState.INCOMING
        self.hidden = hidden
        self._ring, self._behaviour = ring, behaviour
        self._later(RING_LIMIT, lambda: self.end(ReleaseCause.NO_ANSWER))

    @property
    def incoming(self) -> bool:
        """Whether the phone called the modem: it did."""
        return True

    def give_up(self) -> None:
        """Stop ringing, unless somebody has answered."""
        if self.state is CallState.INCOMING:
            self.end(ReleaseCause.NO_ANSWER)

    def ring(self) -> None:
        """Ring now, and again until something happens."""
        if self.state is CallState.INCOMING:
            self._ring(self)
            self._later(_CADENCE, self.ring)
