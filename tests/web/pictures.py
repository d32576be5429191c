"""The pictures of the guides: which pages they show, over which town, and how those are built.

`tests/benchmarks/test_pictures.py` takes them; `tests/web/test_guides.py` tells when a page has
changed since.
"""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gateway.services import Draft
from tests.harness import NIGHT
from tests.web.real import RealTown
from tests.web.site import Site
from web.guides import PICTURES

#: What was pictured: name of the picture, and the structure its page had.
MANIFEST: Final = PICTURES / "manifest.json"


@dataclass(frozen=True)
class Picture:
    """A page, and the window it is seen in (pixels)."""

    path: str
    width: int = 1100
    height: int = 720


WANTED: Final = {
    "ecrire": Picture("/messages/nouveau"),
    "suivre": Picture("/messages/1"),
    "calendrier": Picture("/calendrier?le=2026-12-01", 1280, 900),
    "alerter": Picture("/alerter", 390, 1000),
    "reglages": Picture("/reglages"),
    "modems": Picture("/modems"),
}


async def furnish(town: RealTown) -> None:
    """Give the town what the pictures show: an alert that was sent, another ready, one planned."""
    services, actor = town.services, town.actor
    (group,) = await services.directory.groups(actor)
    crue = Draft(
        "L'Argent-Double monte. Quittez les caves, montez à l'étage.", title="Crue",
        group_ids=(group.id,), channels=("sms",), urgency="vital",
    )  # fmt: skip
    number = await services.sending.send(actor, crue)
    await town.box.finished(number)
    await services.ready.keep(actor, "Crue de l'Argent-Double", crue)
    later = Draft(
        "L'eau sera coupée jeudi de 9 h à 12 h.", title="Coupure d'eau", group_ids=(group.id,),
        channels=("sms",), urgency="service", at=NIGHT + timedelta(days=16, hours=7),
    )  # fmt: skip
    await services.sending.send(actor, later)


async def structures(browser: Site) -> dict[str, str]:
    """Return for each picture what its page is built of, as a digest."""
    return {name: digest(await browser.text(one.path)) for name, one in WANTED.items()}


def digest(page: str) -> str:
    """Return a digest of the headings, labels and buttons of a page; numbers are left out."""
    main = html.unescape(page.split("<main")[1].split("</main>", maxsplit=1)[0])
    parts = re.findall(r"<(h[1-4]|legend|label|summary|button)\b[^>]*>(.*?)</\1>", main, re.DOTALL)
    said = [f"{tag} {' '.join(re.sub(r'<[^>]+>', ' ', text).split())}" for tag, text in parts]
    return hashlib.sha256(re.sub(r"\d+", "#", "\n".join(said)).encode()).hexdigest()[:16]
