"""The speech engine's child: what it may do wrong, and what we do then."""

from __future__ import annotations

import array
import json
import sys
import time
from pathlib import Path

import pytest

from tts.checks import check_speech
from tts.child import ask
from tts.engine import Pyttsx3Engine
from tts.errors import SpeechError
from tts.wav import Samples, read_wav, write_wav

pytestmark = pytest.mark.real_time

TEXT = "La rivière monte. Montez à l'étage."

#: A child that counts its starts in a file beside the one it writes, then does as told.
CHILD = """
import json, sys, time, wave, pathlib
request = json.load(sys.stdin)
out = pathlib.Path(request["out"])
starts = out.with_suffix(".starts")
starts.write_text(starts.read_text() + "x" if starts.exists() else "x")
def write(samples):
    with wave.open(str(out), "wb") as file:
        file.setnchannels(1); file.setsampwidth(2); file.setframerate(22050)
        file.writeframes(samples)
loud = b"\\x00\\x20\\x00\\xe0" * 33075
rate = 125
%s
print(json.dumps({"voice": "roa/fr", "rate": rate, "library": "test"}))
"""


def child(does: str) -> Pyttsx3Engine:
    return Pyttsx3Engine(command=(sys.executable, "-c", CHILD % does), limit=5.0)


def starts(out: Path) -> int:
    return len(out.with_suffix(".starts").read_text())


@pytest.mark.parametrize(
    ("does", "complaint"),
    [
        ("write(bytes(len(loud)))", "silent"),
        ("write(loud[:2000])", "too short"),
        ("write(loud * 20)", "too long"),
        ("write(loud); rate = 200", "200 words a minute"),
        ("pass", "not a readable WAV"),
        ("out.write_text('nonsense')", "not a readable WAV"),
        ("raise RuntimeError('no library')", "no library"),
        ("print('Audio saved')", "did not answer in JSON"),
    ],
)
def test_bad_speech_is_tried_again_once_then_refused(
    tmp_path: Path, does: str, complaint: str
) -> None:
    """pyttsx3 returns normally after writing silence, a fragment or nothing."""
    out = tmp_path / "out.wav"

    with pytest.raises(SpeechError, match=complaint):
        child(does).speak(TEXT, out, voice="fr", rate=125)

    assert starts(out) == 2


def test_a_second_try_that_works_is_enough(tmp_path: Path) -> None:
    """The faults seen were chance: the next process speaks."""
    out = tmp_path / "out.wav"
    does = "write(loud if len(starts.read_text()) > 1 else bytes(100))"

    assert child(does).speak(TEXT, out, voice="fr", rate=125) == "pyttsx3 / test"


def test_a_voice_that_is_missing_is_an_error(tmp_path: Path) -> None:
    """espeak-ng says nothing and goes on in English."""
    with pytest.raises(SpeechError, match="not installed"):
        Pyttsx3Engine().speak(TEXT, tmp_path / "out.wav", voice="xx-nowhere", rate=125)


def test_a_child_that_hangs_is_killed(tmp_path: Path) -> None:
    """An alert never waits on a voice, and no process is left behind."""
    pid_file = tmp_path / "pid"
    code = f"import os,time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    engine = Pyttsx3Engine(command=(sys.executable, "-c", code), limit=0.5)
    began = time.monotonic()

    with pytest.raises(SpeechError, match="did not finish"):
        engine.speak(TEXT, tmp_path / "out.wav", voice="fr", rate=125)

    assert time.monotonic() - began < 20
    assert not Path("/proc", pid_file.read_text()).exists()


@pytest.mark.parametrize("library", ["auto", "bundled"])
def test_both_libraries_speak(tmp_path: Path, library: str) -> None:
    """A town hall's box may lack Debian's libespeak-ng: the bundled one then speaks."""
    out = tmp_path / "out.wav"

    name = Pyttsx3Engine(library=library).speak(TEXT, out, voice="fr", rate=125)

    assert name.startswith("pyttsx3 / espeak-ng 1.5")
    assert 2.0 < read_wav(out).seconds < 6.0


def test_a_faster_rate_is_shorter(tmp_path: Path) -> None:
    """The rate asked for is the rate spoken: it has been seen to get lost."""
    lengths = []
    for rate in (125, 200):
        out = tmp_path / f"{rate}.wav"
        Pyttsx3Engine().speak(TEXT, out, voice="fr", rate=rate)
        lengths.append(read_wav(out).seconds)

    assert lengths[1] < 0.75 * lengths[0]


def test_a_single_short_word_passes_the_checks() -> None:
    """One word ("Oui.") is speech too."""
    half_a_second = array.array("h", [4000, -4000] * 5000)

    check_speech(Samples(22050, half_a_second), "Oui.", 125)


def test_stereo_is_not_speech(tmp_path: Path) -> None:
    """Interleaved channels played as one would be half the speed."""
    write_wav(tmp_path / "a.wav", bytes(100))
    header = bytearray((tmp_path / "a.wav").read_bytes())
    header[22] = 2
    (tmp_path / "a.wav").write_bytes(header)

    with pytest.raises(SpeechError, match="not mono"):
        read_wav(tmp_path / "a.wav")


def test_the_reply_names_the_library(tmp_path: Path) -> None:
    """A technician must see which library speaks in this box."""
    reply = Pyttsx3Engine().speak("Bonjour.", tmp_path / "out.wav", voice="fr", rate=125)

    assert json.dumps(reply).count("espeak-ng")


def test_a_long_sentence_is_spoken_to_its_end(tmp_path: Path) -> None:
    """pyttsx3 comes back after 10 ms whether or not espeak-ng has finished."""
    long = "la rivière monte, " * 30
    engine = Pyttsx3Engine()
    engine.speak(long, tmp_path / "long.wav", voice="fr", rate=125)
    engine.speak(long * 2, tmp_path / "twice.wav", voice="fr", rate=125)
    once, twice = (read_wav(tmp_path / name).seconds for name in ("long.wav", "twice.wav"))

    assert twice == pytest.approx(2 * once, rel=0.05)


def test_a_file_that_was_cut_is_not_speech(tmp_path: Path) -> None:
    """Half an alert must never be taken for a short one."""
    write_wav(tmp_path / "a.wav", bytes(1000))
    (tmp_path / "a.wav").write_bytes((tmp_path / "a.wav").read_bytes()[:-100])

    with pytest.raises(SpeechError, match="cut short"):
        read_wav(tmp_path / "a.wav")


def test_a_child_has_one_thread_for_its_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """More wait for each other by turning in circles, and a small machine has calls to make."""
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    code = "import json, os; print(json.dumps({'threads': os.environ['OPENBLAS_NUM_THREADS']}))"

    assert {"threads": "1"} == ask((sys.executable, "-c", code), {}, limit=20)
