"""What the boxes of one test run have made once, shared: speech and compiled pages.

A voice is slow and always says the same; so does a template.
"""

from __future__ import annotations

import os
from pathlib import Path

#: The variable that tells where; `tests.conftest` sets it, every worker and child inherits it.
SHARED = "TOCSIN_TESTS_SHARED"


def share(data_dir: Path, *what: str) -> None:
    """Let the box of ``data_dir`` find what others have made, and leave what it has made."""
    for name in what:
        own = data_dir / name
        common = folder(name)
        if common is not None and not own.exists():
            data_dir.mkdir(parents=True, exist_ok=True)
            own.symlink_to(common, target_is_directory=True)


def folder(name: str) -> Path | None:
    """Return where this run keeps ``name``: speech or pages; None outside of a run."""
    if SHARED not in os.environ:
        return None
    found = Path(os.environ[SHARED]) / name
    found.mkdir(exist_ok=True)
    return found
