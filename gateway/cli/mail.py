"""``tocsin mail``: whether mail goes out, comes back and comes in."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from gateway.cli.common import config_option, configured, json_option
from gateway.config import path_of
from gateway.mail.check import WAIT, Step, checked

_SIGNS: Final = {True: ("✓", "green"), False: ("✗", "red"), None: ("–", "yellow")}
_ADDRESS: Final = re.compile(r"[^\s<>@,;]+@[^\s<>@,;]+")


@click.group("mail")
def command() -> None:
    """Vérifier le courriel : le relais, la boîte aux lettres, notre porte."""


def _address(_: click.Context, __: click.Parameter, value: str) -> str:
    if value and not _ADDRESS.fullmatch(value):
        raise click.BadParameter(f"« {value} » n'est pas une adresse (exemple : nom@domaine.fr)")
    return value


@command.command("check")
@config_option
@json_option
@click.option("--to", default="", callback=_address, metavar="ADRESSE",
              help="Envoyer aussi un essai à cette adresse.")  # fmt: skip
@click.option("--wait", type=click.IntRange(1, 3600), default=int(WAIT), show_default=True,
              help="Secondes laissées à l'essai pour revenir dans la boîte.")  # fmt: skip
def check(config_path: Path | None, as_json: bool, to: str, wait: int) -> None:
    """Vérifier le courriel étape par étape, chaque ennui avec son remède.

    Envoie un essai à notre propre adresse et l'attend dans la boîte. Peut tourner à côté du
    service. Code de sortie 1 si quelque chose ne marche pas.
    """
    config = configured(config_path)
    steps = checked(config, path=path_of(config_path), to=to, wait=wait)
    done = asyncio.run(_walked(steps, wait, quiet=as_json))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in done], ensure_ascii=False))
    if any(one.ok is False for one in done):
        raise click.exceptions.Exit(1)


async def _walked(steps: AsyncGenerator[Step, None], wait: int, *, quiet: bool) -> list[Step]:
    done: list[Step] = []
    async with aclosing(steps) as walk:
        async for step in walk:
            done.append(step)
            if not quiet:
                _show(step)
                if step.step == "self" and step.ok and ("mailbox", True) in _states(done):
                    click.echo(f"    … j'attends son retour, {wait} s au plus")
    return done


def _states(done: list[Step]) -> list[tuple[str, bool | None]]:
    return [(one.step, one.ok) for one in done]


def _show(step: Step) -> None:
    sign, colour = _SIGNS[step.ok]
    click.secho(f"{sign} {step.said}", fg=colour)
    if step.mend:
        click.echo(f"    à faire : {step.mend}")
