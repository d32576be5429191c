"""The questions ``tocsin init`` asks on a terminal, one a line."""

from __future__ import annotations

import ipaddress
import re
import sys
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import click

from gateway.cli.finding import Found
from gateway.cli.init_file import Answers
from gateway.config_box import mailbox_of
from gateway.errors import Refused

_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")


def asked(answers: Answers, path: Path) -> Answers:
    """Ask what was not given, one question a line."""
    answers = replace(
        answers,
        relay=answers.relay or _until(relay_of, "Serveur de courriel, NOM:PORT (vide : aucun)"),
        technician=answers.technician or _until(mail_of, "Courriel du technicien (vide : aucun)"),
        technician_sms=answers.technician_sms
        or _until(
            mobile_of,
            "Mobile du technicien, pour les alarmes et un SMS chaque matin (vide : aucun)",
        ),
    )
    if not answers.relay:
        return answers
    sender = answers.sender or _until(mail_of, "Adresse de courriel de la mairie", needed=True)
    user = answers.username or click.prompt("Identifiant sur ce serveur", default=sender)
    secret = path.parent / "secrets/relay-password"
    password = click.prompt("Mot de passe", hide_input=True)
    secret.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret.touch(mode=0o600)
    secret.write_text(password + "\n", encoding="utf-8")
    return replace(answers, sender=sender, username=user, password_file=str(secret))


def _until(read: Callable[[str], str], question: str, *, needed: bool = False) -> str:
    """Ask until the answer is one that ``read`` takes, or nothing: no other answer is lost."""
    while True:
        said: str = click.prompt(question, default=None if needed else "", show_default=False)
        try:
            return read(said)
        except Refused as refusal:
            click.secho(refusal.message, fg="red", err=True)


def relay_of(said: str) -> str:
    """Return a relay as NAME:PORT, empty where nothing was said; raise `Refused` otherwise.

    Says which half is wrong: whoever forgot the name looks in vain for what is wrong of the port.
    """
    relay = said.strip()
    if not relay:
        return ""
    if "/" in relay or "@" in relay:
        raise _no_relay(said, "donnez le nom du serveur seul, sans « smtp:// » ni identifiant")
    if (relay.count(":") > 1 and not relay.startswith(("[", ":"))) or _is_ipv6(relay):
        raise _no_relay(said, "une adresse IPv6 se met entre crochets : [2001:db8::25]:587")
    host, colon, port = relay.rpartition(":")
    if not colon or (host and not port) or relay.endswith("]"):
        raise _no_relay(said, "il manque le port (587, 465 ou 25)")
    if not host:
        raise _no_relay(said, "il manque le nom ou l'adresse du serveur, devant le port")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise _no_relay(said, "le port est un nombre de 1 à 65535")
    if not (_HOST.fullmatch(host) or (host[0] + host[-1] == "[]" and _is_ipv6(host[1:-1]))):
        raise _no_relay(said, "ce n'est pas le nom d'un serveur")
    return f"{host}:{int(port)}"


def _no_relay(said: str, why: str) -> Refused:
    return Refused("« {said} » : {why} ; NOM:PORT, comme smtp.exemple.fr:587.", said=said, why=why)


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def mail_of(said: str) -> str:
    """Return a mail address as it was said, or nothing; raise `Refused` for what is none."""
    address = said.strip()
    try:
        if address:
            mailbox_of(address)
    except ValueError as error:
        raise Refused(str(error)) from None
    return address


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
