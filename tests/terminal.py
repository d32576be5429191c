"""A command typed at the terminal, run in this process by the function that the program calls."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from typing import NamedTuple
from unittest import mock

from gateway import __main__ as program


class Told(NamedTuple):
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


Terminal = Callable[..., Told]


def typed(*words: str) -> Told:
    """Run ``tocsin`` with these words; a process of its own would import for a second."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    with (
        mock.patch.object(sys, "argv", ["tocsin", *words]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            program.main()
        except SystemExit as leave:
            status = int(leave.code or 0)
    return Told(status, out.getvalue(), err.getvalue())
