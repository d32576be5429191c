"""How an address is told in « ALERTE 3 rue du Port ». Pure."""

from __future__ import annotations

import re
from typing import Final

ENROLMENT: Final = re.compile(r"\s*alerte[\s:,.-]+(?P<where>\w.*)", re.IGNORECASE | re.DOTALL)
#: Courtesy below an address.
CLOSING: Final = re.compile(
    r"(?i)[.,;!]?\s?\b(?:merci\b.*|svp|s'il vous pla[iî]t.*|cordialement.*|cdt.*|bien à vous.*|"
    r"bonne (?:journée|soirée|journee|soiree).*|[aà] bient[oô]t.*)$"
)
ADDRESS: Final = re.compile(
    r"^\d{1,4}\b|\b(?:rue|chemin|impasse|place|avenue|boulevard|route|quai|allee|lotissement|hameau|"
    r"lieu dit|cours|square|traverse|montee|ruelle|promenade|residence|quartier|mas|ferme|"
    r"lieudit|domaine|passage|sentier|esplanade|faubourg|cite|clos|villa|bd|av|ave|ch|imp|lot|rte|res|moulin|ecluse|port)\b"
)
