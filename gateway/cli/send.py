"""``tocsin send``: a message from the command line, to people, groups, or a batch."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from gateway.cli.common import config_option, configured, json_option, text_of
from gateway.config import Config
from gateway.control import client
from gateway.errors import Refused


@click.command("send")
@config_option
@json_option
@click.argument("text", required=False)
@click.option("--to", multiple=True, help="Un numéro ou une adresse de courriel (répétable).")
@click.option("--group", "groups", multiple=True, help="Un groupe, par son nom (répétable).")
@click.option(
    "--batch", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help='Un fichier JSONL : {"to": "06…", "text": "…"} par ligne.',
)  # fmt: skip
@click.option(
    "--channel", "channels", multiple=True, type=click.Choice(["sms", "voice", "email"]),
    help="Le moyen (répétable). Sinon SMS, ou courriel pour une adresse.",
)  # fmt: skip
@click.option(
    "--urgency", type=click.Choice(["vital", "service", "information"]), default="service",
    show_default=True, help="vital : une alerte, qui passe avant tout.",
)  # fmt: skip
@click.option(
    "--at", "at", default="", help="Quand partir : 2026-11-25T08:00, heure de la commune."
)
@click.option("--until", default="", help="Inutile après : 2026-11-25T12:00, heure de la commune.")
@click.option("--now", is_flag=True, help="Partir sans attendre les heures prévues ; c'est noté.")
@click.option(
    "--order", default="", help="« advised » : l'ordre conseillé pour cette urgence, au lieu de "
    "tous les moyens à la fois.",
)  # fmt: skip
@click.option("--confirm", is_flag=True, help="Seule une confirmation compte comme jointe.")
@click.option("--title", default="", help="Un titre pour s'y retrouver (objet des courriels).")
@click.option("--exercise", is_flag=True, help="Un exercice : chaque texte le dit, rien ne compte.")
@click.option(
    "--key", default="", help="Une clé de votre choix : la même, redonnée, n'envoie rien de "
    "nouveau et rend le message de la première fois.",
)  # fmt: skip
@click.option("--wait", is_flag=True, help="Attendre que chaque personne ait un état final.")
def command(
    config_path: Path | None, as_json: bool, text: str | None, to: tuple[str, ...],
    groups: tuple[str, ...], batch: Path | None, channels: tuple[str, ...], urgency: str,
    at: str, until: str, now: bool, order: str, confirm: bool, title: str,
    exercise: bool, key: str, wait: bool,
) -> None:  # fmt: skip
    """Envoyer un message. « - » lit le texte sur l'entrée standard."""
    config = configured(config_path)
    said: dict[str, Any] = {
        "exercise": exercise,
        "idempotency_key": f"command-{key}" if key else None,
    }
    if batch is not None:
        if text or to or groups or at or until or order or confirm or len(channels) > 1:
            raise click.UsageError(
                "--batch va seul, avec un --channel au plus, --now, --exercise, --key"
            )
        number = client.ask(
            config.control_socket, "batch", lines=read_batch(batch), urgency=urgency,
            channel=channels[0] if channels else "sms", title=title, now=now, **said,
        )  # fmt: skip
    else:
        if not to and not groups:
            raise click.UsageError("à qui ? donnez --to, --group ou --batch")
        if text is None:
            raise click.UsageError("quel message ? donnez-le, ou « - » pour le lire")
        number = client.ask(
            config.control_socket, "send", text=sys.stdin.read() if text == "-" else text,
            to=list(to), groups=list(groups), channels=list(channels or _channels(to)),
            urgency=urgency, title=title, at=at, until=until, now=now, order=order, confirm=confirm,
            **said,
        )  # fmt: skip
    _tell(config, number, as_json=as_json, wait=wait)


def _channels(to: tuple[str, ...]) -> list[str]:
    mails = sum("@" in address for address in to)
    if mails and mails == len(to):
        return ["email"]
    return ["sms", "email"] if mails else ["sms"]


def read_batch(path: Path) -> list[dict[str, str]]:
    """Read a batch; raise `Refused` naming each line that is not as it should be."""
    lines: list[dict[str, str]] = []
    problems: list[str] = []
    for number, line in enumerate(text_of(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            lines.append({"to": _text(item["to"]), "text": _text(item["text"])})
        except (json.JSONDecodeError, KeyError, TypeError, ValueError):
            problems.append(f'ligne {number} : il faut {{"to": "06…", "text": "…"}}')
    if problems:
        more = f"\n… et {len(problems) - 10} autres lignes" if len(problems) > 10 else ""
        raise Refused(f"{path} n'est pas un lot :\n" + "\n".join(problems[:10]) + more)
    return lines


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _tell(config: Config, number: int, *, as_json: bool, wait: bool) -> None:
    if wait:
        told = _wait(config, number, quiet=as_json)
    if not as_json:
        if wait:
            click.echo(f"Message {number} terminé : {_reached(told)}.")
        else:
            told = client.ask(config.control_socket, "departure", broadcast=number)
            click.echo(f"Message {number} {told['when']}. Suivez-le : tocsin report {number}")
            if told["warning"]:
                click.secho(told["warning"], fg="yellow", err=True)
        return
    answer: dict[str, Any] = {"broadcast": number}
    if wait:
        answer = client.ask(config.control_socket, "report", broadcast=number)
    click.echo(json.dumps(answer, ensure_ascii=False))


def _wait(config: Config, number: int, *, quiet: bool) -> dict[str, Any]:
    while True:
        told: dict[str, Any] = client.ask(config.control_socket, "wait", broadcast=number)
        if told["closed"]:
            return told
        if not quiet:
            click.echo(f"… {_reached(told)}", err=True)


def _reached(told: dict[str, Any]) -> str:
    return told["answered"] or f"{told['reached']} joints sur {told['recipients']}"
