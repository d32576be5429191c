"""``tocsin serve``: the daemon in the foreground, as systemd runs it."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import click

from gateway.cli.common import config_option, configured
from gateway.errors import TocsinError
from gateway.logs import set_up


@click.command("serve")
@config_option
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info",
    help="Détail du journal.",
)  # fmt: skip
def command(config_path: Path | None, log_level: str) -> None:
    """Faire tourner la passerelle (page, modems, courriel) jusqu'à l'arrêt."""
    from gateway.daemon import Daemon

    set_up(level=log_level)
    config = configured(config_path)

    async def run() -> None:
        daemon = Daemon(config, tell_code=lambda code: _tell_code(config.web.listen, code))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, daemon.stop)
        await daemon.run()

    try:
        asyncio.run(run())
    except ExceptionGroup as group:
        # the mend is in the innermost error; the tree around it helps nobody at a terminal
        raise innermost(group) from None


def _tell_code(listen: str, code: str) -> None:
    click.echo(
        f"Aucun compte encore : ouvrez http://{listen}/ et donnez ce code : {code}", err=True
    )


def innermost(error: BaseException) -> BaseException:
    """Return the first error of ours in a group of groups, else the group."""
    if isinstance(error, BaseExceptionGroup):
        found = error.subgroup(TocsinError)
        return innermost(found.exceptions[0]) if found else error
    return error
