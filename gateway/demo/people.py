"""How the people of the sample commune behave, drawn from a seed: most answer, some do not."""

from __future__ import annotations

import random
from collections.abc import Iterable

from modem.emulator import Behaviour, Network

#: What a telephone may do, and how many in twenty do it.
_TEMPERS: tuple[tuple[int, Behaviour], ...] = (
    (9, Behaviour(answers_after=6.0, presses_when_prompted="1")),
    (2, Behaviour(answers_after=14.0, presses_when_prompted="1")),
    (2, Behaviour(answers_after=8.0)),
    (2, Behaviour(answers_after=None)),
    (1, Behaviour(busy=True)),
    (1, Behaviour(answers_after=5.0, hangs_up_after=4.0)),
    (1, Behaviour(answers_after=12.0, machine=True)),
    (1, Behaviour(unreachable=True, sms="switched_off")),
    (1, Behaviour(refuses=True)),
)


def settle_in(network: Network, numbers: Iterable[str], seed: int) -> None:
    """Give each number its temper, the same for the same seed."""
    tempers = [temper for weight, temper in _TEMPERS for _ in range(weight)]
    for number in numbers:
        chance = random.Random(f"{seed}:{number}")
        network.handset(number).behaviour = chance.choice(tempers)
