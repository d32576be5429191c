"""``tocsin restore``: a backup put back, on this machine or a new one."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from gateway.cli.common import config_option, json_option, text_of
from gateway.cli.register import typed_key
from gateway.clock import SystemClock
from gateway.config import load, path_of
from gateway.upkeep.restore import Restored, restore


@click.command("restore")
@config_option
@json_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--key-file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Lire la clé de la feuille dans ce fichier (sinon demandée, ou lue sur l'entrée).",
)  # fmt: skip
@click.option(
    "--register-key-file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Lire la clé du registre dans ce fichier (sinon demandée).",
)  # fmt: skip
@click.option("--replace", is_flag=True, help="Même s'il y a déjà une base (gardée de côté).")
def command(
    config_path: Path | None, as_json: bool, file: Path, key_file: Path | None,
    register_key_file: Path | None, replace: bool,
) -> None:  # fmt: skip
    """Rendre une sauvegarde, le service arrêté.

    La configuration en place est gardée ; sans elle, ou si c'est encore celle du paquet, celle de
    la sauvegarde est reprise. Ce qui attendait dans la sauvegarde a pu partir depuis : les alertes
    repartent et le disent, le reste est montré comme incertain.
    """
    path = path_of(config_path)
    done = restore(
        file, path, lambda: _key(key_file), SystemClock().now(), replace=replace,
        ask_register=lambda: typed_key(register_key_file),
    )  # fmt: skip
    if as_json:
        click.echo(json.dumps(_told(done), ensure_ascii=False))
        return
    zone = ZoneInfo(load(path).town.timezone)
    made = datetime.fromtimestamp(done.manifest.made_at, zone)
    click.echo(f"Sauvegarde de {done.manifest.town} du {made:%d/%m/%Y à %H:%M} rendue dans "
               f"{done.database}.")  # fmt: skip
    click.echo(f"Configuration : {path} ({'rendue' if done.config_written else 'gardée'}).")
    told = done.rewound
    if told.resent or told.uncertain or told.not_launched:
        click.echo(
            f"Depuis cette heure : {told.resent} envois d'alerte repartiront (rappels), "
            f"{told.uncertain} envois sont incertains, {told.not_launched} messages programmés "
            "ne repartiront pas."
        )
    if done.broken_at is not None:
        click.secho(
            f"Le registre des événements n'est pas intact à partir du n° {done.broken_at}.",
            fg="red", err=True,
        )  # fmt: skip
    if done.register == "missing":
        click.secho(
            "La clé du registre n'a pas été donnée : ses fiches sont illisibles jusqu'à « tocsin "
            "register key --enter ». Tout le reste marche.", fg="red", err=True,
        )  # fmt: skip
    _tell_sheet(done)
    click.echo("Vérifiez : tocsin doctor ; puis démarrez : systemctl start tocsin")


def _tell_sheet(done: Restored) -> None:
    """Say which sheet opens the register from now on: a new box has printed one of its own."""
    if done.sheet:
        click.echo(f"Feuille du registre à garder au coffre : celle de la clé n° {done.sheet}.")
    if done.void_sheet:
        click.secho(
            f"La feuille n° {done.void_sheet}, faite sur cette machine (« tocsin init »), n'ouvre "
            "rien de ce qui est rendu : détruisez-la, sauf pour une base d'avant gardée de côté.",
            fg="yellow", err=True,
        )  # fmt: skip


def _key(path: Path | None) -> str:
    if path is not None:
        return text_of(path)
    if sys.stdin.isatty():
        typed: str = click.prompt("Clé de la feuille du coffre")
        return typed
    return sys.stdin.read()


def _told(done: Restored) -> dict[str, object]:
    return {
        "town": done.manifest.town, "made_at": done.manifest.made_at,
        "config_written": done.config_written, "resent": done.rewound.resent,
        "uncertain": done.rewound.uncertain, "not_launched": done.rewound.not_launched,
        "broken_at": done.broken_at, "register_key": done.register,
        "register_sheet": done.sheet,
    }  # fmt: skip
