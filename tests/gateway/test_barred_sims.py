"""A SIM its operator has barred: noticed by the run of refusals, and stopped."""

from __future__ import annotations

from gateway.barred import NAMED_RUN, RUN, RefusalRun
from modem.errors import CommandFailed
from modem.refusal import Refusal, judge


def cms(code: int) -> Refusal:
    return judge(CommandFailed("AT+CMGS", "CMS", code))


def test_five_numbers_rejected_in_a_row_are_no_coincidence() -> None:
    """The operator took the card for a spammer's: to go on would fail everybody by mistake."""
    run = RefusalRun()
    said = [run.refused("sim", f"+3363998000{n}", cms(21)) for n in range(RUN)]

    assert [""] * (RUN - 1) == said[:-1]
    assert "5 numéros refusés de suite (CMS 21)" == said[-1]


def test_one_number_rejected_again_and_again_accuses_only_itself() -> None:
    """A full mailbox is no barred card."""
    run = RefusalRun()

    assert not any(run.refused("sim", "+33639980001", cms(21)) for _ in range(50))


def test_a_text_taken_in_between_clears_the_card() -> None:
    """Five bad numbers in a list of a thousand are usual."""
    run = RefusalRun()
    for number in range(50):
        run.accepted()
        assert "" == run.refused("sim", str(number), cms(21))


def test_fewer_suffice_where_the_network_names_the_card() -> None:
    """CMS 8 is « barred by the operator », whatever the number."""
    run = RefusalRun()
    said = [run.refused("sim", str(number), cms(8)) for number in range(NAMED_RUN)]

    assert said[-1]
    assert not any(said[:-1])


def test_a_congested_network_bars_nobody() -> None:
    """It refuses everybody for a while: that is waited out."""
    run = RefusalRun()

    assert not any(run.refused("sim", str(number), cms(42)) for number in range(50))


def test_another_card_in_the_same_stick_starts_with_a_clean_sheet() -> None:
    """The technician changed it because of this very run."""
    run = RefusalRun()
    for number in range(RUN - 1):
        run.refused("old", str(number), cms(21))

    assert "" == run.refused("new", "+33639980009", cms(21))
