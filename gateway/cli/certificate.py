"""``tocsin certificate``: the box's own authority, to be compared and installed."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.common import config_option, configured
from gateway.errors import Refused


@click.command("certificate")
@config_option
@click.option(
    "-o", "output", type=click.Path(path_type=Path, dir_okay=False),
    help="Écrire aussi le certificat dans ce fichier (.crt), pour une clé USB.",
)  # fmt: skip
def command(config_path: Path | None, output: Path | None) -> None:
    """Montrer l'empreinte du certificat du boîtier, et où l'installer."""
    from gateway import callsigns
    from gateway.web_tls import view_of

    config = configured(config_path)
    if not config.web.encrypted or config.web.certificate is not None:
        raise Refused(
            "La page n'utilise pas de certificat du boîtier : web.listen ne s'ouvre que sur la "
            "machine, ou web.certificate en donne un autre."
        )
    try:
        view = view_of(config, callsigns.names(config.web.names))
    except PermissionError:
        raise Refused("Lancez cette commande avec sudo.") from None
    except OSError:
        raise Refused("Le certificat n'est pas encore fait : démarrez le service.") from None
    click.echo("Empreinte SHA-256, à comparer avant d'installer :")
    click.echo(f"    {view.fingerprint}")
    for address in view.addresses:
        click.echo(f"{address}/certificat")
    _sign(f"{view.addresses[0]}/certificat")
    if output is not None:
        output.write_bytes(view.der)
        click.echo(f"Écrit : {output}")


def _sign(address: str) -> None:
    """Draw the address as a QR code that a telephone reads off the terminal."""
    import io

    import segno

    out = io.StringIO()
    segno.make(address, error="m", micro=False).terminal(out, compact=True)
    click.echo(out.getvalue())
