"""Whatever somebody writes leaves its trace: who, what, and of which thing.

The table was written from what the doors offer; a method that writes and stands in neither part
of it fails the test.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from gateway.services import AuditFilter
from modem.emulator import Network
from tests.gateway.deeds import ACTS, Act
from tests.gateway.scene import LIST, PASSWORD, Scene
from tests.harness import Town, running

TESTS = Path(__file__).parent.parent
#: Written by somebody who acts, and why it is no event of the record.
NEEDS_NONE = {
    "Unfinished.keep": "a message begun is its writer's own until it is sent or kept",
    "Unfinished.drop": "the same",
    "Files.keep": "a file chosen for a message: what is sent names it",
    "FirstTry.end": "how far an account got with its first try is its own",
    "FirstTry.again": "the same",
    "OwnAccount.propose": "a secret that is shown and not yet in force",
    "OwnAccount.prove": "the second step of a login, which is recorded when it begins",
    "Accounts.act_for": "which of their towns somebody looks at; what they do there says who",
    "Warnings.heard": "what comes in by itself is no act of anybody here",
}
#: Asks for a box of its own, and is tried there against the record: which test does.
ELSEWHERE = {
    "Timing.vouch": "acceptance/test_the_clock_set_back.py",  # a clock in doubt
    "Watching.repair_seen": "acceptance/test_the_box_watches_itself.py",  # a mended database
}
#: Does what another does that is tried.
BY_ANOTHER = {
    "Imports.confirm": "Imports.take_file",
    "Sending.leave": "Sending.send",
    "Sending.let_go": "Sending.send",
    "Accounts.open_for": "Accounts.add",
}


def writers() -> set[str]:
    """Return « Class.method » of every service that writes for somebody who acts."""
    found: set[str] = set()
    for service in _classes():
        tree = ast.parse(textwrap.dedent(inspect.getsource(service)))
        known = {one.name: one for one in ast.walk(tree) if isinstance(one, ast.AsyncFunctionDef)}
        writing = {name for name, one in known.items() if "write" in _attributes(one)}
        while more := {n for n, one in known.items() if _own(one) & writing} - writing:
            writing |= more
        found |= {
            f"{service.__name__}.{name}"
            for name in writing
            if not name.startswith("_") and {"actor", "session"} & {
                one.arg for one in known[name].args.args[1:2]
            }
        }  # fmt: skip
    return found


def _classes() -> list[type]:
    from gateway import services

    named = inspect.get_annotations(services.Services, eval_str=True)
    return [kind for kind in named.values() if kind.__module__.startswith("gateway.services")]


def _attributes(node: ast.AST) -> set[str]:
    return {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}


def _own(node: ast.AST) -> set[str]:
    return {
        one.attr for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)
        and one.value.id == "self"
    }  # fmt: skip


def test_every_method_that_writes_stands_in_the_table() -> None:
    """A new one that nobody thought of the record for is found here, not by an auditor."""
    tried = {*ACTS, *NEEDS_NONE, *BY_ANOTHER, *ELSEWHERE}
    sources = {name: (TESTS / path).read_text("utf-8") for name, path in ELSEWHERE.items()}

    assert set() == writers() - tried
    assert set() == {*NEEDS_NONE} - writers(), "it writes no more: take it off the table"
    for name, source in sources.items():
        assert name.partition(".")[2] in source, name
        assert "audit.page(" in source, name


async def test_whatever_is_done_says_who_did_what_to_which(tmp_path: Path) -> None:
    """As the record shows it to an auditor: never « Tocsin » for what a person did."""
    network = Network(seed=1, sms_seconds=0.01, report_seconds=0.02)
    network.add_modem("orange-1")
    wrong: list[str] = []
    async with running(tmp_path, network) as box:
        scene = await begun(box)
        for name, act in ACTS.items():
            before = (await box.services.audit.page(scene.me, AuditFilter())).items
            last = before[0].number if before else 0
            try:
                await act.do(scene)
            except Exception as error:  # noqa: BLE001  all that is wrong, at once
                wrong.append(f"{name}: {type(error).__name__}: {error}")
                continue
            listed = (await box.services.audit.page(scene.me, AuditFilter())).items
            wrong += said_wrong(name, act, [one for one in listed if one.number > last])
    assert wrong == [], "\n".join(wrong)


def said_wrong(name: str, act: Act, listed: list[Any]) -> list[str]:
    """Return what the record lacks of an act."""
    from gateway.services.audit_words import SAID

    of_kind = [one for one in listed if one.what == SAID[act.kind]]
    right = [one for one in of_kind if one.who == act.by and act.says in one.facts]
    told = [(one.who, str(one.what), str(one.facts)) for one in of_kind or listed]
    return [] if right else [f"{name}: {act.kind} {act.says!r}, told {told}"]


async def begun(box: Town) -> Scene:
    accounts = box.services.accounts
    accounts._hasher = PasswordHasher(1, 8, 1)  # what passwords cost is no question here
    code = await accounts.issue_first_code()
    session = await accounts.create_first(code or "", "camille", "Camille", PASSWORD)
    await box.services.imports.take_file(session.actor, LIST.encode())
    await box.services.groupings.name_keeper(session.actor, session.actor.user_id or 0, on=True)
    return Scene(box, session)
