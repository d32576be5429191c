"""Tables of like cases: a part of them for every day, all of them for ``make bench``."""

from __future__ import annotations

import itertools
import os
from collections.abc import Collection

import pytest

#: Whether everything that can be combined is (``make bench``: TOCSIN_FUZZ).
WHOLE = "TOCSIN_FUZZ" in os.environ


def crossed(
    names: str, first: Collection[str], *others: Collection[object]
) -> pytest.MarkDecorator:
    """Parametrize by all combinations; else by each of the ``others`` with one of the ``first``.

    The ``first`` take turns, so that each of them meets each single value of the others, too.
    """
    return pytest.mark.parametrize(names, combinations(first, *others, whole=WHOLE))


def combinations(
    first: Collection[str], *others: Collection[object], whole: bool
) -> list[tuple[object, ...]]:
    """Return the combinations: all of them, or those of a day."""
    numbered = itertools.product(*(enumerate(axis) for axis in (first, *others)))
    return [
        tuple(value for _, value in case)
        for case in numbered
        if whole or sum(at for at, _ in case) % len(first) == 0
    ]
