"""``tocsin modem``: everything a technician does with modems. One file per command."""

from __future__ import annotations

import click

from gateway.cli.modem.check import check
from gateway.cli.modem.console import console, ussd
from gateway.cli.modem.listing import list_
from gateway.cli.modem.probe import probe
from gateway.cli.modem.resume import resume


@click.group("modem")
def command() -> None:
    """Voir, reconnaître, vérifier et dépanner les modems."""


for one in (list_, probe, check, console, ussd, resume):
    command.add_command(one)

__all__ = ["command"]
