"""``tocsin init``: a machine made ready in one go, with questions or without."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from gateway import keys
from gateway.cli import init_modems
from gateway.cli.common import Offline, config_option, hand_over, offline
from gateway.cli.finding import Found
from gateway.cli.finding import modems as found_modems
from gateway.cli.init_box import put, stopped_service
from gateway.cli.init_file import Answers, provisional_text, text_of
from gateway.cli.init_questions import admin_of, asked, mail_of, mobile_of, named, relay_of
from gateway.cli.register import check_place, show
from gateway.config import Config, load, path_of
from gateway.errors import Refused, TocsinError
from gateway.health import exclusive
from gateway.provisional import is_provisional
from gateway.store import seals
from gateway.store.cipher import Key
from gateway.upkeep import register_key
from gateway.visible import visible


@click.command("init")
@config_option
@click.option("--town", help="Nom de la commune.")
@click.option("--timezone", default="Europe/Paris", show_default=True, help="Fuseau horaire.")
@click.option(
    "--data-dir", type=click.Path(path_type=Path, readable=False), default=Path("/var/lib/tocsin"),
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
@click.option("--technician-sms", default="", metavar="MOBILE",
              help="Mobile du technicien : alarmes, et un SMS chaque matin.")  # fmt: skip
@click.option("--backup", multiple=True, help="Destination des sauvegardes (répétable).")
@click.option("--register-sheet", type=click.Path(path_type=Path),
              help="Écrire aussi la feuille de la clé du registre en PDF.")  # fmt: skip
@click.option("--admin", default="", help="Identifiant du premier administrateur (mot de passe "
              "demandé, ou lu sur l'entrée standard).")  # fmt: skip
@click.option("--check/--no-check", "proves", default=None,
              help="Vérifier chaque modem pour de bon, à la fin (quelques SMS).")  # fmt: skip
@click.option("--phone", default="", help="Pour cette vérification : votre téléphone, appelé.")
@click.option("--provisional", is_flag=True, hidden=True, help="Pour le paquet : sans question.")
def command(
    config_path: Path | None, town: str | None, timezone: str, data_dir: Path, listen: str,
    look: bool | None, ports: tuple[str, ...], relay: str, relay_tls: str, relay_user: str,
    relay_password_file: str, sender: str, technician: str, technician_sms: str,
    backup: tuple[str, ...], admin: str,
    register_sheet: Path | None, proves: bool | None, phone: str, provisional: bool,
) -> None:  # fmt: skip
    """Préparer cette machine : modems, courriel, base, premier compte.

    Sur un terminal, demande ce qui manque. Un fichier de configuration qui existe déjà est gardé,
    sauf celui que le paquet a écrit en attendant ; avec --modems, les modems trouvés qui n'y sont
    pas sont ajoutés à la fin. Le service, s'il tourne, est arrêté pendant ce temps.
    """
    path = path_of(config_path)
    check_place(register_sheet)
    if provisional:
        if not path.exists():
            put(path, provisional_text(data_dir))
        return
    asks = sys.stdin.isatty() and town is None
    answers = Answers(
        town or "", timezone, data_dir, listen, relay, relay_tls, relay_user,
        relay_password_file, sender, technician, backup, mobile_of(technician_sms),
    )  # fmt: skip
    said = bool(ports) or bool(look)
    wanted = said or (asks and look is None)
    with stopped_service(path):
        if said and path.exists() and not is_provisional(path):
            with exclusive(load(path).lock):  # a daemon would hold the ports
                init_modems.add(path, _found(ports), asks=asks)
        else:
            _configure(path, answers, ports if wanted else None, asks=asks)
        config = load(path)
        admin_named = admin_of(admin, asks=asks)  # who leaves at this question has made no key
        key = _register_key(config)
        try:
            _first_account(config, admin_named)
        finally:  # a password refused must not cost the town the only sheet of its register
            if key is not None:
                click.echo()
                show(config, key, register_sheet)
                click.echo()
        _prove(config, phone, proves=proves, asks=asks)
    click.echo("Vérifiez tout : tocsin doctor")


def _configure(path: Path, answers: Answers, ports: tuple[str, ...] | None, *, asks: bool) -> None:
    """Write the file where nobody has written one; ``ports`` None: look for no modem."""
    if path.exists() and not is_provisional(path):
        click.echo(f"{path} existe déjà : il est gardé tel quel (--modems y ajoute ceux qu'il "
                   "trouve).")  # fmt: skip
        if unused := _unused():
            click.secho(f"Sans effet sur ce fichier, changez-le vous-même : {', '.join(unused)}",
                        fg="yellow", err=True)  # fmt: skip
        return
    answers = replace(answers, town=visible(answers.town or click.prompt("Nom de la commune")))
    answers = asked(answers, path) if asks else answers
    answers = replace(answers, relay=relay_of(answers.relay))
    if answers.relay and not answers.sender:
        raise Refused("--relay demande aussi --sender, l'adresse de courriel de la mairie")
    for option, address in (("--sender", answers.sender), ("--technician", answers.technician)):
        _check_mail(option, address)
    modems = [] if ports is None else _found(ports)
    put(path, text_of(answers, named(modems) if asks else modems), _has_room)
    click.echo(f"{path} écrit.")


def _has_room(config: Config) -> None:
    """Raise what stands against a base in that folder, before a file names it for good."""
    with exclusive(config.lock):
        pass


#: Options of what the file says, by their parameters.
_OF_THE_FILE: Final = (
    "town", "timezone", "data_dir", "listen", "relay", "relay_tls", "relay_user",
    "relay_password_file", "sender", "technician", "technician_sms", "backup",
)  # fmt: skip


def _unused() -> list[str]:
    """Return the options somebody gave for a file that was there already."""
    context = click.get_current_context()
    given = click.core.ParameterSource.COMMANDLINE
    return [
        f"--{name.replace('_', '-')}"
        for name in _OF_THE_FILE
        if context.get_parameter_source(name) is given
    ]


def _check_mail(option: str, address: str) -> None:
    """Raise `Refused` for an address that the file would be refused for once it is written."""
    try:
        mail_of(address)
    except Refused as refusal:
        raise Refused(f"{option} : {refusal.message}") from None


def _prove(config: Config, phone: str, *, proves: bool | None, asks: bool) -> None:
    """Have each modem prove itself, where that is wanted; what fails is told, and stops nothing."""
    if not config.modem or proves is False or not (proves or asks):
        if config.modem:
            click.echo("Vérifiez chaque modem : tocsin modem check")
        return
    if proves is None and not click.confirm("Vérifier les modems ? (quelques SMS)", default=True):
        return
    if asks and not phone:
        phone = click.prompt("Votre téléphone, pour un appel d'essai (vide : sans appel)",
                             default="", show_default=False)  # fmt: skip
    from gateway.cli.modem.alone import check_alone
    from gateway.cli.modem.check import show_proof

    try:
        proofs = check_alone(config, "", phone, {})
    except TocsinError as error:
        click.secho(f"Les modems n'ont pas pu être vérifiés : {error}", fg="red", err=True)
    else:
        for proof in proofs:
            show_proof(proof)
    finally:
        hand_over(config.data_dir)


def _register_key(config: Config) -> Key | None:
    """Make the register's key where there is none; return it as long as nobody has seen it."""
    if register_key.is_unseen(config):
        return keys.of_register(config)
    if register_key.file_of(config).exists() or seals.check_of(config.database) is not None:
        return None
    with exclusive(config.lock):
        return register_key.make(config)


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


def _first_account(config: Config, admin: tuple[str, str] | None) -> None:
    async def work(box: Offline) -> str | None:
        if admin is not None:
            await box.accounts.add(admin[0], admin[0], admin[1], "administrator")
            return None
        return await box.accounts.issue_first_code()

    code = offline(config, work)
    click.echo(f"Base prête : {config.database}")
    if admin is not None:
        click.echo(f"Compte « {admin[0]} » créé : démarrez le service, puis ouvrez "
                   f"{config.web.address}/")  # fmt: skip
    elif code is None:
        click.echo("Un compte existe déjà : connectez-vous avec lui.")
    else:
        click.echo(f"Démarrez le service, puis ouvrez {config.web.address}/ et donnez ce "
                   "code :")  # fmt: skip
        click.echo(f"    {code}")
