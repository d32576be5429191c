"""Long messages that come in pieces: in any order, twice, or not whole."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gateway.assembly import GAP, PATIENCE, TOGETHER, ReceivedPart, assemble

ONE = ReceivedPart("sim", "+33639980001", "Au secours, ", 100.0, 7, 1, 3)
TWO = replace(ONE, text="l'eau entre ", part=2, at=101.0)
THREE = replace(ONE, text="dans la cave.", part=3, at=102.0)
WHOLE = "Au secours, l'eau entre dans la cave."


@given(st.permutations([ONE, TWO, THREE]), st.lists(st.sampled_from([ONE, TWO, THREE])))
def test_parts_in_any_order_and_twice_are_one_message(
    parts: list[ReceivedPart], again: list[ReceivedPart]
) -> None:
    """Networks repeat, and overtake themselves."""
    shuffled = [replace(part, at=100.0 + n) for n, part in enumerate([*parts, *again])]
    (message,) = assemble(shuffled, 200.0)
    assert (WHOLE, ()) == (message.text, message.missing)


def test_a_part_that_may_still_come_is_waited_for_then_told_as_missing() -> None:
    """Somebody cried for help: half of it is far better than nothing."""
    assert [] == assemble([ONE, THREE], 102.0 + PATIENCE - 1)
    (message,) = assemble([ONE, THREE], 102.0 + PATIENCE)
    assert (f"Au secours, {GAP}dans la cave.", (2,), 3) == (
        message.text, message.missing, message.total,
    )  # fmt: skip


def test_a_reference_that_comes_again_is_another_message() -> None:
    """Two hundred and fifty-six messages later the number is the same."""
    later = [replace(part, at=part.at + TOGETHER * 2) for part in (ONE, TWO, THREE)]
    other = [replace(ONE, text="Autre ", at=110.0), replace(TWO, text="chose ", at=111.0),
             replace(THREE, text="encore.", at=112.0)]  # fmt: skip
    texts = [m.text for m in assemble([ONE, TWO, THREE, *other, *later], 10**6)]
    assert [WHOLE, "Autre chose encore.", WHOLE] == texts


def test_two_senders_and_two_sims_are_never_mixed() -> None:
    """Everybody counts from one."""
    mine, theirs = [ONE, TWO, THREE], [replace(p, sender="INFO") for p in (ONE, TWO, THREE)]
    other = [replace(p, sim="other") for p in (ONE, TWO, THREE)]
    assert 3 == len(assemble([*mine, *theirs, *other], 10**6))


def test_a_message_of_one_part_is_itself() -> None:
    """Most are."""
    single = ReceivedPart("sim", "+33639980001", "Oui", 5.0)
    assert ["Oui"] == [message.text for message in assemble([single], 5.0)]
