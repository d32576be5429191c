"""The page of past settings: what was deleted comes back by one press, or it says why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from gateway.services import Draft
from tests.web.real import real_town
from tests.web.site import site

pytestmark = pytest.mark.real_time


async def test_a_deleted_ready_message_comes_back_by_one_press(tmp_path: Path) -> None:
    """Found from the page of ready messages, by whoever may change settings."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        draft = Draft("Le feu approche.", group_ids=(1,), channels=("sms",), urgency="vital")
        number = await town.services.ready.keep(town.actor, "Incendie", draft)
        await browser.post(f"/modeles/{number}/supprimer", {})
        empty = await browser.text("/modeles")
        shown = await browser.text("/reglages/changements")
        (gone, *_) = await town.services.history.changes(town.actor)
        pressed = await browser.post("/reglages/changements", {"change": str(gone.id)})
        again = await browser.text("/modeles")

    assert 'href="/reglages/changements"' in empty
    assert "message prêt « Incendie »" in shown
    assert "Un compte se ferme sur la page Comptes." in shown.replace("&#39;", "'")
    assert 303 == pressed.status
    assert "Le feu approche." in again
