"""How long whoever guesses must wait: a delay that grows to a minute, and never a lock. Pure."""

from __future__ import annotations

from typing import Final

from gateway.sentences import fr_many

#: So many wrong tries cost nothing: people mistype.
FREE: Final = 4
#: The longest anybody waits, in seconds: nobody can lock the mayor out by guessing.
LONGEST: Final = 60.0
#: Wrong tries are forgotten so long (seconds) after the last of them.
FORGOTTEN: Final = 3600.0


def delay_after(wrong: int) -> float:
    """Return how long (seconds) the next try must wait after so many wrong ones."""
    return 0.0 if wrong <= FREE else min(LONGEST, 2.0 ** min(wrong - FREE, 10))


def words(seconds: float) -> str:
    """Return what somebody who must wait is told."""
    whole = max(1, round(seconds + 0.49))
    return fr_many(
        "Trop d'essais : attendez {n} seconde, puis recommencez. "
        "Un appareil déjà utilisé pour ce compte n'attend pas.",
        "Trop d'essais : attendez {n} secondes, puis recommencez. "
        "Un appareil déjà utilisé pour ce compte n'attend pas.",
        whole,
    )
