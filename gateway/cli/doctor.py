"""``tocsin doctor``: what is wrong on this box, and what to do about each."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Final

import click

from gateway.cli.common import config_option, json_option
from gateway.config import load, path_of
from gateway.errors import Refused
from gateway.upkeep.doctor import examine, in_words, worst
from gateway.upkeep.findings import Finding, Level
from gateway.upkeep.letters import post

_SIGNS: Final = {
    Level.GOOD: ("✓", "green"), Level.UNKNOWN: ("?", "cyan"), Level.WARNING: ("!", "yellow"),
    Level.FAULT: ("✗", "red"),
}  # fmt: skip


@click.command("doctor")
@config_option
@json_option
@click.option("--mail", is_flag=True, help="Envoyer le résultat à [health] technician_mail.")
def command(config_path: Path | None, as_json: bool, mail: bool) -> None:
    """Examiner toute la passerelle : chaque ennui avec sa phrase et son remède.

    Ne change rien. Code de sortie 1 si une alerte en souffrirait.
    """
    path = path_of(config_path)
    found = asyncio.run(examine(path))
    if as_json:
        rows = [{"code": one.code, "level": one.level.value, "sentence": one.sentence,
                 "mend": one.mend} for one in found]  # fmt: skip
        click.echo(json.dumps(rows, ensure_ascii=False))
    elif not mail:
        for one in found:
            _show(one)
    if mail:
        _mail(path, found)
    elif worst(found) is Level.FAULT:
        raise click.exceptions.Exit(1)


def _state(found: list[Finding]) -> str:
    """Return the letter's subject: « tout va bien » only where nothing was found."""
    levels = [one.level for one in found]
    named = {Level.FAULT: "à réparer", Level.WARNING: "à surveiller"}
    state = ", ".join(f"{levels.count(one)} {named[one]}" for one in named if one in levels)
    unseen = levels.count(Level.UNKNOWN)  # from here: some things only root may look at
    return (state or "tout va bien") + (f", {unseen} sans réponse" if unseen else "")


def _show(one: Finding) -> None:
    sign, colour = _SIGNS[one.level]
    click.secho(f"{sign} {one.sentence}", fg=colour)
    if one.mend:
        click.echo(f"    à faire : {one.mend}")


def _mail(path: Path, found: list[Finding]) -> None:
    config = load(path)
    to = config.health.technician_mail
    if not to or config.relay is None:
        # nobody asked for a letter, and the weekly service must not fail for it
        click.echo(
            "Aucune lettre envoyée : il y faut [health] technician_mail et [relay] dans la "
            "configuration.", err=True,
        )  # fmt: skip
        return
    state = _state(found)
    try:
        asyncio.run(
            post(config.relay, to, f"Tocsin {config.town.name} : {state}", in_words(found, config))
        )
    except OSError as error:
        raise Refused(f"le courriel n'est pas parti : {error}") from None
