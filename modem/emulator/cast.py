"""The cast: who answers, who is busy, who replies, as a JSON file.

Job: read ``{"0639980001": {"answers_after": 3, "presses": [{"digit": "1", "after": 12}]}, "*":
{…}}`` into `Behaviour` values, with errors that name the phone and the key. Not its job: acting
on them. Used by `modem.emulator.terminal` and by whoever scripts phones from a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, get_args

from modem.emulator.behaviour import Behaviour, Press, ReportHabit, SmsFate
from modem.emulator.numbers import canonical

#: The entry for every phone that has none of its own.
EVERYBODY: Final = "*"
_WRITTEN_NUMBER: Final = re.compile(r"\+?\d[\d .()/-]*")
_ALLOWED: Final = tuple(field.name for field in fields(Behaviour))
_FLAGS: Final = frozenset({"busy", "refuses", "unreachable", "machine", "early_media"})
_TIMES: Final = frozenset(
    {
        "answers_after", "hangs_up_after", "replies_after", "report_after", "announcement",
        "says_hello", "beeps_after",
    }
)  # fmt: skip
_LENGTHS: Final = frozenset({"greeting"})
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "sms": get_args(SmsFate),
    "reports": get_args(ReportHabit),
}


class CastError(ValueError):
    """The cast file does not say what a phone should do."""


def read_cast(path: Path) -> dict[str, Behaviour]:
    """Return the behaviours by canonical number, `EVERYBODY` among them when given.

    Raises CastError, naming file, phone and key; OSError when the file cannot be read.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CastError(f"{path}: not JSON: {error}") from error
    if not isinstance(content, dict):
        raise CastError(f"{path}: expected an object of behaviours by telephone number")
    cast: dict[str, Behaviour] = {}
    for number, said in content.items():
        try:
            cast[_phone(number)] = behaviour_from(said)
        except CastError as error:
            raise CastError(f"{path}: {number}: {error}") from error
    return cast


def behaviour_from(said: object) -> Behaviour:
    """Return the behaviour a JSON object describes. Raises CastError."""
    if not isinstance(said, dict):
        raise CastError("expected an object, such as {} for the usual behaviour")
    values: dict[str, Any] = {}
    for key, value in said.items():
        if key not in _ALLOWED:
            raise CastError(f"unknown key {key!r}; known: {', '.join(_ALLOWED)}")
        values[key] = _value(key, value)
    return Behaviour(**values)


def _phone(number: str) -> str:
    if number == EVERYBODY:
        return EVERYBODY
    if not _WRITTEN_NUMBER.fullmatch(number):
        raise CastError("not a telephone number")
    return canonical(number)


def _value(key: str, value: object) -> object:
    if key == "presses":
        return _presses(value)
    if key in _FLAGS:
        return _checked(key, value, isinstance(value, bool), "true or false")
    if key in _TIMES:
        return _checked(key, value, value is None or _is_time(value), "seconds, or null")
    if key in _LENGTHS:
        return _checked(key, value, _is_time(value), "seconds")
    if key in _CHOICES:
        wanted = " or ".join(_CHOICES[key])
        return _checked(key, value, value in _CHOICES[key], wanted)
    if key == "presses_when_prompted":
        fits = value is None or (isinstance(value, str) and len(value) == 1)
        return _checked(key, value, fits and str(value) in f"0123456789*#ABCD{None}", "one key")
    return _checked(key, value, value is None or isinstance(value, str), "a text, or null")


def _checked(key: str, value: object, fits: bool, wanted: str) -> object:
    if not fits:
        raise CastError(f"{key} is {value!r}; expected {wanted}")
    return value


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _presses(value: object) -> tuple[Press, ...]:
    wanted = '[{"digit": "1", "after": 12.5}]'
    if not isinstance(value, list):
        raise CastError(f"presses is {value!r}; expected a list like {wanted}")
    try:
        return tuple(Press(**press) for press in value)
    except (TypeError, ValueError) as error:
        raise CastError(f"presses: {error}; expected a list like {wanted}") from error
