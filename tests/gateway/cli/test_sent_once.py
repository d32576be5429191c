"""``tocsin send --key``: what a script gives twice leaves once. ``--exercise`` says it is one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.send import command
from gateway.services.values import BatchLine
from modem.emulator import Network
from tests.acceptance.test_second_thoughts import crowd, got, one_modem
from tests.harness import Town, running

ANNE, BLAISE = crowd(2)


async def sent(town: Town, *arguments: str) -> int:
    """Give the command to the running box; return the message's number."""
    done = await asyncio.to_thread(CliRunner().invoke, command, ["--json", *arguments])
    assert 0 == done.exit_code, done.output
    number: int = json.loads(done.stdout)["broadcast"]
    await town.finished(number)
    return number


async def all_sent(
    folder: Path, network: Network, patch: pytest.MonkeyPatch, *commands: tuple[str, ...]
) -> list[int]:
    """Give these commands to one box after another; return the messages' numbers."""
    async with running(folder, network) as town:
        patch.setattr("gateway.cli.send.configured", lambda _: town.daemon.config)
        return [await sent(town, *arguments) for arguments in commands]


async def test_the_same_key_sends_once_whatever_is_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script that lost the answer asks again; without a key, each is a message of its own."""
    network, batch = one_modem(), tmp_path / "lot.jsonl"
    batch.write_text(json.dumps({"to": BLAISE, "text": "Lot."}), encoding="utf-8")
    one = ("--urgency", "vital", "--to", ANNE, "Crue.")
    lot = ("--urgency", "vital", "--batch", str(batch))
    numbers = await all_sent(
        tmp_path, network, monkeypatch, (*one, "--key", "a"), (*one, "--key", "a"),
        (*lot, "--key", "b"), (*lot, "--key", "b"), lot,
    )  # fmt: skip

    assert [1, 1, 2, 2, 3] == numbers
    assert [["Crue."], ["Lot.", "Lot."]] == got(network, (ANNE, BLAISE))


async def test_an_exercise_says_so_first_and_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a message and in each line of a batch."""
    network, batch = one_modem(), tmp_path / "lot.jsonl"
    batch.write_text(json.dumps({"to": BLAISE, "text": "Lot."}), encoding="utf-8")
    await all_sent(
        tmp_path, network, monkeypatch,
        ("--exercise", "--urgency", "vital", "--to", ANNE, "Crue."),
        ("--exercise", "--urgency", "vital", "--batch", str(batch)),
    )  # fmt: skip

    assert [["EXERCICE - Crue. - EXERCICE"], ["EXERCICE - Lot. - EXERCICE"]] == got(
        network, (ANNE, BLAISE)
    )


async def test_the_mails_of_a_batch_say_in_their_subject_that_it_is_an_exercise(
    tmp_path: Path,
) -> None:
    """Its title is their subject, and the first that is read of them."""
    lines = [BatchLine("anne@courriel.example", "Crue.")]
    async with running(tmp_path, one_modem()) as town:
        number = await town.services.sending.send_batch(
            town.actor, lines, channel="email", urgency="vital", title="Crue", exercise=True
        )
        await town.finished(number)
        ((_, mail),) = town.mailbox.messages

    assert "EXERCICE - Crue" == mail["Subject"]
