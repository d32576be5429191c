"""Several voices in an order of preference: the next one speaks when one does not."""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import tts
from tts import voices
from tts.engine import Engine, Pyttsx3Engine
from tts.kokoro import MODEL, MODEL_HASH, VOICES, KokoroEngine, check_file
from tts.patience import REST, Patience
from tts.piper import PiperEngine

pytestmark = pytest.mark.real_time

#: A child that writes a second of noise per text, as a neural voice's child would.
SPEAKS = """
import json, sys
import numpy as np, soundfile
request = json.load(sys.stdin)
for text, out in zip(request["texts"], request["outs"]):
    noise = np.random.default_rng(1).normal(0, 0.1, 24000 * max(1, len(text) // 14))
    soundfile.write(out, noise, 24000, subtype="PCM_16")
print("{}")
"""
TEXT = "Alerte. L'eau monte dans la rue du Port."


#: What an empty model file must be to pass for the pinned one.
EMPTY = hashlib.sha256(b"").hexdigest()


def kokoro(folder: Path, code: str, limit: float = 20.0) -> KokoroEngine:
    for name in (MODEL, VOICES):
        (folder / name).write_bytes(b"")
    return KokoroEngine(folder, (sys.executable, "-c", code), limit, EMPTY)


def order(folder: Path, code: str, limit: float = 20.0) -> tuple[Engine, ...]:
    return (kokoro(folder, code, limit), Pyttsx3Engine())


def test_the_preferred_voice_speaks_all_sentences_in_one_child(tmp_path: Path) -> None:
    """Loading the model once costs half a second, once a sentence it would cost the alert."""
    rendered = tts.render(TEXT, cache_dir=tmp_path, engines=(kokoro(tmp_path, SPEAKS),))

    assert "kokoro-82m-int8 ff_siwis" == rendered.engine
    assert () == rendered.failed


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import sys; sys.exit('no memory')", "no memory"),
        ("print('{}')", "not a readable WAV"),
        ("print('x' * 9)", "did not answer in JSON"),
        (SPEAKS.replace("0, 0.1", "0, 0.0"), "silent"),
        (SPEAKS.replace("24000 * max", "200 * max"), "too short"),
    ],
)
def test_when_it_fails_the_next_voice_speaks_and_the_reason_is_kept(
    tmp_path: Path, code: str, why: str
) -> None:
    """An alert never waits on a voice, and a technician learns which one is broken."""
    rendered = tts.render(TEXT, cache_dir=tmp_path, engines=order(tmp_path, code))

    assert rendered.engine.startswith("pyttsx3")
    assert 1 == len(rendered.failed)
    assert rendered.failed[0].startswith("kokoro")
    assert why in rendered.failed[0]


def test_a_voice_that_takes_too_long_gives_way_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model on a tired disk must not keep a hundred phones from ringing."""
    monkeypatch.setattr("tts.kokoro._PER_CHARACTER", 0.0)
    began = time.monotonic()
    hangs = "import threading; threading.Event().wait()"
    rendered = tts.render(TEXT, cache_dir=tmp_path, engines=order(tmp_path, hangs, 0.5))

    assert rendered.engine.startswith("pyttsx3")
    assert "did not finish within 0.5 s" in rendered.failed[0]
    assert time.monotonic() - began < 20


def test_a_slow_voice_is_waited_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call has seven parts: each waiting for a voice that hangs would be minutes."""
    monkeypatch.setattr("tts.kokoro._PER_CHARACTER", 0.0)
    starts = tmp_path / "starts"
    code = f"open({str(starts)!r}, 'a').write('x'); import threading; threading.Event().wait()"
    for text in ("Alerte.", "Montez à l'étage.", "Au revoir."):
        made = tts.render(text, cache_dir=tmp_path, engines=order(tmp_path, code, 1.0))
        assert made.engine.startswith("pyttsx3")

    assert "x" == starts.read_text()
    assert "rests" in made.failed[0]


def test_a_voice_that_rests_still_says_what_it_said_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in the cache costs nobody any time."""
    engines = order(tmp_path, SPEAKS)
    before = tts.render(TEXT, cache_dir=tmp_path, engines=engines)
    monkeypatch.setattr("tts.patience.Patience.rests", lambda self, voice: True)

    assert before == tts.render(TEXT, cache_dir=tmp_path, engines=engines)
    assert "pyttsx3" in tts.render("Crue.", cache_dir=tmp_path, engines=engines).engine


def test_a_voice_that_is_alone_is_always_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Late is better than never where nobody else can speak."""
    monkeypatch.setattr("tts.patience.Patience.rests", lambda self, voice: True)

    assert tts.render(TEXT, cache_dir=tmp_path, engines=(kokoro(tmp_path, SPEAKS),)).seconds


def test_rest_ends() -> None:
    """A box that was busy for a minute gets its good voice back."""
    now = [0.0]
    patience = Patience(lambda: now[0])
    patience.lose("kokoro")

    assert patience.rests("kokoro")
    assert not patience.rests("espeak")
    now[0] = REST
    assert not patience.rests("kokoro")


@pytest.mark.parametrize("missing", [MODEL, VOICES])
def test_a_file_that_is_gone_is_named_and_the_next_voice_speaks(
    tmp_path: Path, missing: str
) -> None:
    """Somebody tidied the disk: the call goes out all the same."""
    engines = order(tmp_path, SPEAKS)
    (tmp_path / missing).unlink()
    rendered = tts.render(TEXT, cache_dir=tmp_path, engines=engines)

    assert rendered.engine.startswith("pyttsx3")
    assert missing in rendered.failed[0]


def test_a_model_that_changed_never_speaks(tmp_path: Path) -> None:
    """A half-written or exchanged model may say anything."""
    engines = order(tmp_path, SPEAKS)
    (tmp_path / MODEL).write_bytes(b"bit rot")
    rendered = tts.render(TEXT, cache_dir=tmp_path, engines=engines)

    assert rendered.engine.startswith("pyttsx3")
    assert "not the file we know" in rendered.failed[0]


def test_voices_that_changed_never_speak(tmp_path: Path) -> None:
    """The real child looks at the vectors it was given before it loads the model."""
    (tmp_path / MODEL).write_bytes(b"")
    np.savez(tmp_path / VOICES, ff_siwis=np.zeros((3, 1, 256), "<f4"))
    engine = KokoroEngine(tmp_path, digest=EMPTY)

    with pytest.raises(tts.SpeechError, match="not the voice we know"):
        engine.speak("Bonjour.", tmp_path / "o.wav", voice="fr", rate=125)
    with pytest.raises(tts.SpeechError, match="bf_emma is not in"):
        engine.speak("Hello.", tmp_path / "o.wav", voice="en", rate=125)


def test_an_english_message_is_spoken_by_an_english_voice(tmp_path: Path) -> None:
    """French sounds for English words help nobody."""
    spoke = tts.render("Go to the hall.", cache_dir=tmp_path, voice="en",
                       engines=(kokoro(tmp_path, SPEAKS),))  # fmt: skip

    assert "kokoro-82m-int8 bf_emma" == spoke.engine
    with pytest.raises(tts.SpeechError, match="speaks fr and en, not de"):
        kokoro(tmp_path, SPEAKS).speak("Hallo.", tmp_path / "o.wav", voice="de", rate=125)


def test_a_town_voice_speaks_its_own_language_only(tmp_path: Path) -> None:
    """A Piper file is one voice of one language."""
    model = tmp_path / "voice.onnx"
    model.write_bytes(b"")
    model.with_suffix(".onnx.json").write_text('{"espeak": {"voice": "fr"}}')

    with pytest.raises(tts.SpeechError, match="speaks fr, not en"):
        PiperEngine(model).speak("Hello.", tmp_path / "o.wav", voice="en", rate=125)


def test_a_voice_that_is_not_installed_is_left_out_of_the_order(tmp_path: Path) -> None:
    """The default order may name the neural voice on a box that has none."""
    assert ["pyttsx3"] == [
        engine.identity.split()[0] for engine in voices.engines(("kokoro",), tmp_path)
    ]


@pytest.mark.parametrize("file", [None, Path("/nowhere/fr_FR-x.onnx")])
def test_a_piper_voice_without_its_file_is_left_out_too(tmp_path: Path, file: Path | None) -> None:
    """A line forgotten in the configuration must not silence every call."""
    assert ["pyttsx3"] == [
        engine.identity.split()[0] for engine in voices.engines(("piper", "espeak"), tmp_path, file)
    ]


def test_a_missing_voice_file_is_named(tmp_path: Path) -> None:
    """The technician is told which of the two files is not there."""
    model = tmp_path / "fr_FR-x.onnx"
    model.write_bytes(b"")

    with pytest.raises(tts.SpeechError, match=r"fr_FR-x\.onnx\.json"):
        PiperEngine(model).speak("Bonjour.", tmp_path / "o.wav", voice="fr", rate=125)


def test_an_unknown_voice_is_refused_with_those_there_are(tmp_path: Path) -> None:
    """A spelling mistake must not silently mean another voice."""
    with pytest.raises(tts.SpeechError, match="espeak, kokoro, piper"):
        voices.engines(("siri",), tmp_path)


def test_every_voice_tells_its_licence(tmp_path: Path) -> None:
    """A town answers for what it plays."""
    assert all(fact.licence for fact in voices.listed(tmp_path))


def test_a_file_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    """Weights that changed under the same name are not the weights we know."""
    path = tmp_path / "model.onnx"
    path.write_bytes(b"something else")

    with pytest.raises(tts.SpeechError, match="not the file we know"):
        check_file(path, MODEL_HASH)


def test_an_install_that_fails_leaves_the_voice_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update without a network must not take away what speaks."""
    (tmp_path / "kokoro").mkdir()
    (tmp_path / "kokoro" / MODEL).write_bytes(b"the old one")

    def fetched(work: Path, out: Path) -> None:
        out.write_bytes(b"something else")
        check_file(out, MODEL_HASH)

    monkeypatch.setattr(voices, "_step", lambda command: None)
    monkeypatch.setattr(voices, "_fetch_model", fetched)
    with pytest.raises(tts.SpeechError, match="not the file we know"):
        voices.install_kokoro(tmp_path)

    assert b"the old one" == (tmp_path / "kokoro" / MODEL).read_bytes()
    assert ["kokoro"] == [path.name for path in tmp_path.iterdir()]


def test_a_step_that_fails_says_what_it_said(tmp_path: Path) -> None:
    """Pip's last line is what the technician can look up."""
    complains = [sys.executable, "-c", "import sys; sys.exit('no route to host')"]

    with pytest.raises(tts.SpeechError, match="no route to host"):
        voices._step(complains)


def test_a_damaged_voice_is_told(tmp_path: Path) -> None:
    """`voice list` looks at every byte; a call only finds out when it must."""
    (tmp_path / "kokoro").mkdir()
    (tmp_path / "kokoro" / MODEL).write_bytes(b"bit rot")

    assert "not the file we know" in voices.trouble("kokoro", tmp_path)
    assert "" == voices.trouble("espeak", tmp_path)
