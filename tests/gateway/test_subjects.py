"""The subject of a mail is the same for everybody: made of a text without its fields. Pure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.model import Channel
from gateway.services.drafting import against_subject, texts_of, title_of
from gateway.services.values import Draft


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Bonjour {prénom}, la route est coupée.", "Bonjour, la route est coupée."),
        ("{Prenom}, la route est coupée.", "la route est coupée."),
        ("{civilité} {nom}", "Message de la mairie de La Redorte"),
        ("x" * 55 + " {prénom} et la suite", "x" * 55 + " et…"),
    ],
)
def test_a_subject_made_of_the_text_leaves_its_fields_out(text: str, subject: str) -> None:
    """Whoever wrote no subject is not asked to mend one."""
    draft = Draft(text, channels=("email",))
    texts = texts_of(draft, (Channel.EMAIL,), "La Redorte", "")

    assert (subject, text) == texts[Channel.EMAIL]
    assert "{" not in title_of(draft)
    assert [] == against_subject(draft)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft("x", title="Pour {prenom}"), "title"),
        (Draft("x", mail_subject="Pour {prenom}"), "mail_subject"),
        (Draft("x", title="Eau {nom}", mail_subject="Pour {prenom}"), "mail_subject"),
    ],
)
def test_a_field_in_a_typed_subject_is_refused_where_it_was_typed(draft: Draft, field: str) -> None:
    """The sentence says which one, as it was typed."""
    (refusal,) = against_subject(draft)

    assert field == refusal.field
    assert "enlevez" in refusal.message
    assert "{prenom}" in refusal.message


@pytest.mark.parametrize("draft", [Draft("Crue."), Draft("x", title="Crue."),
                                   Draft("x", mail_subject="Crue.")])  # fmt: skip
def test_the_subject_of_an_exercise_says_that_it_is_one(draft: Draft) -> None:
    """A telephone that shows new mail shows « Crue. », and half a street is on its way."""
    exercise = texts_of(replace(draft, exercise=True), (Channel.EMAIL,), "La Redorte", "")
    alert = texts_of(draft, (Channel.EMAIL,), "La Redorte", "")

    assert ("EXERCICE - Crue.", "Crue.") == (exercise[Channel.EMAIL][0], alert[Channel.EMAIL][0])
