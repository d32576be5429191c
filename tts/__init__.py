"""French text to telephone speech. Knows nothing of modems, broadcasts or places.

`render` gives a WAV file (cached), `read_pcm` its samples. Everything heavy runs in child
processes; importing this package costs the standard library only.
"""

from __future__ import annotations

from tts.errors import SpeechError
from tts.studio import Rendered, render
from tts.wav import read_pcm

__all__ = ["Rendered", "SpeechError", "read_pcm", "render"]
