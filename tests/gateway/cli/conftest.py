"""The command line of a box in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal import Terminal, typed

CONFIG = '[town]\nname = "La Redorte"\n'


@pytest.fixture
def tocsin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Terminal:
    """Return a way to run a command on a box in ``tmp_path``."""
    config = tmp_path / "tocsin.toml"
    config.write_text(f'data_dir = "{tmp_path}/data"\n{CONFIG}', encoding="utf-8")
    monkeypatch.setenv("TOCSIN_CONFIG", str(config))
    return typed
