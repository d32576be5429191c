"""Before sending: when each group is done, and what would make it faster. Pure."""

from __future__ import annotations

from dataclasses import replace

from gateway.model import Channel
from gateway.services import foresight
from gateway.services.budget_words import exceeding
from gateway.services.foresight import Load
from gateway.store.budgets import Limits, State, Use

LOAD = Load(texts=600, segments=2, calls=0, mails=0, sms_modems=1, voice_modems=1,
            part_seconds=5.0, call_seconds=60.0)  # fmt: skip


def test_a_group_is_done_with_the_last_of_its_people() -> None:
    """The council first, the town an hour later: both are said."""
    groups = {"tous": {1, 2, 3, 4}, "élus": {1, 2}, "vide": set[int]()}
    order = [(number, Channel.SMS) for number in (1, 2, 3, 4)]
    load = replace(LOAD, texts=4)

    assert (("vide", 0.0), ("élus", 20.0), ("tous", 40.0)) == foresight.by_group(
        order, groups, load
    )


def test_those_with_a_landline_only_are_done_after_the_texts_of_a_modem_that_does_both() -> None:
    """Whatever their place in the alphabet; a modem for calls alone begins at once."""
    groups = {"fixes": {1, 2}, "mobiles": {3, 4}}
    order = [(1, Channel.VOICE), (2, Channel.VOICE), (3, Channel.SMS), (4, Channel.SMS)]
    load = replace(LOAD, texts=2, calls=2)
    apart = replace(load, voice_only=1)

    assert (("mobiles", 20.0), ("fixes", 140.0)) == foresight.by_group(order, groups, load)
    assert (("mobiles", 20.0), ("fixes", 120.0)) == foresight.by_group(order, groups, apart)


def test_what_waits_already_goes_before_and_each_gets_their_own_text() -> None:
    """A quarter of the town has a ç in its name: their text alone takes two SMS."""
    load = replace(LOAD, mean_segments=1.25, waiting_parts=50)

    assert 750 == load.parts
    assert 800 * 5.0 == load.seconds


def test_fewer_texts_and_one_modem_more_are_proposed_where_they_save_time() -> None:
    """Each with how long it would take."""
    said = foresight.faster(LOAD, 2, foresight.duration)

    assert "En 1 SMS au lieu de 2 : 50 min au lieu de 1 h 40." in said
    assert "Avec un modem de plus : 50 min au lieu de 1 h 40." in said


def test_dear_characters_are_named_before_anything_is_cut() -> None:
    """Nothing of the text is lost."""
    said = foresight.faster(LOAD, 1, foresight.duration)

    assert said[0].startswith("Sans les caractères coûteux : 50 min")
    assert not any(one.startswith("En 1 SMS") for one in said)


def test_only_calls_to_people_who_get_a_text_too_can_be_left_out() -> None:
    """Who has a landline only is called, whatever it takes; the lengths are those shown above."""
    landlines = Load(46, 1, 10, 6, 4, 4, 2.0, 60.0)
    both = replace(landlines, spare_calls=8)

    assert not any("appeler" in one for one in foresight.faster(landlines, 1, foresight.duration))
    assert (
        "Sans appeler ceux qui reçoivent aussi un SMS ou un courriel : 1 min au lieu de 3 min."
        in foresight.faster(both, 1, foresight.duration)
    )


def test_nothing_is_proposed_for_what_takes_a_minute() -> None:
    """Advice that saves ten seconds is noise."""
    few = Load(5, 2, 0, 0, 1, 1, 5.0, 60.0)

    assert () == foresight.faster(few, 1, foresight.duration)


def test_what_it_uses_of_each_budget_is_said() -> None:
    """Only where there is a budget."""
    limits = Limits(segments_per_month=1000)
    sims = [("m1", State(False, limits, Use(segments_per_month=120), 0)),
            ("m2", State(False, None, Use(), 0))]  # fmt: skip

    assert ("SIM de m1 : environ 600 SMS, déjà 120 sur 1000 ce mois-ci.",) == (
        foresight.uses(sims, 1200)
    )


def test_the_day_and_the_calls_are_said_beside_the_month() -> None:
    """Each has a limit of its own, and each is paid for."""
    limits = Limits(segments_per_day=200, segments_per_month=1000, call_minutes_per_month=300)
    used = Use(segments_per_day=20, segments_per_month=120, call_minutes_per_month=30.5)
    only_calls = Limits(call_minutes_per_month=300)

    (said,) = foresight.uses([("m1", State(False, limits, used, 0))], 50, 7.2)

    assert said == (
        "SIM de m1 : environ 50 SMS, déjà 120 sur 1000 ce mois-ci, 20 sur 200 aujourd'hui ; "
        "environ 8 min d'appel, déjà 30 sur 300 ce mois-ci."
    )
    assert () == foresight.uses([("m1", State(False, only_calls, used, 0))], 50)


def test_a_modem_that_only_calls_uses_no_texts_and_its_sim_no_share_of_them() -> None:
    """Twelve a month on the one that sends: twenty do not fit, whatever the other has left."""
    limits = Limits(segments_per_month=12)
    sims = [("m1", State(False, limits, Use(), 0)),
            ("m2", State(False, limits, Use(), 0, texts=False))]  # fmt: skip

    assert ("SIM de m1 : environ 20 SMS, déjà 0 sur 12 ce mois-ci.",) == foresight.uses(sims, 20)
    assert ["Dépassera le forfait de la SIM de m1 de 8 SMS ; partira quand même."] == (
        exceeding(sims, 20, vital=True)
    )


def test_new_numbers_are_shared_out_between_the_sims() -> None:
    """Each number is served by one of them, not by both."""
    limits = Limits(recipients_per_month=10)
    sims = [(name, State(False, limits, Use(), 30)) for name in ("m1", "m2")]

    assert all("5 correspondants" in one for one in exceeding(sims, 30, vital=True))
