"""The questions ``tocsin init`` asks on a terminal, one a line."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import click

from gateway.cli.finding import Found
from gateway.cli.init_file import Answers
from gateway.errors import Refused

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")


def asked(answers: Answers, path: Path) -> Answers:
    """Ask what was not given, one question a line."""
    relay = answers.relay or click.prompt(
        "Serveur de courriel, NOM:PORT (vide : aucun)", default="", show_default=False
    )
    technician = answers.technician or click.prompt(
        "Courriel du technicien (vide : aucun)", default="", show_default=False
    )
    mobile = answers.technician_sms or _mobile()
    answers = replace(
        answers, relay=relay.strip(), technician=technician.strip(), technician_sms=mobile
    )
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


def _mobile() -> str:
    """Ask for the technician's mobile until it is one, or nothing."""
    while True:
        said = click.prompt(
            "Mobile du technicien, pour les alarmes et un SMS chaque matin (vide : aucun)",
            default="", show_default=False,
        )  # fmt: skip
        try:
            return mobile_of(said)
        except Refused as refusal:
            click.secho(refusal.message, fg="red", err=True)


def mobile_of(said: str) -> str:
    """Return a mobile as E.164, empty where nothing was said; raise `Refused` for another number.

    An SMS to a landline is lost, and nobody would know until the first alarm.
    """
    if not said.strip():
        return ""
    from gateway import phone  # its tables are heavy
    from gateway.model import Line

    number = phone.parse(said)
    if number.line is not Line.MOBILE:
        raise Refused("« {said} » n'est pas un mobile : il ne reçoit pas de SMS.", said=said)
    return number.e164


def admin_of(login: str, *, asks: bool) -> tuple[str, str] | None:
    """Return login and password of the first administrator; None: the page will ask for a code."""
    if not login and asks:
        login = click.prompt("Identifiant du premier administrateur (vide : plus tard, sur la "
                             "page)", default="", show_default=False)  # fmt: skip
    if not login:
        return None
    if sys.stdin.isatty():
        return login, click.prompt(
            "Son mot de passe", hide_input=True, confirmation_prompt="Encore une fois"
        )
    return login, sys.stdin.readline().strip("\r\n")


def named(modems: list[Found], taken: Collection[str] = ()) -> list[Found]:
    """Let the technician name each modem, as the label on it says; ``taken`` have others."""
    those: list[Found] = []
    for one in modems:
        name = click.prompt(f"Nom de ce modem ({one.port})", default=one.name)
        while not _NAME.fullmatch(name) or name in {*taken, *(other.name for other in those)}:
            name = click.prompt("Lettres, chiffres, - et _ ; un nom par modem", default=one.name)
        those.append(replace(one, name=name))
    return those
