"""``tocsin say``: hear what a telephone will hear."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import click

from gateway.errors import Refused


@click.command("say")
@click.argument("text")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True,
    help="Le fichier WAV à écrire (8 kHz, 16 bits, mono).",
)  # fmt: skip
@click.option("--rate", default=125, show_default=True, help="Mots par minute.")
@click.option("--level", default=-18.0, show_default=True, help="Niveau actif, en dBov.")
def command(text: str, output: Path, rate: int, level: float) -> None:
    """Dire un texte dans un fichier WAV, tel que le téléphone l'entendra."""
    import tts

    if not output.parent.is_dir():
        raise Refused(f"le dossier {output.parent} n'existe pas")
    with tempfile.TemporaryDirectory() as folder:
        try:
            rendered = tts.render(text, cache_dir=Path(folder), rate=rate, target_dbov=level)
            shutil.copyfile(rendered.pcm_path, output)
        except tts.SpeechError as error:
            raise Refused(str(error)) from None
        except OSError as error:
            raise Refused(f"{output} ne peut pas être écrit : {error}") from None
    click.echo(
        f"{output} : {rendered.seconds:.1f} s, {rendered.level_dbov:.1f} dBov, {rendered.engine}"
    )
