"""The time a person wrote, in their town's zone. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.errors import Refused

#: The years a person can mean: any other is a slip, and at the ends no zone can be reckoned.
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100


def at_wall_time(text: str, zone: str, field: str = "at") -> datetime | None:
    """Return the moment a person wrote (``2026-11-25T08:00`` or with a space), in the town's zone.

    None for an empty text; raise `Refused`, naming the field, for one that is no time, one the
    clocks skip, or a year nobody can mean.
    """
    if not text.strip():
        return None
    try:
        wall = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Refused("Écrivez la date et l'heure ainsi : 2026-11-25 08:00.", field) from None
    if not FIRST_YEAR <= wall.year <= LAST_YEAR:
        raise Refused(
            "L'année {year} n'est pas possible : écrivez une année entre {first} et {last}.",
            field, year=f"{wall.year:04}", first=FIRST_YEAR, last=LAST_YEAR,
        )  # fmt: skip
    moment = wall if wall.tzinfo else wall.replace(tzinfo=ZoneInfo(zone))
    back = datetime.fromtimestamp(moment.timestamp(), ZoneInfo(zone))
    if wall.tzinfo is None and back.replace(tzinfo=None) != wall:
        raise Refused("Cette heure n'existe pas : on passe à l'heure d'été.", field)
    return moment
