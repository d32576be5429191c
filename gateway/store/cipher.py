"""The register's key: what it encrypts, what it recognises, how it is written on paper. Pure.

Fields are sealed with AES-256-GCM (NIST SP 800-38D), bound to the row they stand in; what must be
found again without being read is marked with HMAC-SHA-256 (RFC 2104). Both keys come from the one
on the sheet by HKDF (RFC 5869), which is written in base32 (RFC 4648) with a checksum. The
primitives are `cryptography`'s. May be imported by anybody in the gateway; knows no database.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
from collections.abc import Mapping
from typing import Final

from gateway.errors import Refused

_LENGTH: Final = 32
_CHECKSUM: Final = 3
#: Version of the layout: version (1), key id (4), nonce (12), ciphertext and tag.
_VERSION: Final = b"\x01"
_ID: Final = 4
_NONCE: Final = 12
#: Texts are filled up to a multiple of this, so that their length tells little.
_BLOCK: Final = 128
#: What a mark begins with: no number, no mail address and no folded name does.
MARK: Final = "!"
_GROUP, _GROUPS_A_ROW = 4, 7
_TYPED: Final = (_LENGTH + _CHECKSUM) * 8 // 5


class Unreadable(Exception):
    """A sealed value is of another key, of another row, or damaged."""


class Key:
    """One key of a register. Its text never shows in a log or an error."""

    def __init__(self, secret: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if len(secret) != _LENGTH:
            raise ValueError("a key has 32 bytes")
        self._secret = secret
        self._aead = AESGCM(self._derived("fields"))
        self._marking = self._derived("marks")
        #: Tells this key from others and nothing more; kept in the database.
        self.check: Final = self._derived("check")[:16]

    @classmethod
    def new(cls) -> Key:
        """Return a key nobody has."""
        return cls(os.urandom(_LENGTH))

    @property
    def id(self) -> str:
        """What names the key on paper and on screens; it opens nothing."""
        return self.check[:_ID].hex()

    def _derived(self, use: str) -> bytes:
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        info = f"tocsin register {use}".encode()
        return HKDF(SHA256(), _LENGTH, salt=None, info=info).derive(self._secret)

    def seal(self, place: str, fields: Mapping[str, str]) -> bytes:
        """Return fields as they are kept at ``place`` (table and row), readable nowhere else."""
        text = json.dumps(fields, ensure_ascii=False).encode()
        text += b" " * (-len(text) % _BLOCK)
        nonce, head = os.urandom(_NONCE), _VERSION + self.check[:_ID]
        return head + nonce + self._aead.encrypt(nonce, text, head + place.encode())

    def open(self, place: str, sealed: bytes) -> dict[str, str]:
        """Return the fields sealed at ``place``; raise `Unreadable`."""
        from cryptography.exceptions import InvalidTag

        head, rest = sealed[: 1 + _ID], sealed[1 + _ID :]
        if head != _VERSION + self.check[:_ID]:
            raise Unreadable("another key or version")
        try:
            text = self._aead.decrypt(rest[:_NONCE], rest[_NONCE:], head + place.encode())
        except (InvalidTag, ValueError):
            raise Unreadable("damaged, or of another row") from None
        fields: dict[str, str] = json.loads(text)
        return fields

    def mark(self, text: str) -> str:
        """Return what the same text is recognised by, and that tells nothing of it."""
        digest = hmac.digest(self._marking, text.encode(), "sha256")[:16]
        return MARK + base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def on_paper(self) -> tuple[str, ...]:
        """Return the key in groups of four letters and digits, as `from_paper` reads it."""
        text = base64.b32encode(self._secret + _checksum(self._secret)).decode()
        return tuple(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def rows_on_paper(key: Key) -> list[str]:
    """Return the lines of the sheet: seven groups each."""
    groups = key.on_paper()
    return [
        " ".join(groups[at : at + _GROUPS_A_ROW]) for at in range(0, len(groups), _GROUPS_A_ROW)
    ]


def from_paper(typed: str) -> Key:
    """Return the key as somebody has typed it from the sheet; raise `Refused` and say why.

    Blanks, dashes and case do not matter; a 0, 1 or 8, which base32 has not, is an O, I or B.
    """
    text = re.sub(r"[\s-]+", "", typed).upper().translate(str.maketrans("018", "OIB"))
    if len(text) != _TYPED:
        raise Refused(
            "la clé du registre a {typed} lettres et chiffres, en voici {n} : relisez la "
            "feuille du coffre",
            typed=_TYPED,
            n=len(text),
        )
    try:
        raw = base64.b32decode(text)
    except ValueError:
        raise Refused("un signe n'est pas de la clé du registre : relisez la feuille") from None
    secret, checksum = raw[:_LENGTH], raw[_LENGTH:]
    if not hmac.compare_digest(checksum, _checksum(secret)):
        raise Refused("une lettre de la clé du registre est fausse : relisez la feuille du coffre")
    return Key(secret)


def _checksum(secret: bytes) -> bytes:
    return hashlib.sha256(b"tocsin register sheet" + secret).digest()[:_CHECKSUM]
