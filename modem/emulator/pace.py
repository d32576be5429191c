"""How long an emulated network takes.

Job: seeded delays, by radio technology. Not its job: waiting (the event loop does). Pure; used
inside `modem.emulator`, and `Pace` by whoever makes a network.

The figures for a real pace are engineering estimates for commercial networks: seconds per SMS,
log-normal, with the rare very slow one that networks do show.
"""

from __future__ import annotations

import math
import random
from enum import Enum
from typing import Final

from modem.emulator.behaviour import SOME_SECONDS

#: Median seconds from the end of the PDU to its acceptance, by radio technology.
SMS_MEDIAN: Final = {"GSM": 4.0, "UMTS": 3.0, "LTE": 1.8}
_SIGMA: Final = 0.45
_SLOWEST_USUAL: Final = 15.0
_SLOW_SHARE: Final = 0.01
_LOST_SHARE: Final = 0.0005

#: Seconds after which the network gives a submission up (CMS 332, network timeout).
NETWORK_TIMEOUT: Final = 60.0
#: Seconds a network lets a telephone ring.
RING_LIMIT: Final = 45.0


class Pace(Enum):
    """Whether the network takes the time a real one takes."""

    REAL = "real"
    FAST = "fast"


class Latencies:
    """The delays of one modem's radio link; all results are seconds."""

    def __init__(
        self,
        pace: Pace,
        rng: random.Random,
        technology: str,
        sms_seconds: float | None,
        report_seconds: float | None,
    ) -> None:
        self._pace, self._rng, self._technology = pace, rng, technology
        self._sms, self._report = sms_seconds, report_seconds

    def submission(self) -> float:
        """From the end of the PDU to the network's answer; `NETWORK_TIMEOUT` means none came."""
        if self._sms is not None:
            return self._sms
        if self._pace is Pace.FAST:
            return 0.0
        luck = self._rng.random()
        if luck < _LOST_SHARE:
            return NETWORK_TIMEOUT
        if luck < _SLOW_SHARE:
            return self._rng.uniform(30.0, 45.0)
        return min(self._around(SMS_MEDIAN[self._technology]), _SLOWEST_USUAL)

    def report(self) -> float:
        """From acceptance to the phone's receipt, and to the report of it."""
        if self._report is not None:
            return self._report
        return 0.0 if self._pace is Pace.FAST else min(self._around(1.5), _SLOWEST_USUAL)

    def reply(self) -> float:
        """From reading a message to the person's own answer."""
        return 0.2 if self._pace is Pace.FAST else self._around(15.0)

    def dial(self) -> float:
        """From ATD to its OK."""
        return 0.0 if self._pace is Pace.FAST else self._rng.uniform(0.1, 0.4)

    def alerting(self) -> float:
        """From the OK of ATD to the first ring, or to the network's refusal."""
        return 0.05 if self._pace is Pace.FAST else min(self._around(2.5), 8.0)

    def ringing(self, answers_after: float) -> float:
        """From the first ring to the answer; a stated wish is kept, the default follows pace."""
        return 0.2 if self._pace is Pace.FAST and answers_after == SOME_SECONDS else answers_after

    def declining(self) -> float:
        """From the first ring to the thumb on the red button."""
        return 0.2 if self._pace is Pace.FAST else min(self._around(4.0), 20.0)

    def booting(self) -> float:
        """From a reset to the port's return."""
        return 0.5 if self._pace is Pace.FAST else self._rng.uniform(12.0, 20.0)

    def _around(self, median: float) -> float:
        return median * math.exp(self._rng.gauss(0.0, _SIGMA))
