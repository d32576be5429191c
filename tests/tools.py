"""Outside programs that judge our work: missing, they fail for root and are NOT RUN for others."""

from __future__ import annotations

import os
import shutil

import pytest


def require(tool: str, package: str = "") -> str:
    """Return the path of ``tool``; without it, fail for root, who could install it, else skip."""
    found = shutil.which(tool)
    if found is None and os.geteuid() == 0:
        pytest.fail(f"{tool} is missing: apt-get install {package or tool}")
    if found is None:
        pytest.skip(f"NOT RUN: {tool} is missing (apt-get install {package or tool})")
    return found
