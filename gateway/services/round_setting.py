"""What a keeper writes on the page of the round, read. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from gateway import phone
from gateway.errors import Refused
from gateway.hours import clock_of, minutes_of
from gateway.model import Channel, Line
from gateway.rounds import EARLIEST, LATEST, LONGEST, SHORTEST, Settings
from gateway.sentences import fr
from gateway.services import words
from gateway.services.round_values import RoundForm
from gateway.services.versions import REST, Inputs, Shown

#: A round longer than this many days is a mistake in the year.
_LONGEST: Final = 184
_MOST_NUMBERS: Final = 5
#: What the page names the inputs of each field: of the round, and of somebody's own hour.
INPUTS: Final[Inputs] = {
    fr("Premier jour"): ("first",),
    fr("Dernier jour"): ("last",),
    fr("Heure, pour qui n'en a pas d'autre"): ("hour",),
    fr("Minutes avant le second appel"): ("pause",),
    fr("Portables prévenus par SMS"): ("numbers",),
}
PERSON_INPUTS: Final[Inputs] = {
    fr("Son heure"): ("hour",),
    fr("Par"): ("way",),
    fr("Ne pas l'appeler, parce que"): ("out_why",),
}


def read(form: RoundForm, by: str, now: float, today: date) -> Settings:
    """Return what a keeper wants; raise `Refused` with the field and the mend."""
    first, last = _day(form.first, "first"), _day(form.last, "last")
    if last < first:
        raise Refused("Le dernier jour vient avant le premier.", "last")
    if last > first + timedelta(days=_LONGEST):
        raise Refused("Une tournée dure six mois au plus : vérifiez l'année.", "last")
    if form.on and last < today:
        raise Refused("Ces jours sont passés.", "last")
    return Settings(
        first.isoformat(), last.isoformat(), hour(form.hour), _pause(form.pause),
        _numbers(form.numbers), form.on, now, by,
    )  # fmt: skip


def said(known: Settings) -> Shown:
    """Return what the form of the round says, field by field."""
    return {
        fr("Premier jour"): known.first,
        fr("Dernier jour"): known.last,
        fr("Heure, pour qui n'en a pas d'autre"): clock_of(known.minutes),
        fr("Minutes avant le second appel"): str(known.pause),
        fr("Portables prévenus par SMS"): ", ".join(map(phone.shown, known.tell)),
        fr("Tournée en marche"): fr("oui") if known.on else fr("non"),
    }


def said_person(contact_id: int, minutes: int | None, way: str, out_why: str) -> Shown:
    """Return what the form of somebody's own hour says."""
    return {
        fr("Son heure"): "" if minutes is None else clock_of(minutes),
        fr("Par"): words.CHANNELS[Channel(way)],
        fr("Ne pas l'appeler, parce que"): out_why,
        REST: str(contact_id),
    }


def hour(text: str) -> int:
    """Return an hour (09:00) in minutes of the day; raise `Refused` for one nobody is called at."""
    minutes = minutes_of(text) if text.strip() else -1
    if not EARLIEST <= minutes <= LATEST:
        raise Refused(
            "L'heure de la tournée va de {earliest} à {latest}.",
            "hour",
            earliest=clock_of(EARLIEST),
            latest=clock_of(LATEST),
        )
    return minutes


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refused("Choisissez le premier et le dernier jour.", field) from None


def _pause(text: str) -> int:
    minutes = int(text) if re.fullmatch(r"\d{1,4}", text.strip(), re.ASCII) else 0
    if not SHORTEST <= minutes <= LONGEST:
        raise Refused(
            "Le second appel vient de {shortest} à {longest} minutes après.",
            "pause",
            shortest=SHORTEST,
            longest=LONGEST,
        )
    return minutes


def _numbers(text: str) -> tuple[str, ...]:
    """Return the numbers that are told who needs somebody: mobiles, one at least."""
    found = []
    for typed in filter(str.strip, re.split(r"[,;\n]", text)):
        try:
            number = phone.parse(typed)
        except Refused as refusal:
            raise Refused(refusal.message, "numbers") from None
        if number.line is not Line.MOBILE:
            raise Refused("{typed} n'est pas un portable : il ne reçoit pas de SMS.",
                          "numbers", typed=typed.strip())  # fmt: skip
        found.append(number.e164)
    if not found:
        raise Refused("Donnez le portable de qui ira voir les personnes sans réponse.", "numbers")
    if len(found) > _MOST_NUMBERS:
        raise Refused("Pas plus de {most} numéros.", "numbers", most=_MOST_NUMBERS)
    return tuple(dict.fromkeys(found))
