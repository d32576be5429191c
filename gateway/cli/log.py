"""``tocsin log``: how much each part of the running box writes to its journal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway.cli.common import config_option, configured
from gateway.control import client
from gateway.log_levels import LEVELS


@click.command("log")
@config_option
@click.argument("part", default="")
@click.argument("level", default="", type=click.Choice(["", *LEVELS]), metavar="[LEVEL]")
def command(config_path: Path | None, part: str, level: str) -> None:
    """Montrer ou changer le détail du journal, sans redémarrer.

    tocsin log modem debug : tout ce que disent les modems, numéros masqués. Une partie est le
    début d'un nom de module (modem, gateway.mail, web) ; « tout » désigne l'ensemble. Le
    redémarrage remet tout comme avant.
    """
    config = configured(config_path)
    asked: dict[str, Any] = {}
    if level:
        asked = {"part": "" if part == "tout" else part, "level": level}
    if part and not level:
        raise click.UsageError("Dites aussi le niveau : tocsin log modem debug")
    for name, now in client.ask(config.control_socket, "log_level", **asked).items():
        click.echo(f"{name or 'tout'} : {now}")
