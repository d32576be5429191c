"""The register's key as people handle it: made once, on a sheet for the safe, typed in again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from gateway import keys, paper
from gateway.config import Config
from gateway.errors import Refused
from gateway.store import events, seals
from gateway.store.base import connect
from gateway.store.cipher import Key, from_paper, rows_on_paper

_WHAT = (
    "À imprimer, puis à ranger au coffre de la mairie. Elle n'est dans aucune sauvegarde : sans "
    "cette feuille et sans la machine, les fiches du registre sont perdues."
)
_HOW = "tocsin restore FICHIER la demande ; plus tard : tocsin register key --enter"


def file_of(config: Config) -> Path:
    """Return where the key of this box belongs; raise `Refused` where nothing says so."""
    if config.register_key_file is None:
        raise Refused("la configuration ne dit pas où est la clé : register_key_file")
    return config.register_key_file


def make(config: Config) -> Key:
    """Make this box's key and write its file; raise `Refused` where it has one."""
    path = file_of(config)
    if path.exists():
        raise Refused(f"{path} existe déjà : « tocsin register key --print » montre la feuille")
    if seals.check_of(config.database) is not None:
        raise Refused(
            "ce registre est déjà chiffré et sa clé manque : remettez-la avec « tocsin register "
            "key --enter » et la feuille du coffre"
        )
    key = Key.new()
    _unseen(config).parent.mkdir(parents=True, exist_ok=True)
    _unseen(config).touch()  # before the key: between the two, better a sheet shown twice
    keys.write(path, key)
    return key


def _unseen(config: Config) -> Path:
    """Return the mark of a key on no paper; among the data, where doctor reads it unprivileged."""
    return config.data_dir / "register-sheet-unseen"


def is_unseen(config: Config) -> bool:
    """Tell whether this box's key was made and its sheet never shown."""
    return _unseen(config).exists() and file_of(config).exists()


def seen(config: Config) -> None:
    """Take note that the sheet was shown."""
    _unseen(config).unlink(missing_ok=True)


def proved(key: Key, check: bytes | None) -> Key:
    """Return the key if it is the one of this register; raise `Refused` else."""
    if check is not None and key.check != check:
        raise Refused(
            f"cette clé (n° {key.id}) n'est pas celle de ce registre (n° {check[:4].hex()}) : "
            "prenez la feuille qui porte ce numéro"
        )
    return key


def enter(config: Config, typed: str) -> Key:
    """Write the key as typed from the sheet, if it is the right one; raise `Refused` else."""
    key = proved(from_paper(typed), seals.check_of(config.database))
    put(config, key)
    return key


def put(config: Config, key: Key) -> None:
    """Write a key that came from its sheet: one that was made here, on paper or not, is void."""
    keys.write(file_of(config), key)
    seen(config)


def right(config: Config, check: bytes, ask: Callable[[], str]) -> tuple[Key | None, bool]:
    """Return the key of a register that is put back, and whether it was typed.

    The file that is there is not asked for again; nothing typed means to go on without. Raise
    `Refused` for a wrong one.
    """
    there = keys.of_register(config)
    if there is not None and there.check == check:
        return there, False
    typed = ask()
    return (proved(from_paper(typed), check), True) if typed.strip() else (None, False)


def noted(config: Config, kind: str, key: Key, by: str, now: float) -> None:
    """Write down who printed or typed the key."""
    if not config.database.exists():
        return
    with closing(connect(config.database)) as db:
        db.execute("BEGIN IMMEDIATE")
        events.record(db, now, kind, {"key": key.id, "by": by})
        db.execute("COMMIT")


def sheet(key: Key, town: str) -> str:
    """Return the sheet for the safe, for a terminal."""
    rows = (f"    {row}" for row in rows_on_paper(key))
    head = f"CLÉ DU REGISTRE DES PERSONNES FRAGILES – {town} (n° {key.id})"
    return "\n".join([head, *_WHAT.replace(" : ", " :\n", 1).split("\n"), "", *rows, "", _HOW])


def as_pdf(key: Key, town: str, now: datetime) -> bytes:
    """Return the sheet for the safe as a page to print; blocks. Raises OSError."""
    rows = [(str(number), row) for number, row in enumerate(rows_on_paper(key), start=1)]
    return paper.make(
        paper.Sheet(
            f"Clé du registre des personnes fragiles – {town}",
            [("Numéro de la clé", key.id), ("À faire", _WHAT), ("Sur une machine neuve", _HOW)],
            ("Ligne", "À recopier"), rows, f"clé n° {key.id}", now,
        ),
        "pdf",
    )  # fmt: skip
