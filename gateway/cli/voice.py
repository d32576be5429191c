"""``tocsin voice``: which voices there are, whose they are, and the neural one onto this box."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import config_option, configured, json_option
from gateway.cli.speaking import language_option, speak_to
from gateway.config import Config
from gateway.errors import Refused

if TYPE_CHECKING:
    from tts.voices import VoiceFact


@click.group("voice")
def command() -> None:
    """Choisir et installer les voix."""


@command.command("list")
@config_option
@json_option
def list_(config_path: Path | None, as_json: bool) -> None:
    """Montrer les voix, si elles sont installées, et leurs licences."""
    from tts import voices

    config = configured(config_path)
    facts = voices.listed(config.voices, config.speech.piper_voice)
    if as_json:
        rows = [
            {"name": fact.name, "installed": fact.installed, "licence": fact.licence,
             "note": fact.note, "trouble": _trouble(fact, config)}
            for fact in facts
        ]  # fmt: skip
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    order = " puis ".join(config.speech.engines)
    click.echo(f"Ordre de préférence ([speech] engines) : {order}")
    for fact in facts:
        click.echo(f"{fact.name} : {'installée' if fact.installed else 'absente'}")
        if wrong := _trouble(fact, config):
            click.echo(f"    abîmée, ne parlera pas : {wrong}")
            click.echo(f"    réinstallez-la : tocsin voice install {fact.name}")
        click.echo(f"    licences : {fact.licence}")
        click.echo(f"    {fact.note}")


def _trouble(fact: VoiceFact, config: Config) -> str:
    from tts import voices

    return voices.trouble(fact.name, config.voices) if fact.installed else ""


@command.command("install")
@config_option
@click.argument("name", type=click.Choice(["kokoro"]))
def install(config_path: Path | None, name: str) -> None:
    """Installer la voix neuronale, en français et en anglais (180 Mo, vérifiée octet par octet)."""
    from tts import SpeechError, voices

    config = configured(config_path)
    click.echo("Téléchargement et vérification : quelques minutes…", err=True)
    try:
        voices.install_kokoro(config.voices)
    except (SpeechError, OSError) as error:
        raise Refused(f"la voix {name} n'a pas pu être installée : {error}") from None
    click.echo(f"La voix {name} est prête ; elle sera préférée dès le prochain message.")


@command.command("try")
@config_option
@click.argument("text")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True,
    help="Le fichier WAV à écrire.",
)  # fmt: skip
@click.option(
    "--engine", type=click.Choice(["kokoro", "piper", "espeak"]),
    help="Cette voix d'abord, quel que soit l'ordre configuré.",
)  # fmt: skip
@language_option
def try_(config_path: Path | None, text: str, output: Path, engine: str | None, lang: str) -> None:
    """Dire un texte avec les voix de cette machine."""
    speak_to(output, text, configured(config_path), lang=lang, first=engine)
