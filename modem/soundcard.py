"""A sound card as a port: for modems that offer their calls as USB audio.

Job: PCM (s16le, 8 kHz, mono) between a card and the loop, frame by frame at the card's own pace.
Not its job: what is said (`modem.audio`). The library is an extra: without it the port tells what
to install. For `modem.transport` only.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Final

from modem.errors import PortLost

RATE: Final = 8000
#: Samples in 20 ms: what a modem's card takes and gives at once.
BLOCK: Final = 160
#: Octets kept at most towards the card (half a second), and blocks from it.
_MOST_OUT: Final = RATE
_MOST_IN: Final = 50
_MEND: Final = "a sound card needs: pip install 'tocsin[soundcard]' and apt install libportaudio2"


class CardPort:
    """A card that is open. ``starved`` counts blocks it asked for and did not get."""

    def __init__(self, device: str, library: Any) -> None:
        self._device, self._loop = device, asyncio.get_running_loop()
        self._in: asyncio.Queue[bytes] = asyncio.Queue(_MOST_IN)
        self._out, self._lock = bytearray(), threading.Lock()
        self._lost = ""
        self.starved = 0
        self._stream = library.RawStream(
            samplerate=RATE, blocksize=BLOCK, device=device, channels=1, dtype="int16",
            callback=self._block, finished_callback=self._finished,
        )  # fmt: skip
        self._stream.start()

    def _block(self, heard: Any, said: Any, frames: int, _time: Any, _status: Any) -> None:
        """Hand one block each way; called in the library's own thread, it must not wait."""
        wanted = frames * 2
        with self._lock:
            data = bytes(self._out[:wanted])
            del self._out[:wanted]
        self.starved += len(data) < wanted
        said[:] = data + bytes(wanted - len(data))
        self._loop.call_soon_threadsafe(self._heard, bytes(heard))

    def _heard(self, data: bytes) -> None:
        if self._in.full():
            self._in.get_nowait()  # nobody listens: the oldest goes
        self._in.put_nowait(data)

    def _finished(self) -> None:
        self._loop.call_soon_threadsafe(self._lose, "the card has gone")

    def _lose(self, why: str) -> None:
        self._lost = self._lost or why
        self._heard(b"")

    async def read(self) -> bytes:
        """Return what was heard; raise PortLost when the card is gone."""
        data = await self._in.get() if not self._lost or not self._in.empty() else b""
        if not data:
            raise PortLost(f"alsa:{self._device}: {self._lost or 'the card has gone'}")
        return data

    def write(self, data: bytes) -> None:
        """Queue ``data``; more than half a second ahead is dropped, as a card would."""
        with self._lock:
            self._out += data[: max(0, _MOST_OUT - len(self._out))]

    async def drain(self) -> None:
        """Wait until the card has room again; raise PortLost when it is gone."""
        while not self._lost:
            with self._lock:
                if len(self._out) < _MOST_OUT // 2:
                    return
            await asyncio.sleep(BLOCK / RATE)
        raise PortLost(f"alsa:{self._device}: {self._lost}")

    async def close(self) -> None:
        """Close, whatever state the card is in."""
        self._lost = self._lost or "closed"
        await self._loop.run_in_executor(None, self._stream.close)


async def open_card(device: str) -> CardPort:
    """Open a card by its ALSA name or a part of it (``hw:1,0``, ``Android``).

    Raise PortLost with the mend when it is not there or the library is not installed.
    """
    try:
        import sounddevice
    except (ImportError, OSError) as error:  # OSError: the library without its PortAudio
        raise PortLost(f"alsa:{device}: {_MEND} ({error})") from error
    try:
        return CardPort(device, sounddevice)
    except (sounddevice.PortAudioError, ValueError, OSError) as error:
        raise PortLost(f"alsa:{device} does not open: {error}") from error
