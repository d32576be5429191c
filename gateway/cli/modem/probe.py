"""``tocsin modem probe``: who answers at a port, with a transcript that may be shared."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from gateway.cli.common import config_option, configured, json_option
from gateway.control import client
from gateway.control.modems import shown_probe
from gateway.services.workshop import probed


@click.command("probe")
@config_option
@json_option
@click.argument("port")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False),
    help="Écrire la transcription dans ce fichier (sinon modem-MODÈLE.txt).",
)  # fmt: skip
def probe(config_path: Path | None, as_json: bool, port: str, output: Path | None) -> None:
    """Reconnaître le modem au bout de PORT (/dev/…, ou le nom d'un modem configuré).

    La transcription écrite peut être envoyée pour aider à reconnaître un nouveau modèle : IMEI,
    carte SIM et numéros y sont masqués. Si le service tourne, il prête le modem puis le reprend.
    """
    config = configured(config_path)
    try:
        found = client.ask(config.control_socket, "modem_probe", port=port, timeout=600)
    except client.NoDaemon:
        named = next((m.port for m in config.modem if m.name == port and m.port), port)
        found = shown_probe(asyncio.run(probed(named)))
    transcript = found.pop("transcript")
    if found["answers"]:
        path = output or Path(f"modem-{_plain(found['model']) or 'inconnu'}.txt")
        path.write_text(_file(found, transcript), encoding="utf-8")
        found["file"] = str(path)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        _show(found)
    if not found["answers"]:
        raise click.exceptions.Exit(1)


def _show(found: dict[str, Any]) -> None:
    if not found["answers"]:
        click.echo(
            f"Personne ne répond sur {found['port']} : ce n'est pas un port AT, ou le modem est "
            "bloqué. Essayez l'autre port du même modem (tocsin modem list).", err=True,
        )  # fmt: skip
        return
    click.echo(f"{found['manufacturer']} {found['model']} ({found['revision']})")
    click.echo(f"profil : {found['profile']}   IMEI : {found['imei']}")
    click.echo(f'pour le configurer :  match = {{ imei = "{found["imei"]}" }}')
    click.echo(f"transcription, sans donnée personnelle : {found['file']}")


def _file(found: dict[str, Any], transcript: list[str]) -> str:
    head = [f"# {key}: {found[key]}" for key in ("manufacturer", "model", "revision", "profile")]
    return "\n".join([*head, "", *transcript, ""])


def _plain(model: str) -> str:
    return "".join(char for char in model if char.isalnum() or char in "-_")
