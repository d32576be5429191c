"""From a text to a file a call can play: the one thing callers of `tts` want.

Job: reading, sentences, one child for each, the chain's child, the cache. Synchronous and slow
(a second): call it from an executor. Imported through `tts` by whoever speaks.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tts.cache import WORK, Cache, Facts, key
from tts.child import ask, module
from tts.engine import Engine, Pyttsx3Engine, SpeaksAll
from tts.errors import SpeechError, TooSlow
from tts.patience import Patience
from tts.reading import language_of, sentences, spoken

#: Silence between two sentences, in seconds.
PAUSE: Final = 0.48
#: Longer texts are refused (characters): nobody listens to ten minutes of telephone.
LONGEST_TEXT: Final = 5000
#: Seconds the chain's child may take.
CHAIN_LIMIT: Final = 60.0
#: Names the sound of reading, pause and chain together; changes whenever it does.
SOUND: Final = "tocsin-2"
_AT_ONCE: Final = 2
_PATIENCE: Final = Patience()


@dataclass(frozen=True, slots=True)
class Rendered:
    """Speech ready to be played: WAV, 8000 samples a second, 16 bits, mono."""

    pcm_path: Path
    seconds: float
    engine: str
    level_dbov: float
    failed: tuple[str, ...] = ()  # engines preferred to this one, and why they did not speak


def render(
    text: str,
    *,
    cache_dir: Path,
    voice: str = "fr",
    rate: int = 125,
    target_dbov: float = -18.0,
    engines: Sequence[Engine] = (),
) -> Rendered:
    """Return ``text`` as speech at ``rate`` words a minute and ``target_dbov`` (ITU-T P.56).

    ``voice`` is a language (``fr``, ``en``): of the rules that read the text and of who speaks.
    ``engines`` are tried in their order (espeak-ng through pyttsx3 when none is given); one that
    was too slow is not waited for again in the next minutes, unless it is the last. The same
    arguments give the same bytes, at once when they were rendered before. Raises `SpeechError`
    when there is nothing to say, no engine gave usable speech, or the disk refused it.
    """
    words = sentences(spoken(text, language_of(voice)))
    if not words:
        raise SpeechError("there is nothing to say in this text")
    if len(text) > LONGEST_TEXT:
        raise SpeechError(f"{len(text)} characters are too many to be spoken ({LONGEST_TEXT})")
    cache_dir = cache_dir.resolve()  # the children work elsewhere
    order = tuple(engines) or (Pyttsx3Engine(),)
    failed: list[str] = []
    for one in order:
        wait = one is order[-1] or not _PATIENCE.rests(repr(one))
        try:
            made = _by(one, words, cache_dir, voice, rate, target_dbov, wait=wait)
        except SpeechError as error:
            if isinstance(error, TooSlow):
                _PATIENCE.lose(repr(one))
            failed.append(f"{one.identity}: {error}")
        else:
            return replace(made, failed=tuple(failed))
    raise SpeechError("; ".join(failed))


def sayable(text: str, voice: str = "fr") -> bool:
    """Return whether there is anything to say in ``text``; at once, nothing is rendered."""
    return bool(sentences(spoken(text, language_of(voice))))


def _by(
    engine: Engine, words: tuple[str, ...], cache_dir: Path, voice: str, rate: int,
    target_dbov: float, *, wait: bool,
) -> Rendered:  # fmt: skip
    cache = Cache(cache_dir)
    name = key(SOUND, engine.identity, voice, rate, f"{target_dbov:.2f}", *words)
    facts = cache.find(name)
    if facts is None and not wait:
        raise SpeechError("it was too slow a moment ago, and rests")
    facts = facts or _render(words, cache, cache_dir, name, engine, voice, rate,
                                        target_dbov)  # fmt: skip
    return Rendered(cache.path(name), facts.seconds, facts.engine, facts.level_dbov)


def _render(
    words: tuple[str, ...], cache: Cache, cache_dir: Path, name: str, engine: Engine, voice: str,
    rate: int, target: float,
) -> Facts:  # fmt: skip
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=WORK, dir=cache_dir) as work:
            parts = [Path(work, f"{at}.wav") for at in range(len(words))]
            said = _speak(engine, words, parts, voice, rate)
            whole = Path(work, "whole.wav")
            facts = _prepare(parts, whole, said, target)
            cache.keep(name, whole, facts)
    except OSError as error:
        raise SpeechError(f"speech could not be stored in {cache_dir}: {error}") from error
    return facts


def _speak(engine: Engine, words: tuple[str, ...], parts: list[Path], voice: str, rate: int) -> str:
    if isinstance(engine, SpeaksAll):
        return engine.speak_all(words, parts, voice=voice, rate=rate)
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="speak") as pool:
        said = list(pool.map(lambda t, p: engine.speak(t, p, voice=voice, rate=rate), words, parts))
    return said[0]


def _prepare(parts: list[Path], whole: Path, engine: str, target: float) -> Facts:
    request = {
        "parts": [str(part) for part in parts], "out": str(whole), "target": target, "pause": PAUSE,
    }  # fmt: skip
    reply = ask(module("tts.process"), request, CHAIN_LIMIT)
    return Facts(float(reply["seconds"]), engine, round(float(reply["level"]), 2))
