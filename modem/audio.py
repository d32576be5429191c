"""The sound of one call: 20 ms frames out on an even clock, whatever comes in.

Job: keep 320 bytes leaving each 20 ms, speech when there is some and silence when not, and pass
on what is heard. A device fed less than whole frames may block for ever (SIM7600), one not fed
at all drops the call's uplink. Not its job: opening the path (`modem.voice`), making speech.
Raw PCM: s16le, 8 kHz, mono. Time is the loop's. For `modem.voice` only.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from modem.errors import LocalProtocolError, PortLost
from modem.tasks import Tasks
from modem.transport import Port

FRAME: Final = 320
FRAME_SECONDS: Final = 0.02
#: Frames written at once at the beginning: 100 ms that we may be late before the device starves.
PREFILL: Final = 5
#: Behind by more seconds than this, the path has been silent: start anew rather than hurry.
_TOO_LATE: Final = 0.2
#: Seconds a device may refuse to take a frame before the path counts as dead.
_STALLED: Final = 2.0
#: Seconds after which a pause the device asked for is over, said or not.
LONGEST_PAUSE: Final = 2.0
#: Frames sent last that are remembered: five seconds, to know our own echo by.
REMEMBERED: Final = 250
_SILENCE: Final = bytes(FRAME)


class _Speech:
    """Some PCM on its way out, frame by frame."""

    def __init__(self, pcm: bytes) -> None:
        self._pcm, self._at = memoryview(pcm), 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def frame(self) -> bytes:
        """Return the next frame, its end filled with silence."""
        frame = bytes(self._pcm[self._at : self._at + FRAME])
        self._at += FRAME
        return frame + _SILENCE[len(frame) :]

    @property
    def over(self) -> bool:
        return self._at >= len(self._pcm)


class AudioPath:
    """The open sound of one call. ``late`` counts frames that could not leave in time."""

    def __init__(self, port: Port, on_pcm: Callable[[bytes], None], name: str) -> None:
        self.late = self.frames = 0
        self.sent: deque[bytes] = deque(maxlen=REMEMBERED)
        self._port, self._on_pcm = port, on_pcm
        self._speech: _Speech | None = None
        self._tasks = Tasks(name)
        self._lost: PortLost | None = None
        self._paused_at: float | None = None

    @property
    def speaking(self) -> bool:
        """Whether something is being said now, rather than silence sent."""
        return self._speech is not None

    def start(self) -> None:
        """Begin to send silence and to listen."""
        self._tasks.start(self._send(), "send")
        self._tasks.start(self._listen(), "listen")

    def flow(self, *, go_on: bool) -> None:
        """Pause, or go on, as the device asks; a pause ends by itself after `LONGEST_PAUSE`."""
        self._paused_at = None if go_on else asyncio.get_running_loop().time()

    async def close(self) -> None:
        """Stop both ways and close the port; speech under way is cut."""
        await self._tasks.close()
        self._fail(PortLost("the call is over"))
        await self._port.close()

    async def play(self, pcm: bytes) -> None:
        """Send ``pcm``; return when its last frame has been written.

        Cancelled, no further frame of it leaves. Raises PortLost when the path closes before
        the end, LocalProtocolError while something else is playing.
        """
        if self._speech is not None:
            raise LocalProtocolError("something else is being said")
        if self._lost is not None:
            raise self._lost
        if not pcm:
            return
        speech = self._speech = _Speech(pcm)
        try:
            await speech.done
        finally:
            if self._speech is speech:
                self._speech = None

    async def _send(self) -> None:
        now = asyncio.get_running_loop().time
        due = now() - (PREFILL - 1) * FRAME_SECONDS
        try:
            while True:
                if not self._paused():
                    self._port.write(self._next())
                    self.frames += 1
                    async with asyncio.timeout(_STALLED):
                        await self._port.drain()
                    self._told()
                due += FRAME_SECONDS
                wait = due - now()
                self.late += wait < -PREFILL * FRAME_SECONDS
                if wait < -_TOO_LATE:
                    due = now()
                await asyncio.sleep(max(0.0, wait))
        except TimeoutError:
            self._fail(PortLost("the device takes no more sound"))
        except PortLost as lost:
            self._fail(lost)

    def _paused(self) -> bool:
        """Whether the device has asked for a pause that is not over; a lost word ends it too."""
        if self._paused_at is None:
            return False
        if asyncio.get_running_loop().time() - self._paused_at > LONGEST_PAUSE:
            self._paused_at = None
        return self._paused_at is not None

    def _next(self) -> bytes:
        frame = _SILENCE if self._speech is None else self._speech.frame()
        self.sent.append(frame)
        return frame

    def _told(self) -> None:
        """Tell the speaker when his last frame has been written."""
        if self._speech is not None and self._speech.over:
            if not self._speech.done.done():
                self._speech.done.set_result(None)
            self._speech = None

    async def _listen(self) -> None:
        try:
            while True:
                self._on_pcm(await self._port.read())
        except PortLost as lost:
            self._fail(lost)

    def _fail(self, lost: PortLost) -> None:
        self._lost = self._lost or lost
        if self._speech is not None and not self._speech.done.done():
            self._speech.done.set_exception(self._lost)
            self._speech = None
