"""What an installation is made of is known: each part by version, licence and hash."""

from __future__ import annotations

import http.server
import importlib.machinery
import importlib.util
import json
import re
import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    """Return the bill of materials as `make sbom` writes it."""
    made = subprocess.run([sys.executable, ROOT / ".ci/sbom"], capture_output=True, check=True)
    found: dict[str, Any] = json.loads(made.stdout)
    return found


def test_the_bill_names_what_is_asked_for_and_what_that_needs(bill: dict[str, Any]) -> None:
    """A hole found in a library next year must be found in our boxes too."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    direct = {re.split(r"[\[<>=!~ ;]", one)[0].lower() for one in asked if ";" not in one}
    names = {one["name"] for one in bill["components"]}

    assert ("CycloneDX", "1.5") == (bill["bomFormat"], bill["specVersion"])
    assert direct <= names
    assert {"multidict", "htmx.org", "@picocss/pico"} <= names
    assert not {"pytest", "mypy", "ruff"} & names, "what only tests use is not installed"


def test_every_part_has_its_licence_and_the_hashes_of_the_lock(bill: dict[str, Any]) -> None:
    """As it is installed, so it was pinned."""
    parts = bill["components"]

    assert [] == [one["name"] for one in parts if not one["hashes"]]
    assert [] == [
        one["name"] for one in parts if one["licenses"][0]["license"]["name"] == "unknown"
    ]


def test_every_package_of_the_lock_is_pinned_by_hash() -> None:
    """An index that is taken over must not reach a town hall."""
    text = (ROOT / "requirements.lock").read_text().replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line and not line.startswith("#")]

    assert len(entries) > 50
    assert [] == [one[:60] for one in entries if not re.match(r"\S+==\S+.*sha256:", one)]


@pytest.mark.parametrize("answer", [None, b"<html>blocked</html>", b'{"results": []}'])
def test_an_audit_that_got_no_answer_is_no_all_clear(
    capsys: pytest.CaptureFixture[str], answer: bytes | None
) -> None:
    """Behind a firewall everything would be known to be sound."""
    loader = importlib.machinery.SourceFileLoader("sbom", str(ROOT / ".ci/sbom"))
    spec = importlib.util.spec_from_loader("sbom", loader)
    assert spec is not None
    sbom = importlib.util.module_from_spec(spec)
    loader.exec_module(sbom)

    class Silent(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Silent)
    sbom.ADVISORIES = f"http://127.0.0.1:{server.server_port}/"
    if answer is None:
        server.server_close()
    else:
        threading.Thread(target=server.handle_request, daemon=True).start()
    status, said = sbom.audit(), capsys.readouterr()
    server.server_close()

    assert 2 == status
    assert "NOT CHECKED" in said.err
    assert "nothing is known against" not in said.out
