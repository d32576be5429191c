"""``tocsin import``: a contact list from a file: CSV, XLSX or vCard."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import click

from gateway.cli.common import Offline, config_option, configured, either, json_option


@click.command("import")
@config_option
@json_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--group", "groups", multiple=True, help="Mettre aussi tout le monde dans ce groupe.")
def command(config_path: Path | None, as_json: bool, file: Path, groups: tuple[str, ...]) -> None:
    """Importer une liste de contacts : CSV, classeur Excel (.xlsx) ou vCard.

    Les bonnes lignes sont prises ; chaque ligne refusée est montrée avec son numéro et le remède.
    """
    config = configured(config_path)
    data = file.read_bytes()

    async def work(box: Offline) -> dict[str, Any]:
        from gateway.control.server import imported

        return imported(await box.imports.take_file(box.actor, data, groups, file.name))

    arguments = {"data": base64.b64encode(data).decode(), "groups": list(groups), "file": file.name}
    result = either(config, "import", arguments, work)
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False))
        return
    for kind, label in (("warnings", "à vérifier"), ("refused", "refusée")):
        for problem in result[kind]:
            where = f" ({problem['field']})" if problem["field"] else ""
            click.echo(f"ligne {problem['line']}, {label}{where} : {problem['message']}", err=True)
    others = f" et {result['referents']} référents" if result["referents"] else ""
    click.echo(
        f"{result['added']} contacts{others} ajoutés, {result['merged']} complétés, "
        f"{result['unchanged']} inchangés, {len(result['refused'])} refus."
    )
