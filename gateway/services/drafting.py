"""What a draft says, channel by channel, and what stands against it. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import Final

import tts
from gateway import merge, orders, phone
from gateway import plan as plans
from gateway.asks import ASKS_FOR_HELP, ASKS_TO_CONFIRM, IN_ENGLISH
from gateway.errors import Refused
from gateway.french import of_town
from gateway.model import Channel, Urgency
from gateway.sentences import fr, fr_all
from gateway.services import words
from gateway.services.values import Draft
from gateway.store import people
from modem.sms import measure

#: Spoken at 125 words a minute this is two minutes; nobody listens longer to a machine.
MOST_SPOKEN: Final = 1500


def against_spoken(draft: Draft, text: str) -> list[Refused]:
    """Return what stands against a text that is to be spoken."""
    if len(text) > MOST_SPOKEN:
        return [
            Refused(
                "Le texte parlé fait {n} caractères ; la limite est de {most}, soit deux minutes.",
                "voice_text",
                n=len(text),
                most=MOST_SPOKEN,
            )
        ]
    if draft.recording or tts.sayable(text):
        return []
    return [
        Refused(
            "Il n'y a rien à dire dans le texte parlé : écrivez au moins un mot, ou décochez les "
            "appels.",
            "voice_text" if draft.voice_text else "text",
        )
    ]


def urgency_of(code: str, problems: list[Refused]) -> Urgency:
    """Return the urgency of a code; an unknown one is a problem."""
    try:
        return Urgency(code)
    except ValueError:
        problems.append(Refused("Urgence inconnue : {code}.", "urgency", code=code))
        return Urgency.SERVICE


def channels_of(
    draft: Draft, known: Sequence[people.Person], problems: list[Refused]
) -> tuple[Channel, ...]:
    """Return the chosen channels, each once; none, or an unknown one, is a problem."""
    try:
        chosen = tuple(dict.fromkeys(Channel(code) for code in draft.channels))
    except ValueError:
        problems.append(Refused("Moyen inconnu : sms, voice ou email.", "channels"))
        return ()
    if not chosen:
        problems.append(
            Refused("Choisissez au moins un moyen : SMS, appel ou courriel.", "channels")
        )
    elif draft.to and known and not draft.group_ids:
        _check_ways(chosen, known, problems)
    return chosen


def _check_ways(
    chosen: tuple[Channel, ...], known: Sequence[people.Person], problems: list[Refused]
) -> None:
    plan = orders.at_once(chosen)
    for person in known:
        if person.addresses and not plans.opening(plan, person.addresses):
            ways = reduce(
                lambda one, two: fr("{one} ni {two}", one=one, two=two),
                [words.CHANNELS[c] for c in chosen],
            )
            problems.append(
                Refused(
                    "{number} ne reçoit pas : {ways}.",
                    "to",
                    number=phone.shown(person.addresses[0].value),
                    ways=ways,
                )
            )


def against_subject(draft: Draft) -> list[Refused]:
    """Return what stands against the subject somebody typed: it is the same for everybody."""
    typed, field = (draft.mail_subject or "").strip(), "mail_subject"
    if not typed:
        typed, field = draft.title, "title"
    names = merge.written(typed)
    if not names:
        return []
    if field == "title":
        return [
            Refused(
                "Le titre est aussi l'objet du courriel, le même pour tous : enlevez {{{name}}} "
                "du titre, ou écrivez un objet du courriel.",
                field,
                name=names[0],
            )
        ]
    return [
        Refused(
            "L'objet du courriel est le même pour tous : enlevez-en {{{name}}}.",
            field,
            name=names[0],
        )
    ]


def title_of(draft: Draft) -> str:
    """Return a draft's title, its first words where it has none."""
    return _title(draft) or "Message sans titre"


def _title(draft: Draft) -> str:
    """Return the title, or the first words that are the same for everybody; may be empty."""
    title = " ".join(draft.title.split())
    if title:
        return title[:120]
    text = draft.text or draft.sms_text or draft.mail_text or ""
    first = " ".join(merge.fill(text, {}).split()).lstrip(",;:.!? ")
    return first if len(first) <= 60 else first[:59].rsplit(" ", 1)[0] + "…"


_ASKS: Final = re.compile(r"\br[ée]pond|\breply\b", re.IGNORECASE)


def asked_by(plan: plans.Plan) -> str:
    """Return the line an SMS ends with under a plan that waits for answers, empty else."""
    if plan.enough:
        return ASKS_FOR_HELP
    return ASKS_TO_CONFIRM if plan.confirm else ""


def texts_of(
    draft: Draft, channels: tuple[Channel, ...], town: str, signature: str, asked: str = "",
    *, english: bool = False,
) -> dict[Channel, tuple[str, str]]:  # fmt: skip
    """Return subject and body by channel: derived from one text, signed, marked as an exercise.

    ``asked`` is the line that says which answer an SMS waits for; ``english`` takes the text in
    English for all channels.
    """
    if english:
        draft, asked = in_english(draft), IN_ENGLISH.get(asked, asked)
    text = draft.text.strip()
    subject = " ".join((draft.mail_subject or _title(draft)).split())
    subject = subject or f"Message de la mairie {of_town(town)}"
    own = {
        Channel.SMS: ("", draft.sms_text or text),
        Channel.VOICE: ("", draft.voice_text or text),
        Channel.EMAIL: (
            subject_as_exercise(subject, exercise=draft.exercise),
            draft.mail_text or text,
        ),
    }
    return {
        channel: (
            own[channel][0],
            as_exercise(
                _signed(channel, _asking(channel, own[channel][1].strip(), asked), signature),
                channel, exercise=draft.exercise,
            ),
        )
        for channel in channels
    }  # fmt: skip


def _asking(channel: Channel, text: str, asked: str) -> str:
    """Add what answer is wanted to an SMS that does not say so by itself."""
    if channel is not Channel.SMS or not asked or not text or _ASKS.search(text):
        return text
    return f"{text}\n{asked}"


def in_english(draft: Draft) -> Draft:
    """Return a draft as whoever speaks English gets it: one text, for every channel."""
    return replace(draft, text=draft.text_en, sms_text=None, voice_text=None, mail_text=None)


def _signed(channel: Channel, text: str, signature: str) -> str:
    """Add the town's signature to what is read; a call says by itself who calls."""
    if not signature or not text or channel is Channel.VOICE or text.endswith(signature):
        return text
    return f"{text}\n{signature}"


def as_exercise(text: str, channel: Channel, *, exercise: bool) -> str:
    """Say it is an exercise first and last, where it is one; a call says so by its script."""
    if not exercise or channel is Channel.VOICE or not text:
        return text
    return f"EXERCICE - {text} - EXERCICE"


def subject_as_exercise(subject: str, *, exercise: bool) -> str:
    """Say it is an exercise where it is one: many see no more of a mail than its subject."""
    return f"EXERCICE - {subject}" if exercise else subject


def undressed(text: str, channel: Channel, signature: str, *, exercise: bool) -> str:
    """Return what the sender wrote of a text as it left, without marks and signature."""
    if exercise and channel is not Channel.VOICE:
        text = text.removeprefix("EXERCICE - ").removesuffix(" - EXERCICE")
    if signature and channel is not Channel.VOICE:
        text = text.removesuffix(f"\n{signature}")
    for asked in (*IN_ENGLISH, *IN_ENGLISH.values()):
        text = text.removesuffix(f"\n{asked}")
    return text


def cheaper(text: str) -> tuple[str, bool]:
    """Return ``text`` in plain typography where that costs fewer SMS, and whether it changed."""
    suggestion = measure(text).suggestion
    return (suggestion, True) if suggestion is not None else (text, False)


def name_of(char: str) -> str:
    """Return how a character is called."""
    known = fr_all({
        "\u00a0": "espace insécable", "\u202f": "espace fine insécable", "’": "apostrophe courbe",
        "‘": "guillemet courbe", "“": "guillemet courbe", "”": "guillemet courbe",
        "«": "guillemet français", "»": "guillemet français", "…": "points de suspension",
        "–": "tiret moyen", "—": "tiret long", "°": "degré", "œ": "e dans l’o",
    })  # fmt: skip
    if char in known:
        return known[char]
    if ord(char) > 0x1F000:
        return fr("émoji")
    if unicodedata.category(char).startswith("L"):
        return fr("lettre {char}", char=char)
    return fr("signe {char}", char=char)
