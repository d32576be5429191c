"""Cast files: behaviours by telephone number."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modem.emulator import Behaviour, Press
from modem.emulator.cast import EVERYBODY, CastError, read_cast


def test_a_cast_file_scripts_phones(tmp_path: Path) -> None:
    """Numbers as people write them, behaviours by their names."""
    path = tmp_path / "cast.json"
    path.write_text(
        json.dumps(
            {
                "06 39 98 00 01": {"answers_after": 3, "presses": [{"digit": "1", "after": 12}]},
                "+33639980002": {"busy": True, "sms": "lost", "replies": "OK"},
                "0639980003": {"answers_after": None, "presses_when_prompted": "1"},
                "*": {"machine": True},
            }
        ),
        encoding="utf-8",
    )

    assert read_cast(path) == {
        "+33639980001": Behaviour(answers_after=3, presses=(Press("1", 12),)),
        "+33639980002": Behaviour(busy=True, sms="lost", replies="OK"),
        "+33639980003": Behaviour(answers_after=None, presses_when_prompted="1"),
        EVERYBODY: Behaviour(machine=True),
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "cast.json: not JSON"),
        ("[]", "expected an object of behaviours"),
        ('{"06x": {}}', "06x: not a telephone number"),
        ('{"0639980001": 3}', "0639980001: expected an object"),
        ('{"0639980001": {"bussy": true}}', "unknown key 'bussy'; known: answers_after, busy"),
        ('{"0639980001": {"busy": 1}}', "busy is 1; expected true or false"),
        ('{"0639980001": {"answers_after": -1}}', "answers_after is -1; expected seconds"),
        ('{"0639980001": {"answers_after": true}}', "answers_after is True; expected seconds"),
        ('{"0639980001": {"sms": "gone"}}', "expected delivered or lost or refused"),
        ('{"0639980001": {"presses": "1"}}', "presses is '1'; expected a list"),
        ('{"0639980001": {"presses": [{"digit": "x", "after": 1}]}}', "not a telephone key"),
        ('{"0639980001": {"presses": [{"key": "1"}]}}', "expected a list like"),
        ('{"0639980001": {"presses_when_prompted": "11"}}', "expected one key"),
        ('{"0639980001": {"replies": 1}}', "replies is 1; expected a text"),
    ],
)
def test_a_mistake_is_named_with_its_phone_and_key(
    tmp_path: Path, content: str, words: str
) -> None:
    """Whoever wrote the file finds the place."""
    path = tmp_path / "cast.json"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(CastError) as raised:
        read_cast(path)

    assert words in str(raised.value)
