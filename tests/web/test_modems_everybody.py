"""The Modems page for everybody: narrow and wide, light and dark, nothing in anybody's way."""

from __future__ import annotations

from gateway.services.modem_cards import FaultView, Gauge, RemedyView
from gateway.store.modem_past import Sample
from tests.sweeps import in_windows
from tests.web.conftest import Visitor
from tests.web.everybody import unusable
from tests.web.fake import NOW, Town


def a_town_with_a_past() -> Town:
    """Return a town whose first modem has all that a card can show."""
    town, now = Town(), NOW.timestamp()
    day = tuple(
        Sample("orange-1", now - 300 * n, -70.0 - (n * 7) % 23, 1.0)
        for n in range(280, 0, -1)
        if not 100 < n < 130
    )
    town.status.more["orange-1"] = {
        "day": day, "month": day, "doing": "envoie un SMS (12 sur 57)", "pace": 14,
        "gauges": (Gauge("SMS aujourd’hui", 180, 200), Gauge("SMS ce mois-ci", 900, 5000)),
        "faults": (FaultView(NOW, "Le réseau n’a pas pu le prendre.", "Regardez le signal."),),
        "diary": (RemedyView(NOW, "modem redémarré", "pas de réseau", "remis en marche",
                             worked=True),),
    }  # fmt: skip
    return town


@in_windows
def test_nothing_on_the_page_is_in_anybodys_way(visitor: Visitor, width: int) -> None:
    """A technician stands in a cellar with a telephone."""

    async def scenario() -> None:
        async with visitor.visit(a_town_with_a_past(), role="technician", width=width) as (
            page,
            here,
        ):
            assert [] == await unusable(page, here, ["/modems"])

    visitor.run(scenario())
