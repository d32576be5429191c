"""The house stands as drawn: who may import whom, and no module imports itself round a corner."""

from __future__ import annotations

import ast
import functools
from collections.abc import Set as AbstractSet
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("gateway", "modem", "tts", "web")

#: Pure modules of the gateway: standard library and each other, nothing else.
CORE = {
    f"gateway.{name}"
    for name in (
        "errors",
        "sentences",
        "model",
        "states",
        "lived",
        "plan",
        "policy",
        "criteria",
        "french",
        "orders",
        "asks",
        "hours",
        "departure",
        "referent",
    )
} | {"gateway.channels.call_script", "gateway.channels.call_words"}
#: `gateway.phone` is core's one guest: phonenumbers, loaded lazily.
CORE_GUESTS = {"gateway.phone", "phonenumbers"}
#: The pure part of modem: no loop, file or clock.
PURE_MODEM = {
    "modem.errors", "modem.events", "modem.framing", "modem.connection", "modem.commands",
    "modem.call", "modem.refusal", "modem.status",
}  # fmt: skip
IMPURE = {"asyncio", "socket", "os", "pathlib", "subprocess", "threading", "time", "sqlite3"}


def modules() -> dict[str, Path]:
    found = {}
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def imports(path: Path, *, at_import: bool = False) -> frozenset[str]:
    """Return all names a file imports; only those it runs at import when ``at_import``."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if at_import and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return
        if at_import and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(parsed(path))
    return frozenset(found)


def ours(names: AbstractSet[str]) -> set[str]:
    return {name for name in names if name in MODULES}


def under(names: AbstractSet[str], *roots: str) -> set[str]:
    return {n for n in names if any(n == root or n.startswith(f"{root}.") for root in roots)}


def test_each_import_follows_the_arrows() -> None:
    """A forbidden arrow is named here, before anybody builds on it."""
    found = {name: forbidden(name) for name in MODULES}

    assert {} == {name: arrows for name, arrows in found.items() if arrows}


def forbidden(name: str) -> set[str]:
    """Return what a module imports and may not."""
    wanted = imports(MODULES[name])
    found: set[str] = set()
    if name.startswith("modem"):
        found |= under(wanted, "gateway", "tts", "web")
    if name.startswith("tts"):
        found |= under(wanted, "gateway", "modem", "web")
    if name.startswith("modem.emulator"):
        found |= ours(wanted) - under(wanted, "modem.emulator", "modem.errors", "modem.events")
        found -= {"modem"}
    elif name.startswith("modem") and name != "modem.transport":
        found |= under(wanted, "modem.emulator")
    if name.startswith("web"):
        found |= under(wanted, "modem", "tts")
        found |= ours(under(wanted, "gateway")) - under(wanted, "gateway.services")
        found -= {"gateway"}
    if name.startswith("gateway") and name != "gateway.daemon":
        found |= under(wanted, "web")
    if name.startswith("gateway") and not name.startswith(("gateway.cli", "gateway.demo")):
        found |= under(wanted, "gateway.cli", "gateway.demo", "modem.emulator")
        if name != "gateway.__main__":
            found |= under(wanted, "gateway.daemon")
    if name == "gateway.__main__":
        found -= under(wanted, "gateway.cli")
    return found


@pytest.mark.parametrize("name", sorted(CORE))
def test_the_core_of_the_gateway_needs_no_loop_file_or_clock(name: str) -> None:
    """Policy that can be tested in microseconds is policy that gets tested."""
    wanted = imports(MODULES[name])

    assert set() == ours(wanted) - CORE - CORE_GUESTS - {"gateway"}
    assert set() == wanted & IMPURE


@pytest.mark.parametrize("name", sorted(PURE_MODEM | {m for m in MODULES if "modem.sms" in m}))
def test_the_core_of_modem_is_pure(name: str) -> None:
    """The protocol can be fuzzed because it has no port in it."""
    assert set() == imports(MODULES[name]) & (IMPURE | {"serial", "serial_asyncio_fast"})


def test_only_the_repositories_speak_sql() -> None:
    """SQL anywhere else would be a second truth about the tables."""
    words = ("SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM")
    guilty = [
        name
        for name, path in MODULES.items()
        if not name.startswith("gateway.store")
        and any(word in path.read_text(encoding="utf-8") for word in words)
    ]

    assert guilty == []


def test_only_one_file_opens_serial_ports() -> None:
    """Exclusive, typed and testable: one door to the hardware."""
    users = [
        name
        for name, path in MODULES.items()
        if under(imports(path), "serial_asyncio_fast") and name != "modem.transport"
    ]

    assert users == []


def test_no_module_imports_itself_round_a_corner() -> None:
    """A cycle works until the day somebody imports the other end first."""
    graph = {
        name: {other for other in ours(imports(path, at_import=True)) if other != name}
        - {name.rpartition(".")[0]}
        for name, path in MODULES.items()
    }
    # a package's own __init__ gathers its modules; that is no cycle between rooms
    for name, needed in graph.items():
        graph[name] = {n for n in needed if not name.startswith(f"{n}.")}

    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"cycle: {' -> '.join(error.args[1])}")


def test_every_module_says_what_it_is_for() -> None:
    """A file without a docstring is a file nobody can place."""
    silent = [name for name, path in MODULES.items() if not ast.get_docstring(parsed(path))]

    assert silent == []


def test_no_file_outgrows_its_room() -> None:
    """At five hundred lines the design is asking for a room of its own."""
    long = {
        name: lines
        for name, path in MODULES.items()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 500
    }

    assert long == {}
