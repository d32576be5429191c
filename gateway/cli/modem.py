"""``tocsin modem``: the modems, as the technician sees them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from gateway.cli.common import config_option, configured, json_option
from gateway.config import Config
from gateway.control import client


@click.group("modem")
def command() -> None:
    """Voir les modems."""


@command.command("list")
@config_option
@json_option
def list_(config_path: Path | None, as_json: bool) -> None:
    """Montrer les modems : leur état si le service tourne, sinon les ports trouvés."""
    config = configured(config_path)
    try:
        modems = client.ask(config.control_socket, "modems")
    except client.NoDaemon:
        modems = _without_daemon(config)
    if as_json:
        click.echo(json.dumps(modems, ensure_ascii=False))
        return
    for modem in modems:
        click.echo("  ".join(f"{key}={value}" for key, value in modem.items() if value))
    if not modems:
        click.echo("aucun modem configuré, aucun port série trouvé", err=True)


def _without_daemon(config: Config) -> list[dict[str, Any]]:
    from serial.tools import list_ports

    ports = sorted(list_ports.comports(), key=lambda port: port.device)
    configured_ones = [
        {
            "name": modem.name, "port": modem.port, "state": "unknown",
            "present": bool(modem.port and Path(modem.port).exists()),
        }
        for modem in config.modem
    ]  # fmt: skip
    found = [
        {
            "name": "", "port": port.device, "state": "unconfigured",
            "usb": f"{port.vid:04x}:{port.pid:04x}", "usb_path": port.location or "",
            "interface": port.interface or "", "product": port.product or "",
        }
        for port in ports
        if port.vid is not None
    ]  # fmt: skip
    return [*configured_ones, *found]
