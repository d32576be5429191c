"""What a relay's answer means: for this address, for this mail, or for the relay itself. Pure.

RFC 5321 (4.2.1) says whether it may pass, RFC 3463 what it is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.model import JobState, Reason
from gateway.policy import Settlement

_ENHANCED: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS: Final = re.compile(r"<?[^\s<>@]+@[^\s<>@:;,]+>?")
#: Characters kept of what a relay said.
_KEPT: Final = 300


class Stage(StrEnum):
    """At which of our words a relay answered."""

    CONNECT = "connect"  # greeting, EHLO, STARTTLS, AUTH
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # before the text, or after its final dot


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a job ends, and whether the relay itself is to be left alone for a while."""

    settlement: Settlement
    relay: bool = False


def enhanced(text: str) -> tuple[int, int, int] | None:
    """Return the code of RFC 3463 in an answer, None where there is none."""
    match = _ENHANCED.search(text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def told(code: int, text: str) -> str:
    """Return an answer as it is kept: on one line, without anybody's address."""
    return f"{code} {masked(text)}"[:_KEPT]


def masked(text: str) -> str:
    """Return a text on one line, without anybody's address."""
    return _ADDRESS.sub("<…>", " ".join(text.split()))[:_KEPT]


def classified(code: int, text: str, stage: Stage) -> Verdict:
    """Return what an answer that is no success means for the mail it was given for."""
    detail, about = told(code, text), enhanced(text)
    subject = about[1] if about and about[0] == code // 100 else None
    if code == _CLOSING:
        return Verdict(_ours(Reason.RELAY_BUSY, detail), relay=True)
    if 400 <= code < 500:
        return _later(stage, subject, detail)
    if stage is Stage.CONNECT or (stage is Stage.MAIL and subject != _MESSAGE and code != _TOO_BIG):
        # it refuses us, not this person: nobody's mail is given up for that before it expires
        return Verdict(_ours(Reason.RELAY_REFUSED, detail), relay=True)
    if stage is Stage.RCPT and subject not in {_POLICY, _SYSTEM}:
        return Verdict(Settlement(JobState.FAILED, None, Reason.ADDRESS_REFUSED, detail))
    return Verdict(Settlement(JobState.FAILED, None, Reason.RELAY_REFUSED, detail))


#: Subjects of RFC 3463 (2): 1 addressing, 2 mailbox, 3 mail system, 4 network, 5 protocol,
#: 6 content, 7 policy.
_MAILBOX: Final = frozenset({1, 2})
_SYSTEM: Final = 3
_MESSAGE: Final = 6
_POLICY: Final = 7
_TOO_BIG: Final = 552
_CLOSING: Final = 421


def _later(stage: Stage, subject: int | None, detail: str) -> Verdict:
    """A temporary no: about one mailbox it is that job's, else the whole relay's."""
    if stage is Stage.RCPT and (subject is None or subject in _MAILBOX or subject == _POLICY):
        return Verdict(_ours(Reason.MAILBOX_LATER, detail))
    return Verdict(_ours(Reason.RELAY_BUSY, detail), relay=True)


def _ours(reason: Reason, detail: str) -> Settlement:
    """Return an end that is tried again until the message expires."""
    return Settlement(JobState.QUEUED, None, reason, detail, "ours")
