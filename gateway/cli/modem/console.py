"""``tocsin modem console`` and ``ussd``: raw AT commands, and codes like #123#, by a technician."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from gateway.cli.common import config_option, configured, json_option
from gateway.config import Config
from gateway.control import client
from gateway.control.protocol import ControlError
from gateway.errors import Refused
from gateway.services.workshop import of_port
from modem.console import console as open_console
from modem.errors import ModemError


@click.command("console")
@config_option
@json_option
@click.argument("name")
def console(config_path: Path | None, as_json: bool, name: str) -> None:
    """Parler à un modem en commandes AT brutes (techniciens).

    Le service lui rend son port pour ce temps et le reprend ensuite, ou dès qu'une alerte en a
    besoin. ESC sort d'une saisie restée ouverte ; Ctrl-D termine. Les commandes peuvent venir
    de l'entrée standard, une par ligne. Avec --json, une ligne {"said", "answer"} par commande.
    """
    config = configured(config_path)
    try:
        with client.conversation(config.control_socket, "modem_console", name=name) as say:
            _talk(say, as_json=as_json)
    except client.NoDaemon:
        from gateway.cli.modem.alone import port_of

        asyncio.run(_talk_directly(port_of(config, name), as_json=as_json))


def _lines() -> Iterator[str]:
    if not sys.stdin.isatty():
        yield from (line.strip() for line in sys.stdin if line.strip())
        return
    while True:
        try:
            text = input("AT> ").strip()
        except EOFError:
            click.echo()
            return
        if text:
            yield text


def _talk(say: Callable[[str], Any], *, as_json: bool) -> None:
    for text in _lines():
        try:
            _show(text, say(text), as_json=as_json)
        except ControlError as error:
            click.echo(str(error), err=True)
            if "repris" in str(error) or "perdu" in str(error) or "fermé" in str(error):
                raise click.exceptions.Exit(1) from None


async def _talk_directly(address: str, *, as_json: bool) -> None:
    try:
        async with open_console(address) as line:
            for text in _lines():
                _show(text, await line.say(text), as_json=as_json)
    except ModemError as error:
        raise Refused(f"{address} : {of_port(error)}") from error


def _show(text: str, answer: Iterable[str], *, as_json: bool) -> None:
    lines = list(answer)
    if as_json:
        click.echo(json.dumps({"said": text, "answer": lines}, ensure_ascii=False))
    else:
        click.echo("\n".join(lines) if lines else "(pas de réponse)")


@click.command("ussd")
@config_option
@json_option
@click.argument("name")
@click.argument("code")
def ussd(config_path: Path | None, as_json: bool, name: str, code: str) -> None:
    """Demander un code au réseau (solde, numéro…) : tocsin modem ussd orange-1 '#123#'."""
    config = configured(config_path)
    reply = _asked(config, name, code)
    click.echo(json.dumps(reply, ensure_ascii=False) if as_json else reply["text"])


def _asked(config: Config, name: str, code: str) -> dict[str, Any]:
    try:
        reply: dict[str, Any] = client.ask(
            config.control_socket, "modem_ussd", name=name, code=code
        )
    except client.NoDaemon:
        from gateway.cli.modem.alone import ask_ussd

        return ask_ussd(config, name, code)
    return reply


__all__ = ["console", "ussd"]
