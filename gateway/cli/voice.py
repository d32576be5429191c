"""``tocsin voice``: which voices there are, whose they are, and the neural one onto this box."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import click

from gateway.cli.common import config_option, configured, json_option
from gateway.errors import Refused


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
            {"name": f.name, "installed": f.installed, "licence": f.licence, "note": f.note}
            for f in facts
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    order = " puis ".join(config.speech.engines)
    click.echo(f"Ordre de préférence ([speech] engines) : {order}")
    for fact in facts:
        click.echo(f"{fact.name} : {'installée' if fact.installed else 'absente'}")
        click.echo(f"    licences : {fact.licence}")
        click.echo(f"    {fact.note}")


@command.command("install")
@config_option
@click.argument("name", type=click.Choice(["kokoro"]))
def install(config_path: Path | None, name: str) -> None:
    """Installer la voix neuronale française (180 Mo, vérifiée octet par octet)."""
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
def try_(config_path: Path | None, text: str, output: Path, engine: str | None) -> None:
    """Dire un texte avec les voix de cette machine."""
    import tts
    from tts import voices

    config = configured(config_path)
    speech = config.speech
    order = (engine, *speech.engines) if engine else speech.engines
    with tempfile.TemporaryDirectory() as folder:
        try:
            chosen = voices.engines(order, config.voices, speech.piper_voice)
            rendered = tts.render(
                text, cache_dir=Path(folder), rate=speech.rate, target_dbov=speech.level,
                engines=chosen,
            )  # fmt: skip
            shutil.copyfile(rendered.pcm_path, output)
        except (tts.SpeechError, OSError) as error:
            raise Refused(str(error)) from None
    for failed in rendered.failed:
        click.echo(f"n'a pas parlé : {failed}", err=True)
    click.echo(f"{output} : {rendered.seconds:.1f} s, {rendered.engine}")
