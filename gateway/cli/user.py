"""``tocsin user``: accounts from the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway.cli.common import Offline, config_option, configured, either, text_of
from gateway.errors import Refused
from gateway.rights import ROLES


@click.group("user")
def command() -> None:
    """Gérer les comptes de la page."""


@command.command("add")
@config_option
@click.argument("login")
@click.option("--name", default="", help="Nom de la personne (sinon l'identifiant).")
@click.option(
    "--role", type=click.Choice(tuple(ROLES)),
    default="administrator", show_default=True, help="Ce que le compte peut faire.",
)  # fmt: skip
@click.option(
    "--password-file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Lire le mot de passe dans ce fichier (sinon demandé, ou lu sur l'entrée standard).",
)  # fmt: skip
def add(
    config_path: Path | None, login: str, name: str, role: str, password_file: Path | None
) -> None:
    """Créer un compte."""
    config = configured(config_path)
    password = _password(password_file)
    values = {"login": login, "name": name or login, "password": password, "role": role}

    async def work(box: Offline) -> int:
        return await box.accounts.add(login, name or login, password, role)

    either(config, "user_add", values, work)
    click.echo(f"Compte « {login} » créé.")


def _password(path: Path | None) -> str:
    if path is not None:
        return text_of(path).strip("\r\n")
    if sys.stdin.isatty():
        answer: str = click.prompt(
            "Mot de passe", hide_input=True, confirmation_prompt="Encore une fois"
        )
        return answer
    return sys.stdin.readline().strip("\r\n")


@command.command("code")
@config_option
def code(config_path: Path | None) -> None:
    """Donner un nouveau code pour créer le premier compte sur la page."""
    config = configured(config_path)

    async def work(box: Offline) -> str | None:
        return await box.accounts.issue_first_code()

    fresh = either(config, "user_code", {}, work)
    if fresh is None:
        raise Refused("Un compte existe déjà : un administrateur peut en créer d'autres.")
    click.echo(fresh)


@command.command("password")
@config_option
@click.argument("login")
def password(config_path: Path | None, login: str) -> None:
    """Donner un mot de passe provisoire, à changer à la prochaine connexion."""
    config = configured(config_path)

    async def work(box: Offline) -> str:
        care = box.account_care
        return await care.give_password(box.actor, await care.number_of(box.actor, login))

    fresh = either(config, "user_password", {"login": login}, work, begins=False)
    click.echo(f"Mot de passe provisoire de « {login} » : {fresh}")
    click.echo("Il devra être changé à la prochaine connexion ; les autres sont terminées.")


@command.command("two-factor")
@config_option
@click.option("--reset", "login", required=True, metavar="LOGIN", help="Le compte.")
def two_factor(config_path: Path | None, login: str) -> None:
    """Retirer la vérification en deux étapes d'un compte : son téléphone est perdu."""
    config = configured(config_path)

    async def work(box: Offline) -> None:
        care = box.account_care
        await care.reset_two_factor(box.actor, await care.number_of(box.actor, login))

    either(config, "user_two_factor", {"login": login}, work, begins=False)
    click.echo(f"« {login} » entre de nouveau avec son seul mot de passe ; ses connexions sont "
               "terminées.")  # fmt: skip
