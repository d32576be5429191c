"""Nothing typed is lost when a form is refused: on no page, and no secret among it."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.model import Door
from gateway.services import Draft
from tests.web.real import real_town
from tests.web.site import Site, site

TYPED: list[tuple[str, dict[str, str]]] = [
    ("/reglages/regles", {"take_back": "vingt", "signature": "Ma signature"}),
    ("/reglages/heures", {"urgency": "service", "opens-0": "25:99", "opens-1": "07:13"}),
    ("/reglages/garde", {"names_months": "douze", "received_months": "47"}),
    ("/reglages/compte", {"login": "marie", "name": "Marie Dupont", "password": "ouverture"}),
    ("/contacts/1/accord", {"address": "+33639980001", "purpose": "alerte", "given": "0",
                            "source": "par courrier du 3"}),
    ("/calendrier/messages/1/deplacer", {"at": "2020-01-01T07:13"}),
]  # fmt: skip


async def sent_later(browser: Site) -> None:
    """Leave one message in the calendar."""
    form = {"text": "Plus tard.", "group": "1", "channel": "sms", "urgency": "service",
            "order": "advised", "at": "2026-12-24T12:00", "action": "send"}  # fmt: skip
    foreseen = await (await browser.post("/messages/prevision", form)).text()
    announced = foreseen.split('name="announced" value="')[1].split('"')[0]
    answer = await browser.post("/messages/nouveau", {**form, "announced": announced})
    assert "/messages/1" == answer.headers["Location"]


@pytest.mark.parametrize(("path", "fields"), TYPED)
async def test_a_refused_form_is_shown_as_it_was_typed(
    tmp_path: Path, path: str, fields: dict[str, str]
) -> None:
    """Only the wrong field is to be mended; the password alone is asked for again."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        if path.startswith("/calendrier"):
            await sent_later(browser)
        answer = await browser.post(path, fields)
        said = unescape(await answer.text())

    assert answer.status == 400
    assert "À corriger" in said
    form = said.split(f'action="{path}"', 1)[1]
    shown = {name: f'name="{name}"' in form and value in form for name, value in fields.items()}
    assert shown == {name: name != "password" for name in fields}
    before = said[: said.index(f'action="{path}"')]
    assert before.count("<details") == before.count("</details") or " open>" in before


async def test_a_door_to_door_sheet_with_nobody_ticked_says_so(tmp_path: Path) -> None:
    """Whoever comes back from a round and forgets the ticks must not believe it was noted."""
    async with real_town(tmp_path) as town, site(cast("Any", town)) as browser:
        groups = await town.services.directory.groups(town.actor)
        draft = Draft("Crue.", group_ids=(groups[0].id,), channels=("sms",), urgency="vital")
        number = await town.services.sending.send(town.actor, draft, Door.PAGE)
        path = f"/messages/{number}/porte-a-porte"
        answer = await browser.post(path, {"by": "Le garde, 14 h"})
        said = unescape(await answer.text())

    assert answer.status == 400
    assert "Cochez d'abord qui a été prévenu" in said
    assert 'value="Le garde, 14 h"' in said
