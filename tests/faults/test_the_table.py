"""What the technician reads of faults is what the tests prove, and nothing else."""

from __future__ import annotations

from tests.faults.table import GUIDE, PARTS, rows, written


def test_the_guide_has_the_table_of_the_tests() -> None:
    """After a change: make guide."""
    assert written() == GUIDE.read_text(encoding="utf-8")


def test_every_part_has_a_row_and_no_row_stands_twice() -> None:
    """What nobody tests is not told as known."""
    found = rows()

    assert list(PARTS) == list(dict.fromkeys(row.part for row in found))
    assert len(found) == len({(row.part, row.how) for row in found})
