"""What is written in town halls, and what the telephone says."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.numerals import in_words, ordinal
from tts.reading import LANGUAGES, sentences, spoken

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
    ("le 15/08", "le quinze août"),
    ("le 01/03/2026", "le premier mars deux mille vingt-six"),
    ("le 24/11/26", "le vingt-quatre novembre deux mille vingt-six"),
    ("24 nov. 2026", "vingt-quatre novembre deux mille vingt-six"),
    ("le 31/12 ou 18/112", "le trente et un décembre ou dix-huit ou cent douze"),
    ("04.66.12.34.56", "zéro quatre, soixante-six, douze, trente-quatre, cinquante-six"),
    (
        "0639980001",
        "zéro six, trente-neuf, quatre-vingt-dix-huit, zéro zéro, zéro un",
    ),
    (
        "+33 6 39 98 71 80",
        "zéro six, trente-neuf, quatre-vingt-dix-huit, soixante et onze, quatre-vingts",
    ),
    ("n° 12", "numéro douze"),
    ("M. le Maire et M. Roux", "Monsieur le Maire et Monsieur Roux"),
    ("Mme Évrard, Dr Petit", "Madame Évrard, Docteur Petit"),
    ("St-Nazaire", "Saint Nazaire"),
    ("bât. B", "bâtiment B"),
    ("RDV, av. Foch", "rendez-vous, avenue Foch"),
    ("la D11 et la RD 610", "la départementale onze et la départementale six cent dix"),
    ("sur la RN113", "sur la nationale cent treize"),
    ("l'A75 et l'A 9", "l'A soixante-quinze et l'A neuf"),
    ("120 km/h", "cent vingt kilomètres à l'heure"),
    ("1,5 m d'eau, 2.5 km", "un virgule cinq mètre d'eau, deux virgule cinq kilomètres"),
    ("14 000 personnes", "quatorze mille personnes"),
    ("le SDIS et la VMC", "le esse-disse et la vé-èmme-cé"),
    ("le CCAS et l'EHPAD", "le cé-cé-a-esse et l'épade"),
    ("ALERTE CRUE", "ALERTE CRUE"),
    ("le 2e étage", "le deuxième étage"),
    ("Crue\x00 : montez\ud83d", "Crue : montez"),
    ("« Restez chez vous »…", "Restez chez vous."),
    # hours
    ("9h à la mairie", "neuf heures à la mairie"),
    ("de 9h à l'école", "de neuf heures à l'école"),
    ("14 h – 16 h", "quatorze heures à seize heures"),
    ("08:30-12:00", "huit heures trente à midi"),
    ("avant 24h", "avant vingt-quatre heures"),
    ("à 12h00", "à midi"),
    ("à 0h", "à minuit"),
    ("à 8h05", "à huit heures cinq"),
    ("à 21h01", "à vingt et une heures une"),
    ("dans 2 h 30 min", "dans deux heures trente"),
    ("99h99", "quatre-vingt-dix-neuf h quatre-vingt-dix-neuf"),
    # dates
    ("sam. 15/08, dim. 16/08", "samedi quinze août, dimanche seize août"),
    ("le 1/9", "le premier septembre"),
    ("2026-08-15", "quinze août deux mille vingt-six"),
    ("15.08.2026", "quinze août deux mille vingt-six"),
    ("1er déc. 1999", "premier décembre mille neuf cent quatre-vingt-dix-neuf"),
    ("du 15 au 20/08", "du quinze au vingt août"),
    ("le 45/13/2026", "le quarante-cinq sur treize sur deux mille vingt-six"),
    # telephone numbers
    ("04 66 12 34 56", "zéro quatre, soixante-six, douze, trente-quatre, cinquante-six"),
    ("04-66-12-34-56", "zéro quatre, soixante-six, douze, trente-quatre, cinquante-six"),
    ("+33 (0)4 66 12 34 56", "zéro quatre, soixante-six, douze, trente-quatre, cinquante-six"),
    ("0 800 123 456", "zéro huit, zéro zéro, douze, trente-quatre, cinquante-six"),
    ("appelez le 3919", "appelez le trente-neuf dix-neuf"),
    ("faites le 15/18/112", "faites le quinze ou dix-huit ou cent douze"),
    (
        "Tél. : 04 66 12 34 56",
        "téléphone zéro quatre, soixante-six, douze, trente-quatre, cinquante-six",
    ),
    # titles, places, short forms
    ("M. l'adjoint, MM. Roux et Petit", "Monsieur l'adjoint, Messieurs Roux et Petit"),
    ("Mᵐᵉ Roux, M\u1d50\u1d49 Petit", "Madame Roux, Madame Petit"),
    ("L'immeuble M. Il est vide.", "L'immeuble Monsieur Il est vide."),
    ("place du Gal de Gaulle", "place du Général de Gaulle"),
    ("le Gal Leclerc", "le Général Leclerc"),
    ("Ste-Marie et St Jean", "Sainte Marie et Saint Jean"),
    ("n°s 12 et 14", "numéros douze et quatorze"),
    ("№ 4 bis, 12bis", "numéro quatre bis, douze bis"),
    ("bd Foch, rte de Nîmes, pl. Viala", "boulevard Foch, route de Nîmes, place Viala"),
    ("bât. D 12", "bâtiment D douze"),
    ("appt 4, RDC", "appartement quatre, rez-de-chaussée"),
    ("tournez svp", "tournez s'il vous plaît"),
    ("rue Louis XIV, XIXe siècle", "rue Louis quatorze, dix-neuvième siècle"),
    ("François Ier", "François Ier"),
    # roads
    ("D 610A", "départementale six cent dix a"),
    ("VC 3", "voie communale trois"),
    ("N° 5 de la N 5", "numéro cinq de la nationale cinq"),
    # units, money, decimals, thousands
    ("97.3 mm en 1 h", "quatre-vingt-dix-sept virgule trois millimètres en une heure"),
    ("0,05 m", "zéro virgule zéro cinq mètre"),
    ("2,50 €", "deux euros cinquante"),
    ("1 €, 2 €, 80 €", "un euro, deux euros, quatre-vingts euros"),
    ("1 min puis 21 min", "une minute puis vingt et une minutes"),
    ("350 m³/s", "trois cent cinquante mètres cubes par seconde"),
    ("180 µg/m³", "cent quatre-vingts microgrammes par mètre cube"),
    ("-3 °C", "moins trois degrés"),
    ("42° et 30 %", "quarante-deux degrés et trente pour cent"),
    ("20 000 V", "vingt mille volts"),
    ("1 200 000 €, 14.000 habitants", "un million deux cent mille euros, quatorze mille habitants"),
    ("l'été 2026 100 personnes", "l'été deux mille vingt-six cent personnes"),
    ("21 personnes, 31 agents", "vingt et une personnes, trente et un agents"),
    ("10-12 personnes", "dix à douze personnes"),
    ("11800 La Redorte", "onze mille huit cents La Redorte"),
    ("code 0421", "code zéro quatre cent vingt et un"),
    ("1/2 journée", "un demi journée"),
    ("24/24, 7/7", "vingt-quatre heures sur vingt-quatre, sept jours sur sept"),
    ("12345678901", "un deux trois quatre cinq six sept huit neuf zéro un"),
    # ranks
    ("la 1re rue, le 1er pont", "la première rue, le premier pont"),
    ("le 2ᵉ étage, la 2nde porte", "le deuxième étage, la seconde porte"),
    ("le 80e", "le quatre-vingtième"),
    # acronyms
    ("le PPRI", "le pé-pé-erre-i"),
    ("la S.N.C.F. et GRDF", "la esse-ènne-cé-effe et gé-erre-dé-effe"),
    ("RUE DES PRÉS", "RUE DES PRÉS"),
    # what is no road, no week, no minute
    ("vent N 60 km/h", "vent N soixante kilomètres à l'heure"),
    ("Match le 7/7.", "Match le sept juillet."),
    ("T° min. 28 °C", "température minimum vingt-huit degrés"),
    ("Entre 22h et 6h : silence", "Entre vingt-deux heures et six heures : silence"),
    ("2 packs/pers., 12,50 €/sac", "deux packs par personne, douze euros cinquante par sac"),
    ("2x2 voies au PK 12+300", "deux fois deux voies au pé-ka douze plus trois cents"),
    ("J+1, J-2", "J plus un, J moins deux"),
    # signs
    ("⚠️ Crue ➡ partez", "Crue, partez"),
    ("- Gardez l'eau\n- Coupez le gaz", "Gardez l'eau\nCoupez le gaz"),
    ("Évacuation → gymnase", "Évacuation, gymnase"),
    ("e\u0301vacuez l'e\u0301cole", "évacuez l'école"),
    ("l\u2019eau\u00a0: 2\u202fm", "l'eau : deux mètres"),
    ("Roux & fils", "Roux et fils"),
    ("www.laredorte.fr", "trois double-vé point laredorte point effe erre"),
    ("mairie@laredorte.fr", "mairie arobase laredorte point effe erre"),
]


@pytest.mark.parametrize(("written", "said"), WRITTEN_AND_SAID)
def test_what_is_written_is_said_as_people_say_it(written: str, said: str) -> None:
    """An engine left alone says "dix-sept hache trente" to someone of eighty."""
    assert spoken(written) == said


@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_no_text_breaks_the_reading(text: str, language: str) -> None:
    """An alert is never lost to an odd character in it."""
    assert all(sentences(spoken(text, language)))


WRITING = st.text("0123456789hH/:.,- €°mkM", max_size=40)


@given(WRITING, st.sampled_from(LANGUAGES))
def test_no_figure_is_left_to_the_engine(text: str, language: str) -> None:
    """Every engine reads figures in its own way, and some in another language."""
    assert not re.search(r"\d", spoken(text, language))


@pytest.mark.parametrize(("written", "said"), WRITTEN_AND_SAID)
def test_what_is_said_already_is_left_alone(written: str, said: str) -> None:
    """Whoever writes a message out in words hears those words."""
    assert spoken(spoken(written)) == spoken(written)


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
