"""Backups sealed with age: the box knows the public half of a key, the sheet in the safe the other.

Who steals the box or the backups reads nothing. Who loses the sheet has no backups.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from gateway.errors import Refused

SUFFIX: Final = ".age"
_HEADER: Final = b"age-encryption.org/v1\n"


def new_key() -> tuple[str, str]:
    """Return a new key: what the box is told (``age1…``), and what goes on the sheet."""
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    return str(identity.to_public()), str(identity)


def sheet(public: str, secret: str, town: str) -> str:
    """Return the sheet for the safe: the only thing that opens the backups."""
    groups = [secret[at : at + 4] for at in range(0, len(secret), 4)]
    rows = ["    " + " ".join(groups[at : at + 7]) for at in range(0, len(groups), 7)]
    return "\n".join(
        [
            f"CLÉ DES SAUVEGARDES DE TOCSIN – {town}",
            "À imprimer, puis à ranger au coffre de la mairie. Elle n'est gardée nulle part",
            "ailleurs : sans cette feuille, aucune sauvegarde ne s'ouvre.",
            "",
            *rows,
            "",
            "Pour rendre une sauvegarde sur une machine neuve, où Tocsin est installé :",
            "    tocsin restore FICHIER      (la clé est demandée ; avec ou sans les blancs)",
            "Sans Tocsin :  age -d -i CLÉ FICHIER | zstd -d | tar x",
            "",
            f'Clé publique, dans /etc/tocsin/tocsin.toml :  recipient = "{public}"',
        ]
    )


def seal(plain: Path, sealed: Path, recipient: str) -> None:
    """Write ``plain`` to ``sealed`` so that only the key's owner opens it. Raises OSError."""
    import pyrage

    sealed.touch(mode=0o600, exist_ok=False)
    pyrage.encrypt_file(str(plain), str(sealed), [pyrage.x25519.Recipient.from_str(recipient)])


def is_sealed(path: Path) -> bool:
    """Tell whether a file needs a key."""
    with path.open("rb") as file:
        return file.read(len(_HEADER)) == _HEADER


def unseal(sealed: Path, plain: Path, typed: str) -> None:
    """Open ``sealed`` with the key as it was typed from the sheet; raise `Refused`."""
    import pyrage

    key = re.sub(r"\s+", "", typed).upper()
    try:
        identity = pyrage.x25519.Identity.from_str(key)
    except pyrage.IdentityError:
        raise Refused(
            "ce n'est pas la clé de la feuille, ou une lettre est fausse : relisez-la (elle "
            "commence par AGE-SECRET-KEY-1)"
        ) from None
    try:
        pyrage.decrypt_file(str(sealed), str(plain), [identity])
    except pyrage.DecryptError as error:
        raise Refused(
            f"cette clé n'ouvre pas {sealed.name} : est-ce la feuille de cette mairie, et le "
            f"fichier est-il entier ? ({error})"
        ) from None
    except OSError as error:  # what is cut or changed behind the header has no class of its own
        if "os error" in str(error):  # the system's: a full disk, a key pulled out
            raise Refused(f"{sealed.name} n'a pas pu être ouverte : {error}") from None
        raise Refused(
            f"cette sauvegarde est abîmée : prenez-en une autre ({sealed.name})"
        ) from None
    plain.chmod(0o600)
