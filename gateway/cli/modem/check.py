"""``tocsin modem check``: the proof run, from a text to oneself to a key pressed by a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from gateway.cli.common import config_option, configured, json_option
from gateway.control import client
from gateway.errors import Refused

_SIGNS = {True: ("✓", "green"), False: ("✗", "red"), None: ("–", "yellow")}


@click.command("check")
@config_option
@json_option
@click.argument("name", default="")
@click.option("--phone", default="", help="Votre téléphone : il sonnera, appuyez sur 1.")
@click.option(
    "--number", "numbers", multiple=True, metavar="NOM=NUMÉRO",
    help="Le numéro d'un modem dont la carte ne le connaît pas (répétable).",
)  # fmt: skip
def check(
    config_path: Path | None, as_json: bool, name: str, phone: str, numbers: tuple[str, ...]
) -> None:
    """Vérifier pour de bon un modem, ou tous : SMS, accusé, appel, voix, touches.

    À faire à l'installation, à chaque changement de carte SIM, puis chaque mois. Coûte quelques
    SMS et un appel. Code de sortie 1 si quelque chose ne marche pas.
    """
    config = configured(config_path)
    known = dict(_pair(text) for text in numbers)
    try:
        proofs = client.ask(
            config.control_socket, "modem_check", timeout=3600, name=name, phone=phone,
            numbers=known,
        )  # fmt: skip
    except client.NoDaemon:
        from gateway.cli.modem.alone import check_alone

        proofs = check_alone(config, name, phone, known)
    if as_json:
        click.echo(json.dumps(proofs, ensure_ascii=False))
    else:
        for proof in proofs:
            show_proof(proof)
    if any(finding["ok"] is False for proof in proofs for finding in proof["findings"]):
        raise click.exceptions.Exit(1)


def _pair(text: str) -> tuple[str, str]:
    name, equals, number = text.partition("=")
    if not equals or not name or not number:
        raise Refused(f"« {text} » : écrivez NOM=NUMÉRO, par exemple orange-1=0612345678.")
    return name, number


def show_proof(proof: dict[str, Any]) -> None:
    """Show how one modem did, step by step."""
    click.secho(f"{proof['name']}  {proof['operator']} {proof['technology']}".rstrip(), bold=True)
    for finding in proof["findings"]:
        sign, colour = _SIGNS[finding["ok"]]
        click.secho(f"  {sign} {finding['step']} : {finding['said']}", fg=colour)
        if finding["mend"]:
            click.echo(f"      à faire : {finding['mend']}")
    if not proof["voice_proved"]:
        click.secho("  voix non vérifiée avec cette carte SIM", fg="yellow")
