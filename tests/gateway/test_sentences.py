"""A sentence is its French, and can be said in another language with nothing lost."""

from __future__ import annotations

import copy
import json
import pickle
import sqlite3
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import NotHere, Refused
from gateway.sentences import Sentence, fr, fr_all, fr_many, glued, listed, sentence

_NAMES = st.sampled_from(["name", "who", "at", "n"])
_VALUES = st.dictionaries(_NAMES, st.one_of(st.text(), st.integers()), min_size=1)


def shouted(text: str) -> str:
    """Translate: the words in capitals, what stands in braces as it is."""
    return "".join(
        words.upper().replace("{", "{{").replace("}", "}}") + (f"{{{field}}}" if field else "")
        for words, field, _, _ in string.Formatter().parse(text)
    )


def shouted_many(one: str, many: str, n: int) -> str:
    """Translate the one of two that English would take."""
    return shouted(one if n == 1 else many)


def template_of(values: dict[str, object]) -> str:
    return "début " + " puis ".join(f"« {{{name}}} »" for name in values) + " {{fin}}"


@given(_VALUES)
def test_a_sentence_is_its_finished_french(values: dict[str, object]) -> None:
    """Logs, texts and programs read it as they always did."""
    template = template_of(values)

    assert fr(template, **values) == template.format(**values)


@given(_VALUES)
def test_said_in_another_language_it_keeps_every_value(values: dict[str, object]) -> None:
    """A name nobody translates, braces and all."""
    said = fr(template_of(values), **values).said(shouted, shouted_many)

    assert said == template_of(values).replace("début", "DÉBUT").replace("puis", "PUIS").replace(
        "fin", "FIN"
    ).format(**values)


@given(_VALUES)
def test_it_travels_whole(values: dict[str, object]) -> None:
    """To a child process, into a copy, and as a plain string into JSON and the database."""
    there = fr(template_of(values), **values)

    for back in (pickle.loads(pickle.dumps(there)), copy.deepcopy(there)):  # noqa: S301  # ours
        assert (back, back.template, back.values) == (there, there.template, there.values)
    assert json.loads(json.dumps({there: there})) == {str(there): str(there)}


def test_the_database_keeps_it_as_text() -> None:
    """What is written down is the French."""
    row = sqlite3.connect(":memory:").execute("SELECT ?, typeof(?1)", (fr("« {a} »", a="é"),))

    assert row.fetchone() == ("« é »", "text")


@pytest.mark.parametrize(
    ("n", "french", "other"), [(0, "0 ligne", "0 LIGNES"), (1, "1 ligne", "1 LIGNE"),
                               (2, "2 lignes", "2 LIGNES")],
)  # fmt: skip
def test_each_language_has_its_plural(n: int, french: str, other: str) -> None:
    """*0 ligne* in French, *0 lines* in English."""
    lines = fr_many("{n} ligne", "{n} lignes", n)

    assert lines == french
    assert lines.said(shouted, shouted_many) == other


def test_a_sentence_in_a_sentence_is_said_too() -> None:
    """A reason in a refusal, a list of ways, two pieces side by side."""
    ways = listed(", ", fr_all(("appel", "courriel")))
    whole = fr("{who} ne reçoit pas : {ways}.", who="Zoé", ways=ways)

    assert whole == "Zoé ne reçoit pas : appel, courriel."
    assert whole.said(shouted, shouted_many) == "Zoé NE REÇOIT PAS : APPEL, COURRIEL."
    assert glued("{a} ({b})", a=fr("oui"), b="Zoé").said(shouted, shouted_many) == "OUI (Zoé)"


def test_a_table_is_one_of_sentences_with_its_keys_as_they_were() -> None:
    """Codes are codes."""
    table = fr_all({"a": ("un", None), "b": ["deux"]})

    assert table == {"a": ("un", None), "b": ["deux"]}
    assert [type(one) for one in (table["a"][0], table["b"][0])] == [Sentence, Sentence]
    assert {type(key) for key in table} == {str}


def test_a_refusal_says_its_sentence() -> None:
    """With values, or already made; braces without values are braces."""
    taken = Refused("« {name} » existe déjà.", "name", name="crue")

    assert (taken.message, taken.field) == ("« crue » existe déjà.", "name")
    assert taken.message.template == "« {name} » existe déjà."
    assert str(taken) == "« crue » existe déjà."
    assert Refused("Sans {prénom}.").message == "Sans {prénom}."
    assert NotHere(taken.message).message is taken.message


def test_a_missing_value_is_our_defect_at_once() -> None:
    """Not when an English reader comes by."""
    with pytest.raises(KeyError):
        fr("{who} et {what}", who="Zoé")


def test_an_error_inside_is_only_its_words() -> None:
    """No trace of a stack is kept alive by a sentence, and no sentence is made twice."""
    assert fr("Perdu : {error}.", error=OSError("non")).values == {"error": "non"}
    assert sentence(once := fr("oui")) is once
