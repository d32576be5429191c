"""A SIM's budget in words: what is nearly used, what a message would exceed. Pure."""

from __future__ import annotations

import pytest

from gateway.services.budget_words import exceeding, warnings
from gateway.store.budgets import Limits, State, Use


def state(limits: Limits, used: Use, fresh: int = 0) -> State:
    return State(False, limits, used, fresh)


@pytest.mark.parametrize(
    ("limits", "used", "said"),
    [
        (Limits(segments_per_day=200), Use(segments_per_day=160), "160 SMS sur 200 aujourd'hui"),
        (Limits(segments_per_month=10), Use(segments_per_month=8), "8 SMS sur 10 ce mois-ci"),
        (Limits(recipients_per_month=200), Use(recipients_per_month=199),
         "199 correspondants sur 200 ce mois-ci"),
        (Limits(call_minutes_per_month=100), Use(call_minutes_per_month=80.7),
         "80 minutes d'appel sur 100 ce mois-ci"),
    ],
)  # fmt: skip
def test_a_limit_is_told_from_four_fifths_on(limits: Limits, used: Use, said: str) -> None:
    """There is time to buy more, or to wait with the bulletin."""
    assert [f"Forfait bientôt épuisé, SIM de m1 : {said}."] == warnings("m1", state(limits, used))


def test_a_limit_that_is_used_up_says_what_waits_and_what_does_not() -> None:
    """Nobody must believe that the siren is out of order."""
    (said,) = warnings("m1", state(Limits(segments_per_month=10), Use(segments_per_month=11)))

    assert said.startswith("Forfait épuisé, SIM de m1 : 11 SMS sur 10 ce mois-ci.")
    assert "une alerte part toujours" in said


def test_a_month_of_which_only_the_share_of_alerts_is_left_says_that_the_rest_waits() -> None:
    """Routine messages stop there, though half of the month is not used."""
    limits = Limits(segments_per_month=10, reserve_percent=50)
    (said,) = warnings("m1", state(limits, Use(segments_per_month=5)))

    assert "gardé pour les alertes" in said
    assert [] == warnings("m1", state(limits, Use(segments_per_month=4)))


def test_nothing_is_told_below_four_fifths_nor_without_a_limit() -> None:
    """A warning that is always there is read by nobody."""
    used = Use(999, 999, 79, 79, 79, 79.9)

    assert [] == warnings("m1", state(Limits(1, 1, 100, 100, 100, 100), used))
    assert [] == warnings("m1", state(Limits(), used))
    assert [] == warnings("m1", State(False, None, used, 0))


def test_an_alert_is_told_every_limit_it_will_exceed_and_leaves() -> None:
    """The day's SMS and the calls are paid for as the month's are."""
    limits = Limits(segments_per_day=100, segments_per_month=1000, recipients_per_month=50,
                    call_minutes_per_month=60)  # fmt: skip
    near = state(limits, Use(0, 0, 90, 500, 45, 55.5), fresh=8)

    (said,) = exceeding([("m1", near)], 20, vital=True, call_minutes=10.0)

    assert said == (
        "Dépassera le forfait de la SIM de m1 de 10 SMS aujourd'hui, 3 correspondants, "
        "6 minutes d'appel ; partira quand même."
    )


def test_a_limit_the_message_does_not_touch_is_not_told() -> None:
    """Texts cost no minutes, and calls no SMS."""
    limits = Limits(segments_per_day=1, call_minutes_per_month=1)
    full = state(limits, Use(segments_per_day=9, call_minutes_per_month=9.0))

    assert [] == exceeding([("m1", full)], 0, vital=True)
    (texts,) = exceeding([("m1", full)], 1, vital=False)
    assert "minutes" not in texts
    assert texts.endswith("le reste attendra, au plus tant que le message est utile.")


def test_what_is_kept_for_alerts_is_told_to_a_routine_message_only() -> None:
    """It would wait, and its sender should know before."""
    half = state(Limits(segments_per_month=10, reserve_percent=50), Use(segments_per_month=4))

    assert [] == exceeding([("m1", half)], 4, vital=True)
    (said,) = exceeding([("m1", half)], 4, vital=False)
    assert said.startswith("Dépasse le forfait de la SIM de m1 de 3 SMS : le reste attendra")
