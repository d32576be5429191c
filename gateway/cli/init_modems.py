"""Modems added to a configuration that is somebody's: its tables and comments stay as they are."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import click

from gateway.cli.finding import Found
from gateway.cli.init_box import put
from gateway.cli.init_file import modem_tables
from gateway.cli.init_questions import named
from gateway.config import ModemSettings, load
from gateway.errors import ConfigError, Refused
from modem.discovery import usb_ports


def add(path: Path, found: Sequence[Found], *, asks: bool) -> None:
    """Write those of ``found`` that the file has not at its end; what was there is kept beside it.

    Raises `Refused` where the file cannot take them; it is then as it was.
    """
    there = load(path).modem
    new = [one for one in found if not _declared(one, there)]
    if not new:
        click.echo(f"{path} est gardé tel quel : aucun modem à y ajouter.")
        return
    names = {modem.name for modem in there}
    new = named(new, names) if asks else _renamed(new, names)
    tables = "\n".join(modem_tables(new))
    text = path.read_text(encoding="utf-8")
    try:
        put(path, f"{text.rstrip()}\n\n{tables}")
    except ConfigError as error:  # such as modem = [{…}], which takes no table behind it
        raise Refused(f"{path} est gardé tel quel, les modems n'ont pas pu y être ajoutés "
                      f"({error}). Écrivez-y vous-même :\n{tables}") from None  # fmt: skip
    click.echo(f"Ajouté à {path} (l'ancien est {path.name}.old) :\n{tables}")
    click.echo("Redémarrez le service : systemctl restart tocsin", err=True)


def _declared(one: Found, there: Sequence[ModemSettings]) -> bool:
    """Tell whether the file has this modem: by its IMEI, its port, or where it is plugged in."""
    matches = [modem.match for modem in there if modem.match]
    places = {match.usb_path for match in matches} - {None}
    ports = {os.path.realpath(modem.port) for modem in there if modem.port}
    ports |= {os.path.realpath(port.path) for port in usb_ports() if port.place in places}
    by_imei = bool(one.probe.imei) and one.probe.imei in {match.imei for match in matches}
    return by_imei or os.path.realpath(one.port) in ports


def _renamed(found: Sequence[Found], taken: set[str]) -> list[Found]:
    """Give each a name that no other modem has."""
    free = (name for number in count(1) if (name := f"modem-{number}") not in taken)
    return [replace(one, name=next(free)) for one in found]
