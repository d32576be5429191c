"""What the commands share: their lazy loading, ``--config``, and work with or without a daemon."""

from __future__ import annotations

import asyncio
import importlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from gateway.clock import Clock, SystemClock
from gateway.config import Config, load, path_of
from gateway.control import client
from gateway.errors import Refused
from gateway.health import exclusive
from gateway.system_words import why

if TYPE_CHECKING:
    from gateway.services import Actor
    from gateway.store import Store

T = TypeVar("T")

#: Commands by name: the module that has them, imported only when one is used, and its first words.
COMMANDS: Final = {
    "demo": ("demo", "Tout essayer sans matériel : modems imités, commune d'exemple, vraie page."),
    "init": ("init", "Préparer cette machine : modems, courriel, base, premier compte."),
    "serve": ("serve", "Faire tourner la passerelle (page, modems, courriel) jusqu'à l'arrêt."),
    "user": ("user", "Gérer les comptes de la page."),
    "import": ("import_", "Importer une liste de contacts : CSV, classeur Excel (.xlsx) ou vCard."),
    "send": ("send", "Envoyer un message. « - » lit le texte sur l'entrée standard."),
    "report": (
        "report", "Montrer ce que chacun a vécu d'un message (numéro, ou « last » : le dernier)."
    ),
    "paper": ("paper", "Faire l'arbre d'appel en PDF : qui appeler, à quels numéros, que dire."),
    "say": ("say", "Dire un texte dans un fichier WAV, tel que le téléphone l'entendra."),
    "voice": ("voice", "Choisir et installer les voix."),
    "emulator": (
        "emulator", "Imiter des modems et leur réseau, sur des pseudo-terminaux, jusqu'à l'arrêt."
    ),
    "modem": ("modem", "Voir, reconnaître, vérifier et dépanner les modems."),
    "mail": ("mail", "Vérifier le courriel : le relais, la boîte aux lettres, notre porte."),
    "backup": ("backup", "Sauvegarder toute la passerelle, sans l'arrêter."),
    "restore": ("restore", "Rendre une sauvegarde, le service arrêté."),
    "doctor": (
        "doctor", "Examiner toute la passerelle : chaque ennui avec sa phrase et son remède."
    ),
    "register": ("register", "Tenir la clé du registre des personnes fragiles."),
    "certificate": (
        "certificate", "Montrer l'empreinte du certificat du boîtier, et où l'installer."
    ),
    "clock": ("clock", "Montrer l'heure du boîtier et celle de la machine, et trancher."),
    "log": ("log", "Montrer ou changer le détail du journal, sans redémarrer."),
    "upgrade": ("upgrade", "Essayer une mise à jour, ou la défaire : pour les scripts du paquet."),
}  # fmt: skip


class LazyCommands(click.Group):
    """Loads a command's module when it is named, so that ``tocsin --help`` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return all commands, in the order one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"gateway.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write what each command is for, none of them imported, no sentence cut short."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in COMMANDS.items()])


config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Fichier de configuration (sinon $TOCSIN_CONFIG, sinon /etc/tocsin/tocsin.toml).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Répondre en JSON.")


def text_of(path: Path) -> str:
    """Return the text of a file that a command was given; raise `Refused` for what is none."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(
            "{path} n'est pas un fichier de texte (UTF-8) : donnez celui qui contient ce qui est "
            "demandé, et rien d'autre", path=path,
        ) from None  # fmt: skip
    except OSError as error:
        raise Refused("{path} ne peut pas être lu : {error}", path=path, error=why(error)) from None


def configured(config_path: Path | None) -> Config:
    """Load the configuration a command was given."""
    return load(path_of(config_path))


class Offline:
    """A few services straight on the database, while no daemon runs.

    Loaded only then: a command that asks the daemon answers in a third of the time.
    """

    def __init__(self, config: Config, store: Store, clock: Clock, actor: Actor) -> None:
        from gateway.services import AccountCare, Accounts, Imports

        self.config, self.store, self.actor, self.clock = config, store, actor, clock
        self.accounts = Accounts(store, clock)
        self.account_care = AccountCare(store, clock, self.accounts)
        self.imports = Imports(store, clock)


#: For whoever is at the terminal; the page and the alarm say it too, in their own words.
_ALL_LOST: Final = (
    "Une base de cette commune existait avant celle-ci, qui est vide : si ce n'est pas voulu, "
    "rendez une sauvegarde (systemctl stop tocsin, puis tocsin restore --replace)."
)


def offline(config: Config, work: Callable[[Offline], Awaitable[T]], *, begins: bool = True) -> T:
    """Run ``work`` on the database, holding the lock that a daemon would hold.

    ``begins``: where there is none, it is made; else `Refused` with what brings it back.
    """
    if not begins:
        _there(config.database)
    from gateway.services import Actor
    from gateway.store import people
    from gateway.upkeep.opening import store_of

    async def run() -> T:
        clock = SystemClock()
        store = store_of(config)
        await store.open()
        try:
            if store.mended is not None and store.mended.all_lost:
                click.secho(_ALL_LOST, fg="red", err=True)
            now = clock.now()
            entity = await store.write(
                lambda db: people.ensure_entity(db, config.town.name, config.town.timezone, now)
            )
            actor = Actor(None, "tocsin", "Tocsin", "administrator", entity, config.town.name,
                          config.town.timezone)  # fmt: skip
            return await work(Offline(config, store, clock, actor))
        finally:
            await store.close()

    with exclusive(config.lock):
        try:
            return asyncio.run(run())
        finally:
            hand_over(config.data_dir)


def _there(database: Path) -> None:
    from gateway.store import unusable

    if (trouble := unusable.before(database)) is not None:
        raise Refused("{what} ; à faire : {mend}", what=trouble.sentence, mend=trouble.mend)


def hand_over(data: Path) -> None:
    """Give what root has made in the data directory to the service's user, where there is one."""
    if os.geteuid() != 0:
        return
    import pwd

    try:
        user = pwd.getpwnam("tocsin")
    except KeyError:
        return
    for path in (data, *data.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


def either(
    config: Config, op: str, arguments: dict[str, Any], work: Callable[[Offline], Awaitable[T]],
    *, begins: bool = True,
) -> T | Any:  # fmt: skip
    """Ask the daemon if one runs, else work directly, as `offline` does."""
    try:
        return client.ask(config.control_socket, op, **arguments)
    except client.NoDaemon:
        return offline(config, work, begins=begins)
