"""``tocsin clock``: whose time the running box goes by, and a person's word for the machine's."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from gateway.cli.common import config_option, configured, json_option
from gateway.control import client


@click.command("clock")
@config_option
@json_option
@click.option("--right", is_flag=True, help="Dire que l'heure de la machine est juste.")
@click.option("--yes", is_flag=True, help="Sans demander confirmation.")
def command(config_path: Path | None, as_json: bool, right: bool, yes: bool) -> None:
    """Montrer l'heure du boîtier et celle de la machine, et trancher.

    Une horloge qui a reculé, qui a sauté ou que le réseau mobile dément n'est pas crue d'elle-même.
    Quand celle de la machine est la bonne, --right le dit : les messages prévus repartent, et le
    journal garde qui l'a dit.
    """
    socket = configured(config_path).control_socket
    found = client.ask(socket, "clock")
    if right:
        if not yes:
            click.confirm(
                f"La machine dit {_shown(found['machine'])}. Est-ce bien l'heure qu'il est ?",
                abort=True, err=True,
            )  # fmt: skip
        found = client.ask(socket, "clock_right")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    _show(found)


def _show(found: dict[str, Any]) -> None:
    if not found["held"]:
        click.echo(f"Tocsin suit l'heure de la machine : {_shown(found['machine'])}.")
        return
    if found["followed"]:
        click.echo(f"Tocsin suit l'heure de la machine : {_shown(found['machine'])}. Rien ne l'a "
                   "encore confirmée : les effacements attendent, ou, au démarrage, les messages "
                   "prévus.")  # fmt: skip
        click.echo("Si elle est juste, dites-le : tocsin clock --right")
        return
    click.echo(f"Tocsin compte     {_shown(found['ours'])}")
    if found["network"]:
        click.echo(f"Le réseau dit     {_shown(found['network'])}")
    click.echo(f"La machine dit    {_shown(found['machine'])}, et n'est pas crue.")
    if found["possible"]:
        click.echo("Si elle est juste, dites-le : tocsin clock --right")
    else:
        click.echo("Mettez-la à l'heure : timedatectl set-time 'AAAA-MM-JJ HH:MM'")


def _shown(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%d/%m/%Y %H:%M}"
