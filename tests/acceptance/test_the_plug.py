"""The socket of the box is where the vacuum cleaner goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.plug import ROLES, look_at, pulled

pytestmark = pytest.mark.real_time

KILLS = 10


def test_ten_pulled_plugs_lose_nothing_and_double_nothing_in_silence(tmp_path: Path) -> None:
    """Texts, calls, mails, lists and a message for later, all under way at once."""
    with pulled(tmp_path, KILLS, seed=3) as run:
        trouble = look_at(run)

    assert [] == trouble.found
    assert trouble.doubts["sms"] <= KILLS * ROLES.count("sms")
    assert trouble.extra["sms"] <= trouble.doubts["sms"]
