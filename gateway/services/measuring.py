"""What a text costs as SMS, which characters make it dear, how long a call says it, what is wrong.

Pure.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from gateway import merge
from gateway.errors import Refused
from gateway.model import Channel
from gateway.policy import MOST_SEGMENTS
from gateway.sentences import fr
from gateway.services.drafting import MOST_SPOKEN, against_spoken, against_subject, name_of
from gateway.services.values import Draft, SmsMeasureView
from modem.sms import Encoding, measure

#: Characters of a mail.
MOST_MAIL: Final = 100_000
#: Seconds of the words around a message: who calls, what to press.
_AROUND: Final = 8.0


def measured(text: str) -> SmsMeasureView:
    """Return what ``text`` costs as SMS, and the characters that make it dear."""
    found = measure(text)
    costly = {f.char: name_of(f.char) for f in found.foreign}
    too_long = None
    if found.segments > MOST_SEGMENTS:
        too_long = fr(
            "Ce texte fait {segments} SMS ; la limite est de {most}. Raccourcissez-le, ou "
            "envoyez le détail par courriel.",
            segments=found.segments,
            most=MOST_SEGMENTS,
        )
    return SmsMeasureView(
        found.segments, "GSM-7" if found.encoding is Encoding.GSM7 else "UCS-2", found.units,
        found.limit, found.left, tuple(costly.items()), found.suggestion, too_long,
        marked(text, {f.index for f in found.foreign}), spoken_seconds(text),
    )  # fmt: skip


def marked(text: str, costly: Collection[int]) -> tuple[tuple[str, bool], ...]:
    """Return a text in pieces, the characters at the places ``costly`` apart and true."""
    pieces: list[tuple[str, bool]] = []
    for at, char in enumerate(text):
        dear = at in costly
        if pieces and pieces[-1][1] == dear and not dear:
            pieces[-1] = (pieces[-1][0] + char, False)
        else:
            pieces.append((char, dear))
    return tuple(pieces)


def spoken_seconds(text: str) -> float:
    """Return about how long (seconds) a call takes to say a text once, with what surrounds it."""
    return 120.0 * len(text.strip()) / MOST_SPOKEN + _AROUND if text.strip() else 0.0


def against(draft: Draft, texts: dict[Channel, tuple[str, str]]) -> list[Refused]:
    """Return what stands against the texts of a draft; ``texts``: each as it is at its longest."""
    if not draft.text.strip() and not any(body.strip() for _, body in texts.values()):
        return [Refused("Écrivez le message.", "text")]
    found = []
    if Channel.SMS in texts and (too_long := measured(texts[Channel.SMS][1]).too_long):
        found.append(Refused(too_long, "sms_text" if draft.sms_text else "text"))
    if Channel.VOICE in texts:
        found.extend(against_spoken(draft, texts[Channel.VOICE][1]))
    if Channel.EMAIL in texts:
        found.extend(against_subject(draft))
    found.extend(
        Refused("Ce texte n'a que des champs : qui n'en a pas recevrait un message vide. Ajoutez "
                "quelques mots.", field)
        for field in ("text", "sms_text", "voice_text", "mail_text", "text_en")
        if merge.says_nothing(getattr(draft, field) or "")
    )  # fmt: skip
    if any(len(body) > MOST_MAIL for _, body in texts.values()):
        found.append(Refused("Ce texte dépasse cent mille caractères.", "text"))
    return found
