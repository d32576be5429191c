"""Outside programs that judge our work: missing, they fail for root and are NOT RUN for others."""

from __future__ import annotations

import os
import shutil

import pytest

#: Where Debian puts servers; the PATH of an ordinary user there leaves it out.
SERVERS = "/usr/sbin"


def require(tool: str, package: str = "") -> str:
    """Return the path of ``tool``; without it, fail for root, who could install it, else skip."""
    found = shutil.which(tool) or shutil.which(tool, path=SERVERS)
    if found is None and os.geteuid() == 0:
        pytest.fail(f"{tool} is missing: apt-get install {package or tool}")
    if found is None:
        pytest.skip(f"NOT RUN: {tool} is missing (apt-get install {package or tool})")
    return found


def browser() -> str:
    """Return the path of Chromium; without its own window, where there is one so: half as dear."""
    return shutil.which("chromium-headless-shell") or require("chromium", "chromium-headless-shell")
