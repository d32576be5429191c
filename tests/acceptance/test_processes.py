"""The product as it is installed: daemon, command line and modems each in a process of its own.

Everything here runs on the real clock and over pseudo-terminals or sockets; the telephones' own
records are the judge. Where the start of a program is not what is proved, it is forked from a
process that has imported already (``imported``).
"""

from __future__ import annotations

import wave
from datetime import datetime
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from tests.acceptance.box import (
    Box,
    Emulated,
    emulated,
    end,
    free_port,
    holder,
    port_of,
    serving,
    until,
)
from tests.acceptance.nursery import Nursery

pytestmark = pytest.mark.real_time

MOBILE, FARM, MAIL = "06 39 98 00 01", "01 99 00 00 01", "ferme@la-redorte.example"
TEXT = "Crue : gagnez la salle communale."


class Post(MessageHandler):
    """A mailbox that keeps what it receives."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.kept.append(message)


def numbers(count: int) -> list[str]:
    """Return so many mobile numbers of the range kept for fiction."""
    return [f"+336399{80000 + n}" for n in range(count)]


def heard(emulator: Emulated, record: dict[str, Any]) -> bytes:
    """Return what a telephone heard in a call."""
    with wave.open(str(emulator.folder / record["wav"])) as sound:
        return sound.readframes(sound.getnframes())


def test_one_household_is_told_by_three_channels_and_confirms(tmp_path: Path) -> None:
    """The whole way, from a contact list on disk to a key pressed on a telephone."""
    post = Post()
    mailbox = Controller(post, hostname="127.0.0.1", port=free_port())
    mailbox.start()
    people = tmp_path / "liste.csv"
    people.write_text(
        f"Nom;Tél 1;Tél 2;Courriel;Groupe\nFerme des Prés;{MOBILE};{FARM};{MAIL};rive\n",
        encoding="cp1252",
    )
    cast = {FARM: {"answers_after": 0.5, "presses": [{"digit": "1", "after": 9.0}]}}
    try:
        with emulated(tmp_path / "e", "--pace", "fast", cast=cast) as emulator:
            modem = port_of(emulator.modems[0])
            with serving(Box(tmp_path / "box", [modem], relay=mailbox.port)) as box:
                box.ask("import", str(people))
                report = box.ask(
                    "send", TEXT, "--group", "rive", "--urgency", "vital", "--wait",
                    "--channel", "sms", "--channel", "voice", "--channel", "email",
                )  # fmt: skip
                assert 0 == box.stop()
            sms, calls = emulator.records("sms"), emulator.records("call")
            sound = heard(emulator, calls[0])
    finally:
        mailbox.stop()

    told = {job["channel"]: job["outcome"] or job["state"]
            for job in report["recipients"][0]["jobs"]}  # fmt: skip
    assert {"sms": "delivered", "voice": "acknowledged", "email": "handed_over"} == told
    assert "acknowledged" == report["recipients"][0]["state"]
    assert [("+33639980001", TEXT)] == [(record["to"], record["text"]) for record in sms]
    assert [("+33199000001", "1")] == [(record["to"], record["keys"]) for record in calls]
    assert 0.5 < sum(map(bool, sound[1::2])) / len(sound[1::2])
    assert [MAIL] == [message["To"] for message in post.kept]
    assert TEXT in post.kept[0].get_payload()[0].get_payload(decode=True).decode()


@pytest.mark.parametrize("urgency", [pytest.param("vital", marks=pytest.mark.bench), "service"])
def test_a_daemon_killed_in_mid_broadcast_loses_nobody(
    tmp_path: Path, imported: Nursery, urgency: str
) -> None:
    """The socket of the box is where the vacuum cleaner goes, of all nights in that one."""
    texts = dict.fromkeys(numbers(60), TEXT)
    pace = ("--modems", "2", "--pace", "fast", "--sms-seconds", "0.12")
    with emulated(tmp_path / "e", *pace, nursery=imported) as emulator:
        modems = [port_of(modem, role="sms") for modem in emulator.modems]
        with serving(Box(tmp_path / "box", modems, nursery=imported)) as box:
            number = box.batch(texts, "--urgency", urgency, "--now")
            until(lambda: len(emulator.records()) >= 12, "a dozen texts are out")
            box.kill()
            box.start()

            def quiet() -> bool:
                return not {"queued", "running"} & {job["state"] for job in box.jobs(number)}

            until(quiet, "everybody has had their turn", limit=40)
            unsure = {job["endpoint"] for job in box.jobs(number) if job["state"] == "uncertain"}
            until(lambda: set(texts) <= set(emulator.copies()) | unsure, "everybody has it")
            jobs = until(lambda: _reported(box, number, lost=2), "the last report is in")
        copies = emulator.copies()
    doubtful = {job["endpoint"]: job["reason"] for job in jobs if _was_in_doubt(job)}
    shown = {"vital": "resent_after_doubt", "service": "stopped_meanwhile"}[urgency]

    assert {to for to, count in copies.items() if count > 1} <= set(doubtful)
    assert {shown} >= set(doubtful.values())
    assert len(doubtful) <= 2, "at most one for each modem"
    assert 2 >= max(copies.values())
    if urgency == "service":
        assert {1} == set(copies.values()), "what is routine is never sent twice"
        assert {"delivered", "handed_over", "uncertain"} >= {job["state"] for job in jobs}
    else:
        assert {"delivered", "handed_over"} >= {job["state"] for job in jobs}


def _reported(box: Box, number: int, lost: int = 0) -> list[dict[str, Any]]:
    """Return the jobs once their reports are in, but for those nobody was there to hear."""
    jobs = box.jobs(number)
    return jobs if sum(job["state"] == "handed_over" for job in jobs) <= lost else []


def _was_in_doubt(job: dict[str, Any]) -> bool:
    return any(attempt["detail"] == "in doubt" for attempt in job["attempts"])


def test_a_stop_in_mid_broadcast_leaves_no_doubt_at_all(tmp_path: Path, imported: Nursery) -> None:
    """An update at noon must cost nobody a second copy."""
    texts = dict.fromkeys(numbers(20), TEXT)
    with emulated(
        tmp_path / "e", "--pace", "fast", "--sms-seconds", "0.1", nursery=imported
    ) as emulator:
        with serving(Box(tmp_path / "box", [port_of(emulator.modems[0])], nursery=imported)) as box:
            number = box.batch(texts, "--urgency", "vital")
            until(lambda: len(emulator.records()) >= 5, "some texts are out")

            assert 0 == box.stop()
            assert not (box.data / "control.sock").exists()
            box.start()
            report = box.report(number)
            jobs = until(
                lambda: [] if {"queued", "running"} & {j["state"] for j in box.jobs(number)}
                else _reported(box, number, lost=1),
                "all are out",
            )  # fmt: skip
        assert set(texts) == set(emulator.copies())
    assert "sending" == report["state"]
    assert dict.fromkeys(texts, 1) == emulator.copies()
    assert not any(_was_in_doubt(job) for job in jobs)
    assert {"delivered", "handed_over"} >= {job["state"] for job in jobs}


@pytest.mark.bench
def test_three_hundred_texts_keep_one_link_busy(tmp_path: Path) -> None:
    """What the network would take in fifteen seconds must not take us thirty."""
    busy = _share_of_time_busy(tmp_path / "first")

    assert 0.8 <= busy <= 1.01, f"the link was busy {busy:.0%} of the time"


def _share_of_time_busy(folder: Path) -> float:
    texts = dict.fromkeys(numbers(300), TEXT)
    pace = ("--profile", "generic", "--pace", "fast", "--sms-seconds", "0.05")
    with emulated(folder / "e", *pace) as emulator:
        with serving(Box(folder / "box", [port_of(emulator.modems[0])])) as box:
            box.batch(texts, "--urgency", "vital")
            until(lambda: len(emulator.records()) >= len(texts), "all are out", limit=60)
        times = [datetime.fromisoformat(record["at"]) for record in emulator.records()]
    assert dict.fromkeys(texts, 1) == emulator.copies()
    return (len(times) - 1) * 0.05 / (max(times) - min(times)).total_seconds()


def test_a_device_that_refuses_the_usual_first_words_sends_over_a_line_and_a_socket(
    tmp_path: Path, imported: Nursery
) -> None:
    """Modems in the field answer ERROR to AT, AT+CMEE=1 and AT+CSMS=1, and work all the same."""
    texts = dict.fromkeys(numbers(6), TEXT)
    cast = {FARM: {"answers_after": 0.2, "hangs_up_after": 3.0}}
    tcp = free_port(4)
    arguments = ("--modems", "2", "--profile", "stubborn", "--tcp", str(tcp))
    pace = ("--pace", "fast", "--sms-seconds", "0.3")
    with emulated(tmp_path / "e", *arguments, *pace, cast=cast, nursery=imported) as emulator:
        line, network = emulator.modems
        modems = [
            port_of(line, role="sms"),
            {"name": "net", "port": network["tcp"], "audio": network["tcp_audio"]},
        ]
        with serving(Box(tmp_path / "box", modems, nursery=imported)) as box:
            states = {modem["name"]: modem["state"] for modem in box.ask("modem", "list")}
            number = box.batch(texts, "--urgency", "vital")
            until(lambda: _reported(box, number), "all texts are reported")
            call = box.ask("send", TEXT, "--to", FARM, "--channel", "voice", "--wait", "--now")
        carriers = {record["modem"] for record in emulator.records()}
        (rang,) = emulator.records("call")
        sound = heard(emulator, rang)

    assert {"modem-1": "ready", "net": "ready"} == states
    assert set(texts) == set(emulator.copies())
    assert {"modem-1", "modem-2"} == carriers
    assert ("answered", "modem-2") == (call["recipients"][0]["state"], rang["modem"])
    assert any(sound)


def test_a_port_another_program_holds_is_named_with_it(tmp_path: Path, imported: Nursery) -> None:
    """« Le modem ne marche pas » is usually another program that was started at boot."""
    with emulated(tmp_path / "e", "--pace", "fast", nursery=imported) as emulator:
        other = holder(emulator.modems[0]["at"])
        try:
            with serving(
                Box(tmp_path / "box", [port_of(emulator.modems[0])], nursery=imported)
            ) as box:
                (modem,) = box.ask("modem", "list")
        finally:
            end(other)

    assert "sick" == modem["state"]
    assert str(other.pid) in modem["trouble"]
    assert "python" in modem["trouble"]


def test_one_box_has_one_daemon_and_says_who_it_is(tmp_path: Path, imported: Nursery) -> None:
    """Two daemons on one list would send everything twice."""
    with serving(Box(tmp_path / "box", nursery=imported)) as box:
        second = box.tocsin("serve")
        other = Box(tmp_path / "other", listen=box.listen, nursery=imported)
        neighbour = other.tocsin("serve")
        assert box.daemon is not None
        pid = box.daemon.pid

        assert 0 == box.stop()
    assert 1 == second.returncode
    assert f"(pid {pid})" in second.stderr
    assert 1 == neighbour.returncode
    assert f"le port {box.listen} est tenu par" in neighbour.stderr
    assert f"(pid {pid})" in neighbour.stderr
    assert "Traceback" not in second.stderr + neighbour.stderr


def test_commands_work_beside_the_daemon_as_they_do_without(
    tmp_path: Path, imported: Nursery
) -> None:
    """Nobody at a town hall knows whether a service runs; the command must."""
    people = tmp_path / "liste.csv"
    people.write_text(f"Nom;Tél\nMairie;{MOBILE}\nErreur;12\n", encoding="utf-8")
    with serving(Box(tmp_path / "box", nursery=imported)) as box:
        first = box.ask("import", str(people))
        box.tocsin("user", "add", "maire", stdin="un mot de passe bien long\n")
    again = box.ask("import", str(people))
    twice = box.tocsin("user", "add", "maire", stdin="un mot de passe bien long\n")

    assert (1, [3]) == (first["added"], [problem["line"] for problem in first["refused"]])
    assert (0, 1) == (again["added"], again["unchanged"])
    assert 1 == twice.returncode
    assert "maire" in twice.stderr
