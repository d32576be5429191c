"""How an emulated person and their phone behave, as values.

Job: the vocabulary in which tests, demos and cast files write their characters. Not its job:
acting on it (`modem.emulator.handset`, `modem.emulator.call`). Pure; anybody may import it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

#: Seconds a person lets the telephone ring when nobody said otherwise; `Pace.FAST` shortens it.
SOME_SECONDS: Final = 5.0

SmsFate = Literal["delivered", "lost", "refused", "switched_off"]
ReportHabit = Literal["once", "none", "twice", "trying"]


@dataclass(frozen=True, slots=True)
class Press:
    """A key pressed ``after`` seconds from the answer, held for ``seconds``.

    Networks render it at levels and twists (dB, the column over the row) of their own.
    """

    digit: str
    after: float
    seconds: float = 0.16
    level_dbov: float = -16.0
    twist_db: float = 2.0

    def __post_init__(self) -> None:
        if len(self.digit) != 1 or self.digit not in "0123456789*#ABCD":
            raise ValueError(f"not a telephone key: {self.digit!r}")
        if self.after < 0 or self.seconds <= 0:
            raise ValueError("a key is pressed after the answer, and for some time")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a phone, and whoever holds it, does. All times are seconds.

    Calls, the first that applies: ``unreachable`` (no such route, switched off: the network
    clears the call), ``busy``, ``refuses`` (rings, then declined), ``answers_after`` (counted
    from the first ring; None rings out). ``machine`` answers with a greeting and a beep and
    records: the greeting lasts ``greeting``, and is as long as nobody's hello. ``announcement``:
    the network answers instead of the phone, talks for so long and clears the call; with
    ``early_media`` it does so without answering. ``hangs_up_after`` counts from the answer; None
    listens until the caller is done.
    ``presses_when_prompted`` is one key pressed once the voice has spoken and fallen silent.
    ``says_hello``: seconds of voice on picking up; ``beeps_after``: a beep that is no machine's.

    SMS: ``sms`` is ``delivered``; ``lost`` (the network takes it and nothing more is heard);
    ``refused`` (the network refuses it: CMS 21); ``switched_off`` (kept until its validity ends,
    then reported as expired). ``reports`` and ``report_after`` shape the delivery report;
    ``trying``: a first one says that the centre is still trying, and the phone takes the message
    half a minute later.
    ``replies`` is a text sent back to the number each SMS came from.
    """

    answers_after: float | None = SOME_SECONDS
    busy: bool = False
    refuses: bool = False
    unreachable: bool = False
    machine: bool = False
    greeting: float = 4.0
    announcement: float | None = None
    early_media: bool = False
    hangs_up_after: float | None = None
    presses: tuple[Press, ...] = ()
    presses_when_prompted: str | None = None
    says_hello: float | None = None
    beeps_after: float | None = None
    sms: SmsFate = "delivered"
    replies: str | None = None
    replies_after: float | None = None
    reports: ReportHabit = "once"
    report_after: float | None = None
