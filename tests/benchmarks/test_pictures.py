"""Takes the pictures of the guides over a demo town: `make pictures`."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image

from tests.web.conftest import Visitor, visitor
from tests.web.pictures import MANIFEST, WANTED, furnish, structures
from tests.web.real import real_town
from tests.web.site import site
from web.guides import PICTURES

__all__ = ["visitor"]

pytestmark = [pytest.mark.bench, pytest.mark.real_time]
#: Colours of a picture: enough for a page, and a third of the bytes.
_COLOURS = 48


def test_the_pictures_of_the_guides_are_taken(visitor: Visitor, tmp_path: Path) -> None:
    """Of the real pages, at a fixed size; with what each was built of."""

    async def scenario() -> None:
        async with real_town(tmp_path) as town:
            await furnish(town)
            async with site(cast("Any", town)) as browser:
                built = await structures(browser)
            for name, one in WANTED.items():
                async with visitor.visit(cast("Any", town), width=one.width) as (page, here):
                    await page.set_viewport_size({"width": one.width, "height": one.height})
                    await page.goto(here + one.path)
                    taken = Image.open(io.BytesIO(await page.screenshot()))
                    small = taken.convert("RGB").quantize(_COLOURS)
                    small.convert("RGB").save(
                        PICTURES / f"{name}.webp", lossless=True, quality=100, method=6
                    )
            MANIFEST.write_text(json.dumps(built, indent=1, sort_keys=True) + "\n")

    visitor.run(scenario())
