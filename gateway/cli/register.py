"""``tocsin register``: the key that the register of vulnerable people is encrypted with."""

from __future__ import annotations

import os
import pwd
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from gateway import keys
from gateway.cli.common import Offline, config_option, configured, offline, text_of
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.errors import Refused
from gateway.health import exclusive
from gateway.store import seals
from gateway.store.cipher import Key
from gateway.upkeep import register_key


@click.group("register")
def command() -> None:
    """Tenir la clé du registre des personnes fragiles."""


@command.command("key")
@config_option
@click.option("--new", "action", flag_value="new", help="Faire la clé, le service arrêté : le "
              "registre est chiffré aussitôt.")  # fmt: skip
@click.option("--print", "action", flag_value="print", help="Montrer la feuille du coffre (noté).")
@click.option("--enter", "action", flag_value="enter", help="Remettre la clé de la feuille.")
@click.option(
    "--key-file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Avec --enter : lire la clé dans ce fichier (sinon demandée, ou lue sur l'entrée).",
)  # fmt: skip
@click.option("--pdf", type=click.Path(path_type=Path, dir_okay=False),
              help="Écrire aussi la feuille dans ce fichier, à imprimer.")  # fmt: skip
def key(
    config_path: Path | None, action: str | None, key_file: Path | None, pdf: Path | None
) -> None:
    """Faire la clé du registre, imprimer sa feuille, ou la remettre.

    La clé n'est dans aucune sauvegarde : seule la feuille du coffre la rend.
    """
    config = configured(config_path)
    _may(config)
    if action == "new":
        show(config, _made(config), pdf)
        click.echo("\nLes sauvegardes faites avant ce jour ont encore le registre en clair : "
                   "refaites-en une, puis effacez-les.")  # fmt: skip
    elif action == "print":
        _printed(config, pdf)
    elif action == "enter":
        _entered(config, key_file)
    else:
        raise click.UsageError("dites --new, --print ou --enter")


def _may(config: Config) -> None:
    """Let root and the service's own user through, nobody else."""
    owner = config.data_dir.stat().st_uid if config.data_dir.exists() else os.geteuid()
    if os.geteuid() not in {0, owner}:
        raise Refused("la clé du registre n'est que pour root : sudo tocsin register key …")


def _made(config: Config) -> Key:
    with exclusive(config.lock):
        made = register_key.make(config)

    async def work(_: Offline) -> None:
        """Opening the database has sealed what was in clear."""

    offline(config, work)
    return made


def _printed(config: Config, pdf: Path | None) -> None:
    check_place(pdf)
    found = keys.of_register(config)
    if found is None:
        raise Refused(f"il n'y a pas de clé à lire dans {register_key.file_of(config)}")
    register_key.proved(found, seals.check_of(config.database))
    register_key.noted(config, "register.key_printed", found, _who(), SystemClock().now())
    show(config, found, pdf)


def _entered(config: Config, key_file: Path | None) -> None:
    found = register_key.enter(config, typed_key(key_file))
    register_key.noted(config, "register.key_entered", found, _who(), SystemClock().now())
    click.echo(f"Clé n° {found.id} en place. Redémarrez le service : systemctl restart tocsin")


def check_place(pdf: Path | None) -> None:
    """Raise `Refused` where a sheet could not be written, before anything else is done."""
    if pdf is None:
        return
    folder = pdf.absolute().parent
    if not folder.is_dir():
        raise Refused(f"le dossier {folder} n'est pas là : mkdir -p {folder}, puis recommencez")
    if pdf.is_dir() or not os.access(folder, os.W_OK):
        raise Refused(f"{pdf} ne peut pas être écrit : donnez un autre fichier, dans un dossier où "
                      "vous avez le droit d'écrire")  # fmt: skip


def show(config: Config, found: Key, pdf: Path | None) -> None:
    """Show the sheet for the safe, on the terminal and as a page to print."""
    click.echo(register_key.sheet(found, config.town.name))
    if pdf is not None:
        now = datetime.fromtimestamp(SystemClock().now(), ZoneInfo(config.town.timezone))
        pdf.touch(mode=0o600)
        pdf.write_bytes(register_key.as_pdf(found, config.town.name, now))
        click.echo(f"Feuille à imprimer : {pdf} (effacez-la ensuite).")
    register_key.seen(config)


def typed_key(path: Path | None) -> str:
    """Return the register's key as somebody gives it: from a file, at a prompt, or piped."""
    if path is not None:
        return text_of(path)
    if sys.stdin.isatty():
        typed: str = click.prompt("Clé du registre, de la feuille du coffre (vide : sans elle)",
                                  default="", show_default=False)  # fmt: skip
        return typed
    return sys.stdin.read()


def _who() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
