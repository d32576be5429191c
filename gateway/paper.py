"""A report on paper: rows to CSV, XLSX and PDF. Pure: values in, bytes out.

Job: files an office opens. Not its job: what stands in them (`gateway.services.reports`).
Text that a spreadsheet would take for a formula stays text. Run as a program it makes one file from
JSON: ten thousand lines take seconds of a core, which calls in progress need.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

#: A spreadsheet takes a text that begins so for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report: title, lines of facts above the table, the table, and the line of its seal.

    ``told`` are facts too long or too many for the first table's readers; ``details`` is a second
    table, on its own sheet in a workbook and below the first in a CSV, which programs read up to
    the first empty line. The PDF shows ``told`` and not ``details``: it would be a book.
    """

    title: str
    facts: Sequence[tuple[str, str]]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    seal: str
    made_at: datetime  # aware, in the town's zone
    told: Sequence[tuple[str, str]] = ()
    details_name: str = ""
    details_head: Sequence[str] = ()
    details: Sequence[Sequence[str]] = ()


def as_csv(sheet: Sheet) -> bytes:
    """Return a table as Excel in France opens it: UTF-8 with BOM, semicolons."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(sheet.head)
    writer.writerows([safe(cell) for cell in row] for row in sheet.rows)
    if sheet.details_head:
        writer.writerow([])
        writer.writerow(sheet.details_head)
        writer.writerows([safe(cell) for cell in row] for row in sheet.details)
    if sheet.told:
        writer.writerow([])
        writer.writerows([safe(cell) for cell in row] for row in sheet.told)
    if sheet.seal:
        writer.writerow([])
        writer.writerow(["Sceau", sheet.seal])
    return out.getvalue().encode("utf-8-sig")


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; a telephone number stays itself."""
    if text.startswith(_FORMULA) and not text[1:].replace(" ", "").isdigit():
        return f"'{text}"
    return text


def as_xlsx(sheet: Sheet) -> bytes:
    """Return a workbook: the facts on one page, the table on another; every cell is text."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    about = book.active
    assert about is not None  # noqa: S101  for the type checker: a new workbook has a sheet
    about.title = "Message"
    for row in [("Titre", sheet.title), *sheet.facts, *sheet.told, ("Sceau", sheet.seal)]:
        _write(about, row)
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 24, 90
    tables = [("Personnes", sheet.head, sheet.rows)]
    if sheet.details_head:
        tables.append((sheet.details_name, sheet.details_head, sheet.details))
    for name, head, rows in tables:
        table = book.create_sheet(name)
        _write(table, head)
        for cell in table[1]:
            cell.font = Font(bold=True)
        for line in rows:
            _write(table, line)
        for number, _ in enumerate(head):
            table.column_dimensions[chr(ord("A") + number)].width = 22
        table.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(sheet: Any, row: Sequence[str]) -> None:
    sheet.append([""] * len(row))
    for cell, text in zip(sheet[sheet.max_row], row, strict=True):
        # the format refuses control characters; what begins like a formula is forced to text
        cell.value = "".join(char for char in text if char >= " " or char in "\n\t")
        cell.data_type = "s"


def as_pdf(sheet: Sheet) -> bytes:
    """Return A4 pages: facts, table with its head on each page, seal and page numbers below."""
    from fpdf import FPDF
    from fpdf.enums import XPos, YPos

    class Paper(FPDF):
        def footer(self) -> None:
            self.set_y(-12)
            self.set_font("helvetica", size=7)
            self.cell(0, 4, plain(f"Sceau {sheet.seal}"), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            self.cell(0, 4, f"Page {self.page_no()}/{{nb}}", align="R")

    paper = Paper(orientation="landscape", format="A4")
    paper.core_fonts_encoding = "windows-1252"
    paper.set_creation_date(sheet.made_at)
    paper.set_title(plain(sheet.title))
    paper.set_lang("fr-FR")
    paper.set_auto_page_break(True, margin=16)
    paper.add_page()
    paper.set_font("helvetica", "B", 15)
    paper.multi_cell(0, 8, plain(sheet.title), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.set_font("helvetica", size=9)
    for label, value in (*sheet.facts, *sheet.told):
        paper.multi_cell(0, 5, plain(f"{label} : {value}"), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.ln(3)
    paper.set_font("helvetica", size=8)
    with paper.table(line_height=4.5, first_row_as_headings=True) as table:
        for line in (sheet.head, *sheet.rows):
            row = table.row()
            for text in line:
                row.cell(plain(text))
    return bytes(paper.output())


def one_side(title: str, margins: tuple[float, float, float]) -> Any:
    """Return an empty side of A4 (`fpdf.FPDF`); margins in millimetres: left, top, right."""
    from fpdf import FPDF

    page = FPDF(format="A4")
    page.core_fonts_encoding = "windows-1252"
    page.set_title(plain(title))
    page.set_lang("fr-FR")
    page.set_auto_page_break(False)
    page.set_margins(*margins)
    page.add_page()
    return page


def line(page: Any, text: str, size: float, style: str = "", height: float = 5.6) -> None:
    """Set a text on a page, over its whole width; size in points, height in millimetres."""
    from fpdf.enums import XPos, YPos

    page.set_font("helvetica", style, size)
    page.multi_cell(0, height, plain(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def plain(text: str) -> str:
    """Return what the PDF's built-in letters can show; the workbook has every character."""
    shown = text.replace("\u202f", "\u00a0").replace("\u2011", "-")
    return shown.encode("windows-1252", "replace").decode("windows-1252")


FORMATS: Final = {"csv": as_csv, "xlsx": as_xlsx, "pdf": as_pdf}
#: A file that takes longer (seconds) than this is given up.
TIME_LIMIT: Final = 180.0


def make(sheet: Sheet, kind: str) -> bytes:
    """Return a file, made in a child process; blocks. Raises OSError when the child fails."""
    asked = {**asdict(sheet), "made_at": sheet.made_at.isoformat(), "kind": kind}
    return in_child("gateway.paper", asked)


def in_child(module: str, asked: dict[str, Any]) -> bytes:
    """Return what a module makes of values, run as a program; blocks. Raises OSError."""
    try:
        done = subprocess.run(  # noqa: S603  a module of ours
            [sys.executable, "-m", module], input=json.dumps(asked).encode(),
            capture_output=True, timeout=TIME_LIMIT, check=True,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError) as error:
        raise OSError(f"the report could not be made: {error}") from error
    return done.stdout


def _child() -> None:
    asked = json.load(sys.stdin)
    kind, made_at = asked.pop("kind"), datetime.fromisoformat(asked.pop("made_at"))
    sys.stdout.buffer.write(FORMATS[kind](Sheet(**asked, made_at=made_at)))


if __name__ == "__main__":
    _child()
