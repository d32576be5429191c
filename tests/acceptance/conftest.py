"""What the tests of whole boxes share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.nursery import Nursery, nursery


@pytest.fixture(scope="session")
def imported() -> Iterator[Nursery]:
    """Have what begins daemons that need not import anew, which takes a second and a half."""
    with nursery({}) as one:
        yield one
