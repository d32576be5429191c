"""What the boxes of one test run have had said, shared: a voice is slow, and always the same."""

from __future__ import annotations

import os
from pathlib import Path

#: The variable that tells where; `tests.conftest` sets it, every worker and child inherits it.
SHARED = "TOCSIN_TESTS_SPEECH"


def share_speech(data_dir: Path) -> None:
    """Let the box of ``data_dir`` find what others have had said, and leave what it has said."""
    speech = data_dir / "speech"
    if SHARED in os.environ and not speech.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        speech.symlink_to(os.environ[SHARED], target_is_directory=True)
