"""What the end of the hours does to a message that is still leaving, before and while. Pure."""

from __future__ import annotations

from gateway.calendar import holidays_of
from gateway.departure import Departure
from gateway.hours import done_by, next_open
from gateway.model import Urgency
from gateway.near_days import near_day
from gateway.sentences import fr
from gateway.services import words
from gateway.services.values import Draft


def ends_at(departure: Departure, zone: str, seconds: float) -> float:
    """Return when a message has left that takes so many ``seconds``, its hours being kept."""
    return done_by(departure.hours, zone, departure.starts_at, seconds, holidays_of(zone))


def is_cut(departure: Departure, seconds: float) -> bool:
    """Tell whether its hours end before a message that takes so long has left."""
    closes = departure.closes_at
    return closes is not None and departure.starts_at + seconds > closes


def cut(draft: Draft, departure: Departure, zone: str, seconds: float, now: float) -> list[str]:
    """Say what becomes of the part of a message that the end of its hours catches."""
    closes = departure.closes_at
    if closes is None or not is_cut(departure, seconds):
        return []
    done = ends_at(departure, zone, seconds)
    ends = words.at_time(closes, zone, now)
    if departure.hours is None:  # nothing stops it but a day that its text names
        return [
            fr(
                "Le texte dit « {word} », et ce message ne sera pas fini à minuit : ce qui n'est "
                "pas parti alors ne partira pas. Écrivez plutôt le jour.",
                word=near_day(*draft.texts),
            )
        ]  # fmt: skip
    if word := near_day(*draft.texts):
        return [
            fr(
                "Les envois s'arrêtent {ends}, avant la fin de ce message, et le texte dit "
                "« {word} » : ce qui n'est pas parti alors ne partira pas. Écrivez plutôt le jour, "
                "ou choisissez « Envoyer maintenant ».", ends=ends, word=word,
            )
        ]  # fmt: skip
    if done > departure.expires_at:
        return [
            fr(
                "Les envois s'arrêtent {ends}, avant la fin de ce message, qui est inutile dès "
                "{until} : une partie ne partira pas. Choisissez « Envoyer maintenant », ou une "
                "heure plus tardive.",
                ends=ends, until=words.clock_time(departure.expires_at, zone, now),
            )
        ]  # fmt: skip
    opens = next_open(departure.hours, zone, closes, holidays_of(zone))
    return [
        fr(
            "Commencé avant la fermeture des envois, {ends}, ce message sera fini {done} environ : "
            "ce qui n'est pas parti à la fermeture attend {opens}.",
            ends=ends, done=words.at_time(done, zone, now), opens=words.at_time(opens, zone, now),
        )
    ]  # fmt: skip


def left_over(jobs: int, opens: float, word: str, zone: str, now: float) -> str:
    """Say what waits of a message since its hours ended, ``word`` being one that names its day."""
    when = words.at_time(opens, zone, now)
    if word:
        return fr(
            "Reste à envoyer : {n}. L'heure des envois est passée et le texte dit « {word} » : ce "
            "qui reste ne partira pas {when}. Choisissez « Envoyer maintenant », ou écrivez un "
            "autre message avec le bon jour.", n=jobs, word=word, when=when,
        )  # fmt: skip
    return fr(
        "Reste à envoyer : {n}. L'heure des envois est passée : la suite partira {when}.",
        n=jobs, when=when,
    )  # fmt: skip


def until_midnight(word: str, urgency: str) -> str:
    """Say until when a text leaves that names its day by ``word``; empty for one that names none.

    Told while it stands still: paused, or without a modem.
    """
    if not word or urgency == Urgency.VITAL:
        return ""
    return fr(
        "Le texte dit « {word} » : ce qui n'est pas parti à minuit ne partira plus.", word=word
    )
