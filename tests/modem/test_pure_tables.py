"""Calls, causes, refusals, keys, profiles: the tables that decide what a device meant."""

from __future__ import annotations

import math
import random
import struct

import pytest

from modem.call import Call, CallState
from modem.digits import Merger
from modem.dtmf import DtmfDetector
from modem.errors import CommandFailed, LocalProtocolError, RemoteProtocolError
from modem.events import (
    Alerting,
    Answered,
    CallEvent,
    DigitPressed,
    DigitSource,
    ReleaseCause,
    Released,
)
from modem.profiles import GENERIC, SIM7600, choose, named
from modem.profiles.base import Ended
from modem.refusal import Blame, judge
from modem.release import cause_of

ENDED = Released(ReleaseCause.NORMAL)


def test_a_call_rings_is_answered_and_ends() -> None:
    """The ordinary way; each step is news."""
    call = Call()

    assert all(call.process(event) for event in (Alerting(), Answered(), DigitPressed("1"), ENDED))
    assert call.state is CallState.ENDED
    assert call.answered


def test_what_is_told_twice_is_no_news() -> None:
    """SIM7600 says the answer in two dialects, and both BUSY and NO CARRIER."""
    call = Call()
    told = [Alerting(), Alerting(), Answered(), Answered(), ENDED, ENDED]

    assert [call.process(event) for event in told] == [True, False, True, False, True, False]


@pytest.mark.parametrize(
    "events", [[DigitPressed("1")], [ENDED, Answered()], [Answered(), Alerting()]]
)
def test_what_cannot_follow_is_refused(events: list[CallEvent]) -> None:
    """A key before the answer is noise, and must not acknowledge an alert."""
    call = Call()
    for event in events[:-1]:
        call.process(event)
    with pytest.raises(RemoteProtocolError):
        call.process(events[-1])


@pytest.mark.parametrize(
    ("said", "rang", "cause"),
    [
        ('+CEER: "Call_Control",17', 3.0, ReleaseCause.BUSY),
        ("+CEER: User busy", None, ReleaseCause.BUSY),
        ("+CEER: Call rejected", 4.0, ReleaseCause.REFUSED),
        ("+CEER: No answer from user", 30.0, ReleaseCause.NO_ANSWER),
        ("+CEER: Unassigned (unallocated) number", None, ReleaseCause.UNREACHABLE),
        ("+CEER: No user responding", None, ReleaseCause.UNREACHABLE),
        ("+CEER: No user responding", 30.0, ReleaseCause.NO_ANSWER),
        ("+CEER: 34", None, ReleaseCause.NETWORK),
        ("+CEER: No network service", None, ReleaseCause.NETWORK),
        ("+CEER: 0,-1", None, ReleaseCause.UNREACHABLE),
        ("", 40.0, ReleaseCause.NO_ANSWER),
        ("", 3.0, ReleaseCause.REFUSED),
        ("+CEER: Normal call clearing", 40.0, ReleaseCause.NO_ANSWER),
    ],
)
def test_a_cause_is_found_in_any_dialect(
    said: str, rang: float | None, cause: ReleaseCause
) -> None:
    """The report must tell busy from switched off; the ringing decides what words leave open."""
    assert cause_of(said, rang) is cause


@pytest.mark.parametrize(
    ("kind", "code", "blame"),
    [
        ("CMS", 1, Blame.RECIPIENT_FOREVER),
        ("CMS", 27, Blame.RECIPIENT_LATER),
        ("CMS", 8, Blame.SIM),
        ("CMS", 310, Blame.SIM),
        ("CMS", 38, Blame.NETWORK_LATER),
        ("CMS", 332, Blame.NETWORK_LATER),
        ("CMS", 304, Blame.US),
        ("CMS", 96, Blame.US),
        ("CMS", 302, Blame.MODEM),
        ("CMS", 999, Blame.MODEM),
        ("CME", 14, Blame.MODEM),
        ("CME", 10, Blame.SIM),
        ("ERROR", None, Blame.MODEM),
    ],
)
def test_a_refusal_has_a_culprit(kind: str, code: int | None, blame: Blame) -> None:
    """One bad number must not stop a SIM, one bad SIM must not fail a thousand numbers."""
    assert judge(CommandFailed("AT+CMGS", kind, code)).blame is blame


def test_every_code_is_judged() -> None:
    """Whatever a vendor invents, the lane gets an answer."""
    for code in range(700):
        refusal = judge(CommandFailed("AT+CMGS", "CMS", code))
        assert refusal.reason
        assert refusal.code == f"CMS {code}"


def test_a_refusal_in_words_is_judged_like_its_number() -> None:
    """Some devices say SIM busy however they are told to use numbers."""
    refusal = judge(CommandFailed("AT+CPIN?", "CME", None, "SIM busy"))

    assert (refusal.code, refusal.retry_after) == ("CME 14", 2.0)


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        ("SIMCOM INCORPORATED SIMCOM_SIM7600G-H", "simcom"),
        ("SIMCOM INCORPORATED SIM7600E", "simcom"),
        ("huawei E1550", "huawei"),
        ("", "generic"),
    ],
)
def test_a_device_finds_its_profile(identity: str, name: str) -> None:
    """By what it says it is."""
    assert choose(identity).name == name


def test_an_unknown_profile_is_named_with_those_there_are() -> None:
    """The installer mistyped: he should not have to read our code."""
    assert named("generic") is GENERIC
    with pytest.raises(LocalProtocolError, match=r"auto, .*simcom, .*generic"):
        named("simkom")


@pytest.mark.parametrize(
    ("line", "sign"),
    [
        ("VOICE CALL: BEGIN", Answered()),
        ("VOICE CALL: END: 000041", Ended(None, "VOICE CALL: END: 000041")),
        ("VOICE CALL: END", Ended(None, "VOICE CALL: END")),
        ('+CLCC: 1,0,3,0,0,"0639980001",129', Alerting()),
        ('+CLCC: 1,0,0,0,0,"0639980001",129', Answered()),
        ('+CLCC: 1,0,6,0,0,"0639980001",129', Ended(None, "+CLCC: 6")),
        ('+CLCC: 1,0,2,0,0,"0639980001",129', None),
        ('+CLCC: 2,1,4,0,0,"0639980001",129', None),
        ("+RXDTMF: 8", DigitPressed("8")),
        ("+RXDTMF: *", DigitPressed("*")),
        ("+DTMF: 1,160", DigitPressed("1")),
        ("+DTMF:#", DigitPressed("#")),
        ("BUSY", Ended(ReleaseCause.BUSY, "BUSY")),
        ("NO CARRIER", Ended(None, "NO CARRIER")),
        ("MISSED_CALL: 11:01AM 07712345678", None),
    ],
)
def test_sim7600_lines_are_read(line: str, sign: object) -> None:
    """Each is a line such a device has been heard to say."""
    assert SIM7600.sign_of(line) == sign


def test_one_press_noticed_twice_is_one_press() -> None:
    """The modem announces it and we hear it; two quick presses stay two."""
    merger = Merger()
    modem, audio = DigitPressed("1", DigitSource.MODEM), DigitPressed("1", DigitSource.AUDIO)
    told = [(audio, 0.0), (modem, 0.1), (audio, 0.3), (modem, 0.35), (modem, 1.0), (audio, 1.5)]

    assert [merger.is_news(*press) for press in told] == [True, False, True, False, True, True]


KEYS = {
    key: (row, column)
    for row, keys in zip((697, 770, 852, 941), ("123A", "456B", "789C", "*0#D"), strict=True)
    for column, key in zip((1209, 1336, 1477, 1633), keys, strict=True)
}


def tone(
    key: str,
    seconds: float,
    *,
    level: float = 0.2,
    twist_db: float = 0.0,
    shift: float = 1.0,
    noise: float = 0.0,
) -> bytes:
    rng = random.Random(1)
    row, column = (frequency * shift for frequency in KEYS[key])
    high = level * 10 ** (twist_db / 20)
    samples = [
        level * math.sin(2 * math.pi * row * n / 8000)
        + high * math.sin(2 * math.pi * column * n / 8000)
        + rng.gauss(0, noise)
        for n in range(int(seconds * 8000))
    ]
    return struct.pack(f"<{len(samples)}h", *(round(max(-1, min(1, s)) * 32767) for s in samples))


SILENCE = bytes(3200)


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_is_heard(key: str) -> None:
    """A tenth of a second, as a phone sends it."""
    assert DtmfDetector().feed(SILENCE + tone(key, 0.1) + SILENCE) == key


def test_a_long_press_counts_once_and_two_presses_twice() -> None:
    """A key held down is one answer."""
    sound = tone("5", 2.0) + SILENCE + tone("5", 0.08) + SILENCE

    assert DtmfDetector().feed(sound) == "55"


@pytest.mark.parametrize("chunk", [1, 7, 320, 4096])
def test_a_detector_does_not_care_for_chunks(chunk: int) -> None:
    """The port reads odd counts of bytes."""
    sound = SILENCE + tone("1", 0.1) + SILENCE + tone("#", 0.1) + SILENCE
    detector = DtmfDetector()
    chunks = range(0, len(sound), chunk)

    assert "".join(detector.feed(sound[at : at + chunk]) for at in chunks) == "1#"


@pytest.mark.parametrize("changes", [
    {"twist_db": 6.0}, {"twist_db": -6.0}, {"shift": 1.015}, {"shift": 0.985}, {"noise": 0.05},
    {"level": 0.05},
])  # fmt: skip
def test_a_key_survives_the_telephone(changes: dict[str, float]) -> None:
    """Codecs bend levels and frequencies; an acknowledgement must get through."""
    assert DtmfDetector().feed(SILENCE + tone("1", 0.1, **changes) + SILENCE) == "1"


@pytest.mark.parametrize(
    "sound",
    [
        tone("1", 0.1, shift=1.05),
        tone("1", 0.02),
        tone("1", 0.1, level=0.005),
        bytes(random.Random(5).randbytes(64000)),
        tone("1", 0.2, twist_db=-40.0),
    ],
    ids=["off tune", "too short", "too faint", "noise", "one tone"],
)
def test_what_is_no_key_is_not_heard(sound: bytes) -> None:
    """A voice must not acknowledge an alert."""
    assert DtmfDetector().feed(SILENCE + sound + SILENCE) == ""
