"""The voice port of an emulated modem: raw PCM both ways, one frame each 20 ms.

Job: a bounded input buffer drained in real time by the call, zero fill on underrun, blocking on
overrun. Not its job: the clock (the call ticks) and what the samples say. Used by
`modem.emulator.device` and `modem.emulator.call`; its counters are for tests.

Format: signed 16-bit little-endian mono at 8 kHz, 320 bytes per 20 ms, no framing at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from modem.emulator.faults import STALLS_AFTER, Faults
from modem.emulator.port import Socket

FRAME: Final = 320
FRAME_SECONDS: Final = 0.020
SILENCE: Final = bytes(FRAME)
#: Bytes the device takes ahead of the ear: 200 ms.
CAPACITY: Final = 10 * FRAME

#: Seconds a host may take to heed a pause.
_REACTION: Final = 0.1
_POSITION: Final = b"$GPGGA,080503.00,4329.1,N,00128.9,W,1,05,1.2,12.0,M,,,,*5B\r\n"


@dataclass(slots=True)
class AudioCount:
    """What happened on the voice port since the modem was made."""

    frames_heard: int = 0
    underruns: int = 0  # frames that had to be completed with zeros after the host had begun
    missing_bytes: int = 0
    wasted_bytes: int = 0  # written while no call listened


class AudioEndpoint:
    """The device's side of the voice port."""

    def __init__(self, name: str, faults: Faults) -> None:
        self.socket = Socket(name, self._take_in, self._blocked)
        self.count = AudioCount()
        self.wide = False  # 16 kHz: the host must send 640 bytes per frame
        self._faults = faults
        self._asked_again = False
        self._buffer = bytearray()
        self._room: asyncio.Future[None] | None = None
        self._streaming = self._begun = self._jammed = False
        #: Positions go to the same port, in the middle of the sound (Quectel).
        self.leaks_positions = False
        #: Quectel: the path has been switched on, and anew since the last call.
        self.switched_on = self.fresh = False
        #: Calls with sound since power-up: a port may wear.
        self.worn_by = 0
        self._frames_in_call = 0
        self._paused_at: float | None = None
        self._on_flow: Callable[[bool], None] = lambda _: None

    @property
    def streaming(self) -> bool:
        """Whether the path between port and call is open."""
        return self._streaming

    @property
    def jammed(self) -> bool:
        """Whether a short write has blocked the endpoint until the next reset."""
        return self._jammed

    def start(self) -> None:
        """Open the path; what lay in the buffers is forgotten."""
        self._streaming, self._begun = True, False
        self.worn_by += 1
        self._frames_in_call, self._paused_at = 0, None
        self._buffer.clear()
        if self.socket.port is not None:
            self.socket.port.discard()
        self._make_room()

    def stop(self) -> None:
        """Close the path; what the ear has not heard is lost."""
        self._streaming = False
        self.count.wasted_bytes += len(self._buffer)
        self._buffer.clear()
        self._make_room()

    def reset(self) -> None:
        """Forget everything, as a reboot does."""
        self.stop()
        self._jammed = self.wide = False
        self.leaks_positions = self.switched_on = self.fresh = False
        self.worn_by = 0

    def next_frame(self) -> bytes:
        """Take 20 ms of what the host wrote, completed with zeros when it was late."""
        self._frames_in_call += self._streaming
        self._consider_a_pause()
        if self._worn(3) and self._frames_in_call > STALLS_AFTER:
            self._jammed = True
        if not self._streaming or self._jammed or self.paused:
            return SILENCE
        size = 2 * FRAME if self.wide else FRAME
        buffer = self._buffer
        if len(buffer) >= size:
            frame = bytes(buffer[:size])
            del buffer[:size]
            self.count.frames_heard += 1
        else:
            frame = self._late_frame(size)
        if self._room is not None and len(buffer) <= self._capacity:
            self._make_room()
        return memoryview(frame).cast("h")[::2].tobytes() if self.wide else frame

    def send(self, frame: bytes) -> None:
        """Give the host 20 ms of what the other person says."""
        if self._streaming:
            if self.wide:
                samples = memoryview(frame).cast("h")
                frame = b"".join(bytes(samples[at : at + 1]) * 2 for at in range(len(samples)))
            if self._faults.slips_a_byte:
                self._faults.slips_a_byte, frame = False, frame[1:]
            if self.leaks_positions and self._frames_in_call % 50 == 1:
                frame = _POSITION + frame
            self.socket.deliver(frame)

    def on_flow(self, tell: Callable[[bool], None]) -> None:
        """Have ``tell`` called with False when the host should pause, True when it may go on."""
        self._on_flow = tell

    @property
    def paused(self) -> bool:
        """Whether the device has asked for a pause."""
        return self._paused_at is not None

    def refuses_to_open(self) -> bool:
        """Whether wear makes this request to open the path fail."""
        if self._worn(2):
            return True
        refused = self._worn(1) and not self._asked_again
        self._asked_again = refused
        return refused

    def _worn(self, level: int) -> bool:
        seen = self.worn_by > (1 if self._streaming else 0)
        return seen and self._faults.audio_wear == level

    def _consider_a_pause(self) -> None:
        start = self._faults.pauses_sound
        if start is None or not self._streaming:
            return
        if self._paused_at is None and self._frames_in_call == round(start / FRAME_SECONDS):
            self._paused_at = asyncio.get_running_loop().time()
            self._on_flow(False)
        elif self.paused and self._frames_in_call == round((start + 0.5) / FRAME_SECONDS):
            self._paused_at = None
            self._on_flow(True)

    @property
    def _capacity(self) -> int:
        return 2 * CAPACITY if self.wide else CAPACITY

    def _late_frame(self, size: int) -> bytes:
        have = len(self._buffer) & ~1
        frame = bytes(self._buffer[:have]).ljust(size, b"\0")
        del self._buffer[:have]
        if self._begun:
            self.count.underruns += 1
            self.count.missing_bytes += size - have
        return frame

    def _take_in(self, data: bytes) -> None:
        if not self._streaming:
            self.count.wasted_bytes += len(data)
            return
        if self._faults.short_write_blocks and len(data) % FRAME:
            self._jammed = True
        self._begun = True
        if self._paused_at is not None:
            since = asyncio.get_running_loop().time() - self._paused_at
            if since > _REACTION:
                self.count.wasted_bytes += len(data)
                return
        self._buffer += data

    def _blocked(self) -> asyncio.Future[None] | None:
        """Return what to wait for while the buffer is over-full, or nothing."""
        if not self._jammed and len(self._buffer) <= self._capacity:
            return None
        if self._room is None:
            self._room = asyncio.get_running_loop().create_future()
        return self._room

    def _make_room(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)
