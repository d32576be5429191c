"""What is written for those who do not follow French, and what the telephone says."""

from __future__ import annotations

import pytest

from tts.reading import language_of, spoken

WRITTEN_AND_SAID = [
    ("at 17:30", "at five thirty p m"),
    ("at 5 pm or 5.30 p.m.", "at five p m or five thirty p m"),
    ("from 9am to 12:00", "from nine a m to noon"),
    ("at 00:05", "at twelve oh five a m"),
    ("at 24:00", "at midnight"),
    ("at 17h30", "at five thirty p m"),
    ("on 15/08/2026", "on the fifteenth of August twenty twenty-six"),
    ("on the 15/08", "on the fifteenth of August"),
    ("on 1 September 2026", "on the first of September twenty twenty-six"),
    ("August 15th", "the fifteenth of August"),
    ("04 66 12 34 56", "zero four, six six, one two, three four, five six"),
    ("+33 6 39 98 00 01", "zero six, three nine, nine eight, zero zero, zero one"),
    ("call 15/112", "call fifteen or one hundred and twelve"),
    ("Mr. Smith and Dr Jones", "Mister Smith and Doctor Jones"),
    ("No. 12, St-Nazaire", "number twelve, Saint Nazaire"),
    ("the D11 and RN 113", "the D eleven and N one hundred and thirteen"),
    ("80 km/h, 1 m, 2.5 m", "eighty kilometres per hour, one metre, two point five metres"),
    ("1,500 people, 14 000 homes", "one thousand five hundred people, fourteen thousand homes"),
    ("21st floor", "twenty-first floor"),
    ("24/7", "twenty-four hours a day, seven days a week"),
    ("SMS & mail", "S M S and mail"),
    ("ask mairie@laredorte.fr", "ask mairie at laredorte dot f r"),
    ("⚠️ Flood!", "Flood!"),
]


@pytest.mark.parametrize(("written", "said"), WRITTEN_AND_SAID)
def test_what_is_written_is_said_as_english_speakers_say_it(written: str, said: str) -> None:
    """A visitor on the camp site is warned in the language of the message."""
    assert spoken(written, "en") == said


@pytest.mark.parametrize(
    ("voice", "language"), [("fr", "fr"), ("en-gb", "en"), ("roa/fr-be", "fr"), ("EN", "en")]
)
def test_a_voice_has_a_language(voice: str, language: str) -> None:
    """The rules follow the voice: French ones would say *dix-sept heures* in English."""
    assert language_of(voice) == language
