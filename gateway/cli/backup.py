"""``tocsin backup``: one file with all of the box, sealed if asked, taken where it is safe."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from pathlib import Path

import click

from gateway.cli.common import config_option, json_option
from gateway.clock import SystemClock
from gateway.config import Config, load, path_of
from gateway.control import client
from gateway.control.protocol import ControlError
from gateway.errors import Refused
from gateway.store import unusable
from gateway.upkeep import sealing
from gateway.upkeep.backup import Backup, make, secrets_missed

#: Seconds the running box has to say what time it is.
_PATIENCE = 10.0


@click.command("backup")
@config_option
@json_option
@click.option(
    "--to", "places", multiple=True, metavar="DESTINATION",
    help="Dossier, usb:ÉTIQUETTE ou sftp://nom@machine/dossier (répétable ; sinon [backup] to).",
)  # fmt: skip
@click.option("--new-key", is_flag=True, help="Faire une clé et imprimer la feuille du coffre.")
@click.option("--scheduled", is_flag=True, help="Sans rien dire s'il n'y a aucune destination.")
def command(
    config_path: Path | None, as_json: bool, places: tuple[str, ...], new_key: bool,
    scheduled: bool,
) -> None:  # fmt: skip
    """Sauvegarder toute la passerelle, sans l'arrêter.

    Chiffrée si [backup] recipient est donné : seule la feuille du coffre l'ouvre. Code de sortie 1
    si une destination ne l'a pas.
    """
    path = path_of(config_path)
    config = load(path)
    if new_key:
        click.echo(sealing.sheet(*sealing.new_key(), config.town.name))
        return
    to = places or config.backup.to
    if not to:
        if scheduled:
            return
        raise Refused(
            "aucune destination : donnez --to /dossier, ou écrivez dans la configuration "
            '[backup] to = ["/mnt/nas/tocsin"]'
        )
    try:
        backup = make(config, path, to, _now(config))
    except (sqlite3.Error, OSError) as error:
        trouble = unusable.why(config.database, error)
        raise Refused("la base n'a pas pu être copiée, {what} ; à faire : {mend}",
                      what=trouble.sentence, mend=trouble.mend) from None  # fmt: skip
    if as_json:
        click.echo(json.dumps(backup.told(), ensure_ascii=False))
    else:
        _show(backup)
    if missed := secrets_missed(config, path):
        click.secho(f"  ! sans les mots de passe de {missed}, fermé à cet utilisateur : « sudo "
                    "tocsin backup » les prend", fg="yellow", err=True)  # fmt: skip
    if any(one.trouble for one in backup.places):
        raise click.exceptions.Exit(1)


def _now(config: Config) -> float:
    """Return what time it is for the running box, whose machine may not know it."""
    try:
        told = client.ask(config.control_socket, "clock", timeout=_PATIENCE)
        return datetime.fromisoformat(told["ours"]).timestamp()
    except ControlError:  # at rest, or too busy to say: a backup waits for nobody
        return SystemClock().now()


def _show(backup: Backup) -> None:
    sealed = "chiffrée" if backup.sealed else "EN CLAIR (voir tocsin backup --new-key)"
    click.echo(f"{backup.name} : {backup.size / 1e6:.1f} Mo en {backup.seconds:.1f} s, {sealed}")
    for one in backup.places:
        if one.trouble:
            click.secho(f"  ✗ {one.place} : {one.trouble}", fg="red", err=True)
        else:
            click.secho(f"  ✓ {one.place}", fg="green")
