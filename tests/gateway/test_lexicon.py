"""Place names are said as the town says them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.lexicon import pronounced

WORDS = st.dictionaries(st.text("abcé -'", min_size=1, max_size=8), st.text("xyz ", max_size=8))


def test_a_name_is_said_as_the_town_says_it() -> None:
    """Whatever its case, and only where it is the whole word."""
    lexicon = {"Azille": "a zi ye", "La Redorte": "la redorte"}

    assert "a zi ye, AZILLETTE et a zi ye" == pronounced("Azille, AZILLETTE et AZILLE", lexicon)


def test_the_longest_entry_wins_and_is_not_read_again() -> None:
    """Saint-Nazaire-d'Aude is one name, not a saint and two others."""
    lexicon = {"Aude": "ode", "Saint-Nazaire-d'Aude": "Saint Nazaire d'Aude"}

    assert "Saint Nazaire d'Aude" == pronounced("Saint-Nazaire-d'Aude", lexicon)


@given(st.text(max_size=60), WORDS)
def test_any_text_and_any_lexicon_give_a_text(text: str, lexicon: dict[str, str]) -> None:
    """What a secretary types into the list never breaks an alert."""
    assert isinstance(pronounced(text, lexicon), str)


@given(st.text(max_size=60))
def test_no_lexicon_changes_nothing(text: str) -> None:
    """The usual case."""
    assert text == pronounced(text, {})
