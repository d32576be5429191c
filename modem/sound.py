"""The sound of one call: opened as the device wants it, kept, closed.

Job: have the device connect its sound port, run the path on it, hear in what comes the keys and
what no person says, keep it when asked to. Not its job: the clock of the frames
(`modem.audio`), the call (`modem.voice`). For `modem.voice` only.
"""

from __future__ import annotations

import asyncio
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from modem.alignment import Aligner
from modem.audio import FRAME, FRAME_SECONDS, AudioPath
from modem.commands import Command, do, nothing
from modem.dtmf import DtmfDetector
from modem.errors import CommandFailed, PortLost, SoundLost
from modem.events import CallEvent, DigitPressed, DigitSource, MachineHeard
from modem.link import Link
from modem.loudness import dbov
from modem.machine import MachineDetector
from modem.profiles.base import AudioKind
from modem.transport import open_port

#: Frames of 20 ms whose level is shown.
_LATELY: Final = 10
#: Seconds for the device to take the command that connects the sound.
_SWITCH: Final = 5.0


class Sound:
    """The sound of one call. ``wanted`` tells whether it still is; ``tell`` gets what is heard.

    ``tries`` counts how often the device was asked to connect it: more than once is a sign of
    wear on some. ``loudest`` proves that sound has come from the other end.
    """

    def __init__(
        self,
        link: Link,
        address: str,
        wanted: Callable[[], bool],
        tell: Callable[[CallEvent], None],
    ) -> None:
        self.possible = link.profile.audio is not AudioKind.NONE and bool(address)
        self.tries = 0
        self.failed = False
        self.loudest = 0  # the greatest sample heard, of 32767
        self._link, self._address, self._profile = link, address, link.profile
        self._wanted, self._tell = wanted, tell
        self._switched = False
        self._path: AudioPath | None = None
        self._keys: DtmfDetector | None = None
        self._machine: MachineDetector | None = None
        self._aligner: Aligner | None = None
        self._kept, self._room = bytearray(), 0
        self._lately: deque[bytes] = deque(maxlen=_LATELY)

    @property
    def speaking(self) -> bool:
        """Whether something is being said now."""
        return self._path is not None and self._path.speaking

    def levels(self) -> tuple[float, float]:
        """Return how loud the last fifth of a second was, sent and heard (dBov)."""
        sent = list(self._path.sent)[-_LATELY:] if self._path is not None else []
        return dbov(b"".join(sent)), dbov(b"".join(self._lately))

    @property
    def is_open(self) -> bool:
        """Whether it can be spoken on."""
        return self._path is not None

    async def dialled(self) -> None:
        """Connect the sound now, on devices that want it asked with the call."""
        if self.possible and self._profile.audio_at_dial:
            self._switched = await self._taken(self._profile.audio_on)

    async def open(self) -> None:
        """Open the port, have the device connect it, begin with silence. Raises ModemError."""
        port = await open_port(self._address)
        try:
            await self._switch_on()
            if DigitSource.AUDIO in self._profile.digits:
                self._keys = DtmfDetector()
            self._aligner, self._machine = Aligner(), MachineDetector(self._sent_last)
        except BaseException:
            await port.close()
            raise
        self._path = AudioPath(port, self._heard, "sound")
        self._path.start()

    async def play(self, pcm: bytes) -> None:
        """Say ``pcm``; raise PortLost when the path closes before its end or is not there."""
        if self._path is None:
            raise PortLost("no sound")
        try:
            await self._path.play(pcm)
        except PortLost:
            self.failed = True
            raise

    def flow(self, *, go_on: bool) -> None:
        """Pause what we send, or go on, as the device asks."""
        if self._path is not None:
            self._path.flow(go_on=go_on)

    async def close(self) -> None:
        """Stop both ways and close the port."""
        path, self._path = self._path, None
        if path is not None:
            await path.close()

    async def switch_off(self) -> None:
        """Have the device disconnect what it was asked to connect. Raises ModemError."""
        asked = self.tries or self._switched or self._profile.before_dial
        if self._profile.audio_off and asked:
            await self._link.attempt(do(self._profile.audio_off))

    async def _switch_on(self) -> None:
        if not self._profile.audio_on or self._switched:
            return
        for wait in self._profile.audio_tries:
            await asyncio.sleep(wait)
            self._still_wanted()
            self.tries += 1
            if await self._taken(self._profile.audio_on):
                self._still_wanted()
                return
        self.failed = True
        raise SoundLost(f"{self._profile.audio_on} refused")

    def _still_wanted(self) -> None:
        if not self._wanted():
            raise SoundLost("hung up meanwhile")

    async def _taken(self, text: str) -> bool:
        try:
            await self._link.request(Command(text, nothing, timeout=_SWITCH))
        except CommandFailed:
            return False
        return True

    def _sent_last(self) -> Sequence[bytes]:
        return () if self._path is None else tuple(self._path.sent)

    def keep(self, seconds: float) -> None:
        """Keep what is heard from now on, so many seconds of it; forget what was kept before."""
        self._kept.clear()
        self._room = round(seconds / FRAME_SECONDS) * FRAME

    def kept(self) -> bytes:
        """Return what was kept (s16le, 8 kHz, mono), and keep no more."""
        self._room = 0
        return bytes(self._kept)

    def _heard(self, pcm: bytes) -> None:
        if pcm.count(0) < len(pcm):  # silence, the better part of a call, proves nothing
            samples = array("h", pcm[: len(pcm) // 2 * 2])
            self.loudest = max(self.loudest, max(samples, default=0))
        self._lately.append(pcm)
        if self._aligner is None or not self._wanted():
            return
        whole = self._aligner.feed(pcm)
        self._kept += whole[: max(0, self._room - len(self._kept))]
        if self._keys is not None:
            for digit in self._keys.feed(whole):
                self._tell(DigitPressed(digit, DigitSource.AUDIO))
        if self._machine is not None:
            for sign in self._machine.feed(whole):
                self._tell(MachineHeard(sign))
