"""Many values made at once, without a search for cycles after each thousand of them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unsearched() -> Iterator[None]:
    """Make lists of tens of thousands of plain values inside this, and nothing that waits.

    CPython's collector walks every living container when a quarter as many are new: 0.14 s each
    time with a list of 14,000 people in memory, half of what reading one cost, and no call hears
    a word meanwhile. Counted references go on to free what nobody holds.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
