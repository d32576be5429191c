"""``tocsin demo``: the whole product on emulated modems, with a sample commune."""

from __future__ import annotations

import asyncio
import json
import signal
import tempfile
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from gateway.cli.common import json_option
from gateway.logs import set_up
from gateway.model import Door

_ALERT = (
    "Alerte crue : l'Aude monte. Quittez les rez-de-chaussée du quai du Canal et gagnez "
    "la salle des fêtes. Ne prenez pas votre voiture."
)


@click.command("demo")
@json_option
@click.option("--once", is_flag=True, help="Une alerte à toute la commune, puis le bilan.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, resolve_path=True),
    help="Où garder la base, les appels et les courriels (sinon rien n'est gardé).",
)
@click.option("--modems", default=4, show_default=True, help="Combien de modems imités.")
@click.option("--listen", default="127.0.0.1:8080", show_default=True, help="Adresse de la page.")
@click.option("--seed", default=1, show_default=True, help="Graine du hasard.")  # fmt: skip
def command(
    as_json: bool, once: bool, folder: Path | None, modems: int, listen: str, seed: int
) -> None:
    """Tout essayer sans matériel : modems imités, commune d'exemple, vraie page."""
    set_up(level="error" if once else "warning")
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-")))
        if once:
            _once(folder, modems, seed, as_json=as_json)
        else:
            asyncio.run(_for_good(folder, modems, listen, seed))


def _once(folder: Path, modems: int, seed: int, *, as_json: bool) -> None:
    from gateway import driven

    report, wrong = driven.run(_alert(folder, modems, seed))
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
    else:
        from gateway.cli.report import show

        show(report)
    for said in wrong:
        click.echo(f"le téléphone ne dit pas la même chose : {said}", err=True)
    if wrong or not all(person["closed"] for person in report["recipients"]):
        raise click.exceptions.Exit(1)


async def _alert(folder: Path, modems: int, seed: int) -> tuple[dict[str, Any], list[str]]:
    from gateway.clock import LoopClock
    from gateway.demo.stage import EVERYBODY, staged
    from gateway.demo.truth import disagreements
    from gateway.services import Draft
    from modem.emulator import Pace

    clock = LoopClock(datetime(2026, 11, 24, 3, 0, tzinfo=ZoneInfo("Europe/Paris")))
    async with staged(
        folder, clock=clock, seed=seed, modems=modems, listen="127.0.0.1:0", pace=Pace.REAL,
        page=False, tell=lambda _: None,
    ) as stage:  # fmt: skip
        services, actor = stage.daemon.services, stage.actor
        whole = next(g.id for g in await services.directory.groups(actor) if g.name == EVERYBODY)
        draft = Draft(text=_ALERT, title="Alerte crue", group_ids=(whole,), urgency="vital",
                      channels=("sms", "voice", "email"))  # fmt: skip
        number = await services.sending.send(actor, draft, Door.DEMO)
        async for _ in services.live.watch(actor, f"broadcast:{number}"):
            view = await services.broadcasts.view(actor, number)
            if view.summary.closed_at is not None:
                break
        report = await services.broadcasts.report(actor, number)
        mail = [address for address, _ in stage.mailbox.messages]
        return report, disagreements(stage.network, mail, report)


async def _for_good(folder: Path, modems: int, listen: str, seed: int) -> None:
    from gateway.clock import SystemClock
    from gateway.demo.stage import staged
    from modem.emulator import Pace

    stop, codes = asyncio.Event(), list[str]()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with staged(
        folder, clock=SystemClock(), seed=seed, modems=modems, listen=listen, pace=Pace.REAL,
        page=True, tell=lambda line: click.echo(f"  {line}"), tell_code=codes.append,
    ) as stage:  # fmt: skip
        click.echo(f"Tocsin de démonstration : {stage.daemon.config.web.address}/")
        if codes or await stage.daemon.services.accounts.needs_first_account():
            code = codes[0] if codes else await stage.daemon.services.accounts.issue_first_code()
            click.echo(f"Premier compte, code à donner sur la page : {code}")
        click.echo(f"Appels entendus, messages et courriels reçus : {folder}")
        click.echo("Ctrl-C pour arrêter.", err=True)
        await stop.wait()
