"""What the package writes so that the service runs before anybody has answered a question.

Values only; ``tocsin init`` replaces the file, and the town's first real name the one here.
"""

from __future__ import annotations

from typing import Final

#: As long as this line begins the file, nobody has made it theirs.
FIRST_LINE: Final = (
    "# Configuration provisoire, écrite par le paquet : « sudo tocsin init » la remplace."
)
TOWN: Final = "Commune à nommer"
