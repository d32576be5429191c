"""How much more is understood through noise for the chain: ESTOI on the telephone band.

Each voice says the same messages, once plain at -20 dBov and once through the chain at -18 and
-16; full-rate GSM and A-law take them to the ear, where noise with the voice's own spectrum waits
at a fixed level, so that what is louder really gains. The judge is pystoi, with the bands that
a telephone carries. It ranks; it is no percentage of words.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pytest
import soundfile

from tests.acceptance.listening import RATE, through_gsm
from tests.benchmarks.conftest import Figures
from tests.benchmarks.speaking import NAMES, engine
from tts.chain import Chain, process, to_level
from tts.engine import Engine, SpeaksAll
from tts.level import Signal
from tts.process import join, sentence
from tts.reading import sentences, spoken

pytestmark = [pytest.mark.bench, pytest.mark.real_time, pytest.mark.timeout(900)]

MESSAGES: Final = (
    "Alerte crue. L'Argent-Double déborde à 17h30. Montez à l'étage. Coupez le gaz.",
    "Attention, feu de forêt. La route de Homps est coupée. Restez chez vous, fermez les volets.",
    "L'eau du robinet n'est plus potable. Faites-la bouillir trois minutes avant de la boire.",
    "Le gymnase de La Redorte est ouvert. Prenez vos médicaments, vos papiers et de l'eau.",
    "Vents de 120 km/h cette nuit. Rentrez les chaises et les pots. Ne sortez pas avant 7h.",
    "Ceci est une alerte. Évacuez la rue du Port. N'allez pas chercher vos enfants à l'école.",
)
#: The module, which the package hides behind its function of the same name.
JUDGE: Final = importlib.import_module("pystoi.stoi")
#: Third-octave bands of the judge's fifteen, from 150 Hz, that a telephone carries: 300 to 3024 Hz.
BAND: Final = slice(3, 14)
PLAIN: Final = -20.0
VARIANTS: Final[dict[str, Callable[[Signal], Signal]]] = {
    "plain -20": lambda raw: to_level(raw, PLAIN),
    "plain -18": lambda raw: to_level(raw, -18.0),
    "chain -18": lambda raw: process(raw, Chain(target=-18.0)),
    "chain -16": lambda raw: process(raw, Chain(target=-16.0)),
}
NOISES: Final[dict[str, float | None]] = {"quiet": None, "0 dB": 0.0, "-5 dB": -5.0}
GOALS: Final = {"espeak": 0.10, "kokoro": 0.18}


def said(voice: Engine, folder: Path, text: str) -> Signal:
    """Return a message as the engine says it, at 8 kHz, without any chain."""
    words = sentences(spoken(text))
    parts = [folder / f"{at}.wav" for at in range(len(words))]
    if isinstance(voice, SpeaksAll):
        voice.speak_all(words, parts, voice="fr", rate=125)
    else:
        for one, part in zip(words, parts, strict=True):
            voice.speak(one, part, voice="fr", rate=125)
    return join([sentence(part) for part in parts], 0.48)


def at_the_ear(sound: Signal) -> Signal:
    """Return what full-rate GSM and then A-law make of it."""
    coded = through_gsm(np.clip(np.round(sound * 32768), -32768, 32767).astype(np.int16))
    landline = io.BytesIO()
    soundfile.write(landline, coded, RATE, format="WAV", subtype="ALAW")
    landline.seek(0)
    return np.asarray(soundfile.read(landline)[0])


def noise_like(raw: Signal, seed: int) -> Signal:
    """Return steady noise with the long-term spectrum of ``raw``, at `PLAIN`."""
    spectrum = np.abs(np.fft.rfft(raw))
    phase = np.random.default_rng(seed).uniform(0, 2 * np.pi, len(spectrum))
    noise = np.fft.irfft(spectrum * np.exp(1j * phase), len(raw))
    return np.asarray(noise * 10 ** (PLAIN / 20) / np.sqrt(np.mean(noise**2)))


def understood(clean: Signal, heard: Signal) -> float:
    """Return ESTOI, from 0 to 1, over the bands a telephone carries."""
    return float(JUDGE.stoi(clean, heard, RATE, extended=True))


@pytest.mark.parametrize("name", NAMES)
def test_the_chain_is_worth_its_place(
    tmp_path: Path, figures: Figures, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a kitchen with the radio on, the plain voice is lost first."""
    monkeypatch.setattr(JUDGE, "OBM", JUDGE.OBM[BAND])
    voice = engine(name)
    raws = [said(voice, tmp_path, message) for message in MESSAGES]
    table = {
        (variant, noise): float(np.mean([
            _score(raw, change, snr, seed) for seed, raw in enumerate(raws)
        ]))
        for variant, change in VARIANTS.items() for noise, snr in NOISES.items()
    }  # fmt: skip
    _show(name, table)
    gain = table["chain -18", "0 dB"] - table["plain -20", "0 dB"]
    figures.add(
        f"{name}: ESTOI gained by the chain (-18) at 0 dB of noise", gain, least=GOALS[name]
    )
    figures.add(f"{name}: ESTOI, plain -20, at 0 dB", table["plain -20", "0 dB"])
    figures.add(f"{name}: ESTOI, chain -18, at 0 dB", table["chain -18", "0 dB"])
    figures.add(f"{name}: ESTOI, chain -16, at 0 dB", table["chain -16", "0 dB"])

    assert gain >= GOALS[name]


def _score(raw: Signal, change: Callable[[Signal], Signal], snr: float | None, seed: int) -> float:
    heard = at_the_ear(change(raw))
    if snr is not None:
        heard = heard + noise_like(raw, seed) * 10 ** (-snr / 20)
    return understood(to_level(raw, PLAIN), heard)


def _show(name: str, table: dict[tuple[str, str], float]) -> None:
    lines = [f"\n\nESTOI, {name:<12}" + "".join(f"{noise:>9}" for noise in NOISES)]
    lines += [
        f"{variant:<19}" + "".join(f"{table[variant, noise]:9.3f}" for noise in NOISES)
        for variant in VARIANTS
    ]
    sys.stdout.write("\n".join(lines) + "\n")
