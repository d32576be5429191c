"""The figures: each bench adds its own; at the end they are printed and kept in var/bench.json."""

from __future__ import annotations

import contextlib
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
    def ratio(self) -> float | None:
        """How much of the goal is reached: from 1 on it is met; None without a goal or at zero."""
        if self.least is not None:
            return self.value / self.least if self.least else None
        if self.most is not None:
            return self.most / self.value if self.value else None
        return None

    @property
    def line(self) -> str:
        """The figure as one row of the table."""
        wanted = f"≥ {self.least:g}" if self.least is not None else ""
        wanted = f"≤ {self.most:g}" if self.most is not None else wanted
        verdict = {True: "met", False: "NOT MET", None: ""}[self.met]
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else ""
        measured = f"{self.value:>10.3f} {self.unit:<6}"
        return f"{self.what:<62} {wanted:<9} {measured} {ratio:>8}  {verdict}"


def machine() -> str:
    """Return the name of this machine: system, processor and how many of it."""
    model = ""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith(("model name", "Model")):
                model = line.partition(":")[2].strip()
    return f"{platform.node()}, {model or platform.machine()} × {os.cpu_count()}"


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
        head = f"{'what':<62} {'goal':<9} {'measured':>10} {'':<6} {'ratio':>8}"
        lines = [f"On {machine()}:", "", head, *(figure.line for figure in self.found)]
        sys.stdout.write("\n\n" + "\n".join(lines) + "\n")
        WHERE.parent.mkdir(exist_ok=True)
        report = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine(),
            "cpus": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version(),
            "figures": [
                {**asdict(one), "ratio": one.ratio, "met": one.met} for one in self.found
            ],
        }  # fmt: skip
        WHERE.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")


@pytest.fixture(scope="session")
def figures() -> Iterator[Figures]:
    """Return where to put figures."""
    kept = Figures()
    yield kept
    if kept.found:
        kept.publish()
