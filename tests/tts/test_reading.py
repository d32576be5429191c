"""What is written in town halls, and what the telephone says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.numerals import in_words, ordinal
from tts.reading import sentences, spoken

WRITTEN_AND_SAID = [
    ("à 17h30", "à dix-sept heures trente"),
    ("à 17 h 30", "à dix-sept heures trente"),
    ("à 17:30", "à dix-sept heures trente"),
    ("à 21h", "à vingt et une heures"),
    ("à 1h", "à une heure"),
    ("à 12h", "à midi"),
    ("à 0h15", "à minuit quinze"),
    ("pendant 12 h", "pendant douze heures"),
    ("de 9h à 12h30", "de neuf heures à midi trente"),
    ("8h-12h", "huit heures à midi"),
    ("24h/24", "vingt-quatre heures sur vingt-quatre"),
    ("le 15/08", "le 15 août"),
    ("le 01/03/2026", "le premier mars 2026"),
    ("le 24/11/26", "le 24 novembre 2026"),
    ("24 nov. 2026", "24 novembre 2026"),
    ("le 31/12 ou 18/112", "le 31 décembre ou 18/112"),
    ("04.66.12.34.56", "zéro quatre, soixante-six, douze, trente-quatre, cinquante-six"),
    (
        "0639980001",
        "zéro six, trente-neuf, quatre-vingt-dix-huit, zéro zéro, zéro un",
    ),
    (
        "+33 6 39 98 71 80",
        "zéro six, trente-neuf, quatre-vingt-dix-huit, soixante et onze, quatre-vingts",
    ),
    ("n° 12", "numéro 12"),
    ("M. le Maire et M. Roux", "Monsieur le Maire et Monsieur Roux"),
    ("Mme Évrard, Dr Petit", "Madame Évrard, Docteur Petit"),
    ("St-Nazaire", "Saint Nazaire"),
    ("bât. B", "bâtiment B"),
    ("RDV, av. Foch", "rendez-vous, avenue Foch"),
    ("la D11 et la RD 610", "la départementale 11 et la départementale 610"),
    ("sur la RN113", "sur la nationale 113"),
    ("l'A75 et l'A 9", "l'A75 et l'A9"),
    ("120 km/h", "120 kilomètres à l'heure"),
    ("1,5 m d'eau, 2.5 km", "1,5 mètre d'eau, 2,5 kilomètres"),
    ("14 000 personnes", "14000 personnes"),
    ("le SDIS et la VMC", "le esse-disse et la vé-èmme-cé"),
    ("le CCAS et l'EHPAD", "le cé-cé-a-esse et l'épade"),
    ("ALERTE CRUE", "ALERTE CRUE"),
    ("le 2e étage", "le deuxième étage"),
    ("Crue\x00 : montez\ud83d", "Crue : montez"),
    ("« Restez chez vous »…", "Restez chez vous."),
]


@pytest.mark.parametrize(("written", "said"), WRITTEN_AND_SAID)
def test_what_is_written_is_said_as_people_say_it(written: str, said: str) -> None:
    """An engine left alone says "dix-sept hache trente" to someone of eighty."""
    assert spoken(written) == said


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading(text: str) -> None:
    """An alert is never lost to an odd character in it."""
    assert all(sentences(spoken(text)))


def test_sentences_end_where_a_reader_breathes() -> None:
    """The pause between two facts is what lets the first one be kept."""
    said = spoken("Crue à 17h30. Montez !\nM. Roux passera. Tél. 04 66 12 34 56.")

    assert sentences(said) == (
        "Crue à dix-sept heures trente.",
        "Montez !",
        "Monsieur Roux passera.",
        "téléphone zéro quatre, soixante-six, douze, trente-quatre, cinquante-six.",
    )


def test_numbers_up_to_99_are_said_in_french() -> None:
    """70 to 99 are where French counts in its own way."""
    assert [in_words(n) for n in (16, 21, 70, 71, 77, 80, 81, 91, 99)] == [
        "seize",
        "vingt et un",
        "soixante-dix",
        "soixante et onze",
        "soixante-dix-sept",
        "quatre-vingts",
        "quatre-vingt-un",
        "quatre-vingt-onze",
        "quatre-vingt-dix-neuf",
    ]


def test_ranks_are_said_in_french() -> None:
    """Floors and districts have ranks, and "deux e" is not one."""
    assert [ordinal(n) for n in (2, 4, 5, 9, 80)] == [
        "deuxième",
        "quatrième",
        "cinquième",
        "neuvième",
        "quatre-vingtième",
    ]
