"""Bytes from a port become lines and prompts, whatever the chunks they come in.

Job: cut. A line is what stands between two runs of CR and LF: devices write one, two or no CR
where the standard (V.250, 5.7.1) wants one, and glue results together. Not its job: what a
line means (`modem.connection`). Pure; for `modem.connection` only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

#: The longest honest line is a stored PDU, 352 digits; a port that says more without an end of
#: line is a diagnostic or audio port. h11 allows 16 KiB of HTTP headers, we far less.
LONGEST_LINE: Final = 4096
#: A USSD text may hold line ends inside its quotes (27.007, 7.15: 182 characters); beyond this
#: the quote is taken as never closed.
LONGEST_QUOTE: Final = 512

_END: Final = re.compile(rb"[\r\n]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, without its ends and outer blanks; bytes are read as Latin-1."""

    text: str


@dataclass(frozen=True, slots=True)
class PromptSign:
    """The device waits for a PDU: ``>`` and a blank, with no end of line (27.005, 3.5.1)."""


class LineFramer:
    """Cuts; ``expect_prompt`` is set by who knows that a prompt is due."""

    def __init__(self) -> None:
        self.expect_prompt = False
        self.discarded = 0
        self._rest = b""

    def feed(self, data: bytes) -> list[Line | PromptSign]:
        """Take bytes, return what they complete."""
        return list(self.tokens(data))

    def tokens(self, data: bytes) -> Iterator[Line | PromptSign]:
        """Take bytes, return what they complete, one by one.

        Whoever reads a line may change ``expect_prompt`` before the next is cut. NULs, which
        some ports emit when opened, are dropped. A line beyond `LONGEST_LINE` is thrown away
        and counted in ``discarded``.
        """
        self._rest += data.replace(b"\0", b"")
        while (token := self._next()) is not None:
            yield token
        if len(self._rest) > LONGEST_LINE:
            self.discarded += len(self._rest)
            self._rest = b""

    def clear(self) -> None:
        """Forget an unfinished line."""
        self._rest = b""

    def _next(self) -> Line | PromptSign | None:
        while True:
            self._rest = self._rest.lstrip(b"\r\n ")
            if self.expect_prompt and self._rest.startswith(b">"):
                self._rest = self._rest[1:]
                self.expect_prompt = False
                return PromptSign()
            end = self._end_of_line()
            if end is None:
                return None
            text = self._rest[:end].strip().decode("latin-1")
            self._rest = self._rest[end + 1 :]
            if text:
                return Line(text)

    def _end_of_line(self) -> int | None:
        for end in _END.finditer(self._rest):
            line = self._rest[: end.start()]
            inside = line.startswith(b"+CUSD:") and line.count(b'"') % 2 == 1
            if not inside or len(line) > LONGEST_QUOTE:
                return end.start()
        return None
