"""What a call will sound like: the town's pronunciations, its recordings, and a listen before."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import Final

import tts
from gateway.channels.call_script import Part, phrases
from gateway.channels.voice import Unspeakable
from gateway.clock import Clock
from gateway.errors import Refused
from gateway.model import Urgency
from gateway.rights import Right
from gateway.sentences import fr_all
from gateway.services import words
from gateway.services.permits import need
from gateway.services.values import Actor, Listening, PronunciationView, RecordingView
from gateway.speech import SpeechService
from gateway.store import Store, sounds

#: Previews kept for whoever is listening; the oldest goes.
_MOST_PREVIEWS: Final = 16
MOST_UPLOAD: Final = 4 * 1024 * 1024
_LONGEST_WORD: Final = 80
#: The parts of a call as one hears them once through.
_ORDER: Final = (Part.GREETING, Part.MESSAGE, Part.PROMPT)

_REFUSALS: Final = fr_all(
    {
        "not_sound": "Ce fichier n'est pas un son que Tocsin sait lire : envoyez un WAV, MP3 ou "
        "OGG.",
        "too_short": "Cet enregistrement dure moins d'une demi-seconde.",
        "too_long": "Cet enregistrement dépasse deux minutes : raccourcissez-le.",
        "silent": "On n'entend rien dans cet enregistrement : vérifiez le micro.",
    }
)


class Sounds:
    """What the doors may ask about sound."""

    def __init__(self, store: Store, clock: Clock, speech: SpeechService) -> None:
        self._store, self._clock, self._speech = store, clock, speech
        self._previews: OrderedDict[str, tuple[int, bytes]] = OrderedDict()

    async def pronunciations(self, actor: Actor) -> list[PronunciationView]:
        """Return how the town says its names, by what is written."""
        rows = await self._store.read(lambda db: sounds.pronunciations(db, actor.entity_id))
        return [PronunciationView(row["written"], row["spoken"]) for row in rows]

    async def set_pronunciation(self, actor: Actor, written: str, spoken: str) -> None:
        """Write down how a word is said; raise `Refused` naming the field at fault."""
        written, spoken = " ".join(written.split()), " ".join(spoken.split())
        need(actor, Right.WRITE)
        if not any(char.isalnum() for char in written) or len(written) > _LONGEST_WORD:
            raise Refused("Écrivez le mot comme il est écrit (80 caractères au plus).", "written")
        if not any(char.isalnum() for char in spoken) or len(spoken) > _LONGEST_WORD:
            raise Refused("Écrivez le mot comme il se prononce.", "spoken")
        now = self._clock.now()
        await self._store.write(
            lambda db: sounds.set_pronunciation(
                db, actor.entity_id, written, spoken, actor.name, now
            )
        )

    async def remove_pronunciation(self, actor: Actor, written: str) -> None:
        """Forget how a word is said; raise `Refused` when it is not there."""
        need(actor, Right.WRITE)
        now = self._clock.now()
        removed = await self._store.write(
            lambda db: sounds.remove_pronunciation(db, actor.entity_id, written, actor.name, now)
        )
        if not removed:
            raise Refused("« {written} » n'est plus dans la liste.", "written", written=written)

    async def recordings(self, actor: Actor) -> list[RecordingView]:
        """Return the town's recordings, newest first."""
        rows = await self._store.read(lambda db: sounds.recordings(db, actor.entity_id))
        views = []
        for row in rows:
            added = words.local(row["added_at"], actor.timezone)
            if added is not None:
                views.append(
                    RecordingView(row["name"], row["title"], row["seconds"], added, row["added_by"])
                )
        return views

    async def keep_recording(self, actor: Actor, title: str, data: bytes) -> RecordingView:
        """Take in a recorded message; raise `Refused` with the mend when it is no voice."""
        need(actor, Right.WRITE)
        title = " ".join(title.split())[:120]
        if not title:
            raise Refused("Donnez un titre à cet enregistrement.", "title")
        if len(data) > MOST_UPLOAD:
            raise Refused("Ce fichier dépasse 4 Mo : enregistrez en MP3 ou OGG.", "sound")
        try:
            kept = await self._speech.keep_recording(data)
        except tts.SpeechError as error:
            why = next((code for code in _REFUSALS if code in str(error)), None)
            if why:
                raise Refused(_REFUSALS[why], "sound") from None
            raise Refused(
                "L'enregistrement n'a pas pu être gardé : {error}", "sound", error=error
            ) from None
        now = self._clock.now()
        await self._store.write(
            lambda db: sounds.keep_recording(
                db, actor.entity_id, kept.name, title, kept.seconds, actor.name, now
            )
        )
        added = words.local(now, actor.timezone)
        assert added is not None  # noqa: S101  for the type checker: now is never None
        return RecordingView(kept.name, title, kept.seconds, added, actor.name)

    async def listen(
        self, actor: Actor, text: str, *, urgency: str, exercise: bool = False, recording: str = ""
    ) -> Listening:
        """Prepare what the handset will play; its ``token`` fetches the sound once ready."""
        if not text.strip() and not recording:
            raise Refused("Écrivez le message à écouter.", "text")
        await check_recording(self._store, actor, recording)
        try:
            kind = Urgency(urgency)
        except ValueError:
            kind = Urgency.SERVICE
        parts = phrases(actor.entity_name, text.strip(), kind, exercise=exercise)
        if recording:
            parts[Part.MESSAGE] = ""
        try:
            preview = await self._speech.preview(
                [parts[part] for part in _ORDER], actor.entity_id, recording
            )
        except Unspeakable as error:
            raise Refused(
                "Ce texte ne peut pas être dit : {error}", "voice_text", error=error
            ) from None
        token = secrets.token_urlsafe(16)
        self._previews[token] = (actor.entity_id, preview.wav)
        while len(self._previews) > _MOST_PREVIEWS:
            self._previews.popitem(last=False)
        return Listening(token, preview.seconds)

    def sound(self, actor: Actor, token: str) -> bytes | None:
        """Return the WAV of a preview, or None when it is gone or another town's."""
        entity_id, wav = self._previews.get(token, (None, None))
        return wav if entity_id == actor.entity_id else None


async def check_recording(store: Store, actor: Actor, name: str) -> None:
    """Raise `Refused` when a recording is named that this town does not have."""
    if not name:
        return
    row = await store.read(lambda db: sounds.recording(db, actor.entity_id, name))
    if row is None:
        raise Refused("Cet enregistrement n'existe plus : choisissez-en un autre.", "recording")
