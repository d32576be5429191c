"""Speech for the voice channel: rendered before dialling, kept, and never on the event loop."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import tts
from gateway.channels.voice import Unspeakable

#: Renderings kept in memory, in octets: some twenty minutes of speech.
MEMORY_LIMIT: Final = 20 * 1024 * 1024


class SpeechService:
    """Turns texts into telephone audio, once each."""

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="speech")
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._under_way: dict[str, asyncio.Future[bytes]] = {}

    async def pcm(self, text: str) -> bytes:
        """Return ``text`` as s16le, 8 kHz, mono; raise `Unspeakable` when no engine manages."""
        if text in self._kept:
            self._kept.move_to_end(text)
            return self._kept[text]
        future = self._under_way.get(text)
        if future is None:
            loop = asyncio.get_running_loop()
            future = loop.run_in_executor(self._pool, self._render, text)
            self._under_way[text] = future
            future.add_done_callback(lambda done: self._keep(text, done))
        # shielded: another call may be waiting for the same words
        return await asyncio.shield(future)

    def _render(self, text: str) -> bytes:
        try:
            return tts.read_pcm(tts.render(text, cache_dir=self._cache_dir).pcm_path)
        except (tts.SpeechError, OSError) as error:
            raise Unspeakable(str(error)) from error

    def _keep(self, text: str, done: asyncio.Future[bytes]) -> None:
        self._under_way.pop(text, None)
        if done.cancelled() or done.exception() is not None:
            return
        self._kept[text] = done.result()
        while sum(map(len, self._kept.values())) > MEMORY_LIMIT:
            self._kept.popitem(last=False)

    def close(self) -> None:
        """Let running renderings end by themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)
