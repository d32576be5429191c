"""What the package writes so that the service runs before anybody has answered a question.

``tocsin init`` and ``tocsin restore`` replace the file, the town's first real name the one here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

#: As long as this line begins the file, nobody has made it theirs.
FIRST_LINE: Final = (
    "# Configuration provisoire, écrite par le paquet : « sudo tocsin init » la remplace."
)
TOWN: Final = "Commune à nommer"


def is_provisional(path: Path) -> bool:
    """Tell whether the file is still the one the package wrote."""
    with path.open(encoding="utf-8") as file:
        return file.readline().rstrip("\n") == FIRST_LINE
