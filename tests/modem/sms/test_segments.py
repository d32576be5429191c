"""How texts are measured and cut, and what plain typography saves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem.sms import Encoding, Foreign, measure, plain_typography, split
from tests.modem.sms.corpus import EXTENDED, FRENCH_OUTSIDE, GSM7

TEXTS = st.text(max_size=500) | st.text(GSM7 + EXTENDED, max_size=500) | st.text("aê€😀👍🏽é")


@pytest.mark.parametrize(
    ("text", "segments", "left", "limit"),
    [
        ("", 1, 160, 160),
        ("a" * 160, 1, 0, 160),
        ("a" * 161, 2, 145, 153),
        ("a" * 306, 2, 0, 153),
        ("€" * 80, 1, 0, 160),
        ("€" * 81, 2, 143, 153),  # 76 pairs fit a part of 153, one septet stays empty
        ("ê" * 70, 1, 0, 70),
        ("ê" * 71, 2, 63, 67),
        ("😀" * 35, 1, 0, 70),
        ("😀" * 36, 2, 61, 67),  # 33 pairs and one empty unit
    ],
)
def test_a_text_costs_what_the_standard_says(
    text: str, segments: int, left: int, limit: int
) -> None:
    """The counter under the composing field is the bill that will come."""
    found = measure(text)

    assert (segments, left, limit) == (found.segments, found.left, found.limit)


def test_characters_that_force_ucs2_are_named_with_their_place() -> None:
    """The page underlines them: the writer sees what costs a second message."""
    found = measure("La fête 😀")

    assert Encoding.UCS2 is found.encoding
    assert (Foreign(4, "ê"), Foreign(8, "😀")) == found.foreign
    assert found.units == 10


def test_plain_typography_is_proposed_where_it_saves() -> None:
    """A word processor's apostrophe must not cost a message when its plain form is a click away."""
    text = "L’eau monte : " + "a" * 70

    assert plain_typography(text) == measure(text).suggestion


def test_nothing_is_proposed_where_it_saves_nothing() -> None:
    """A suggestion that changes the text for no gain is noise."""
    assert measure("L’eau").suggestion is None
    assert measure("L’eau de la fête " + "a" * 70).suggestion is None


@pytest.mark.parametrize("char", sorted(set(FRENCH_OUTSIDE) - set("’«»“”…– ")))
def test_accents_are_never_taken_away(char: str) -> None:
    """Removing an accent is the sender's decision, never a clean-up; œ alone is a ligature."""
    assert {"œ": "oe"}.get(char, char) == plain_typography(char)


def test_french_punctuation_becomes_plain() -> None:
    """The signs of a word processor, in the characters an SMS has."""
    written = "L’«\u00a0eau\u202f» – l’Œuvre, ŒUVRE\u00a0: «ici»… “là”"

    assert plain_typography(written) == 'L\'"eau" - l\'Oeuvre, OEUVRE : "ici"... "là"'


def test_a_loose_accent_joins_its_letter() -> None:
    """Some machines write é as e and an accent apart: alone, that would force UCS-2."""
    assert Encoding.GSM7 is measure(plain_typography("e\u0301te\u0301")).encoding


@given(TEXTS, st.booleans())
def test_the_parts_are_the_text(text: str, wide: bool) -> None:
    """Nothing is lost or doubled at a border."""
    assert text == "".join(split(text, wide))


@given(TEXTS, st.booleans())
def test_no_part_is_longer_than_a_message(text: str, wide: bool) -> None:
    """An over-long PDU hangs some sticks for good."""
    gsm7 = measure(text).encoding is Encoding.GSM7
    parts = split(text, wide)
    limit = {(True, False): 153, (True, True): 152, (False, False): 67, (False, True): 66}

    for part in parts if len(parts) > 1 else ():
        used = (
            sum(2 if char in EXTENDED + "\f" else 1 for char in part)
            if gsm7
            else len(part.encode("utf-16-be")) // 2
        )
        assert 0 < used <= limit[gsm7, wide]


def test_a_family_stays_together() -> None:
    """A composed emoji cut in two shows as strangers on the phone."""
    family = "👨\u200d👩\u200d👧"
    parts = split("ç" * 64 + family + "ç" * 20)

    assert ["ç" * 64, family + "ç" * 20] == list(parts)


def test_a_pile_of_accents_is_cut_rather_than_refused() -> None:
    """Nothing a person pastes may stop the sending."""
    text = "e" + "\u0301" * 300

    assert text == "".join(split(text))


def test_a_lone_surrogate_is_measured() -> None:
    """A browser may hand over half an emoji: it costs a character, not a crash."""
    assert measure("\ud83d").segments == 1
