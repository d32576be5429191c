"""What may be sent along with a mail. Pure."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from gateway.errors import Refused

#: Octets of all files of a message together: relays commonly refuse more than 10 MB, and base64
#: adds a third.
MOST_OCTETS: Final = 7 * 1024 * 1024
MOST_FILES: Final = 5
#: What every relay throws away, and nobody should send.
_PROGRAMS: Final = frozenset({
    "exe", "com", "bat", "cmd", "scr", "pif", "js", "jse", "vbs", "vbe", "wsf", "wsh", "msi",
    "ps1", "hta", "jar", "lnk", "reg", "dll", "iso", "docm", "xlsm", "pptm",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file: its name, its MIME type, its octets."""

    name: str
    content_type: str
    data: bytes


def checked(name: str, data: bytes) -> Attachment:
    """Return a file as it may be sent; raise `Refused` saying the mend.

    The type is taken from the name: what a browser claims is not believed.
    """
    plain = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    plain = re.sub(r"[\x00-\x1f\x7f\"<>:|?*]", "", plain).strip(" .")[-120:]
    if not plain:
        raise Refused("Ce fichier n'a pas de nom.", "attached")
    ending = plain.rpartition(".")[2].casefold()
    if ending in _PROGRAMS:
        raise Refused(
            "« {plain} » est un programme : les serveurs de courriel le refusent. Envoyez un PDF.",
            "attached",
            plain=plain,
        )
    if not data:
        raise Refused("« {plain} » est vide.", "attached", plain=plain)
    if len(data) > MOST_OCTETS:
        raise Refused(
            "« {plain} » dépasse 7 Mo : réduisez-le, ou publiez-le sur le site de la commune.",
            "attached",
            plain=plain,
        )
    kind = mimetypes.guess_type(plain)[0] or "application/octet-stream"
    return Attachment(plain, kind, data)


def check_all(sizes: list[int]) -> None:
    """Raise `Refused` where the files of one message are too many, or together too large."""
    if len(sizes) > MOST_FILES:
        raise Refused("Pas plus de {most} pièces jointes.", "attached", most=MOST_FILES)
    if sum(sizes) > MOST_OCTETS:
        raise Refused("Ensemble, les pièces jointes dépassent 7 Mo : retirez-en une.", "attached")
