"""Is this file really the speech of that text? The question no engine answers for itself.

Pure; imported by `tts.engine`. Engines have been seen to return normally after writing nothing,
silence, or a fragment; a telephone must never ring for that.
"""

from __future__ import annotations

from typing import Final

from tts.errors import SpeechError
from tts.wav import Samples

#: Seconds per character below which speech was cut, at any rate an ear can follow.
SHORTEST: Final = 0.025
#: Seconds per character above which something went wrong, at 125 words a minute.
LONGEST: Final = 0.4
#: What any utterance may last beside that, in seconds: silences around one word.
GRACE: Final = 3.0
#: Below this peak (of 32768) a stretch is silence; speech has one louder stretch in five at least.
SILENCE: Final = 300
SPEECH_SHARE: Final = 0.2
_STRETCH_SECONDS: Final = 0.05


def check_speech(samples: Samples, text: str, rate: int) -> None:
    """Raise `SpeechError` unless ``samples`` can be ``text`` at ``rate`` words a minute."""
    shortest = SHORTEST * len(text)
    longest = LONGEST * len(text) * 125 / rate + GRACE
    if samples.seconds < shortest:
        raise SpeechError(f"speech too short: {samples.seconds:.2f} s for {len(text)} characters")
    if samples.seconds > longest:
        raise SpeechError(f"speech too long: {samples.seconds:.2f} s for {len(text)} characters")
    if _loud_share(samples) < SPEECH_SHARE:
        raise SpeechError("the speech file is silent")


def _loud_share(samples: Samples) -> float:
    values, step = samples.values, max(1, int(samples.rate * _STRETCH_SECONDS))
    starts = range(0, len(values), step)
    loud = sum(
        max(values[at : at + step]) > SILENCE or min(values[at : at + step]) < -SILENCE
        for at in starts
    )
    return loud / max(1, len(starts))
