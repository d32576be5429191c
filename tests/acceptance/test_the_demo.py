"""The first command a stranger types, word for word as the Makefile has it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.acceptance.box import free_port, until

pytestmark = pytest.mark.real_time
ROOT = Path(__file__).parents[2]


def recipe(listen: str) -> list[str]:
    """Return what ``make demo`` runs once all is installed, as this Python runs it."""
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("demo:"))
    program, *words = lines[start + 1].split()
    assert ".venv/bin/tocsin" == program
    return [sys.executable, "-m", "gateway", *(word.replace("$(LISTEN)", listen) for word in words)]


def test_the_demonstration_starts_as_the_makefile_starts_it(tmp_path: Path) -> None:
    """Its folder is named from the project, and without it a stranger sees no page at all."""
    listen = f"127.0.0.1:{free_port()}"
    told = tmp_path / "told"
    with told.open("w", encoding="utf-8") as out:
        demo = subprocess.Popen(
            recipe(listen), cwd=tmp_path, stdout=out, stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    try:
        until(lambda: demo.poll() is not None or "code à donner" in told.read_text(), "it is ready")
        assert None is demo.poll(), told.read_text()
        with urllib.request.urlopen(f"http://{listen}/healthz", timeout=5) as answer:
            assert 200 == answer.status
        assert (tmp_path / "var" / "demo").is_dir()
        demo.send_signal(signal.SIGINT)
        assert 0 == demo.wait(15), told.read_text()
    finally:
        demo.kill()
        demo.wait()
