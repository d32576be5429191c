"""Wall time, injected. Monotonic time is the event loop's own and never passes through here.

Anybody in the gateway may import it. Tests and the driven demonstration give a `LoopClock`, whose
wall time follows the loop's jumps.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Protocol

#: Before this moment (seconds since 1970) no box of ours existed: its clock was never set.
EARLIEST_TRUSTED = datetime(2026, 1, 1, tzinfo=UTC).timestamp()

#: A clock that differs by more (seconds) from one look to the next has jumped.
STEP = 300.0
#: Network and machine mean the same time when they differ by less (seconds).
AGREE = 3600.0
#: A machine that keeps to its new time for so long (seconds) is believed without a network.
BELIEVED = 3600.0
#: So long (seconds) after the start a clock set forward is believed at once: a machine without a
#: battery begins where it stopped, until it has found the time.
SETTLING = 900.0
#: Network and machine are apart when they differ by so much (seconds): no zone, and no summer time
#: that a network forgot, goes so far.
APART = 86400.0
#: A start so long (seconds) after the last sign of life is doubted: more often a clock is wrong
#: than a box was off for so long, and what is forgotten by a wrong one does not come back.
FAR = 7 * 86400.0
#: After a stop that seems to have lasted longer (seconds) what has an hour waits until somebody
#: says the same as the machine: a restart takes minutes.
SLEPT = 12 * 3600.0
#: It waits so long (seconds) at most: a modem has found its network's time by then.
CONFIRM = 600.0


class Clock(Protocol):
    """What tells the time of day."""

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        return datetime.now(UTC).timestamp()


class LoopClock:
    """A wall clock that starts at ``start`` and then follows the running loop's `time`."""

    def __init__(self, start: datetime) -> None:
        self._start = start.timestamp()

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC; needs a running loop."""
        return self._start + asyncio.get_running_loop().time()


class NetworkClock:
    """The machine's clock, steadied, and set by the mobile network while it was never set.

    The network's time is an offset, the machine's clock is not touched. A machine whose clock can
    be right is believed: a false base station must not make alerts expire. A clock that jumps
    while we run is not followed at once: messages under way would expire, or wait for a day. Ours
    goes on; `verdict` says when the machine's is believed. Needs a running loop to see a jump.

    A machine that was set back while it was off says a time that is over, one that is far ahead
    of the last sign of life a time that may never have been: `remember` tells of that sign. Then
    ours runs on from there, and is trusted when the network has given the time, the machine has
    been set, or somebody vouches for it (`believe`).

    A machine that a network contradicts by a day is not followed elsewhere, nor known to be right:
    until a time server keeps it (`server`), or somebody vouches for it, the time is nobody's.
    """

    def __init__(self, system: Clock) -> None:
        self._system = system
        self._offset: float | None = None  # the network's time, ahead of ours
        self._last: tuple[float, float] | None = None  # the machine's time, the loop's
        self._jump, self._since = 0.0, 0.0  # what we did not follow, and from when
        self._began: float | None = None  # the loop's time at the first look
        self._held = 0.0  # how far the machine is behind what the box knows; below 0: ahead of it
        self._ahead = 0.0  # ours, ahead of the machine's, where that cannot be right
        self._slept = 0.0  # how long the box was off, if the machine is right: to be confirmed
        self._begun: float | None = None  # ours at the start, where that may not be right
        self._networked = False  # ours is the network's
        #: Whether a time server keeps the machine's clock.
        self.server = False
        #: By how much (seconds) a network is ahead of the machine that somebody said is wrong.
        self.denied: float | None = None
        self._sure_at: float | None = None  # when ours was last sure

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        now = self._steady()
        return now if self._can_be(now) else now + self._ahead

    def remember(
        self, moment: float | None, denied: float | None = None, sure_at: float | None = None
    ) -> None:
        """Hear, at the start, the newest moment the box knows (seconds since 1970-01-01 UTC).

        ``denied``: as `denied` was in its last life; ``sure_at``: when it was last `sure`.
        """
        now = self._steady()
        self.denied, self._sure_at = denied, sure_at
        if moment is not None and not -STEP <= now - moment <= FAR and is_trusted(now):
            self._held = self._ahead = moment - now
        elif moment is not None and now - moment > SLEPT:
            self._slept, self._begun = now - moment, now
        if not self._can_be(now):
            self._begun = self.now()

    def believe(self) -> None:
        """Take the machine's time for right at the next look: somebody vouches for it.

        As if the network said the same, after a jump that was not followed too; a network that
        goes on saying what it said is not heard.
        """
        self._steady()
        if self.apart is not None and abs(self.apart) >= AGREE:
            self.denied = self.apart
        self._offset = self._jump

    @property
    def machine(self) -> float:
        """What the machine's own clock says (seconds since 1970-01-01 UTC)."""
        return self._system.now()

    @property
    def held(self) -> bool:
        """Whether the machine's time is not followed, or not sure, and nobody has decided."""
        return self.source == "none" or self.jump != 0 or not self.sure or self.confirming

    @property
    def sure(self) -> bool:
        """Whether what does not come back may be done by this time.

        It is somebody's, and has come here by no leap of more than `FAR` that only the machine
        vouches for: for what waits for its hour it is enough that a machine keeps to its time.
        """
        if self.source == "none":
            return False
        return self._sure_at is None or self.now() - self._sure_at <= FAR

    def keep_sure(self) -> None:
        """Go on being sure, or begin to, where network, server or somebody says the same."""
        known = self.source != "none"
        if known and (self.sure or self.server or self._networked or self._agrees()):
            self._sure_at = self.now()

    @property
    def confirming(self) -> bool:
        """Whether what has an hour waits until network, server or somebody says the same.

        For `CONFIRM` at most, after a stop of more than `SLEPT`: a machine without a battery may
        have begun some days ahead, which is soon told.
        """
        if not self._slept or self._agrees():
            return False
        self._steady()
        return (
            self._last is not None
            and self._began is not None
            and self._last[1] - self._began < CONFIRM
        )

    @property
    def slept(self) -> float:
        """How long (seconds) the box was off, if the machine is right; 0: not worth a word."""
        return self._slept

    def _agrees(self) -> bool:
        """Tell whether the network says the same as ours, or somebody does."""
        return self._offset is not None and abs(self._offset) < AGREE

    @property
    def doubted(self) -> bool:
        """Whether the machine said at the start what cannot be, and nobody spoke for it.

        A time that was over, or one far ahead of the last sign of life.
        """
        return self._held != 0

    @property
    def ahead(self) -> float:
        """How far (seconds) ahead of the last sign of life the machine was, while it is doubted."""
        return max(-self._held, 0.0)

    @property
    def contradicted(self) -> bool:
        """Whether a network says another day than ours, and nobody has said that it is wrong."""
        if self._offset is None or abs(self._offset) < APART or not self._can_be(self._steady()):
            return False
        return self.denied is None or abs(self._offset - self._jump - self.denied) >= AGREE

    @property
    def disputed(self) -> bool:
        """Whether it is so, and no time server keeps the machine's clock."""
        return self.contradicted and not self.server

    @property
    def doubt_began(self) -> float | None:
        """The time it was for us at the start, if that may not have been right."""
        return self._begun if self._slept or not self._can_be(self._steady()) else None

    def _can_be(self, now: float) -> bool:
        return is_trusted(now) and not self.doubted

    def _steady(self) -> float:
        """Return the machine's time without the jumps that were not followed."""
        system = self._system.now()
        try:
            loop = asyncio.get_running_loop().time()
        except RuntimeError:
            return system - self._jump
        if self._began is None:
            self._began = loop
        if self._last is not None:
            before, then = self._last
            step = (system - before) - (loop - then)
            if abs(step) > STEP:
                self._jump, self._since = self._jump + step, loop
                if abs(self._jump) <= STEP:
                    self._jump = 0.0  # it has jumped back
        self._last = system, loop
        return system - self._jump

    def hear(self, moment: float) -> None:
        """Hear the network's time (seconds since 1970-01-01 UTC).

        A time that is over is believed only where the machine says the same.
        """
        offset = moment - self._steady()
        if self.doubted and offset < self._held - STEP and abs(offset) >= AGREE:
            return
        self._offset = offset
        if self._networked:
            self._ahead = offset

    def verdict(self) -> float:
        """Return by how much (seconds) our time is to leap; 0 leaves it. `follow` does it.

        The network decides where it was heard; else a machine is believed that was set forward
        soon after the start (`SETTLING`), or has kept to its new time for `BELIEVED`.
        """
        ours = self._steady()
        theirs = ours + self._jump
        if not self._can_be(ours):
            return self._aim() - self._ahead
        if not self._jump or not is_trusted(theirs):
            return 0.0
        if self._offset is not None:
            if abs(self._offset - self._jump) < AGREE:
                return self._jump
            if abs(self._offset) < AGREE:
                return 0.0
        return self._jump if self._believed() else 0.0

    def _believed(self) -> bool:
        if self._last is None or self._began is None:
            return False
        # forward, or back from a start that may have been too far ahead
        if self._jump > -self._slept - STEP and self._since - self._began < SETTLING:
            return True
        return self._last[1] - self._since >= BELIEVED

    def _aim(self) -> float:
        """Return how far the time is ahead of the machine's, where that cannot be right."""
        ours = self._steady()
        if self._jump and is_trusted(ours + self._jump) and self._is_set():
            return self._jump
        if self._offset is None:
            return self._ahead
        if is_trusted(ours) and abs(self._offset) < AGREE:
            return 0.0  # two say the same: what the box knew was wrong
        return self._offset

    def _is_set(self) -> bool:
        """Tell whether the machine has jumped to where it can be right at last."""
        return self._jump >= self._held - STEP and (
            self._held >= 0 or self._jump <= self._held + FAR
        )

    def follow(self) -> None:
        """Take the time of the `verdict` for ours."""
        aim = self._aim()
        if not self._can_be(self._steady()) and aim and aim != self._jump:
            self._ahead, self._networked = aim, True
            return
        if self._offset is not None:
            self._offset -= self._jump
        self._jump = self._held = self._ahead = self._slept = 0.0
        self._networked = False

    @property
    def jump(self) -> float:
        """How far (seconds) the machine's clock jumped ahead of ours, which has not followed."""
        self._steady()
        return self._jump

    @property
    def source(self) -> str:
        """Whose time it is: ``system``, ``network``, or ``none`` while nobody's is known right."""
        if self._can_be(self._steady()):
            return "none" if self.disputed else "system"
        return "network" if self._networked else "none"

    @property
    def apart(self) -> float | None:
        """How far (seconds) the network's time is ahead of the machine's; None: never heard."""
        return self._offset if self._offset is None else self._offset - self._jump


def is_trusted(now: float) -> bool:
    """Tell whether ``now`` can be a set clock's reading at all."""
    return now >= EARLIEST_TRUSTED


def is_somebodys(clock: Clock) -> bool:
    """Tell whether ``clock`` has a time that is somebody's: nothing leaves by its hour before."""
    return not isinstance(clock, NetworkClock) or clock.source != "none"


def is_known(clock: Clock) -> bool:
    """Tell whether that need not be confirmed: what has an hour and is no alert waits for it."""
    return is_somebodys(clock) and not (isinstance(clock, NetworkClock) and clock.confirming)


def is_sure(clock: Clock) -> bool:
    """Tell whether ``clock`` is sure enough for what does not come back."""
    return not isinstance(clock, NetworkClock) or clock.sure
