"""What systemd's journal is told: fields one can ask by."""

from __future__ import annotations

import io
import os
import socket
import sys
from pathlib import Path

import pytest
import structlog

from gateway import journal, logs


def taken(data: bytes) -> dict[str, str]:
    """Read a datagram as the journal does."""
    fields = {}
    while data:
        name, equals, rest = data.partition(b"\n")[0].partition(b"=")
        if equals:
            fields[name.decode()] = rest.decode()
            data = data.partition(b"\n")[2]
        else:
            rest = data[len(name) + 1 :]
            size = int.from_bytes(rest[:8], "little")
            fields[name.decode()] = rest[8 : 8 + size].decode()
            data = rest[9 + size :]
    return fields


def test_a_line_can_be_asked_for_by_its_broadcast_job_and_modem() -> None:
    """At three in the morning nobody reads a whole night of lines."""
    line = {"event": "job settled", "level": "warning", "broadcast": 812, "job": 5,
            "lane": "orange-1", "timestamp": "x"}  # fmt: skip
    fields = taken(journal.datagram(line))

    assert ("812", "5", "orange-1") == (fields["BROADCAST"], fields["JOB"], fields["MODEM"])
    assert ("4", "tocsin") == (fields["PRIORITY"], fields["SYSLOG_IDENTIFIER"])
    assert fields["MESSAGE"].startswith("job settled broadcast=812")
    assert "TIMESTAMP" not in fields


def test_no_word_of_ours_can_forge_a_field() -> None:
    """A text with line ends stays one value, and a bound word never replaces the message."""
    line = {"event": "x", "error": "one\nMODEM=forged\n", "message": "other", "_pid": 1}
    fields = taken(journal.datagram(line))

    assert "MODEM" not in fields
    assert "one\nMODEM=forged\n" == fields["ERROR"]
    assert fields["MESSAGE"].startswith("x ")
    assert "1" == fields["PID"]


def test_the_journal_is_known_by_the_stream_it_gave_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that merely lies in place of it gets lines of JSON, as before."""
    with (tmp_path / "stderr").open("w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        facts = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{facts.st_dev}:{facts.st_ino}")
        assert journal.is_ours()
        monkeypatch.setenv("JOURNAL_STREAM", f"{facts.st_dev}:{facts.st_ino + 1}")
        assert not journal.is_ours()


def test_a_bound_log_arrives_and_a_deaf_journal_loses_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that the journal refuses is said on standard error instead."""
    path, said = str(tmp_path / "socket"), io.StringIO()
    monkeypatch.setattr(journal, "SOCKET", path)
    monkeypatch.setattr(journal, "is_ours", lambda: True)
    monkeypatch.setattr(sys, "stderr", said)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
            listening.bind(path)
            logs.set_up()
            logs.log_for("x").bind(job=7).info("heard")
            assert "7" == taken(listening.recv(4096))["JOB"]
        logs.log_for("x").info("not heard")
    finally:
        structlog.reset_defaults()

    assert '"event": "not heard"' in said.getvalue()
