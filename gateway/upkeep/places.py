"""Where backups go: a folder, a USB disk by its label, another machine by SFTP.

Each place takes a file whole or not at all, proves that it is there, and keeps the newest few.
Raises `Refused` with the mend.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

from gateway.config_box import BackupSettings
from gateway.credentials import place_of
from gateway.errors import Refused
from gateway.store.copies import like_its_folder
from gateway.store.unusable import unescaped
from gateway.system_words import why as why_of
from gateway.upkeep.archive import sha256
from gateway.upkeep.readable import unseen

#: The names that rotation may delete, town by town.
_NAME: Final = re.compile(r"tocsin-(?P<town>[a-z0-9-]+)-(?P<date>\d{8}T\d{6}Z)\.tar\.zst(\.age)?")
#: What a backup is called behind its name until it is whole.
_PART: Final = ".part"
#: Seconds after which nobody is still writing it: its disk was pulled out, or its line fell.
_CUT_OFF: Final = 86400.0
#: Seconds that another machine may take to answer.
_PATIENCE: Final = 60


class Place(Protocol):
    """Somewhere that takes backups."""

    def put(self, file: Path, keep: int) -> None:
        """Take a file, prove that it is there, and delete all but the newest ``keep``."""
        ...


def old_ones(names: list[str], newest: str, keep: int) -> list[str]:
    """Return which backups of the same town are too many, by their names.

    ``newest`` has just been made and stays. What bears a later date was made before it all the
    same, by a clock that was ahead: it goes before those whose date can be true.
    """
    mine = _NAME.fullmatch(newest)
    if mine is None:
        return []
    others = [
        (found["date"] <= mine["date"], found["date"], name)
        for name in names
        if name != newest and (found := _NAME.fullmatch(name)) and found["town"] == mine["town"]
    ]
    return [name for _, _, name in sorted(others, reverse=True)[max(keep - 1, 0) :]]


def useless(written: Iterable[tuple[str, float]], newest: str, keep: int) -> list[str]:
    """Return what goes before room is asked for: else a disk full of it stays full for ever.

    Of ``written``, names and when each was (seconds since 1970): what was cut off, and what is
    too many since ``keep`` was lowered.
    """
    moments, now = dict(written), time.time()
    mine = _NAME.fullmatch(newest)
    halves = [
        name
        for name, at in moments.items()
        if (found := _NAME.fullmatch(name.removesuffix(_PART))) and name.endswith(_PART)
        and mine and found["town"] == mine["town"] and abs(now - at) > _CUT_OFF
    ]  # fmt: skip
    return [*halves, *old_ones([*moments], newest, keep + 1)]


def holds_of(place: str, town: str, find: Callable[[str], Path] | None = None) -> bool:
    """Tell whether a folder or disk of this machine holds a backup of a town, by its slug.

    Another machine is not asked: it may be away, and whoever asks is starting.
    """
    try:
        usb = place.startswith("usb:")
        folder = (find or mounted)(place.removeprefix("usb:")) / "tocsin" if usb else Path(place)
        found = [_NAME.fullmatch(one.name) for one in folder.iterdir()]
    except (OSError, Refused):
        return False
    return any(one is not None and one["town"] == town for one in found)


#: What the system refuses, and the mend.
_WHY: Final = {
    errno.EROFS: "en lecture seule : le disque a peut-être une panne ; sinon, remontez-le : mount "
    "-o remount,rw",
    errno.EACCES: "pas le droit d'y écrire : chown tocsin: de ce dossier",
    errno.EPERM: "pas le droit d'y écrire : chown tocsin: de ce dossier",
    errno.ENOSPC: "plus de place : libérez-en, ou baissez keep",
    errno.EIO: "le disque ne répond pas : changez-le",
}
#: Where the nightly backup's unit lets it write; `ReadWritePaths` of tocsin-backup.service.
_OPEN: Final = tuple(map(Path, ("/media", "/mnt", "/var/backups/tocsin", "/var/lib/tocsin")))
#: Why a folder takes what is put there by hand, and nothing at night.
_NOT_SEEN: Final = (
    "la nuit, le service ne voit ni /home, ni /root, ni /tmp : donnez un dossier sous /media ou "
    "/mnt ; sinon, "
)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine, or one mounted from elsewhere; it is never made here.

    Made where a share is not mounted, it would be on the disk that its backups are to survive.
    """

    path: Path

    def put(self, file: Path, keep: int) -> None:
        """Take a file; raise `Refused` when the folder is not there, cannot take it, or is full."""
        try:
            if self.path.exists() and not self.path.is_dir():
                raise Refused(f"{self.path} est un fichier : donnez un dossier")
            self._put(file, keep)
        except OSError as error:
            raise self.refusal(error) from None

    def refusal(self, error: OSError) -> Refused:
        """Return in words what the system refuses here, with the mend."""
        why = _WHY.get(error.errno or 0) or why_of(error)
        return Refused(f"{self.path} ne prend rien ({self._shut(error)}{why})")

    def _shut(self, error: OSError) -> str:
        """Say what opens a folder that is read-only to the nightly unit, and to it alone."""
        if error.errno == errno.EACCES and unseen(self.path):
            return _NOT_SEEN
        if error.errno != errno.EROFS or any(map(self.path.is_relative_to, _OPEN)):
            return ""
        return (
            "la nuit, le service n'écrit que sous /media et /mnt : « systemctl edit "
            f"tocsin-backup », puis [Service] et ReadWritePaths={self.path} ; ou "
        )

    def _put(self, file: Path, keep: int) -> None:
        if not self.path.is_dir():
            hidden = _NOT_SEEN if unseen(self.path) else ""
            raise Refused(
                f"le dossier {self.path} n'est pas là : {hidden}montez son disque ou son "
                f"partage (« mount -a » dit ce qui manque) ; s'il est neuf, créez-y le dossier : "
                f"mkdir {self.path}"
            )
        if self.path.samefile(file.parent):  # where it is packed, and swept
            raise Refused(
                f"{self.path} est le dossier de travail de Tocsin, rien n'y est gardé : donnez un "
                "dossier d'un autre disque"
            )
        self._delete(useless(self._written(), file.name, keep))
        free, size = shutil.disk_usage(self.path).free, file.stat().st_size
        if free < size * 1.05:
            raise Refused(
                f"{self.path} n'a plus que {free // 2**20} Mo libres, il en faut "
                f"{size // 2**20 + 1} : libérez de la place, ou baissez keep"
            )
        target = self.path / file.name
        fresh = target.with_name(f"{target.name}{_PART}")
        with file.open("rb") as source, fresh.open("wb") as out:
            fresh.chmod(0o600)
            like_its_folder(fresh)
            shutil.copyfileobj(source, out, 1 << 20)
            out.flush()
            os.fsync(out.fileno())
        if sha256(fresh) != sha256(file):
            fresh.unlink()
            raise Refused(f"ce qui a été écrit dans {self.path} ne se relit pas : disque malade")
        fresh.replace(target)
        self._delete(old_ones([name for name, _ in self._written()], file.name, keep))

    def _written(self) -> list[tuple[str, float]]:
        found = []
        for one in self.path.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another backup has just finished
                found.append((one.name, one.lstat().st_mtime))
        return found

    def _delete(self, names: Iterable[str]) -> None:
        for name in names:
            (self.path / name).unlink(missing_ok=True)


def mounted(label: str, mounts: Path = Path("/proc/self/mounts")) -> Path:
    """Return where a disk is mounted whose folder bears its label; raise `Refused` otherwise.

    Without this a disk that is not plugged in would have its backups on the box itself.
    """
    for line in mounts.read_text(encoding="utf-8").splitlines():
        where = Path(unescaped(line.split()[1]))
        if where.name == label:
            return where
    raise Refused(
        f"le disque USB « {label} » n'est pas branché, ou pas monté sur un dossier de ce nom : "
        f"ajoutez à /etc/fstab « LABEL={label} /media/{label} auto "
        "nofail,x-systemd.automount,x-systemd.idle-timeout=60,uid=tocsin,gid=tocsin 0 0 »"
    )


@dataclass(frozen=True, slots=True)
class Usb:
    """A USB disk, known by its label."""

    label: str
    find: Callable[[str], Path] = mounted

    def put(self, file: Path, keep: int) -> None:
        """Take a file; raise `Refused` when the disk is not there."""
        disk = self.find(self.label)
        folder = disk / "tocsin"
        try:
            if not folder.exists():
                folder.mkdir(exist_ok=True, mode=0o750)
                like_its_folder(folder)
        except OSError as error:
            raise Folder(disk).refusal(error) from None
        Folder(folder).put(file, keep)


@dataclass(frozen=True, slots=True)
class Sftp:
    """Another machine, whose key is known beforehand; no folder is made there either.

    Made where its disk is not mounted, or where a letter is wrong, it would be found by nobody.
    """

    user: str
    host: str
    port: int
    path: str
    key_file: Path
    host_key: str

    def put(self, file: Path, keep: int) -> None:
        """Take a file; raise `Refused` when the other machine is away or is another.

        Runs a loop of its own: not from within one.
        """
        asyncio.run(self._put(file, file.stat().st_size, keep))

    async def _put(self, file: Path, size: int, keep: int) -> None:
        import asyncssh

        key = self._key()
        try:
            async with (
                asyncssh.connect(
                    self.host, self.port, username=self.user,
                    client_keys=[key], known_hosts=self._known(),
                    config=None, agent_path=None, connect_timeout=_PATIENCE,
                    login_timeout=_PATIENCE, keepalive_interval=15,
                ) as line,
                line.start_sftp_client() as there,
            ):  # fmt: skip
                await self._send(there, file, size, keep)
        except asyncssh.HostKeyNotVerifiable:
            raise Refused(
                f"{self.host} a montré une autre clé que sftp_host_key : si la machine a été "
                "refaite, corrigez cette clé ; sinon, quelqu'un se fait passer pour elle"
            ) from None
        except (asyncssh.Error, OSError, ValueError) as error:
            raise Refused(f"{self.host} ne prend pas la sauvegarde : {self._why(error)}") from None

    def _why(self, error: Exception) -> str:
        """Say what the other machine, or the way to it, refuses, and the mend."""
        import asyncssh

        if isinstance(error, asyncssh.PermissionDenied):
            return (
                f"notre clé n'y ouvre pas le compte {self.user} : ajoutez {self.key_file}.pub à "
                "ses clés admises"
            )
        if isinstance(error, asyncssh.SFTPPermissionDenied):
            return f"{self.user} n'a pas le droit d'écrire dans {self.path} : donnez-le-lui"
        if isinstance(error, ConnectionRefusedError):
            return f"rien n'y écoute sur le port {self.port} : le service SSH y est-il lancé ?"
        return why_of(error)

    def _key(self) -> Any:
        """Return our own key; raise `Refused` in our own name where it is not one."""
        import asyncssh

        try:
            return asyncssh.read_private_key(str(place_of(self.key_file)))
        except (OSError, asyncssh.KeyImportError) as error:
            raise Refused(
                f"la clé de ce boîtier, {self.key_file}, ne se lit pas ({why_of(error)}) : "
                f"refaites-la, ssh-keygen -t ed25519 -N '' -f {self.key_file}, et donnez "
                f"sa moitié .pub à {self.host}"
            ) from None

    def _known(self) -> Any:
        import asyncssh

        name = f"[{self.host}]:{self.port}" if self.port != 22 else self.host
        return asyncssh.import_known_hosts(f"{name} {self.host_key}\n")

    async def _send(self, there: Any, file: Path, size: int, keep: int) -> None:
        import asyncssh

        folder = PurePosixPath(self.path)
        if not await there.isdir(str(folder)):
            raise Refused(
                f"le dossier {folder} n'est pas sur {self.host} : si son disque y est absent, "
                f"remettez-le ; s'il est neuf, créez le dossier là-bas (sftp -P {self.port} "
                f"{self.user}@{self.host}, puis mkdir {folder}) ; sinon corrigez [backup] to"
            )
        fresh, target = str(folder / f"{file.name}{_PART}"), str(folder / file.name)
        written = [(str(one.filename), float(one.attrs.mtime or 0))
                   for one in await there.readdir(str(folder))]  # fmt: skip
        for name in useless(written, file.name, keep):
            await there.remove(str(folder / name))
        # made before it is filled: else all who have an account there read it
        async with there.open(fresh, "wb", asyncssh.SFTPAttrs(permissions=0o600)):
            pass
        await there.put(str(file), fresh)
        if (await there.stat(fresh)).size != size:
            raise Refused(f"{self.host} n'a pas tout pris : y reste-t-il de la place ?")
        try:
            await there.posix_rename(fresh, target)
        except asyncssh.SFTPOpUnsupported:
            await there.rename(fresh, target)
        names = [str(name) for name in await there.listdir(str(folder))]
        for name in old_ones(names, file.name, keep):
            await there.remove(str(folder / name))


def place_for(text: str, settings: BackupSettings) -> Place:
    """Return the place a text names; raise `Refused` for what is none."""
    if text.startswith("usb:"):
        return Usb(text.removeprefix("usb:"))
    parts = urlsplit(text)
    try:
        port = parts.port or 22
    except ValueError:
        raise Refused(f"« {text} » : un port est un nombre de 1 à 65535") from None
    if parts.scheme == "sftp" and parts.hostname and parts.username:
        if not settings.sftp_key_file or not settings.sftp_host_key:
            raise Refused("il faut sftp_key_file et sftp_host_key dans [backup]")
        return Sftp(
            unquote(parts.username), parts.hostname, port, unquote(parts.path),
            settings.sftp_key_file, settings.sftp_host_key,
        )  # fmt: skip
    if parts.scheme or not text.startswith("/"):
        raise Refused(
            f"« {text} » : il faut un dossier par son chemin entier "
            "(/mnt/nas/tocsin), usb:ÉTIQUETTE ou sftp://nom@machine/dossier"
        )
    return Folder(Path(text))
