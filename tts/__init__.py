"""French text to telephone speech. Knows nothing of modems, broadcasts or places.

`render` gives a WAV file (cached), `take_in` one from a recording, `read_pcm` its samples,
`heard` what a handset makes of it. Everything heavy runs in child
processes; importing this package costs nothing, using it the standard library only.

Each sentence is spoken by a process of its own, and all of them import this file: what only the
parent wants is loaded when it is asked for (PEP 562).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tts.errors import SpeechError
    from tts.recording import Recorded, heard, take_in
    from tts.studio import Rendered, render, sayable
    from tts.wav import read_pcm
    from tts.wav import write_wav as write_pcm

_WHERE: Final = {
    "Recorded": ("recording", "Recorded"),
    "Rendered": ("studio", "Rendered"),
    "SpeechError": ("errors", "SpeechError"),
    "heard": ("recording", "heard"),
    "read_pcm": ("wav", "read_pcm"),
    "render": ("studio", "render"),
    "sayable": ("studio", "sayable"),
    "take_in": ("recording", "take_in"),
    "write_pcm": ("wav", "write_wav"),
}


def __getattr__(name: str) -> object:
    """Load what is asked for, once."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    file, theirs = _WHERE[name]
    found = globals()[name] = getattr(importlib.import_module(f"{__name__}.{file}"), theirs)
    return found


__all__ = [
    "Recorded",
    "Rendered",
    "SpeechError",
    "heard",
    "read_pcm",
    "render",
    "sayable",
    "take_in",
    "write_pcm",
]
