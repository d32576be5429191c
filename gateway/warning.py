"""Which warnings received lead to which ready message: by who sends them, and their words. Pure.

Vigicrues, Météo-France's APIC, a prefecture, Zabbix, a UPS: each says its own words, always.
"""

from __future__ import annotations

import re
from typing import Final

from gateway import phone
from gateway.errors import Refused
from gateway.french import folded

#: Words of one rule, and how long one may be.
MOST_WORDS: Final = 12
LONGEST_WORD: Final = 80
#: So many characters of a warning are read: what matters stands at its top.
READ: Final = 20_000
#: Who writes an SMS without a number: a name of at most eleven signs (3GPP 23.040, 9.1.2.5).
_NAMED: Final = re.compile(r"[A-Za-z][\w -]{1,10}")
_SENDER: Final = re.compile(r"(?:[\w.+-]{1,64})?@[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def sender(typed: str) -> str:
    """Return an address, ``@domain``, or whoever writes SMS, as it is kept; raise `Refused`.

    A telephone is kept in E.164, a sender's name (« VIGICRUES ») in lower case.
    """
    plain = typed.strip().lower()
    if re.fullmatch(r"[+\d .()-]{4,}", plain):
        return phone.parse(plain).e164
    if _NAMED.fullmatch(plain):
        return plain
    if "@" not in plain:
        plain = f"@{plain}"
    if not _SENDER.fullmatch(plain):
        raise Refused(
            "Écrivez l'adresse qui envoie l'avertissement, son domaine (@vigicrues.gouv.fr), ou le "
            "numéro ou le nom qui l'envoie par SMS.",
            "from",
        )
    return plain


def words(typed: str) -> tuple[str, ...]:
    """Return the words a warning must have, from a list with commas; raise `Refused`."""
    found = tuple(dict.fromkeys(" ".join(folded(one).split()) for one in typed.split(",")))
    found = tuple(one for one in found if _plain(one))
    if not found:
        raise Refused(
            "Écrivez au moins un mot que l'avertissement contient, par exemple « vigilance "
            "orange, Aude » : sans mot, chaque courriel serait pris pour un avertissement.",
            "words",
        )
    if len(found) > MOST_WORDS or max(map(len, found)) > LONGEST_WORD:
        raise Refused(
            "Au plus {most} mots, de {longest} caractères.",
            "words",
            most=MOST_WORDS,
            longest=LONGEST_WORD,
        )
    return found


def is_from(address: str, wanted: str) -> bool:
    """Tell whether a mail address is the one wanted, or of the domain ``@domain`` or below it."""
    plain = address.strip().lower()
    if not wanted.startswith("@"):
        return plain == wanted
    host = plain.rpartition("@")[2]
    return host == wanted[1:] or host.endswith(f".{wanted[1:]}")


def has(text: str, wanted: tuple[str, ...]) -> bool:
    """Tell whether all the words stand in a text, whatever their accents and capitals."""
    plain = f" {_plain(text[:READ])} "
    return all(f" {_plain(one)} " in plain for one in wanted)


def _plain(text: str) -> str:
    """Return words and blanks alone: a warning sets its own commas, dashes and brackets."""
    return " ".join(re.sub(r"\W+", " ", folded(text)).split())
