"""Words that name a day by where one stands are found, farewells and dates are not."""

from __future__ import annotations

import pytest

from gateway.near_days import near_day, true_until


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("L'eau sera coupée demain de 9 h à 12 h.", "demain"),
        ("Conseil AUJOURD’HUI à 18 h 30", "AUJOURD’HUI"),
        ("Réunion ce soir, salle des fêtes", "ce soir"),
        ("Collecte cet\u00a0après-midi", "cet\u00a0après-midi"),
        ("L'eau est coupée jusqu'à demain midi.", "demain"),
        ("Conseil reporté à demain 18 h", "demain"),
        ("À demain ! Et demain, bottes.", "demain"),
        ("Collecte cet après midi", "cet après midi"),
        ("Collecte cet aprem", "cet aprem"),
        ("Collecte cet aprèm.", "cet aprèm"),
        ("Route barrée après-demain", "après-demain"),
        ("Vent fort cette nuit.", "cette nuit"),
        ("Water off tomorrow at 8.", "tomorrow"),
        ("Meeting this evening, town hall", "this evening"),
        ("Strong wind tonight.", "tonight"),
        ("Thank you, see you tomorrow!", ""),
        ("Merci, à demain !", ""),
        ("Merci à tous et à\u00a0demain", ""),
        ("Bonne soirée à demain.", ""),
        ("À demain", ""),
        ("L'eau sera coupée jeudi 26 novembre.", ""),
        ("Le lendemain, tout ira bien ; ce soirée-là non plus.", ""),
    ],
)
def test_a_word_that_is_true_on_one_day_only_is_found(text: str, word: str) -> None:
    """It is shown to who moves the message, as they wrote it."""
    assert word == near_day(None, "", text)


@pytest.mark.parametrize(
    ("word", "hour"),
    [("Ce matin", 12), ("ce midi", 14), ("this morning", 12), ("cet après-midi", 24),
     ("cette après midi", 24), ("demain", 24), ("ce soir", 24)],
)  # fmt: skip
def test_a_part_of_the_day_is_true_until_its_end(word: str, hour: int) -> None:
    """The others hold until midnight."""
    assert hour == true_until(word)
