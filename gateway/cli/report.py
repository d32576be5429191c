"""``tocsin report``: what each person lived, and whether the record is whole."""

from __future__ import annotations

import contextlib
import csv
import json
import sqlite3
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli.common import Offline, config_option, configured, either, json_option
from gateway.errors import Refused
from gateway.model import BroadcastState, Outcome, Reason, RecipientState
from gateway.paper import safe

if TYPE_CHECKING:
    from gateway.store.unusable import Trouble


@click.command("report")
@config_option
@json_option
@click.argument("broadcast", default="last")
@click.option("--csv", "as_csv", is_flag=True, help="Une ligne par envoi, en CSV.")
@click.option("--verify", is_flag=True, help="Vérifier que rien du registre n'a été modifié.")
@click.option("--seal", default="", help="Avec --verify : le sceau imprimé au bas d'un rapport.")
def command(
    config_path: Path | None, as_json: bool, broadcast: str, as_csv: bool, verify: bool, seal: str
) -> None:
    """Montrer ce que chacun a vécu d'un message (numéro, ou « last » : le dernier)."""
    config = configured(config_path)
    if verify:
        _verify(config.database, seal)
        return
    if broadcast != "last" and not broadcast.isdigit():
        raise click.UsageError("donnez le numéro du message, ou « last »")
    number: int | str = int(broadcast) if broadcast.isdigit() else "last"

    async def work(box: Offline) -> dict[str, Any]:
        from gateway.clock import SystemClock
        from gateway.services.broadcasts import full_report
        from gateway.store import summaries

        def read(db: Any) -> dict[str, Any]:
            rows, _ = summaries.page(db, box.actor.entity_id, 1, 0)
            if number == "last" and not rows:
                raise Refused("aucun message n'a encore été envoyé")
            which = rows[0]["id"] if number == "last" else int(number)
            report = full_report(db, box.actor, which, SystemClock().now())
            return {**report, "service": "stopped"}

        return await box.store.read(read)

    report = either(config, "report", {"broadcast": number}, work, begins=False)
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
    elif as_csv:
        _csv(report)
    else:
        show(report)


def show(report: dict[str, Any]) -> None:
    """Print a report for a person."""
    from gateway.services import words

    click.echo(f"Message {report['broadcast']} : {report['title']}")
    click.echo(_standing(report))
    for state, people in report["counts"].items():
        click.echo(f"  {people:5}  {words.STATES[RecipientState(state)]}")
    for person in report["recipients"]:
        reason = words.REASONS[Reason(person["reason"])]
        said = words.STATES[RecipientState(person["state"])]
        click.echo(f"{person['contact']} : {said}" + (f" ({reason})" if reason else ""))


def _standing(report: dict[str, Any]) -> str:
    """Say where the message is, and that nothing moves where no service runs."""
    from gateway.services import words

    state = BroadcastState(report["state"])
    said = str(words.BROADCAST_STATES[state])
    if state is BroadcastState.SCHEDULED:
        leaves = datetime.fromisoformat(report["starts_at"])
        said += f" pour le {words.long_day(leaves)} à {words.hour(leaves)}"
    said += f", pour {report['people']} personne{'s' if report['people'] > 1 else ''}"
    if "service" in report and state in _MOVING:
        said += " ; le service est arrêté : rien ne part avant « systemctl start tocsin »"
    return said


#: In these something is still to leave.
_MOVING: Final = frozenset({BroadcastState.SCHEDULED, BroadcastState.SENDING})


def _csv(report: dict[str, Any]) -> None:
    writer = csv.writer(sys.stdout, delimiter=";")
    writer.writerow(["contact", "state", "reason", "channel", "endpoint", "job", "outcome"])
    for person in report["recipients"]:
        head = [safe(person["contact"]), person["state"], person["reason"]]
        for job in person["jobs"] or [{}]:
            outcome = Outcome(job["outcome"]).value if job.get("outcome") else ""
            writer.writerow(
                [*head, job.get("channel", ""), safe(job.get("endpoint", "")),
                 job.get("state", ""), outcome]
            )  # fmt: skip


def _verify(database: Path, seal: str) -> None:
    from gateway.services.reports import check_seal
    from gateway.services.sealing import sealed_words
    from gateway.store import events, unusable
    from gateway.store.base import connect

    seen = unusable.before(database)
    if seen is not None:
        raise _unread(seen)
    try:
        with _readable(database) as file, contextlib.closing(connect(file)) as db:
            broken, disputed = events.first_broken(db), events.disputed(db)
            known = not seal or check_seal(db, seal)
            said = sealed_words(db, seal) if seal and known else ()
    except (sqlite3.Error, OSError) as error:
        raise _unread(unusable.why(database, error)) from error
    if broken is not None:
        raise Refused(f"le registre a été modifié : l'événement n° {broken} ne correspond plus")
    if disputed is not None:
        raise Refused(
            f"le registre a été modifié : le message n° {disputed} dit d'une personne ce qu'aucun "
            "événement ne dit"
        )
    if not known:
        raise Refused("ce sceau n'est pas de ce registre : le papier ou le registre a été changé")
    click.echo("Le registre est entier : rien n'a été modifié.")
    if seal:
        click.echo("Le sceau est bien de ce registre.")
    for label, text in said:
        click.echo(f"{label} : {text}")


@contextlib.contextmanager
def _readable(database: Path) -> Iterator[Path]:
    """Yield the database, or a copy of it: SQLite opens none on a disk that takes no writing."""
    from gateway.store import unusable
    from gateway.upkeep import rescued

    if not unusable.read_only(database.parent):
        yield database
        return
    with rescued.elsewhere(database) as copy:
        yield copy
    frozen = unusable.frozen(database.parent)
    click.echo(f"{frozen.sentence} ; à faire : {frozen.mend}", err=True)


def _unread(trouble: Trouble) -> Refused:
    """Return what is said of a record that cannot be read to its end."""
    return Refused("{what}, le registre ne se vérifie pas ; à faire : {mend}",
                   what=trouble.sentence, mend=trouble.mend)  # fmt: skip
