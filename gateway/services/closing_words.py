"""What the end of the hours does to a message that is still leaving, before and while. Pure."""

from __future__ import annotations

from typing import Final

from gateway.calendar import holidays_of
from gateway.departure import Departure
from gateway.hours import day_ends, done_by, next_open
from gateway.near_days import near_day, true_until
from gateway.sentences import fr
from gateway.services import words
from gateway.services.values import Draft

#: Hours of the day that have a name.
_HOURS: Final = {0: fr("minuit"), 12: fr("midi")}


def ends_at(departure: Departure, zone: str, seconds: float) -> float:
    """Return when a message has left that takes so many ``seconds``, its hours being kept."""
    return done_by(departure.hours, zone, departure.starts_at, seconds, holidays_of(zone))


def is_cut(departure: Departure, seconds: float) -> bool:
    """Tell whether its hours end before a message that takes so long has left."""
    closes = departure.closes_at
    return closes is not None and departure.starts_at + seconds > closes


def cut(draft: Draft, departure: Departure, zone: str, seconds: float, now: float) -> list[str]:
    """Say what becomes of the part of a message that its own end catches, or that of its hours."""
    closes = departure.closes_at
    until = words.clock_time(departure.expires_at, zone, now)
    if departure.starts_at + seconds > departure.expires_at:
        return [
            fr(
                "Ce message est inutile dès {until}, avant d'être tout parti : une partie ne "
                "partira pas. Choisissez une heure plus tardive, ou moins de monde.", until=until,
            )
        ]  # fmt: skip
    if closes is None or not is_cut(departure, seconds):
        return []
    done = ends_at(departure, zone, seconds)
    ends = words.at_time(closes, zone, now)
    word = near_day(*draft.texts)
    if word and closes == day_ends(zone, departure.starts_at, true_until(word)):
        return [
            fr(
                "Le texte dit « {word} », et ce message ne sera pas fini à {hour} : ce qui n'est "
                "pas parti alors ne partira pas. Écrivez plutôt le jour.",
                word=word, hour=_hour(closes, zone),
            )
        ]  # fmt: skip
    if word:
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
                ends=ends, until=until,
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


def until_wrong(word: str, closes: float | None, zone: str) -> str:
    """Say until when a text leaves that names its day by ``word``; empty for one that names none.

    Told while it stands still: paused, or without a modem. ``closes``: when it stops leaving, as it
    is stored; an alert never does.
    """
    if not word or closes is None:
        return ""
    over = day_ends(zone, closes - 1, true_until(word))
    return fr(
        "Le texte dit « {word} » : ce qui n'est pas parti à {hour} ne partira plus.",
        word=word, hour=_hour(over, zone),
    )  # fmt: skip


def _hour(moment: float, zone: str) -> str:
    hour = words.at(moment, zone).hour
    return fr(_HOURS[hour]) if hour in _HOURS else words.clock_time(moment, zone, moment)
