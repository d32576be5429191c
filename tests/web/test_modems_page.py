"""The Modems page: what was tried, what is proved, what ends, what to do."""

from __future__ import annotations

from dataclasses import replace

from tests.web.fake import NOW
from tests.web.site import site


async def test_a_voice_nobody_proved_is_said_on_the_page() -> None:
    """Calls are placed all the same: the technician must know what is not known."""
    async with site() as browser:
        fleet = browser.town.services.fleet
        fleet.listed[0] = replace(fleet.listed[0], voice_unproved=True)
        said = await (await browser.get("/modems")).text()

        assert "Voix non vérifiée." in said
        assert "tocsin modem check orange-1" in said


async def test_what_tocsin_tried_by_itself_is_shown_with_its_moment() -> None:
    """A stick that needs a remedy a day is dying."""
    async with site() as browser:
        fleet = browser.town.services.fleet
        fleet.listed[0] = replace(
            fleet.listed[0], remedy="modem redémarré", remedy_at=NOW, reports="pas encore su",
            warning="Modem 2G seulement : remplacez-le.", stopped="5 numéros refusés de suite",
        )  # fmt: skip
        fleet.said = ("Tous les modems ont perdu le réseau ensemble.",)
        said = await (await browser.get("/modems")).text()

        for words in (
            "modem redémarré", "Modem 2G seulement", "5 numéros refusés de suite",
            "tocsin modem resume orange-1", "perdu le réseau ensemble", "jamais faite",
        ):  # fmt: skip
            assert words in said
