"""``tocsin init``: a machine made ready in one go, with questions or without."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import click

from gateway.cli.common import Offline, config_option, offline
from gateway.cli.finding import Found
from gateway.cli.finding import modems as found_modems
from gateway.cli.init_file import Answers, text_of
from gateway.cli.register import show
from gateway.config import Config, load, path_of
from gateway.errors import Refused
from gateway.health import exclusive
from gateway.store import seals
from gateway.store.cipher import Key
from gateway.upkeep import register_key

_RELAY = re.compile(r"[A-Za-z0-9.-]+:\d{1,5}")


@click.command("init")
@config_option
@click.option("--town", help="Nom de la commune.")
@click.option("--timezone", default="Europe/Paris", show_default=True, help="Fuseau horaire.")
@click.option(
    "--data-dir", type=click.Path(path_type=Path), default=Path("/var/lib/tocsin"),
    show_default=True, help="Où garder la base.",
)  # fmt: skip
@click.option("--listen", default="127.0.0.1:8080", show_default=True, help="Adresse de la page.")
@click.option("--modems/--no-modems", "look", default=None, help="Chercher les modems branchés.")
@click.option("--port", "ports", multiple=True, help="Un port de plus à essayer (répétable).")
@click.option("--relay", default="", metavar="NOM:PORT", help="Serveur de courriel.")
@click.option(
    "--relay-tls", default="starttls", show_default=True, help="Son chiffrement.",
    type=click.Choice(["none", "starttls", "implicit"]),
)  # fmt: skip
@click.option("--relay-user", default="", help="Identifiant sur ce serveur.")
@click.option("--relay-password-file", default="", help="Fichier de son mot de passe.")
@click.option("--sender", default="", help="Adresse de courriel de la mairie.")
@click.option("--technician", default="", help="Courriel du technicien.")
@click.option("--backup", multiple=True, help="Destination des sauvegardes (répétable).")
@click.option("--register-sheet", type=click.Path(path_type=Path, dir_okay=False),
              help="Écrire aussi la feuille de la clé du registre en PDF.")  # fmt: skip
@click.option("--admin", default="", help="Identifiant du premier administrateur (mot de passe "
              "demandé, ou lu sur l'entrée standard).")  # fmt: skip
def command(
    config_path: Path | None, town: str | None, timezone: str, data_dir: Path, listen: str,
    look: bool | None, ports: tuple[str, ...], relay: str, relay_tls: str, relay_user: str,
    relay_password_file: str, sender: str, technician: str, backup: tuple[str, ...], admin: str,
    register_sheet: Path | None,
) -> None:  # fmt: skip
    """Préparer cette machine : modems, courriel, base, premier compte.

    Sur un terminal, demande ce qui manque. Un fichier de configuration qui existe déjà n'est
    jamais modifié.
    """
    path = path_of(config_path)
    asks = sys.stdin.isatty() and town is None
    if path.exists():
        click.echo(f"{path} existe déjà : il est gardé tel quel.")
    else:
        answers = Answers(
            town or click.prompt("Nom de la commune"), timezone, data_dir, listen, relay,
            relay_tls, relay_user, relay_password_file, sender, technician, backup,
        )  # fmt: skip
        answers = _asked(answers, path) if asks else answers
        if answers.relay and not (_RELAY.fullmatch(answers.relay) and answers.sender):
            raise Refused("--relay demande NOM:PORT (smtp.exemple.fr:587) et --sender")
        wanted = asks if look is None else look
        _write(path, answers, _found(ports) if wanted or ports else [])
    config = load(path)
    key = _register_key(config)
    _first_account(config, _admin(admin, asks=asks))
    if key is not None:
        click.echo()
        show(config, key, register_sheet)
        click.echo()
    click.echo("Vérifiez tout : tocsin doctor ; puis chaque modem : tocsin modem check")


def _register_key(config: Config) -> Key | None:
    """Make the register's key where there is none; return it, to be shown this once."""
    if register_key.file_of(config).exists() or seals.check_of(config.database) is not None:
        return None
    with exclusive(config.lock):
        return register_key.make(config)


def _write(path: Path, answers: Answers, modems: list[Found]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.part")
    fresh.write_text(text_of(answers, modems), encoding="utf-8")
    fresh.chmod(0o640)
    load(fresh)  # what we write must be what we read
    fresh.replace(path)
    click.echo(f"{path} écrit.")


def _found(ports: tuple[str, ...]) -> list[Found]:
    click.echo("Je cherche les modems…", err=True)
    found, silent = asyncio.run(found_modems(ports))
    for one in found:
        click.secho(f"  ✓ {one.sentence}", fg="green")
    for sentence in silent:
        click.secho(f"  ✗ {sentence}", fg="red", err=True)
    if not found:
        click.echo("Aucun modem trouvé : branchez-les, puis « tocsin modem list ».", err=True)
    return found


def _asked(answers: Answers, path: Path) -> Answers:
    """Ask what was not given, one question a line."""
    relay = answers.relay or click.prompt(
        "Serveur de courriel, NOM:PORT (vide : aucun)", default="", show_default=False
    )
    technician = answers.technician or click.prompt(
        "Courriel du technicien (vide : aucun)", default="", show_default=False
    )
    answers = replace(answers, relay=relay.strip(), technician=technician.strip())
    if not answers.relay:
        return answers
    sender = answers.sender or click.prompt("Adresse de courriel de la mairie")
    user = answers.username or click.prompt("Identifiant sur ce serveur", default=sender)
    secret = path.parent / "secrets/relay-password"
    password = click.prompt("Mot de passe", hide_input=True)
    secret.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret.touch(mode=0o600)
    secret.write_text(password + "\n", encoding="utf-8")
    return replace(answers, sender=sender, username=user, password_file=str(secret))


def _admin(login: str, *, asks: bool) -> tuple[str, str] | None:
    """Return login and password of the first administrator; None: the page will ask for a code."""
    if not login and asks:
        login = click.prompt("Identifiant du premier administrateur (vide : plus tard, sur la "
                             "page)", default="", show_default=False)  # fmt: skip
    if not login:
        return None
    if sys.stdin.isatty():
        return login, click.prompt("Son mot de passe", hide_input=True, confirmation_prompt=True)
    return login, sys.stdin.readline().strip("\r\n")


def _first_account(config: Config, admin: tuple[str, str] | None) -> None:
    async def work(box: Offline) -> str | None:
        if admin is not None:
            await box.accounts.add(admin[0], admin[0], admin[1], "administrator")
            return None
        return await box.accounts.issue_first_code()

    code = offline(config, work)
    click.echo(f"Base prête : {config.database}")
    _hand_over(config.data_dir)
    if admin is not None:
        click.echo(f"Compte « {admin[0]} » créé : démarrez le service, puis ouvrez "
                   f"{config.web.address}/")  # fmt: skip
    elif code is None:
        click.echo("Un compte existe déjà : connectez-vous avec lui.")
    else:
        click.echo(f"Démarrez le service, puis ouvrez {config.web.address}/ et donnez ce "
                   "code :")  # fmt: skip
        click.echo(f"    {code}")


def _hand_over(data: Path) -> None:
    """Give what root has made to the service's user, where there is one."""
    if os.geteuid() != 0:
        return
    import pwd

    try:
        user = pwd.getpwnam("tocsin")
    except KeyError:
        return
    for path in (data, *data.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
