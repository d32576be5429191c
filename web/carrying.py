"""What was typed into a form that could not be taken: read, packed, unpacked. Pure.

Imported by `web.resuming` and, for the mark, by `web.replies`. It never holds a password, a code
or a file; nor more than `LARGEST` characters.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Self

from aiohttp import web
from multidict import MultiMapping

from gateway.services import Session

#: Fields that hold what nobody but the person may ever hold; a test reads them in the forms.
SECRET: Final = frozenset({"password", "again", "old", "code", "pin"})
#: Characters and fields of one form: any form of ours, and a long list pasted in.
LARGEST: Final = 512 * 1024
_MOST: Final = 3000
#: What could not be carried; the page says so.
FILE, HIDDEN, LONG, OTHERS = "file", "secret", "long", "others"
#: Nothing is lost; but it was written for another town than the one acted for meanwhile.
MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Carried:
    """A form somebody filled in: whose, where it stands, where it posts, what it held."""

    account: int
    town: int
    path: str
    page: str
    fields: tuple[tuple[str, str], ...] = ()
    lost: tuple[str, ...] = ()  # FILE, HIDDEN, LONG, OTHERS or MOVED

    def packed(self) -> str:
        """Return it as one hidden field can hold it."""
        return json.dumps([self.account, self.town, self.path, self.page, self.fields, self.lost])

    @classmethod
    def unpacked(cls, text: str) -> Self | None:
        """Read `packed`; None for what is none, since it comes from a browser."""
        try:
            account, town, path, page, fields, lost = json.loads(text[: 4 * LARGEST])
            pairs = tuple((str(name), str(value)) for name, value in fields)
            read = cls(int(account), int(town), str(path), str(page), pairs, tuple(map(str, lost)))
        except (ValueError, TypeError, RecursionError):
            return None
        return read if _is_ours(read.path) and _is_ours(read.page) else None


def token_of(session: Session) -> str:
    """Return what a form carries: the session's token, for whom and for which town it is filled."""
    return f"{session.csrf}.{mark_of(session)}"


def mark_of(session: Session) -> str:
    """Return for whom and for which town a page is made."""
    return f"{session.actor.user_id or 0}.{session.actor.entity_id}"


def marked(token: str) -> tuple[int, int] | None:
    """Return for which account and town a form was filled in, by its token."""
    _, _, mark = token.partition(".")
    account, _, town = mark.partition(".")
    is_number = all(one.isascii() and one.isdigit() and len(one) < 19 for one in (account, town))
    return (int(account), int(town)) if is_number else None


def read(form: MultiMapping[Any], path: str, page: str) -> Carried | None:
    """Return what a form held; None when its token does not say whose it was."""
    mark = marked(str(form.get("csrf", "")))
    if mark is None or not _is_ours(path) or not _is_ours(page):
        return None
    fields, lost = [], set()
    for name, value in form.items():
        if isinstance(value, web.FileField):
            lost |= {FILE} if value.filename else set()
        elif name in SECRET:
            lost |= {HIDDEN} if value else set()
        elif name != "csrf" and isinstance(value, str):
            fields.append((name, value))
    if len(fields) > _MOST or sum(len(name) + len(value) for name, value in fields) > LARGEST:
        fields, lost = [], lost | {LONG}
    return Carried(*mark, path, page, tuple(fields), tuple(sorted(lost)))


def _is_ours(address: str) -> bool:
    """Tell whether a browser sent there stays here."""
    return address.startswith("/") and not address.startswith("//") and "\\" not in address
