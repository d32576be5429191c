"""Logs with bound context, in which no number, address or name is ever whole.

Anybody in the gateway may import it.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, Final

import structlog

from gateway import journal
from gateway.log_levels import CURRENT

#: What stands in a line of another's making and might be somebody's number or mailbox.
_PERSONAL: Final = re.compile(
    r"(?<![\w.])(?:\+?\d{7,}|(?:0|\+\d\d ?)\d(?:[ .]\d\d){4})(?!\w)|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)
#: The parts of ours that speak through `logging`; of libraries only what is wrong is told.
_SPEAKERS: Final = ("modem", "web", "tts", "gateway")


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
    _take_in()
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


class _Bridge(logging.Handler):
    """Takes what was said through `logging`, and tells it as all else: fields, levels, masks."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            event: dict[str, Any] = {"module": record.name}
            if modem := getattr(record, "modem", ""):
                event["modem"] = modem
            if record.exc_info:
                event["exception"] = closed(logging.Formatter().formatException(record.exc_info))
            method = "error" if record.levelno >= logging.ERROR else record.levelname.lower()
            getattr(structlog.get_logger(), method)(closed(record.getMessage()), **event)
        except Exception:  # noqa: BLE001  a line that cannot be told never stops who says it
            self.handleError(record)


def closed(text: str) -> str:
    """Return a text in which no number or mail address is whole."""
    return _PERSONAL.sub(lambda found: masked(found[0].replace(" ", "")), text)


def _take_in() -> None:
    """Have all that speaks through `logging` heard here, once."""
    for name in ("", *_SPEAKERS):
        logger, bridge = logging.getLogger(name), _Bridge()
        logger.handlers = [one for one in logger.handlers if not isinstance(one, _Bridge)]
        logger.addHandler(bridge)
        logger.propagate = False
        bridge.setLevel(logging.DEBUG if name else logging.WARNING)
