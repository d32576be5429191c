"""``tocsin emulator``: modems without hardware, on pseudo-terminals."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.errors import Refused


@click.command("emulator")
@click.option("--modems", default=1, show_default=True, help="Combien de modems.")
@click.option(
    "--dir", "directory", type=click.Path(path_type=Path, file_okay=False), required=True,
    help="Où mettre modem-1.at, modem-1.audio…, handsets.jsonl et calls/*.wav.",
)  # fmt: skip
@click.option("--profile", default="simcom", show_default=True, help="La famille imitée.")
@click.option(
    "--pace", type=click.Choice(["real", "fast"]), default="real", show_default=True,
    help="real : les lenteurs d'un vrai réseau ; fast : il répond aussitôt.",
)  # fmt: skip
@click.option("--sms-seconds", type=float, help="Durée exacte d'un SMS, à la place.")
@click.option(
    "--cast", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Fichier JSON {numéro: comportement} des téléphones.",
)  # fmt: skip
@click.option("--seed", default=1, show_default=True, help="Graine du hasard.")
@click.option("--tcp", type=int, help="Écouter aussi sur 127.0.0.1 à partir de ce port.")
@click.option("--pin", help="Le code PIN que demandent leurs cartes SIM.")
def command(
    modems: int, directory: Path, profile: str, pace: str, sms_seconds: float | None,
    cast: Path | None, seed: int, tcp: int | None, pin: str | None,
) -> None:  # fmt: skip
    """Imiter des modems et leur réseau, sur des pseudo-terminaux, jusqu'à l'arrêt."""
    from modem.emulator.cast import CastError
    from modem.emulator.terminal import serve

    try:
        serve(modems, directory, profile, pace, sms_seconds, cast, seed, tcp, pin=pin)
    except (ValueError, OSError, CastError) as error:
        raise Refused(str(error)) from None
