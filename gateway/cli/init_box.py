"""What ``tocsin init`` does to the machine: the service set aside, the file put in its place."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import click

from gateway.config import Config, load
from gateway.errors import ConfigError, Refused, TocsinError
from gateway.store.copies import to_disk
from gateway.system_words import why

_CONFIG: Final = Path("/etc/tocsin/tocsin.toml")


@contextlib.contextmanager
def stopped_service(path: Path) -> Iterator[None]:
    """Stop the service that runs on this configuration, and start it again whatever happens."""
    if path != _CONFIG or os.geteuid() != 0 or not _systemctl("is-active", "--quiet"):
        yield
        return
    click.echo("J'arrête le service le temps de préparer la machine.", err=True)
    if not _systemctl("stop"):
        raise Refused("le service ne s'arrête pas : systemctl status tocsin")
    try:
        yield
    finally:
        if _systemctl("start"):
            click.echo("Le service tourne.", err=True)
        else:
            click.secho("Le service ne démarre pas : journalctl -u tocsin dit pourquoi.",
                        fg="red", err=True)  # fmt: skip


def _systemctl(verb: str, *more: str) -> bool:
    """Return whether it went well; without systemd, never."""
    if not Path("/run/systemd/system").is_dir():
        return False
    command = ["systemctl", verb, *more, "tocsin.service"]
    with contextlib.suppress(FileNotFoundError):
        return subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode == 0  # noqa: S603
    return False


def put(path: Path, text: str, proved: Callable[[Config], None] = lambda _: None) -> None:
    """Write the configuration, readable by the service; raise `ConfigError` if it could not be.

    What was there is kept beside it. What ``proved`` raises of what the file says leaves no file.
    """
    fresh = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, encoding="utf-8")
        fresh.chmod(0o640)
        to_disk(fresh)  # else a power cut leaves an empty file under the name that counts
    except OSError as error:
        raise ConfigError(
            f"{path} ne peut pas être écrit ({why(error)}) : lancez la commande avec sudo, ou "
            "donnez un autre fichier par --config"
        ) from None
    try:
        proved(load(fresh))  # what we write must be what we read
    except ConfigError as error:
        fresh.unlink()  # its lines are of a file that nobody can open
        said = re.sub(rf"{re.escape(str(fresh))}, ligne \d+ : ", "", str(error))
        raise ConfigError(f"Rien n'est écrit : {said}") from None
    except TocsinError:
        fresh.unlink()
        raise
    _give_to_group(fresh)
    if path.exists():  # a copy: there is no moment without a configuration
        shutil.copy2(path, path.with_name(f"{path.name}.old"))
    fresh.replace(path)


def _give_to_group(path: Path) -> None:
    import grp

    if os.geteuid() == 0:
        with contextlib.suppress(KeyError):
            os.chown(path, 0, grp.getgrnam("tocsin").gr_gid)
