"""French text to telephone speech. Knows nothing of modems, broadcasts or places.

`render` gives a WAV file (cached), `take_in` one from a recording, `read_pcm` its samples,
`heard` what a handset makes of it. Everything heavy runs in child
processes; importing this package costs the standard library only.
"""

from __future__ import annotations

from tts.errors import SpeechError
from tts.recording import Recorded, heard, take_in
from tts.studio import Rendered, render, sayable
from tts.wav import read_pcm
from tts.wav import write_wav as write_pcm

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
