"""The sound of a call on ports that stall, vanish, or are slow to take it."""

from __future__ import annotations

import asyncio

import pytest

from modem.audio import FRAME, PREFILL, AudioPath
from modem.errors import LocalProtocolError, PortLost


class Speaker:
    """An audio port that keeps what it is given, and may stop taking it."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, bytes]] = []
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.incoming: asyncio.Queue[bytes] = asyncio.Queue()
        self.closed = False

    async def read(self) -> bytes:
        data = await self.incoming.get()
        if not data:
            raise PortLost("gone")
        return data

    def write(self, data: bytes) -> None:
        self.heard.append((asyncio.get_running_loop().time(), data))

    async def drain(self) -> None:
        await self.flowing.wait()

    async def close(self) -> None:
        self.closed = True


def path_to(speaker: Speaker, heard: list[bytes] | None = None) -> AudioPath:
    path = AudioPath(speaker, (heard if heard is not None else []).append, "test")
    path.start()
    return path


async def test_silence_flows_in_whole_frames_from_the_first_moment() -> None:
    """A device fed less than 320 bytes at once may block for ever."""
    speaker = Speaker()
    path = path_to(speaker)
    await asyncio.sleep(1.0)
    await path.close()

    assert {len(data) for _, data in speaker.heard} == {FRAME}
    assert sum(at < 0.001 for at, _ in speaker.heard) == PREFILL
    assert 54 <= len(speaker.heard) <= 55
    assert speaker.closed


async def test_the_last_frame_is_filled_with_silence() -> None:
    """Speech seldom ends on a frame."""
    speaker = Speaker()
    path = path_to(speaker)
    await path.play(b"\x01\x02" * 200)
    await path.close()

    spoken = b"".join(data for _, data in speaker.heard if any(data))
    assert spoken == b"\x01\x02" * 200 + bytes(240)


async def test_nothing_to_say_takes_no_time() -> None:
    """An empty phrase is said at once."""
    path = path_to(Speaker())
    await path.play(b"")
    await path.close()


async def test_a_short_stall_is_made_up_for() -> None:
    """The device's buffer is filled again, so that its clock does not starve."""
    speaker = Speaker()
    path = path_to(speaker)
    await asyncio.sleep(0.5)
    speaker.flowing.clear()
    await asyncio.sleep(0.15)
    speaker.flowing.set()
    await asyncio.sleep(0.35)
    await path.close()

    assert 54 <= len(speaker.heard) <= 56
    assert path.late >= 1


async def test_a_long_stall_is_not_followed_by_haste() -> None:
    """A second of words crammed into a burst would be lost in the device."""
    speaker = Speaker()
    path = path_to(speaker)
    speaker.flowing.clear()
    await asyncio.sleep(1.5)
    speaker.flowing.set()
    before = len(speaker.heard)
    await asyncio.sleep(0.1)
    await path.close()

    assert len(speaker.heard) - before <= 7


async def test_a_device_that_takes_no_more_sound_ends_the_speech() -> None:
    """Two seconds without taking a frame: the speaker is told rather than left talking."""
    speaker = Speaker()
    path = path_to(speaker)
    speaking = asyncio.ensure_future(path.play(bytes(32000)))
    await asyncio.sleep(0.1)
    speaker.flowing.clear()
    with pytest.raises(PortLost, match="no more sound"):
        await speaking
    with pytest.raises(PortLost):
        await path.play(bytes(320))
    await path.close()


async def test_an_audio_port_that_vanishes_ends_the_speech() -> None:
    """And what was heard until then has been passed on."""
    speaker, heard = Speaker(), list[bytes]()
    path = path_to(speaker, heard)
    speaking = asyncio.ensure_future(path.play(bytes(32000)))
    speaker.incoming.put_nowait(b"abc")
    await asyncio.sleep(0.1)
    speaker.incoming.put_nowait(b"")
    with pytest.raises(PortLost):
        await speaking
    await path.close()

    assert heard == [b"abc"]


async def test_one_mouth_speaks_one_phrase() -> None:
    """Two at once would be neither."""
    path = path_to(Speaker())
    speaking = asyncio.ensure_future(path.play(bytes(6400)))
    await asyncio.sleep(0)
    with pytest.raises(LocalProtocolError):
        await path.play(bytes(320))
    await speaking
    await path.close()
