"""A town is named as its people do. Pure."""

from __future__ import annotations

import pytest

from gateway import referent
from gateway.channels.call_script import Part, phrases
from gateway.french import of_town
from gateway.mail.letter import Letter, built
from gateway.model import Urgency


@pytest.mark.parametrize(
    ("town", "said"),
    [
        ("La Redorte", "de La Redorte"), ("Azille", "d'Azille"), ("Écully", "d'Écully"),
        ("Œting", "d'Œting"), ("Yvetot", "d'Yvetot"), ("Yutz", "de Yutz"),
        ("Le Mans", "du Mans"), ("Les Sables-d'Olonne", "des Sables-d'Olonne"),
        ("L'Isle-Jourdain", "de L'Isle-Jourdain"), ("Lespinassière", "de Lespinassière"),
        ("Houilles", "de Houilles"), ("", "de "),
    ],
)  # fmt: skip
def test_de_is_joined_to_a_name_as_it_is_said(town: str, said: str) -> None:
    """« Mairie de Azille » is what a machine writes, and a swindler."""
    assert said == of_town(town)


def test_whoever_is_called_or_written_to_is_told_by_which_town_hall() -> None:
    """A call begins with it, a mail ends with it, a referent reads it first."""
    call = phrases("Azille", "L'eau monte.", Urgency.VITAL)
    mail = built(Letter("mairie@azille.example", "anne@courriel.example", "", "L'eau monte.",
                        "Azille", "Europe/Paris", 0.0, "<1@azille.example>"))  # fmt: skip
    body = mail.get_body(("plain",))

    assert call[Part.GREETING].startswith("Bonjour. Ici la mairie d'Azille.")
    assert "Message de la mairie d'Azille" == mail["Subject"]
    assert body is not None
    assert "Mairie d'Azille" in body.get_content()
    assert referent.text("Anne", "Azille", "L'eau monte.", alert=True).startswith(
        "Mairie d'Azille : "
    )
