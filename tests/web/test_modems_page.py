"""The Modems page: what was tried, what is proved, what ends, what to do."""

from __future__ import annotations

import html
from dataclasses import replace

import pytest

from gateway.services.modem_cards import FaultView, Gauge, RemedyView
from gateway.store.modem_past import Sample
from tests.web.fake import NOW, modem
from tests.web.site import site


async def test_a_voice_nobody_proved_is_said_on_the_page() -> None:
    """Calls are placed all the same: the technician must know what is not known."""
    async with site() as browser:
        fleet = browser.town.services.fleet
        fleet.listed[0] = replace(fleet.listed[0], voice_unproved=True)
        said = await (await browser.get("/modems")).text()

        assert "Voix non vérifiée." in said
        assert "« Vérifier ce modem »" in said


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


async def test_a_stopped_sim_is_neither_ready_nor_without_an_error() -> None:
    """« Prêt », in green, and « encore 0 SMS dans les forfaits » of a town that has none."""
    async with site(role="technician") as browser:
        fleet, why = browser.town.services.fleet, "5 numéros refusés de suite"
        fleet.listed[:] = [
            replace(fleet.listed[0], stopped=why, last_error=""),
            replace(fleet.listed[2], stopped=why),
        ]
        said = html.unescape(await browser.text("/modems"))

    assert ">carte SIM arrêtée</span>" in said
    assert f"<dd>{why}</dd>" in said
    assert "Sa carte SIM est arrêtée aussi" in said
    assert "La carte SIM de l'un d'eux est arrêtée." in said
    assert "Aucun SMS ordinaire ne peut partir en ce moment." in said


async def test_the_first_thing_said_is_that_all_is_well_or_what_is_not_and_what_to_do() -> None:
    """A technician looks for one second."""
    async with site(role="technician") as browser:
        said = html.unescape(await browser.text("/modems"))
        first = said.index("bouygues-1 : La carte SIM est absente.")
        assert first < said.index("Éteignez, remettez la carte, rallumez.") < said.index("<h2>")
        assert "Tout va bien" not in said

        fleet = browser.town.services.fleet
        fleet.listed[:] = fleet.listed[:2]
        said = await browser.text("/modems")
        assert "Tout va bien." in said
        assert "3 en attente." in said


async def test_a_card_tells_budget_curve_errors_and_diary() -> None:
    """What a modem went through says whether it is dying."""
    async with site(role="technician") as browser:
        now = NOW.timestamp()
        line = tuple(Sample("orange-1", now - 300 * n, -70.0 - n, 1.0) for n in range(20, 0, -1))
        month = tuple(Sample("orange-1", now - 86400 * n, -80.0, 0.5) for n in range(30, -1, -1))
        browser.town.services.status.more["orange-1"] = {
            "day": line, "month": month, "doing": "envoie un SMS (12 sur 57)",
            "gauges": (Gauge("SMS aujourd’hui", 80, 200),),
            "faults": (FaultView(NOW, "Le réseau n’a pas pu le prendre.", "Regardez le signal."),),
            "diary": (RemedyView(NOW, "modem redémarré", "pas de réseau", "remis en marche",
                                 worked=True),),
        }  # fmt: skip
        said = html.unescape(await browser.text("/modems/etat"))

        for words in (
            "80 sur 200 SMS aujourd’hui", "envoie un SMS (12 sur 57)", "Regardez le signal.",
            "Mesuré depuis environ 1 h 40 : signal entre -90 et -71 dBm, prêt 100 % du temps",
            "30 jours : signal entre -80 et -80 dBm, prêt 50 % du temps",
            "modem redémarré (pas de réseau) : <strong>remis en marche</strong>",
        ):  # fmt: skip
            assert words in said, words
        assert said.count('<svg class="curve"') == 2


@pytest.mark.parametrize("count", [0, 1, 12])
async def test_the_page_holds_no_modem_one_and_twelve(count: int) -> None:
    """A box begins with none."""
    async with site(role="technician") as browser:
        browser.town.services.fleet.listed[:] = [modem(f"m{n}") for n in range(count)]
        said = await browser.text("/modems")

        assert count == said.count('<li class="m-ready">')
        assert ("Comment en ajouter un" in said) is (count == 0)


async def test_a_technician_tries_a_modem_from_the_page_and_reads_what_came_of_it() -> None:
    """No command line, no JavaScript: a button, and the number is asked once."""
    async with site(role="technician") as browser:
        fields = {"name": "orange-1", "kind": "sms", "phone": "06 39 98 00 01"}
        answer = await browser.post("/modems/essai", fields)
        said = html.unescape(await browser.text("/modems"))

        assert 303 == answer.status
        assert [("orange-1", "sms", "06 39 98 00 01")] == browser.town.bench.asked
        assert "en cours…" in said
        assert 'value="+33639980001"' in said
        await browser.post("/modems/essai", {"name": "orange-1", "kind": "service"})
        assert ("orange-1", "resume", "") == browser.town.bench.asked[-1]

        busy = await browser.post("/modems/essai", {"name": "sfr-1", "kind": "verifier"})
        assert 400 == busy.status
        assert "porte une alerte" in html.unescape(await busy.text())


async def test_a_secretary_sees_the_modems_and_tries_none() -> None:
    """She sees health; a trial rings a telephone."""
    async with site(role="sender") as browser:
        assert "Essayer un modem" not in await browser.text("/modems")
        answer = await browser.post("/modems/essai", {"name": "orange-1", "kind": "verifier"})
        assert 403 == answer.status
