"""What the system says in English when it refuses, in words for a French sentence. Pure.

Imported by whoever shows an error of the system's in a sentence. Not its job: the mend.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator, Mapping
from typing import Final

from gateway.errors import TocsinError
from gateway.sentences import Sentence, fr, sentence

_WORDS: Final[Mapping[int, Sentence]] = {
    errno.ENOENT: fr("rien de ce nom n'est là"),
    errno.ENOTDIR: fr("un fichier est là où il faut un dossier"),
    errno.EISDIR: fr("c'est un dossier"),
    errno.EEXIST: fr("quelque chose de ce nom est déjà là"),
    errno.EACCES: fr("le droit manque"),
    errno.EPERM: fr("le droit manque"),
    errno.EROFS: fr("le disque est en lecture seule"),
    errno.ENOSPC: fr("le disque est plein"),
    errno.EDQUOT: fr("le disque est plein"),
    errno.EIO: fr("le matériel ne répond pas"),
    errno.ENXIO: fr("l'appareil n'est plus là"),
    errno.ENODEV: fr("l'appareil n'est plus là"),
    errno.ENAMETOOLONG: fr("le nom est trop long"),
    errno.ELOOP: fr("le nom tourne en rond"),
    errno.EMFILE: fr("trop de fichiers sont ouverts"),
    errno.ECONNREFUSED: fr("rien n'y écoute"),
    errno.ECONNRESET: fr("la connexion a été coupée"),
    errno.EPIPE: fr("la connexion a été coupée"),
    errno.ETIMEDOUT: fr("pas de réponse"),
    errno.EHOSTUNREACH: fr("aucun chemin n'y mène"),
    errno.ENETUNREACH: fr("aucun chemin n'y mène"),
    errno.EADDRINUSE: fr("un autre programme tient ce port"),
    errno.EADDRNOTAVAIL: fr("cette adresse n'est pas celle de cette machine"),
}
_NAMES: Final[Mapping[int, Sentence]] = {
    socket.EAI_NONAME: fr("ce nom est inconnu"),
    socket.EAI_AGAIN: fr("le DNS ne répond pas"),
}


def why(error: BaseException) -> Sentence:
    """Return in words why the system refused; an error that is not the system's says it itself."""
    if isinstance(error, TocsinError):
        return sentence(getattr(error, "message", str(error)))
    for one in _causes(error):
        known = _NAMES if isinstance(one, socket.gaierror) else _WORDS
        if isinstance(one, OSError) and (said := known.get(one.errno or 0)):
            return said
        if isinstance(one, TimeoutError):
            return _WORDS[errno.ETIMEDOUT]
    return sentence(str(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__
