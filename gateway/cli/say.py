"""``tocsin say``: hear what a telephone will hear."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.common import config_option, configured
from gateway.cli.speaking import language_option, speak_to, wanted


@click.command("say")
@config_option
@click.argument("text")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True,
    help="Le fichier WAV à écrire (8 kHz, 16 bits, mono).",
)  # fmt: skip
@language_option
@click.option(
    "--rate", type=click.IntRange(80, 300), help="Mots par minute (sinon comme configuré : 125)."
)
@click.option(
    "--level", type=click.FloatRange(-40, -16),
    help="Niveau actif, en dBov (sinon comme configuré : -18).",
)  # fmt: skip
def command(
    config_path: Path | None, text: str, output: Path, lang: str, rate: int | None,
    level: float | None,
) -> None:  # fmt: skip
    """Dire un texte dans un fichier WAV, tel que le téléphone l'entendra.

    Avec la configuration : ses voix dans leur ordre, les prononciations de la commune, son débit
    et son niveau. Sans configuration : espeak-ng.
    """
    config = configured(config_path) if wanted(config_path) else None
    speak_to(output, text, config, lang=lang, rate=rate, level=level)
