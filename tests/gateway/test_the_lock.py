"""One Tocsin at a time in a data directory; a full disk is no reason to name another."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from gateway.health import AlreadyRunning, exclusive


def test_a_full_disk_takes_the_lock_without_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong is said by the database, which finds no room either: no traceback here."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with exclusive(tmp_path / "lock"), pytest.raises(AlreadyRunning), exclusive(tmp_path / "lock"):
        raise AssertionError("two at once")


def test_whoever_holds_the_lock_is_named(tmp_path: Path) -> None:
    """The technician stops that process."""
    with (
        exclusive(tmp_path / "lock"),
        pytest.raises(AlreadyRunning, match=str(os.getpid())),
        exclusive(tmp_path / "lock"),
    ):
        raise AssertionError("two at once")
    assert (tmp_path / "lock").read_text() == ""
