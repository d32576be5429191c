"""Speech for the voice channel: rendered before dialling, kept, and never on the event loop."""

from __future__ import annotations

import asyncio
import tempfile
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tts
import tts.recording
import tts.studio  # with the daemon, and not in the middle of its first alert
from gateway.channels.call_script import CallSound, Part, phrases
from gateway.channels.voice import Unspeakable
from gateway.config import Config
from gateway.lexicon import pronounced
from gateway.logs import log_for
from gateway.model import Asks, Urgency
from gateway.store import Store, sounds
from gateway.store.jobs import ClaimedJob
from tts import voices

_log = log_for(__name__)

#: Renderings kept in memory, in octets: some twenty minutes of speech.
MEMORY_LIMIT: Final = 20 * 1024 * 1024


#: Half a second of silence between the parts of a preview.
GAP: Final = bytes(8000)


@dataclass(frozen=True, slots=True)
class Preview:
    """A call as the handset plays it: a WAV file, and its length in seconds."""

    wav: bytes
    seconds: float


def _heard(pcm: bytes) -> Preview:
    with tempfile.TemporaryDirectory(prefix="preview-") as work:
        path = Path(work, "call.wav")
        try:
            tts.write_pcm(path, pcm)
            return Preview(tts.heard(path), len(pcm) / 16000)
        except (tts.SpeechError, OSError) as error:
            raise Unspeakable(str(error)) from error


class SpeechService:
    """Turns texts into telephone audio, once each."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store, self._cache_dir = store, config.speech_cache
        self._recordings, self._settings, self._voices = (
            config.recordings, config.speech, config.voices
        )  # fmt: skip
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="speech")
        # by language and text
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._speakers: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._under_way: dict[tuple[str, str], asyncio.Future[bytes]] = {}

    async def sounds(self, job: ClaimedJob) -> CallSound:
        """Return the sound of each part of a job's call; raise `Unspeakable`."""
        return await self.message(
            job.entity_id, job.entity, job.body, job.urgency, exercise=job.exercise,
            recording=job.recording, language=job.language, asks=job.asks,
        )  # fmt: skip

    async def message(
        self, entity_id: int, town: str, body: str, urgency: Urgency, *, exercise: bool,
        recording: str, language: str = "fr", asks: Asks = Asks.HEARD,
    ) -> CallSound:  # fmt: skip
        """Return the sound of each part of a call with a message; raise `Unspeakable`."""
        texts = phrases(town, body, urgency, exercise=exercise, language=language, asks=asks)
        if recording:
            del texts[Part.MESSAGE]
        said = await self.say_all(texts, entity_id, language)
        if recording:
            said[Part.MESSAGE] = await self.recorded(recording)
            return CallSound(said, "enregistrement")
        lexicon = await self._lexicon(entity_id)
        spoken = pronounced(texts[Part.MESSAGE], lexicon)
        return CallSound(said, self._speakers.get((language, spoken), ""))

    async def say_all(
        self, texts: Mapping[Part, str], entity_id: int, language: str = "fr"
    ) -> dict[Part, bytes]:
        """Return the sound of each text, with the town's pronunciations; raise `Unspeakable`."""
        lexicon = await self._lexicon(entity_id)
        return {
            part: await self.pcm(pronounced(text, lexicon), language)
            for part, text in texts.items()
        }

    async def _lexicon(self, entity_id: int) -> dict[str, str]:
        rows = await self._store.read(lambda db: sounds.pronunciations(db, entity_id))
        return {row["written"]: row["spoken"] for row in rows}

    async def recorded(self, name: str) -> bytes:
        """Return a kept recording's samples; raise `Unspeakable` when its file is gone."""
        loop = asyncio.get_running_loop()
        path = self._recordings / f"{name}.wav"
        try:
            return await loop.run_in_executor(self._pool, tts.read_pcm, path)
        except (tts.SpeechError, OSError) as error:
            raise Unspeakable(f"the recording {name} cannot be read: {error}") from error

    async def keep_recording(self, data: bytes) -> tts.Recorded:
        """Take in what somebody recorded; raise `tts.SpeechError` saying why not."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, tts.take_in, data, self._recordings)

    async def preview(
        self, texts: Sequence[str], entity_id: int, recording: str, language: str = "fr"
    ) -> Preview:
        """Return what the handset will make of a call; raise `Unspeakable`.

        ``texts`` are said one after the other, an empty one standing for the recording.
        """
        lexicon = await self._lexicon(entity_id)
        pcm = [
            await (
                self.pcm(pronounced(text, lexicon), language) if text else self.recorded(recording)
            )
            for text in texts
        ]
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _heard, GAP.join(pcm))

    async def pcm(self, text: str, language: str = "fr") -> bytes:
        """Return ``text`` as s16le, 8 kHz, mono; raise `Unspeakable` when no engine manages."""
        wanted = (language, text)
        if wanted in self._kept:
            self._kept.move_to_end(wanted)
            return self._kept[wanted]
        future = self._under_way.get(wanted)
        if future is None:
            loop = asyncio.get_running_loop()
            future = loop.run_in_executor(self._pool, self._render, wanted)
            self._under_way[wanted] = future
            future.add_done_callback(lambda done: self._keep(wanted, done))
        # shielded: another call may be waiting for the same words
        return await asyncio.shield(future)

    def _render(self, wanted: tuple[str, str]) -> bytes:
        speech, (language, text) = self._settings, wanted
        try:
            rendered = tts.render(
                text, cache_dir=self._cache_dir, voice=language, rate=speech.rate,
                target_dbov=speech.level,
                engines=voices.engines(speech.engines, self._voices, speech.piper_voice),
            )  # fmt: skip
            self._note(wanted, rendered)
            return tts.read_pcm(rendered.pcm_path)
        except (tts.SpeechError, OSError) as error:
            raise Unspeakable(str(error)) from error

    def _note(self, wanted: tuple[str, str], rendered: tts.Rendered) -> None:
        """Remember who spoke; tell the technician when a preferred voice did not."""
        self._speakers[wanted] = rendered.engine
        while len(self._speakers) > 1000:
            self._speakers.popitem(last=False)
        if rendered.failed:
            _log.warning("another voice spoke", spoken_by=rendered.engine, failed=rendered.failed)

    def _keep(self, wanted: tuple[str, str], done: asyncio.Future[bytes]) -> None:
        self._under_way.pop(wanted, None)
        if done.cancelled() or done.exception() is not None:
            return
        self._kept[wanted] = done.result()
        while sum(map(len, self._kept.values())) > MEMORY_LIMIT:
            self._kept.popitem(last=False)

    def close(self) -> None:
        """Let running renderings end by themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)
