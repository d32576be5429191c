"""Why a database file cannot be read, and what a human does about it. Changes nothing.

SQLite's own words are English and name no mend; and it would make a new database of an empty file.
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.sentences import Sentence, fr
from gateway.store import copies, mending, ours


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with the file, and its mend."""

    sentence: Sentence
    mend: Sentence


def before(database: Path) -> Trouble | None:
    """Look at the file and whose it is, changing nothing; None: nothing speaks against it."""
    try:
        facts = database.stat()
    except PermissionError:
        return _closed(database)
    except (FileNotFoundError, NotADirectoryError):
        return _missing(database)
    except OSError:
        return _unread(database)
    if stat.S_ISDIR(facts.st_mode):
        return _folder(database)
    if not facts.st_size:
        return _empty(database)
    if not os.access(database, os.R_OK):
        return _closed(database)
    told = _BY_OWNER.get(ours.whose_file(database))
    return told(database) if told else None


def why(database: Path, error: sqlite3.Error | OSError) -> Trouble:
    """Say why it did not open, or could not be read to its end."""
    seen = before(database)
    if seen is not None:
        return seen
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _SHUT and read_only(database.parent):
        return frozen(database.parent)
    if isinstance(error, PermissionError) or code in _SHUT:
        return _closed(database)
    # damage that we have found ourselves has no code
    unnamed = _damaged if type(error) is sqlite3.DatabaseError else _unread
    return _BY_CODE.get(code, unnamed)(database)


def frozen(place: Path) -> Trouble:
    """Say that a folder takes no more writing: systemd shuts it, or its disk dies."""
    if shut_by_unit(place):
        return Trouble(
            fr("systemd n'ouvre pas {place} en écriture à ce service", place=place),
            fr("« systemctl edit tocsin », de même tocsin-backup et tocsin-health, puis [Service] "
               "et ReadWritePaths={place}", place=place),
        )  # fmt: skip
    return Trouble(
        fr("{place} est en lecture seule : le noyau a vu le disque mourir", place=place),
        fr("sauvegardez (tocsin backup --to usb:…), changez le disque, rendez la sauvegarde"),
    )


def read_only(place: Path) -> bool:
    """Tell whether nobody writes there, not even root: the disk is dying, or mounted so."""
    return bool(os.statvfs(place).f_flag & os.ST_RDONLY)


def shut_by_unit(place: Path) -> bool:
    """Tell whether the unit this runs in keeps it from writing there, on a disk that could.

    Of a folder that the unit does not open (``ProtectSystem=strict``) the mount alone is
    read-only, of a disk that the kernel saw dying the file system is (proc(5), mountinfo).
    """
    if "INVOCATION_ID" not in os.environ or not read_only(place):
        return False
    whole, mounts = f"{place.resolve()}/", list[tuple[int, bool]]()
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        mount, _, disk = line.partition(" - ")
        at = unescaped(mount.split()[4]).rstrip("/") + "/"
        if whole.startswith(at):
            mounts.append((len(at), "ro" not in disk.split()[-1].split(",")))
    deepest = max((length for length, _ in mounts), default=0)
    return [sound for length, sound in mounts if length == deepest][-1:] == [True]


def unescaped(mount: str) -> str:
    """Return the path of a mount as the kernel wrote it, its spaces in octal (proc(5))."""
    return re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), mount)


def _comes_back(database: Path) -> Sentence:
    """Say how a database that is gone comes back."""
    if database.parent.is_dir() and read_only(database.parent):
        return _elsewhere(database)
    if copies.kept(copies.folder_of(database), "good"):
        return fr("systemctl restart tocsin la reprend de sa dernière copie")
    return fr(
        "rendez une sauvegarde (systemctl stop tocsin, puis tocsin restore) ; sur un boîtier neuf, "
        "sudo tocsin init"
    )


def _elsewhere(database: Path) -> Sentence:
    """Say how it comes back where no restart and no backup can put it: the disk is dying."""
    folder = copies.folder_of(database)
    if copies.kept(folder, "good"):
        return fr(
            "ce disque ne s'écrit plus : sauvez ses copies (cp -a {folder} /media/TOCSIN/), "
            "changez-le, puis rendez une sauvegarde (tocsin restore)",
            folder=folder,
        )
    return fr("ce disque ne s'écrit plus : changez-le, puis rendez une sauvegarde (tocsin restore)")


def _missing(database: Path) -> Trouble:
    return Trouble(fr("{path} n'existe pas", path=database), _comes_back(database))


def _empty(database: Path) -> Trouble:
    return Trouble(fr("la base {path} est vide (0 octet)", path=database), _comes_back(database))


def _blank(database: Path) -> Trouble:
    return Trouble(fr("la base {path} est vide (aucune table)", path=database),
                   _comes_back(database))  # fmt: skip


def _folder(database: Path) -> Trouble:
    return Trouble(fr("{path} est un dossier, et non la base", path=database), _instead(database))


def _foreign(database: Path) -> Trouble:
    return Trouble(fr("{path} n'est pas une base de Tocsin", path=database), _instead(database))


def _instead(database: Path) -> Sentence:
    """Say how something else is put out of the database's place."""
    return fr(
        "mettez-le de côté (mv {path} {path}.autre), puis : {then}",
        path=database, then=_comes_back(database),
    )  # fmt: skip


def _damaged(database: Path) -> Trouble:
    dying = read_only(database.parent)
    mend = _elsewhere(database) if dying else mending.mend_of_damage(database)
    return Trouble(fr("la base est abîmée, elle ne se lit pas jusqu'au bout"), mend)


def _closed(database: Path) -> Trouble:
    return Trouble(
        fr("{path} est fermé à cet utilisateur", path=database),
        fr("recommencez avec sudo ; si le service non plus ne la lit pas : chown tocsin: {path} ; "
           "chmod 600 {path}", path=database),
    )  # fmt: skip


def _taken(database: Path) -> Trouble:
    return Trouble(
        fr("la base est prise par un autre programme"),
        fr("recommencez dans une minute ; « fuser -v {path} » dit par lequel", path=database),
    )


def _full(database: Path) -> Trouble:
    return Trouble(
        fr("le disque de {path} est plein", path=database),
        fr("faites de la place : journalctl --vacuum-size=200M ; apt clean"),
    )


def _unread(database: Path) -> Trouble:
    return Trouble(
        fr("le disque ne rend pas {path}", path=database),
        fr("« dmesg » dit pourquoi ; sauvegardez ce qui se lit (tocsin backup --to usb:…), changez "
           "le disque"),
    )  # fmt: skip


#: What is no town's though SQLite opens it; None, what it cannot open, is told when it is tried.
_BY_OWNER: Final[dict[ours.Whose | None, Callable[[Path], Trouble]]] = {
    ours.Whose.NOBODYS: _blank, ours.Whose.FOREIGN: _foreign,
}  # fmt: skip
#: What SQLite says where it may not read, or may not write the log beside.
_SHUT: Final = frozenset({
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH,
})  # fmt: skip
_BY_CODE: Final[dict[int, Callable[[Path], Trouble]]] = {
    sqlite3.SQLITE_CORRUPT: _damaged,
    sqlite3.SQLITE_NOTADB: _damaged,
    sqlite3.SQLITE_ERROR: _foreign,  # a table of ours that it has not
    sqlite3.SQLITE_BUSY: _taken,
    sqlite3.SQLITE_LOCKED: _taken,
    sqlite3.SQLITE_FULL: _full,
}
