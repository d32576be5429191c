"""Tables of like cases: a part of them for every day, all of them for ``make bench``."""

from __future__ import annotations

import itertools
import os
from collections.abc import Collection

import pytest

#: Whether everything that can be combined is (``make bench``: TOCSIN_FUZZ).
WHOLE = "TOCSIN_FUZZ" in os.environ
#: Whether a browser opens every page in every window, light and dark (``make bench``: TOCSIN_AXE).
EVERY_WINDOW = "TOCSIN_AXE" in os.environ
#: How wide windows are, CSS pixels: a telephone, a desk. On other days than those of ``make bench``
#: a page opened on a telephone is looked at on a desk without being opened again.
PHONE, DESK = 360, 1280

in_windows = pytest.mark.parametrize("width", [PHONE, DESK] if EVERY_WINDOW else [PHONE])


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
