"""The figures: each bench adds its own; at the end they are printed and kept in var/bench.json."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

WHERE = Path(__file__).resolve().parents[2] / "var" / "bench.json"


@dataclass(frozen=True)
class Figure:
    """One measured number, and what it should at least or at most be."""

    what: str
    value: float
    unit: str = ""
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the number is as it should be; None where nothing is asked of it."""
        if self.least is None and self.most is None:
            return None
        return (self.least is None or self.value >= self.least) and (
            self.most is None or self.value <= self.most
        )

    @property
    def line(self) -> str:
        """The figure as one row of the table."""
        wanted = f"≥ {self.least:g}" if self.least is not None else ""
        wanted = f"≤ {self.most:g}" if self.most is not None else wanted
        verdict = {True: "met", False: "NOT MET", None: ""}[self.met]
        return f"{self.what:<58} {self.value:>10.3f} {self.unit:<6} {wanted:<9} {verdict}"


@dataclass
class Figures:
    """All figures of one run."""

    found: list[Figure] = field(default_factory=list)

    def add(
        self, what: str, value: float, unit: str = "", *,
        least: float | None = None, most: float | None = None,
    ) -> None:  # fmt: skip
        """Keep one; a figure that is not met is told, and fails nothing."""
        self.found.append(Figure(what, value, unit, least, most))

    def publish(self) -> None:
        """Print the table, and write the file."""
        sys.stdout.write("\n\n" + "\n".join(figure.line for figure in self.found) + "\n")
        WHERE.parent.mkdir(exist_ok=True)
        report = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": platform.machine(),
            "cpus": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version(),
            "figures": [{**asdict(figure), "met": figure.met} for figure in self.found],
        }  # fmt: skip
        WHERE.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")


@pytest.fixture(scope="session")
def figures() -> Iterator[Figures]:
    """Return where to put figures."""
    kept = Figures()
    yield kept
    if kept.found:
        kept.publish()
