"""What real devices said, understood the same whole, byte by byte, and with chatter in each gap."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from modem.profiles import PROFILES
from tests.modem.transcripts.replay import Transcript, all_transcripts, gaps, replay

ALL = all_transcripts()
NOISE = b"\r\n^RSSILVL:17\r\r\n"
NOISE_MEANS = "note ^RSSILVL:17"


def whole(data: bytes) -> Iterator[bytes]:
    if data:
        yield data


def bytewise(data: bytes) -> Iterator[bytes]:
    for at in range(len(data)):
        yield data[at : at + 1]


def expected(transcript: Transcript) -> list[list[str]]:
    return [step.means for step in transcript.steps]


@pytest.mark.parametrize("transcript", ALL, ids=lambda transcript: transcript.name)
def test_a_device_is_understood_whole(transcript: Transcript) -> None:
    """Each line means what people who had the device say it means."""
    assert transcript.source
    assert replay(transcript, whole) == expected(transcript)


@pytest.mark.parametrize("transcript", ALL, ids=lambda transcript: transcript.name)
def test_a_device_is_understood_byte_by_byte(transcript: Transcript) -> None:
    """Serial ports cut anywhere."""
    assert replay(transcript, bytewise) == expected(transcript)


@pytest.mark.parametrize("size", [2, 3, 7, 64])
@pytest.mark.parametrize("transcript", ALL, ids=lambda transcript: transcript.name)
def test_a_device_is_understood_in_chunks(transcript: Transcript, size: int) -> None:
    """USB hands over pieces of any size."""

    def chunks(data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), size):
            yield data[at : at + size]

    assert replay(transcript, chunks) == expected(transcript)


@pytest.mark.parametrize("trickle", [False, True], ids=["whole", "byte by byte"])
@pytest.mark.parametrize("transcript", ALL, ids=lambda transcript: transcript.name)
def test_a_notification_in_any_gap_changes_nothing_else(
    transcript: Transcript, trickle: bool
) -> None:
    """Between header and PDU, answer and OK, prompt and PDU: devices speak when they like."""
    most = max(len(gaps(step.heard)) for step in transcript.steps)
    for number in range(most):

        def with_noise(data: bytes, number: int = number) -> Iterator[bytes]:
            places = gaps(data)
            if number < len(places):
                data = data[: places[number]] + NOISE + data[places[number] :]
            yield from (bytewise if trickle else whole)(data)

        heard = replay(transcript, with_noise)
        quiet = [[word for word in step if word != NOISE_MEANS] for step in heard]
        noises = sum(step.count(NOISE_MEANS) for step in heard)
        assert quiet == expected(transcript)
        assert noises == sum(number < len(gaps(step.heard)) for step in transcript.steps)


def test_each_family_we_serve_has_a_transcript() -> None:
    """The emulator proves behaviour, transcripts prove truth."""
    assert {profile.name for profile in PROFILES} <= {transcript.profile.name for transcript in ALL}
