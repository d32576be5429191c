"""The long steps of an import in a process of their own: calls in progress need this one's core.

Job: bytes to a sheet, a sheet to lines, as JSON over pipes, with limits. Not its job: meaning.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from gateway.errors import Refused
from gateway.heap import unsearched
from gateway.lists import columns as known_columns
from gateway.lists import reading, sheet
from gateway.lists.values import Endpoint, ImportLine, LineProblem, Reading, Referent, Sheet
from gateway.model import Line
from gateway.sentences import fr, packed, unpacked

#: Seconds of a core and octets of memory (addresses, not pages) that one file may cost. Measured:
#: a workbook of 50,000 people in 17 columns takes 304 MB of them, of 30,000 250 MB.
TIME_LIMIT: Final = 60
MEMORY_LIMIT: Final = 450_000_000
#: A list shorter than this (octets) is read faster than a process starts.
SMALL: Final = 20_000
#: Lines worth a process of their own, and how many of these read one list at the same time.
_SHARE: Final = 3_000
_MOST_SHARES: Final = 4
_FAILED: Final = fr(
    "Ce fichier ne se lit pas : il est trop grand ou abîmé. Enregistrez-le de nouveau, ou "
    "coupez-le en plusieurs."
)
_TOO_LARGE: Final = fr(
    "Ce fichier prend trop de mémoire une fois ouvert : copiez les colonnes utiles dans un "
    "classeur neuf, ou coupez-le en plusieurs."
)


def open_file(data: bytes) -> tuple[Sheet, tuple[str, ...]]:
    """Return a file's rows and what its columns seem to hold; blocks. Raises `Refused`."""
    if len(data) < SMALL and not data.startswith(b"PK"):
        opened = sheet.open_file(data)
        return opened, known_columns.propose(opened)
    answer = _asked("open", data)
    left, remarks = (tuple(_problem(*one) for one in answer[key]) for key in ("left", "remarks"))
    opened = replace(_sheet(answer["sheet"]), left=left, remarks=remarks)
    return opened, tuple(answer["columns"])


def read(opened: Sheet, columns: Sequence[str]) -> Reading:
    """Return the lines of a sheet; blocks. Raises `Refused`."""
    if len(opened.rows) < 100:
        return reading.read(opened, columns)
    known_columns.check(opened, columns)
    shares = [json.dumps([_plain(one), list(columns)]).encode() for one in _shares(opened)]
    with ThreadPoolExecutor(len(shares)) as readers:
        answers = list(readers.map(lambda share: _asked("read", share), shares))
    with unsearched():
        return Reading(
            [_line(one) for part in answers for one in part["lines"]],
            [*opened.left, *(_problem(*one) for part in answers for one in part["refused"])],
            [*opened.remarks, *(_problem(*one) for part in answers for one in part["warnings"])],
        )


def _shares(opened: Sheet) -> list[Sheet]:
    """Return a sheet in pieces, in order: each line is read by itself, so each core takes some."""
    lines = len(opened.rows)
    many = max(1, min(len(os.sched_getaffinity(0)), _MOST_SHARES, lines // _SHARE))
    size = -(-lines // many)
    return [replace(opened, rows=opened.rows[n : n + size]) for n in range(0, lines, size)]


def _plain(opened: Sheet) -> list[Any]:
    """Return a sheet as JSON has it, without what is said of it as a whole."""
    return [opened.kind, opened.titles, opened.rows]


def _sheet(data: list[Any]) -> Sheet:
    kind, titles, rows = data
    return Sheet(kind, tuple(titles), tuple((number, tuple(cells)) for number, cells in rows))


def _line(data: list[Any]) -> ImportLine:
    number, name, given, details, endpoints, groups, tags, referent = data
    return ImportLine(
        number, name, given, details, _ways(endpoints), tuple(groups), tuple(tags),
        Referent(referent[0], _ways(referent[1])) if referent else None,
    )  # fmt: skip


def _ways(data: list[Any]) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(Line(line), at, unpacked(warning)) for line, at, warning in data)


def _plain_ways(ways: Sequence[Endpoint]) -> list[Any]:
    return [[e.line, e.address, packed(e.warning)] for e in ways]


def _plain_problem(one: LineProblem) -> list[Any]:
    return [one.line, packed(one.field), packed(one.message)]


def _problem(line: int, field: Any, message: Any) -> LineProblem:
    return LineProblem(line, unpacked(field), unpacked(message))


def _asked(what: str, data: bytes) -> Any:
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-m", "gateway.lists.child", what], input=data, capture_output=True,
            timeout=2 * TIME_LIMIT, check=True,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError) as error:
        raise Refused(_FAILED) from error
    with unsearched():
        answer = json.loads(done.stdout)
    if "why" in answer:
        raise Refused(unpacked(answer["why"]), answer["field"])
    return answer


def _opened(data: bytes) -> dict[str, Any]:
    opened = sheet.open_file(data)
    return {
        "sheet": _plain(opened), "columns": known_columns.propose(opened),
        "left": [_plain_problem(one) for one in opened.left],
        "remarks": [_plain_problem(one) for one in opened.remarks],
    }  # fmt: skip


def _read(data: bytes) -> dict[str, Any]:
    rows, columns = json.loads(data)
    found = reading.read(_sheet(rows), columns)
    return {
        "lines": [
            [one.line, one.name, one.given_name, one.details,
             _plain_ways(one.endpoints), one.groups, one.tags,
             one.referent and [one.referent.name, _plain_ways(one.referent.ways)]]
            for one in found.lines
        ],
        "refused": [_plain_problem(one) for one in found.refused],
        "warnings": [_plain_problem(one) for one in found.warnings],
    }  # fmt: skip


def _first_to_go() -> None:
    """Have the kernel, short of memory, end this process and not the daemon."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
        file.write("1000")


def _main() -> None:
    _first_to_go()
    gc.disable()  # this process ends before there is anything worth a search
    resource.setrlimit(resource.RLIMIT_CPU, (TIME_LIMIT, TIME_LIMIT))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    work = {"open": _opened, "read": _read}[sys.argv[1]]
    try:
        answer: dict[str, Any] = work(sys.stdin.buffer.read())
    except Refused as refusal:
        answer = {"why": packed(refusal.message), "field": refusal.field}
    except MemoryError:
        answer = {"why": packed(_TOO_LARGE), "field": ""}
    sys.stdout.write(json.dumps(answer, ensure_ascii=True))


if __name__ == "__main__":
    _main()
