"""What the other end of a call says, kept as sound: only where the site allows it, for a time.

Without ``[calls] keep_received = true`` nothing of it is ever written anywhere.
"""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import tts
from gateway.clock import Clock, is_sure
from gateway.config import Config
from gateway.errors import DiskFull
from gateway.logs import log_for
from gateway.store import Store, calls
from modem.voice import VoiceCall

_log = log_for(__name__)

#: Of one call at most so much is kept (seconds).
LONGEST: Final = 300.0
#: Nothing shorter is worth a file (seconds).
_SHORTEST: Final = 1.0
_DAY: Final = 86400.0


class ReceivedSounds:
    """Keeps and forgets the received side of calls."""

    def __init__(self, store: Store, clock: Clock, config: Config) -> None:
        self._store, self._clock = store, clock
        self._folder, self.wanted = config.received_sounds, config.calls.keep_received
        self._days = config.calls.keep_received_days
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="received")

    def begin(self, call: VoiceCall) -> None:
        """Keep what this call hears from now on, if the site allows it."""
        if self.wanted:
            call.sound.keep(LONGEST)

    async def keep(
        self, call: VoiceCall, lane: str, number: str, entity_id: int | None, *, incoming: bool
    ) -> None:
        """Write what was heard; a full disk spoils no call."""
        pcm = call.sound.kept() if self.wanted and not self._store.room.scant else b""
        seconds = len(pcm) / 16000
        if seconds < _SHORTEST:
            return
        name, now = secrets.token_hex(16), self._clock.now()
        try:
            await asyncio.get_running_loop().run_in_executor(self._pool, self._write, name, pcm)
            await self._store.write(
                lambda db: calls.keep_sound(
                    db, name, entity_id, lane, number, seconds, now, incoming=incoming
                )
            )
        except (OSError, DiskFull) as error:
            _log.warning("sound not kept", lane=lane, error=str(error))
            self._path(name).unlink(missing_ok=True)  # what nobody knows of is never forgotten

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.wav"

    def _write(self, name: str, pcm: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(name)
        tts.write_pcm(path, pcm)
        path.chmod(0o600)

    async def read(self, name: str) -> bytes | None:
        """Return a kept sound as a WAV file, None when its time is over."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._pool, self._path(name).read_bytes)
        except OSError:
            return None

    async def forget_old(self) -> None:
        """Erase what is older than the site keeps it; all of it where it keeps none any more.

        Nothing by a time that is not sure.
        """
        if not is_sure(self._clock):
            return
        before = self._clock.now() - (self._days * _DAY if self.wanted else 0.0)
        names = await self._store.write(lambda db: calls.forget_sounds(db, before))
        for name in names:
            self._path(name).unlink(missing_ok=True)

    def close(self) -> None:
        """Stop writing."""
        self._pool.shutdown(wait=False)
