"""``tocsin paper``: the call tree, on paper for the day on which nothing else works."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import click

from gateway.cli.common import Offline, config_option, configured, either
from gateway.errors import Refused
from gateway.system_words import why


@click.command("paper")
@config_option
@click.option(
    "--to", "place", metavar="DOSSIER|usb:ÉTIQUETTE",
    help="Où l'écrire (sinon ici) : un dossier, ou un disque USB connu par son étiquette.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False),
    help="Le fichier PDF à écrire.",
)  # fmt: skip
def command(config_path: Path | None, place: str | None, output: Path | None) -> None:
    """Faire l'arbre d'appel en PDF : qui appeler, à quels numéros, que dire.

    Marche aussi quand le service est arrêté. Imprimez-le et rangez-le près du téléphone.
    """
    if place and output:
        raise click.UsageError("donnez --to ou -o, pas les deux")
    config = configured(config_path)

    async def work(box: Offline) -> dict[str, Any]:
        from gateway.services.call_trees import made_now

        return packed(await made_now(box.store, box.actor, box.clock.now()))

    made = either(config, "paper", {}, work, begins=False)
    data = base64.b64decode(made["data"])
    click.echo(_written(made["name"], data, place, output))


def packed(file: Any) -> dict[str, str]:
    """Return a file ready for JSON."""
    return {"name": file.name, "data": base64.b64encode(file.data).decode()}


def _written(name: str, data: bytes, place: str | None, output: Path | None) -> str:
    """Write the PDF; return where it is. Raises `Refused` with the mend."""
    if place:
        from gateway.services.call_trees import put
        from gateway.services.reports import TYPES, File

        if wrong := put(place, File(name, TYPES["pdf"], data)):
            raise Refused(wrong)
        return f"{name} : dans {place}"
    path = output or Path(name)
    try:
        path.touch(mode=0o600)  # it bears names and numbers
        path.write_bytes(data)
    except OSError as error:
        raise Refused(f"{path} ne peut pas être écrit : {why(error)}") from None
    return str(path)
