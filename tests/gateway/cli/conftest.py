"""The command line of a box in a folder of its own, run in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway import __main__ as program

CONFIG = '[town]\nname = "La Redorte"\n'


@dataclass(frozen=True)
class Told:
    """What a command said, and how it ended."""

    status: int
    out: str
    err: str


Terminal = Callable[..., Told]


@pytest.fixture
def tocsin(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Terminal:
    """Return a way to run a command on a box in ``tmp_path``."""
    config = tmp_path / "tocsin.toml"
    config.write_text(f'data_dir = "{tmp_path}/data"\n{CONFIG}', encoding="utf-8")
    monkeypatch.setenv("TOCSIN_CONFIG", str(config))

    def run(*arguments: str) -> Told:
        monkeypatch.setattr("sys.argv", ["tocsin", *arguments])
        status = 0
        try:
            program.main()
        except SystemExit as leave:
            status = int(leave.code or 0)
        said = capsys.readouterr()
        return Told(status, said.out, said.err)

    return run
