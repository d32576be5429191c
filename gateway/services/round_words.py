"""What the daily round says: to whom it asks, to the social worker, to whoever answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from gateway import hours as opening_hours
from gateway import rounds as policy
from gateway.calendar import holidays_of
from gateway.french import of_town
from gateway.model import Channel, Door, Urgency
from gateway.rounds import Standing
from gateway.services import words
from gateway.store.broadcasts import NewBroadcast
from gateway.store.people import Person

if TYPE_CHECKING:
    from gateway.services.round_begins import Town

#: Said before the keys are announced.
SPOKEN: Final = {
    "fr": "Nous prenons de vos nouvelles.", "en": "We are calling to hear how you are.",
}  # fmt: skip
WRITTEN: Final = {
    "fr": "Mairie {of_town} : tout va bien ? Répondez 1. Pour que l'on vous rappelle, répondez 2.",
    "en": "{town} town hall: is all well? Reply 1. To be called back, reply 2.",
}
#: Answers to whoever answered.
WELL: Final = "C'est noté, merci. Bonne journée !"
CALLBACK: Final = "C'est noté : la mairie vous rappelle. En cas d'urgence, appelez le 15 ou le 112."
GOES: Final = "Merci, c'est noté : vous passez. En cas d'urgence, appelez le 15 ou le 112."
CANNOT: Final = "C'est noté : la mairie cherche quelqu'un d'autre."
SEVERAL: Final = "Plusieurs personnes attendent votre réponse : la mairie vous appelle."
#: All of them: they tell who is asked each day, or goes and sees.
ANSWERS: Final = frozenset({WELL, CALLBACK, GOES, CANNOT, SEVERAL})


def texts(town: str, language: str) -> dict[Channel, tuple[str, str]]:
    """Return what is said and written to ask how somebody is."""
    known = language if language in SPOKEN else "fr"
    written = WRITTEN[known].format(town=town, of_town=of_town(town))
    return {Channel.VOICE: ("", SPOKEN[known]), Channel.SMS: ("", written)}


def broadcast(
    town: Town, day: date, way: str, people: Sequence[Person], now: float
) -> NewBroadcast:
    """Return the message of those who are asked at one hour, by call or by SMS."""
    pause = town.known.pause * 60.0
    calendar = holidays_of(town.zone)
    return NewBroadcast(
        entity_id=town.id, title=f"Tournée du {words.long_day(day)}", urgency=Urgency.SERVICE,
        plan=policy.texted(pause) if way == "sms" else policy.called(pause), door=Door.SCHEDULE,
        author=town.known.by, texts=texts(town.name, "fr"),
        people=[_in_their_language(town.name, one) for one in people], kind=policy.KIND,
        expires_at=now + 2 * pause + policy.PATIENCE, hours=opening_hours.to_json(policy.HOURS),
        starts_at=opening_hours.next_open(policy.HOURS, town.zone, now, calendar),
        closes_at=opening_hours.closes_at(policy.HOURS, town.zone, now, calendar),
    )  # fmt: skip


def _in_their_language(town: str, one: Person) -> Person:
    if one.language not in SPOKEN or one.language == "fr":
        return one
    bodies = {way: body for way, (_, body) in texts(town, one.language).items()}
    return one._replace(bodies=bodies, other_language=True)


def to_social_worker(town: str, needing: Sequence[Standing]) -> str:
    """Return how many need somebody, and why: no name leaves the register."""
    parts = []
    for one, single, several in (
        (Standing.SILENT, "sans réponse", "sans réponse"),
        (Standing.CALLBACK, "à rappeler", "à rappeler"),
        (Standing.MISSED, "pas appelée", "pas appelées"),
    ):
        if count := list(needing).count(one):
            parts.append(f"{count} {single if count == 1 else several}")
    whole = len(needing)
    people = "1 personne attend" if whole == 1 else f"{whole} personnes attendent"
    return f"Tournée de {town} : {people} quelqu'un ({', '.join(parts)}). Voir la tournée."
