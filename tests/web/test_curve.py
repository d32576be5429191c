"""The signal as a line: no line where nothing was measured."""

from __future__ import annotations

from gateway.store.modem_past import Sample
from web.curve import curve

DAY = 86400.0


def test_a_hole_in_the_measures_is_a_hole_in_the_line() -> None:
    """A modem that was unplugged had no signal in between."""
    taken = [Sample("m", at, None if at == 600 else -80.0, 1.0) for at in (0, 300, 600, 900, 1200)]
    line = curve(taken, 1200, DAY)

    assert line is not None
    assert 2 == line.path.count("M")
    assert (-80, -80, 100) == (line.weakest, line.strongest, line.ready)


def test_the_newest_is_at_the_right_and_the_strongest_on_top() -> None:
    """Whatever the modem says, the line stays within its picture."""
    line = curve([Sample("m", 0, -130.0, 1.0), Sample("m", 300, -20.0, 0.0)], 300, 600.0)

    assert line is not None
    assert line.path == "M300 80L600 0"
    assert 50 == line.ready


def test_nothing_measured_is_no_line() -> None:
    """A box that starts has no past."""
    assert curve([], 0, DAY) is None
    assert curve([Sample("m", 0, None, 0.0)], 0, DAY) is None
