"""``tocsin init``: the configuration file, the database, and the one-time code."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.common import Offline, config_option, offline
from gateway.config import load, path_of

_TEMPLATE = """\
# Configuration de Tocsin. Toute clé inconnue est refusée, avec son numéro de ligne.
data_dir = {data_dir}

[town]
name = {town}
timezone = {timezone}

[web]
listen = {listen}

# Le serveur qui envoie les courriels de la mairie :
# [relay]
# host = "smtp.exemple.fr"
# port = 587
# tls = "starttls"            # none | starttls | implicit
# username = "mairie@exemple.fr"
# password_file = "/etc/tocsin/relay-password"
# sender = "mairie@exemple.fr"

# Un bloc par modem ; « tocsin modem list » montre les ports trouvés.
# [[modem]]
# name = "orange-1"
# port = "/dev/serial/by-path/…"
# audio = "/dev/serial/by-path/…"
# role = "both"               # sms | voice | both
# regime = "ordinary"         # automated : l'opérateur a donné son accord écrit
"""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'


@click.command("init")
@config_option
@click.option("--town", help="Nom de la commune.")
@click.option("--timezone", default="Europe/Paris", show_default=True, help="Fuseau horaire.")
@click.option(
    "--data-dir", type=click.Path(path_type=Path), default=Path("/var/lib/tocsin"),
    show_default=True, help="Où garder la base.",
)  # fmt: skip
@click.option("--listen", default="127.0.0.1:8080", show_default=True, help="Adresse de la page.")
def command(
    config_path: Path | None, town: str | None, timezone: str, data_dir: Path, listen: str
) -> None:
    """Préparer cette machine : fichier de configuration, base, code du premier compte.

    Un fichier qui existe déjà n'est jamais modifié.
    """
    path = path_of(config_path)
    if path.exists():
        click.echo(f"{path} existe déjà : il est gardé tel quel.")
    else:
        town = town or click.prompt("Nom de la commune")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            _TEMPLATE.format(
                data_dir=_quoted(str(data_dir.absolute())), town=_quoted(town),
                timezone=_quoted(timezone), listen=_quoted(listen),
            ),
            encoding="utf-8",
        )  # fmt: skip
        path.chmod(0o640)
        click.echo(f"{path} écrit.")
    config = load(path)

    async def first_code(box: Offline) -> str | None:
        return await box.accounts.issue_first_code()

    code = offline(config, first_code)
    click.echo(f"Base prête : {config.database}")
    if code is None:
        click.echo("Un compte existe déjà : connectez-vous avec lui.")
        return
    click.echo(f"Démarrez le service, puis ouvrez http://{config.web.listen}/ et donnez ce code :")
    click.echo(f"    {code}")
