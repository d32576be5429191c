"""``tocsin modem`` against a running daemon, over its own socket, and without one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.__main__ import tocsin
from gateway.errors import TocsinError
from modem.emulator import Behaviour, Network, Pace, Press
from tests.harness import Town, running

pytestmark = pytest.mark.real_time
PHONE = "06 39 98 00 01"


@dataclass
class Terminal:
    """A technician's terminal on the box."""

    config: Path
    town: Town

    async def __call__(self, *words: str, typed: str = "", status: int = 0) -> str:
        at = 2 if words[0] == "modem" else 1
        arguments = [*words[:at], "--config", str(self.config), *words[at:]]
        run: Callable[[], Any] = lambda: CliRunner().invoke(tocsin, arguments, input=typed)  # noqa: E731
        result = await asyncio.to_thread(run)
        if isinstance(result.exception, TocsinError):
            assert status == 1, result.exception
            return str(result.exception)
        assert status == result.exit_code, result.output
        return str(result.stdout)


def parsed(said: str) -> Any:
    """Return the JSON of a command; the daemon beside it in this process logs to the same place."""
    return json.loads(next(line for line in said.splitlines() if line.startswith(("[{", "{"))))


@asynccontextmanager
async def a_terminal(folder: Path) -> AsyncIterator[Terminal]:
    network = Network(seed=30, pace=Pace.FAST, sms_seconds=0.05, report_seconds=0.1)
    for name in ("m1", "m2"):
        network.add_modem(name)
    network.handset(PHONE).behaviour = Behaviour(answers_after=0.3, presses=(Press("1", 1.5),))
    config = folder / "tocsin.toml"
    config.write_text(f'data_dir = "{folder}"\n[town]\nname = "La Redorte"\n')
    async with running(folder, network) as town:
        yield Terminal(config, town)


async def test_the_technicians_commands_work_while_the_service_runs(tmp_path: Path) -> None:
    """One morning at the town hall, from the list to the proof."""
    async with a_terminal(tmp_path) as terminal:
        listed = parsed(await terminal("modem", "list", "--json"))
        assert ["m1", "m2"] == [modem["name"] for modem in listed if modem["name"]]
        assert all(modem["voice_unproved"] for modem in listed if modem["name"])

        file = tmp_path / "transcription.txt"
        found = parsed(await terminal("modem", "probe", "m2", "-o", str(file), "--json"))
        assert "simcom" == found["profile"]
        assert found["imei"] not in file.read_text()
        assert "AT+CGMM" in file.read_text()

        said = await terminal("modem", "console", "m1", typed="AT+CGMM\nAT+CSQ\n")
        assert "SIM7600" in said
        assert "+CSQ: 19,99" in said

        proofs = parsed(
            await terminal("modem", "check", "m1", "--phone", PHONE, "--json", status=0)
        )
        steps = {finding["step"]: finding["ok"] for finding in proofs[0]["findings"]}
        assert proofs[0]["voice_proved"]
        assert False not in steps.values()
        after = parsed(await terminal("modem", "list", "--json"))
        assert {"m1": False, "m2": True} == {
            modem["name"]: modem["voice_unproved"] for modem in after if modem["name"]
        }


async def test_what_cannot_be_done_is_said_with_its_mend(tmp_path: Path) -> None:
    """Exit status 1, one sentence, no traceback."""
    async with a_terminal(tmp_path) as terminal:
        unknown = await terminal("modem", "check", "orange", status=1)
        assert "modems : m1, m2" in unknown
        nothing = await terminal("modem", "probe", "/dev/tocsin-none", status=1)
        assert "/dev/tocsin-none ne s’ouvre pas" in nothing
        forbidden = await terminal("modem", "console", "m1", typed="ATD112;\n")
        assert "112" not in forbidden
        assert "n'était pas arrêtée" in await terminal("modem", "resume", "m1")
        wrong = await terminal("modem", "check", "m1", "--number", "m1", status=1)
        assert "NOM=NUMÉRO" in wrong


async def test_the_journal_says_more_of_one_part_without_a_restart(tmp_path: Path) -> None:
    """What support asks for, and what it must not become: a full disk."""
    async with a_terminal(tmp_path) as terminal:
        more = await terminal("log", "modem", "debug")
        now = await terminal("log")
        wrong = await terminal("log", "os.path", "debug", status=1)
        await terminal("log", "modem", "info")

    assert "modem : debug" in more
    # what the modems say meanwhile is in the same stream
    assert ["tout : info", "modem : debug"] == more.splitlines()[-2:] == now.splitlines()[-2:]
    assert "Par exemple : modem" in wrong


async def test_a_code_is_asked_of_the_network(tmp_path: Path) -> None:
    """The balance of a prepaid card."""
    async with a_terminal(tmp_path) as terminal:
        words = await terminal("modem", "ussd", "m1", "solde", status=1)
        assert "chiffres" in words


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Return a way to run a command on a box whose service does not run."""
    network = Network(seed=31, pace=Pace.FAST, sms_seconds=0.05, report_seconds=0.1)
    network.add_modem("m1")
    network.handset(PHONE).behaviour = Behaviour(answers_after=0.3, presses=(Press("1", 1.5),))
    network.handset("06 39 98 00 02").behaviour = Behaviour(busy=True)
    config = tmp_path / "tocsin.toml"
    config.write_text(
        f'data_dir = "{tmp_path}/data"\n[town]\nname = "La Redorte"\n'
        '[[modem]]\nname = "m1"\nport = "emulator:m1"\n'
    )
    network.install()

    def run(*words: str, typed: str = "") -> Any:
        arguments = ["modem", words[0], "--config", str(config), *words[1:]]
        return CliRunner().invoke(tocsin, arguments, input=typed)

    yield run
    network.remove()


def test_before_the_first_start_a_modem_can_be_proved(bench: Callable[..., Any]) -> None:
    """The technician checks the modems before there is a service to ask."""
    result = bench("check", "m1", "--phone", PHONE)

    assert 0 == result.exit_code, result.output
    assert "✓ touches" in result.output
    assert "voix non vérifiée" not in result.output


def test_before_the_first_start_the_console_has_the_port(bench: Callable[..., Any]) -> None:
    """By the modem's name, or by its port."""
    by_name = bench("console", "m1", "--json", typed="AT+CGMM\n")
    by_port = bench("console", "emulator:m1", typed="AT+CGMM\n")

    assert {"said": "AT+CGMM", "answer": ["SIMCOM_SIM7600G-H", "OK"]} == parsed(by_name.output)
    assert "SIMCOM_SIM7600G-H" in by_port.output


def test_a_proof_that_fails_ends_with_status_one(bench: Callable[..., Any]) -> None:
    """A script that installs boxes must notice; and the sentence says what to do."""
    result = bench("check", "m1", "--phone", "06 39 98 00 02")

    assert 1 == result.exit_code
    assert "à faire" in result.output
