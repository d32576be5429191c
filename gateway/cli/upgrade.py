"""``tocsin upgrade``: what the package asks of a version before it runs, and when it did not."""

from __future__ import annotations

import importlib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from gateway.cli.common import config_option, configured, hand_over
from gateway.cli.serve import WRONG_CONFIGURATION
from gateway.clock import SystemClock
from gateway.errors import ConfigError
from gateway.upkeep import upgrades


@click.group("upgrade")
def command() -> None:
    """Essayer une mise à jour, ou la défaire : pour les scripts du paquet."""


@command.command("rehearse")
@config_option
def rehearse(config_path: Path | None) -> None:
    """Dire si cette version peut démarrer ici, sans rien changer.

    Lit la configuration, charge toutes les bibliothèques, et met à jour une copie de la base. Code
    de sortie 78 si c'est la configuration qui ne va pas.
    """
    for module in ("gateway.daemon", "web.app"):  # all that the service loads
        importlib.import_module(module)

    try:
        config = configured(config_path)
    except ConfigError as error:
        click.echo(f"tocsin : {error}", err=True)
        raise click.exceptions.Exit(WRONG_CONFIGURATION) from None
    step = upgrades.rehearse(config)
    click.echo(f"Cette version peut démarrer{f' (base : {step})' if step else ''}.")


@command.command("undo")
@config_option
def undo(config_path: Path | None) -> None:
    """Remettre la base d'avant la dernière mise à jour, le service arrêté.

    À lancer avec la version d'avant. Ce qui attendait a pu partir depuis : les alertes repartent et
    le disent, le reste est montré comme incertain.
    """
    config = configured(config_path)
    done = upgrades.undo(config, SystemClock().now())
    hand_over(config.data_dir)
    if done is None:
        click.echo("Cette version lit la base telle qu'elle est : rien n'a été changé.")
        return
    made = datetime.fromtimestamp(done.since, ZoneInfo(config.town.timezone))
    click.echo(
        f"Base d'avant la mise à jour remise, copie du {made:%d/%m/%Y à %H:%M} : "
        f"{done.resent} envois d'alerte repartiront (rappels), {done.uncertain} envois sont "
        f"incertains, {done.not_launched} messages "
        "programmés ne repartiront pas."
    )
