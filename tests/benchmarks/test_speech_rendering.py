"""How long a voice needs for a message of twenty seconds, and how long for the same again."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

import tts
from tests.benchmarks.conftest import Figures
from tests.benchmarks.speaking import NAMES, engine

pytestmark = [pytest.mark.bench, pytest.mark.real_time, pytest.mark.timeout(300)]

TEXT = (
    "Alerte crue. L'Orbiel monte à 17h30. Montez à l'étage. Coupez l'électricité et le gaz. "
    "Ne prenez pas la voiture. N'allez pas chercher vos enfants à l'école. Ils sont à l'abri. "
    "Appelez le 112 en cas de danger."
)


@pytest.mark.parametrize("name", NAMES)
def test_a_message_of_twenty_seconds(tmp_path: Path, figures: Figures, name: str) -> None:
    """Once an alert, before the first number is dialled; afterwards it is a file."""
    voice = engine(name)
    began = time.monotonic()
    made = tts.render(TEXT, cache_dir=tmp_path, engines=(voice,))
    first = time.monotonic() - began
    again = tts.render(TEXT, cache_dir=tmp_path, engines=(voice,))
    second = time.monotonic() - began - first
    what = f"{name}: rendering {made.seconds:.0f} s of speech (load {os.getloadavg()[0]:.1f})"
    figures.add(what, first, "s", most=10)
    figures.add(f"{name}: the same again, from the cache", 1000 * second, "ms", most=50)

    assert again == made
    assert second < first / 10
