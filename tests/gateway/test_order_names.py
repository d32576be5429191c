"""A message keeps its order of sends without a name; the report finds it again. Pure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway import orders
from gateway.model import Channel, Urgency
from gateway.plan import Plan, Step, When
from gateway.services.order_names import name_of

SMS, VOICE, EMAIL = Channel.SMS, Channel.VOICE, Channel.EMAIL
TOWN = {"Réunion": Plan((Step((EMAIL,)), Step((SMS,), 3600.0, When.UNREACHED)), spare=True)}


@pytest.mark.parametrize("urgency", list(Urgency))
def test_the_advised_order_is_known_with_whatever_channels_were_chosen(urgency: Urgency) -> None:
    """Who ticks no email gets the same order without its mails."""
    plan = orders.only(orders.ADVISED[urgency], (SMS, VOICE))

    assert "conseillé" == name_of(plan, urgency, (SMS, VOICE), TOWN)
    assert "conseillé" == name_of(replace(plan, confirm=True), urgency, (VOICE, SMS), TOWN)


def test_all_at_once_is_known_in_any_sequence_of_its_channels() -> None:
    """The store gives the texts back as it likes."""
    plan = orders.at_once((VOICE, SMS))

    assert "tous les moyens à la fois" == name_of(plan, Urgency.SERVICE, (SMS, VOICE), TOWN)


def test_an_order_of_the_town_has_its_name_until_it_is_changed() -> None:
    """A name whose steps are others now would be a lie on paper."""
    plan = orders.only(TOWN["Réunion"], (SMS, EMAIL))
    changed = {"Réunion": Plan((Step((SMS,)), Step((EMAIL,), 60.0, When.UNREACHED)), spare=True)}

    assert "Réunion" == name_of(plan, Urgency.SERVICE, (SMS, EMAIL), TOWN)
    assert "particulier" == name_of(plan, Urgency.SERVICE, (SMS, EMAIL), changed)
