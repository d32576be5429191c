"""``tocsin modem resume``: let a SIM send again that Tocsin had stopped."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.common import config_option, configured
from gateway.control import client


@click.command("resume")
@config_option
@click.argument("name")
def resume(config_path: Path | None, name: str) -> None:
    """Remettre en service la carte SIM d'un modem, arrêtée après une suite de refus.

    Appelez d'abord l'opérateur : une carte bloquée le serait aussitôt de nouveau.
    """
    config = configured(config_path)
    stopped = client.ask(config.control_socket, "modem_resume", name=name)
    if stopped:
        click.echo(f"La carte SIM de {name} envoie de nouveau.")
    else:
        click.echo(f"La carte SIM de {name} n'était pas arrêtée.")
