"""Logs with bound context, in which no number, address or name is ever whole.

Anybody in the gateway may import it.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from gateway import journal
from gateway.log_levels import CURRENT


def masked(address: str) -> str:
    """Return a telephone number or mail address that its owner recognises and nobody else.

    >>> masked("+33639980001"), masked("marie.durand@example.org")
    ('+33 *** 01', 'm***@example.org')
    """
    if "@" in address:
        local, _, domain = address.partition("@")
        return f"{local[:1]}***@{domain}"
    return f"{address[:3]} *** {address[-2:]}" if len(address) > 5 else "***"


def log_for(name: str) -> Any:
    """Return the logger of a module; bind context to it rather than repeat it."""
    return structlog.get_logger(module=name)


def set_up(*, level: str = "info") -> None:
    """Send logs to the journal as fields; without it to standard error, as text or JSON lines."""
    factory: Any = structlog.PrintLoggerFactory(sys.stderr)
    render: Any = structlog.processors.JSONRenderer()
    if sys.stderr.isatty():
        render = structlog.dev.ConsoleRenderer()
    elif journal.is_ours():
        sender = journal.Journal()
        factory, render = lambda *_: sender, lambda _, __, event: event
    CURRENT.set("", level)
    structlog.configure(
        processors=[
            CURRENT.drop_the_rest,
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=factory,
        cache_logger_on_first_use=False,
    )
