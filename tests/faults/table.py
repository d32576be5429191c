"""The table of faults in the technician guide, made from the tests that prove each row.

A test carries its row: ``@fault("modem", "arraché", "Ses messages …")``. `python -m
tests.faults.table` (``make guide``) writes the table; a test checks that the guide has it.
"""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

ROOT: Final = Path(__file__).resolve().parents[2]
GUIDE: Final = ROOT / "web" / "help" / "technician.html"
_BEGIN: Final = "{# pannes : écrit par « make guide » #}\n"
_END: Final = "{# fin des pannes #}\n"
#: What can fail, in the order of the table.
PARTS: Final = {
    "power": "Courant", "modem": "Modem", "sim": "Carte SIM", "network": "Réseau mobile",
    "relay": "Relais de courriel", "internet": "Internet", "disk": "Disque", "base": "Base",
    "clock": "Horloge", "config": "Configuration",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row: what fails and how, what happens then, and the test that proves it."""

    part: str
    how: str
    what: str
    test: str


def fault(part: str, how: str, what: str) -> Callable[[T], T]:
    """Mark the test that proves what happens when a part fails."""
    assert part in PARTS
    assert how
    assert what.endswith(".")
    return lambda test: test


def rows() -> list[Row]:
    """Return the rows of all tests, in the order of the table."""
    found = [row for path in sorted((ROOT / "tests").rglob("test_*.py")) for row in _of(path)]
    order = list(PARTS)
    return sorted(found, key=lambda row: order.index(row.part))


def _of(path: Path) -> Iterator[Row]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "fault":
                yield Row(*(ast.literal_eval(one) for one in mark.args), node.name)


def drawn(label: str, heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table of the guide: ``label`` says what it is to whoever does not see it."""
    names = "".join(f'<th scope="col">{head}</th>' for head in heads)
    rows = (
        "".join(f"<td>{html.escape(cell, quote=False)}</td>" for cell in cells) for cells in lines
    )
    made = [
        f'<div class="overflow-auto" tabindex="0" role="region" aria-label="{label}"><table>',
        f"  <thead><tr>{names}</tr></thead>", "  <tbody>",
        *(f"  <tr>{row}</tr>" for row in rows), "  </tbody>", "</table></div>",
    ]  # fmt: skip
    return "\n".join(made) + "\n"


def put_between(begin: str, end: str, made: str) -> str:
    """Return the guide with ``made`` in the place that these marks keep for it."""
    text = GUIDE.read_text(encoding="utf-8")
    pattern = re.escape(begin) + ".*?" + re.escape(end)
    whole, count = re.subn(pattern, lambda _: begin + made + end, text, flags=re.DOTALL)
    assert count == 1, f"the guide has lost its place: {begin}"
    return whole


def section() -> str:
    """Return the table as the guide has it."""
    heads = ("Ce qui tombe", "Comment", "Ce qui se passe")
    return drawn("Pannes", heads, [(PARTS[row.part], row.how, row.what) for row in rows()])


def written() -> str:
    """Return the guide with the table as the tests have it."""
    return put_between(_BEGIN, _END, section())


if __name__ == "__main__":
    GUIDE.write_text(written(), encoding="utf-8")
