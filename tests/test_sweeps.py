"""The part of a table that is tried every day leaves out no pair of values."""

from __future__ import annotations

import itertools

from tests.sweeps import combinations

MAKES, FAULTS, MOMENTS = ("a", "b", "c"), range(16), range(7)


def test_every_fault_meets_every_moment_and_every_make_each_day() -> None:
    """A fault that is tried only in the long run would be a defect for weeks."""
    day = combinations(MAKES, FAULTS, MOMENTS, whole=False)

    assert len(FAULTS) * len(MOMENTS) == len(day)
    for one, other in itertools.combinations((MAKES, FAULTS, MOMENTS), 2):
        at = (MAKES, FAULTS, MOMENTS).index(one), (MAKES, FAULTS, MOMENTS).index(other)
        met = {(case[at[0]], case[at[1]]) for case in day}
        assert set(itertools.product(one, other)) == met


def test_the_whole_table_is_tried_in_the_long_run() -> None:
    """Nothing is given up, it only comes more rarely."""
    assert len(MAKES) * 16 * 7 == len(set(combinations(MAKES, FAULTS, MOMENTS, whole=True)))
