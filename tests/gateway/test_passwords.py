"""A password is judged by its length and by what attackers try first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import throttle
from gateway.passwords import GUESSED, LEAKED, fault_of

ABOUT = ("sylvie", "Sylvie Puig", "La Redorte")


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("court", "10 caractères"), ("x" * 257, "256 caractères"), ("abababababab", "se devine"),
        ("0639980001", "se devine"), ("24112026241120", "se devine"),
        ("sylvie123456", "se devine"), ("Puig.Sylvie!", "se devine"),
        ("LaRedorte11", "se devine"), ("redorte2026!", "se devine"), ("L@Red0rte2026", "se devine"),
        ("motdepasse1", "en premier"), ("M0tdepasse!!", "en premier"), ("azertyuiop", "en premier"),
        ("Azertyuiop1", "en premier"), ("password2026", "en premier"),
        ("P@ssw0rd!2026", "en premier"), ("soleilsoleil", "en premier"),
        ("Marseille2026", "en premier"), ("!!Bonjour1234", "en premier"),
        ("1qaz2wsx3edc", "en premier"),
    ],
)  # fmt: skip
def test_what_attackers_try_first_is_refused(password: str, fault: str) -> None:
    """Leaked words stay weak behind a year, an exclamation mark or a zero for an o."""
    assert fault in (fault_of(password, ABOUT) or "")


@pytest.mark.parametrize(
    "password",
    ["crue de l'Argent-Double", "vélo rouge tracteur", "le vent se lève à midi",
     "la redorte sous la neige", "9fK2xqLm7Z", "81460937255108946632"],
)  # fmt: skip
def test_a_phrase_or_what_a_keeper_draws_is_taken(password: str) -> None:
    """No rule about capitals and signs: those make people write 'Mairie2026!'."""
    assert fault_of(password, ABOUT) is None


@given(st.text(max_size=40), st.lists(st.text(max_size=20), max_size=3))
def test_any_text_at_all_is_judged(password: str, about: list[str]) -> None:
    """Whatever somebody types, they get an answer."""
    assert fault_of(password, about) in {None, GUESSED, LEAKED} or len(password) < 10


def test_the_wait_grows_to_a_minute_and_stays_there() -> None:
    """A lock would be the guesser's weapon against the mayor."""
    assert [0.0] * 4 + [2.0, 4.0, 8.0, 16.0, 32.0, 60.0] == [
        throttle.delay_after(wrong) for wrong in range(1, 11)
    ]
    assert throttle.delay_after(10**6) == 60.0
