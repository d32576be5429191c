"""What `modem` writes in a journal: each line knows of which modem it tells.

Standard `logging`, for `modem` knows nobody above it: whoever runs it decides where the lines go,
in which form, and how many of them (`gateway.logs` does). A line carries the modem's name as
``record.modem``, so that no message has to repeat it. For the asyncio part of `modem` only.
"""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any, Final

_MODEM: Final[ContextVar[str]] = ContextVar("modem", default="")


class _Named(logging.LoggerAdapter[logging.Logger]):
    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        kwargs["extra"] = {"modem": _MODEM.get(), **(kwargs.get("extra") or {})}
        return msg, kwargs


def log_for(name: str) -> logging.LoggerAdapter[logging.Logger]:
    """Return the logger of a module."""
    return _Named(logging.getLogger(name))


def tell_of(modem: str) -> None:
    """Have all that this task says from now on, and the tasks it starts, told of a modem."""
    _MODEM.set(modem)
