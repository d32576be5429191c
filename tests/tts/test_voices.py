"""Several voices in an order of preference: the next one speaks when one does not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import tts
from tts import voices
from tts.kokoro import MODEL, KokoroEngine
from tts.piper import PiperEngine

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


def kokoro(folder: Path, code: str) -> KokoroEngine:
    (folder / MODEL).write_bytes(b"")
    return KokoroEngine(folder, command=(sys.executable, "-c", code))


def test_the_preferred_voice_speaks_all_sentences_in_one_child(tmp_path: Path) -> None:
    """Loading the model once costs half a second, once a sentence it would cost the alert."""
    rendered = tts.render(TEXT, cache_dir=tmp_path, engines=(kokoro(tmp_path, SPEAKS),))

    assert "kokoro-82m-int8 ff_siwis" == rendered.engine
    assert () == rendered.failed


@pytest.mark.parametrize(
    "code",
    ["import sys; sys.exit('no memory')", "print('{}')", "import time; print('x' * 9)"],
)
def test_when_it_fails_the_next_voice_speaks_and_the_reason_is_kept(
    tmp_path: Path, code: str
) -> None:
    """An alert never waits on a voice."""
    order = (kokoro(tmp_path, code), voices.engines((), tmp_path)[0])
    rendered = tts.render(TEXT, cache_dir=tmp_path, engines=order)

    assert rendered.engine.startswith("pyttsx3")
    assert 1 == len(rendered.failed)
    assert rendered.failed[0].startswith("kokoro")


def test_a_voice_that_is_not_installed_is_left_out_of_the_order(tmp_path: Path) -> None:
    """The default order may name the neural voice on a box that has none."""
    assert ["pyttsx3"] == [
        engine.identity.split()[0] for engine in voices.engines(("kokoro",), tmp_path)
    ]


def test_a_missing_voice_file_is_named(tmp_path: Path) -> None:
    """The technician is told which of the two files is not there."""
    model = tmp_path / "fr_FR-x.onnx"
    model.write_bytes(b"")

    with pytest.raises(tts.SpeechError, match=r"fr_FR-x\.onnx\.json"):
        PiperEngine(model).speak("Bonjour.", tmp_path / "o.wav", voice="fr", rate=125)


def test_an_unknown_voice_is_refused_with_those_there_are(tmp_path: Path) -> None:
    """A spelling mistake must not silently mean another voice."""
    with pytest.raises(tts.SpeechError, match="kokoro, espeak"):
        voices.engines(("siri",), tmp_path)


def test_every_voice_tells_its_licence(tmp_path: Path) -> None:
    """A town answers for what it plays."""
    assert all(fact.licence for fact in voices.listed(tmp_path))


def test_a_file_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    """Weights that changed under the same name are not the weights we know."""
    path = tmp_path / "model.onnx"
    path.write_bytes(b"something else")

    with pytest.raises(tts.SpeechError, match="not the file we know"):
        voices._check(path, voices.MODEL_HASH)
