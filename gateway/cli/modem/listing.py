"""``tocsin modem list``: the modems there are, configured or not, and what ails them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from gateway.cli.common import config_option, configured, json_option
from gateway.config import Config
from gateway.control import client
from modem.discovery import UsbPort, at_ports, port_at, sound_port, usb_ports
from modem.profiles import GENERIC, PROFILES


@click.command("list")
@config_option
@json_option
def list_(config_path: Path | None, as_json: bool) -> None:
    """Montrer les modems : ports, rôle, profil, ennuis.

    Si le service tourne, avec leur état ; sinon, ceux de la configuration et ceux que l'on
    trouve branchés.
    """
    config = configured(config_path)
    notices: list[str] = []
    try:
        modems = client.ask(config.control_socket, "modems")
        notices = client.ask(config.control_socket, "modem_notices")
    except client.NoDaemon:
        modems = _configured(config)
    modems += _found({str(modem["port"]) for modem in modems})
    if as_json:
        click.echo(json.dumps(modems, ensure_ascii=False))
        return
    for notice in notices:
        click.secho(notice, fg="red", err=True)
    for modem in modems:
        _show(modem)
    if not modems:
        click.echo("aucun modem configuré, aucun modem USB trouvé", err=True)


def _show(modem: dict[str, Any]) -> None:
    red = {key: modem.pop(key, "") for key in ("warning", "stopped")}
    unproved = modem.pop("voice_unproved", False)
    click.echo("  ".join(f"{key}={value}" for key, value in modem.items() if value))
    for said in filter(None, red.values()):
        click.secho(f"  {said}", fg="red")
    if unproved:
        click.secho("  voix non vérifiée : tocsin modem check " + modem["name"], fg="yellow")


def _configured(config: Config) -> list[dict[str, Any]]:
    return [
        {
            "name": modem.name, "port": modem.port or "", "role": modem.role,
            "profile": modem.profile, "state": "unknown",
            "present": bool(modem.port and Path(modem.port).exists()),
            "imei": modem.match.imei if modem.match else "",
        }
        for modem in config.modem
    ]  # fmt: skip


def _found(known: set[str]) -> list[dict[str, Any]]:
    """Return the USB modems whose AT port nobody has configured."""
    ports = usb_ports()
    places = dict.fromkeys(port.place for port in ports)
    taken = {own.place for path in known if path and (own := port_at(path, ports))}
    return [_device(place, ports) for place in places if place not in taken]


def _device(place: str, ports: tuple[UsbPort, ...]) -> dict[str, Any]:
    first = next(port for port in ports if port.place == place)
    wires = at_ports(ports, place)
    profile = next((p for p in PROFILES if first.usb_id in p.usb_ids), GENERIC)
    return {
        "name": "", "state": "unconfigured", "port": wires[0] if wires else first.path,
        "audio": sound_port(wires[0], ports) if wires else "", "place": place,
        "usb": f"{first.vendor:04x}:{first.product:04x}", "profile": profile.name,
    }  # fmt: skip
