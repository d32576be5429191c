"""One-shot child processes: a JSON request in, a JSON reply out, a time limit that kills.

Imported by `tts.engine` and `tts.studio`. Knows nothing of speech.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tts.errors import SpeechError, TooSlow

#: Children start where this package lies, so they run the very code their parent runs.
_HOME = Path(__file__).parent.parent
#: numpy's threads wait for each other by turning in circles: on vectors they only double the cost.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}


def module(name: str) -> tuple[str, ...]:
    """Return the command that runs our module ``name`` with this interpreter."""
    return (sys.executable, "-m", name)


def ask(command: tuple[str, ...], request: Mapping[str, object], limit: float) -> dict[str, Any]:
    """Run ``command`` and return its reply; kill it after ``limit`` seconds.

    Raises `TooSlow` when it hangs, `SpeechError` when it fails or answers something else than a
    JSON object.
    """
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter, no shell, text on stdin
            command, input=json.dumps(request).encode(), capture_output=True, timeout=limit,
            check=False, cwd=_HOME, env={**os.environ, **_ONE_THREAD},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise TooSlow(f"{command[-1]} did not finish within {limit:g} s") from None
    except OSError as error:
        raise SpeechError(f"{command[-1]} could not start: {error}") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise SpeechError(f"{command[-1]} failed: {said[-1] if said else done.returncode}")
    try:
        reply = json.loads(done.stdout)
    except ValueError:
        reply = None
    if not isinstance(reply, dict):
        raise SpeechError(f"{command[-1]} did not answer in JSON")
    return reply
