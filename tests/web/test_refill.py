"""A form filled in again: each kind of field as it was typed, and nothing else of the page."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from web import carrying
from web.carrying import Carried
from web.refill import put_first, refill

PAGE = """<main id="contenu" class="x">
<form method="get" action="/a"><input name="q"></form>
<form method="post" action="/a"><input type="hidden" name="csrf" value="new">
<input type="hidden" name="key" value="2"><input name="name" value="old" hx-get="/x">
<input name="phone" value="1"><input name="phone"><input type="password" name="password">
<input type="file" name="attached"><textarea name="text" rows="2">old</textarea>
<details id="more"><input type="checkbox" name="group" value="1" checked>
<input type="checkbox" name="group" value="2"><input type="radio" name="kind" value="a" checked>
<input type="radio" name="kind" value="b"></details>
<select name="order"><option value="" selected>un</option><option value="x">deux</option></select>
<select name="role"><option>maire</option><option>élu</option></select>
<button name="action" value="send">Envoyer</button></form>
<form method="post" action="/a"><input type="hidden" name="key" value="3"><input name="name"></form>
</main>"""
TYPED = [
    ("key", "2"), ("name", 'Zoé "<b>"'), ("phone", "06"), ("phone", "07"), ("text", "un\ndeux"),
    ("group", "2"), ("kind", "b"), ("order", "x"), ("role", "élu"), ("action", "send"),
    ("password", "secret"), ("attached", "x"),
]  # fmt: skip


def test_each_kind_of_field_is_filled_in_as_it_was() -> None:
    """Text, lines, ticks, choices, in the order they were in; the folds open to show them."""
    filled = refill(PAGE, "/ici", "/a", TYPED)
    assert filled is not None
    said = filled.html

    assert 'name="name" value="Zoé &quot;&lt;b&gt;&quot;" hx-get="/x"' in said
    assert re.findall(r'name="phone" value="(\d+)"', said) == ["06", "07"]
    assert '<textarea name="text" rows="2">\nun\ndeux</textarea>' in said
    assert '<input type="checkbox" name="group" value="1">' in said
    assert '<input type="checkbox" name="group" value="2" checked>' in said
    assert '<input type="radio" name="kind" value="b" checked>' in said
    assert '<option value="x" selected>' in said
    assert "<option selected>élu" in said
    assert '<details id="more" open>' in said


def test_what_the_page_itself_gives_and_secrets_stay_as_they_are() -> None:
    """The fresh token above all; a password is never written into a page."""
    filled = refill(PAGE, "/ici", "/a", [*TYPED, ("csrf", "old")])
    assert filled is not None

    assert 'name="csrf" value="new"' in filled.html
    assert "secret" not in filled.html
    assert filled.html.split("</form>")[2] == PAGE.split("</form>")[2]  # the one like it


def test_what_is_there_already_stays_as_it_is_written() -> None:
    """A page that fills its form in by itself keeps its folds; the one it is in is opened."""
    own = (
        '<details class="a"><summary>x</summary><form method="post" action="/a"><textarea '
        'name="text">d&#39;un\ndeux</textarea><details><input type=checkbox name="k" value="1">'
        '</details><input name="empty"></form></details><details></details>'
    )
    typed = [("text", "d'un\r\ndeux"), ("empty", "")]
    filled = refill(own, "/ici", "/a", typed)
    other = refill(own, "/ici", "/a", [*typed, ("k", "1")])

    assert filled is not None
    assert other is not None
    assert filled.html == own.replace('class="a"', 'class="a" open')
    assert 2 == other.html.count(" open>")


def test_of_forms_like_it_the_one_that_was_posted_is_filled_in() -> None:
    """A list has one such form for each line."""
    filled = refill(PAGE, "/ici", "/a", [("key", "3"), ("name", "Zoé")])
    assert filled is not None

    assert 'value="Zoé"' in filled.html.split("</form>")[2]
    assert 'value="Zoé"' not in filled.html.split("</form>")[1]


def test_what_has_no_place_any_more_is_given_back() -> None:
    """It is shown beside the form, never dropped in silence."""
    filled = refill(PAGE, "/ici", "/a", [("phone", n) for n in ("1", "2", "3")] + [("x", "y")])
    assert filled is not None

    assert filled.left == (("phone", "3"), ("x", "y"))


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<form method="post"><input name="a"></form>', True),  # posts to where it stands
        ('<form method="post" action="/b"><button formaction="/ici"></form>', True),
        ('<form id="f" method="post" action="/b"></form><button form="f" formaction="/ici">', True),
        ('<form method="get" action="/ici"><input name="a"></form>', False),
        ('<form method="post" action="/b"><input name="a"></form>', False),
    ],
)
def test_a_form_is_known_by_where_it_posts(page: str, found: bool) -> None:
    """By its own address or by that of one of its buttons."""
    assert (refill(page, "/ici", "/ici", [("a", "1")]) is not None) == found


@given(st.text(alphabet=st.characters(exclude_characters="\r\x00", exclude_categories=["Cs"])))
@example("</textarea><script>")
@example("\nligne\u2028et\x0bautres")
def test_whatever_was_typed_comes_back_and_never_becomes_markup(typed: str) -> None:
    """Quotes, tags, odd line ends: it is text."""
    filled = refill(PAGE, "/ici", "/a", [("key", "2"), ("text", typed), ("name", typed)])
    assert filled is not None
    area = re.search(r'<textarea name="text" rows="2">(.*?)</textarea>', filled.html, re.DOTALL)
    line = re.search(r'name="name" value="(.*?)" hx-get', filled.html, re.DOTALL)

    assert area is not None
    assert line is not None
    if typed:
        assert unescape(area[1].removeprefix("\n")) == typed
    assert unescape(line[1]) == typed
    assert "<script" not in filled.html


def test_words_are_put_before_everything_else_of_the_page() -> None:
    """They are what whoever comes back reads first."""
    assert put_first(PAGE, "<p>!</p>").startswith('<main id="contenu" class="x"><p>!</p>')


def test_no_form_has_a_secret_that_would_be_carried() -> None:
    """Each field for a password or a code, in any template, is on the list of what never is."""
    tags = [
        tag
        for path in (Path(carrying.__file__).parent / "templates").glob("*.html")
        for tag in re.findall(r"<input\b[^>]*>", path.read_text("utf-8"))
    ]
    secret = r'type="password"|autocomplete="(?:one-time-code|current-password|new-password)"'
    names = {
        found[1]
        for tag in tags
        if re.search(secret, tag) and (found := re.search(r'\bname="(\w+)"', tag))
    }

    assert names >= {"password", "code"}
    assert names - carrying.SECRET == set()


def test_what_is_carried_comes_back_from_the_browser_as_it_went() -> None:
    """And what a browser makes up is nothing, or stays on this site."""
    one = Carried(3, 1, "/contacts/nouveau", "/contacts/nouveau?x=1", (("a", "é\n"),), ("file",))

    assert Carried.unpacked(one.packed()) == one
    for odd in ("", "[]", "[1,2]", "{}", "[" * 9999, '[1,1,"//ailleurs.example","/",[],[]]',
                '[1,1,"/","http://ailleurs",[],[]]', '[1,1,"/","/\\\\x",[],[]]'):  # fmt: skip
        assert Carried.unpacked(odd) is None
