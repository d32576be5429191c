"""``tocsin serve``: the daemon in the foreground, as systemd runs it."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import signal
from pathlib import Path

import click

from gateway.cli.common import config_option, configured
from gateway.errors import ConfigError
from gateway.logs import set_up

#: Exit status when the configuration cannot be used (sysexits.h EX_CONFIG): systemd tries no more.
WRONG_CONFIGURATION = 78


@click.command("serve")
@config_option
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info",
    help="Détail du journal.",
)  # fmt: skip
def command(config_path: Path | None, log_level: str) -> None:
    """Faire tourner la passerelle (page, modems, courriel) jusqu'à l'arrêt."""
    _share_memory()
    from gateway.daemon import Daemon

    set_up(level=log_level)
    try:
        config = configured(config_path)
    except ConfigError as error:
        click.echo(f"tocsin : {error}", err=True)
        raise click.exceptions.Exit(WRONG_CONFIGURATION) from None

    async def run() -> None:
        daemon = Daemon(config, tell_code=lambda code: _tell_code(config.web.address, code))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, daemon.stop)
        async with asyncio.TaskGroup() as tasks:
            settling = tasks.create_task(_settle_memory(daemon.ready))
            await daemon.run()
            settling.cancel()

    asyncio.run(run())


#: mallopt's M_ARENA_MAX (glibc, malloc.h).
_ARENA_MAX = -8


def _share_memory() -> None:
    """Have all threads take memory from two heaps: of one each, what one frees no other uses."""
    if limit := getattr(ctypes.CDLL(None), "mallopt", None):
        limit(_ARENA_MAX, 2)


async def _settle_memory(ready: asyncio.Event) -> None:
    """Keep what the start has made out of every later collection of garbage.

    Walking all of it holds the loop up for tens of milliseconds, which eight calls at once hear.
    What the start has freed, two megabytes, glibc gives back only when it is asked to.
    """
    await ready.wait()
    gc.collect()
    gc.freeze()
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


def _tell_code(address: str, code: str) -> None:
    click.echo(f"Aucun compte encore : ouvrez {address}/ et donnez ce code : {code}", err=True)
