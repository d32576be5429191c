"""French is the source; English is complete or the test says which text lacks."""

from __future__ import annotations

import ast
import contextlib
import re
import string
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import web.pages
from gateway.services import StateCount
from tests.web.extraction import MANY, ONE, TABLE, UNSEEN, called
from tests.web.site import site
from web import formats

HOME = Path(web.pages.__file__).parent
ROOT = HOME.parent


def texts_in_the_pages() -> set[str]:
    with (HOME / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "say": None}
    found = extract_from_dir(ROOT, methods, options, keywords, directory_filter=_ours)
    return {text[0] if isinstance(text, tuple) else text for _, _, text, *_ in found}


def _ours(folder: str) -> bool:
    return Path(folder).relative_to(ROOT).parts[0] in {"web", "gateway"}


def test_every_french_text_has_its_english_one() -> None:
    """A page half in each language is worse than either."""
    with (HOME / "locale/en/LC_MESSAGES/messages.po").open("rb") as file:
        catalog = read_po(file, locale="en")
    translated = {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalog
        if message.id and message.string
    }

    assert translated == texts_in_the_pages()


def test_no_value_is_lost_between_two_languages() -> None:
    """What French names, English names, and nothing else: `{name}` or `%(name)s`."""
    with (HOME / "locale/en/LC_MESSAGES/messages.po").open("rb") as file:
        catalog = read_po(file, locale="en")
    unlike = []
    for message in catalog:
        french, english = (
            [text] if isinstance(text, str) else list(text) for text in (message.id, message.string)
        )
        named = [fields(text) for text in french if text]
        unlike += [text for text in english if fields(text) not in named and message.id]

    assert unlike == []


def fields(text: str) -> frozenset[str]:
    named = re.findall(r"%\((\w+)\)s", text)
    with contextlib.suppress(ValueError):  # a lone brace: no field of ours
        named += [name for _, name, _, _ in string.Formatter().parse(text) if name]
    return frozenset(named)


def test_what_the_gateway_says_is_made_so_that_a_catalogue_can_know_it() -> None:
    """An f-string, a sum or `.format` is a French sentence for ever: give the values beside it."""
    made = [
        f"{path.relative_to(ROOT)}:{node.lineno}: the text must be a literal; give its values as "
        'name=… : Refused("« {name} » existe déjà.", name=name)'
        for path in (ROOT / "gateway").rglob("*.py")
        if not any(place in path.as_posix() for place in UNSEEN)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and called(node) in ONE | {MANY, TABLE} and node.args
        for piece in _said_by(node.args[0])
        if isinstance(piece, ast.JoinedStr | ast.BinOp) or _is_format(piece)
    ]

    assert made == []


def test_a_template_translates_only_what_it_says_itself() -> None:
    """Of a variable, `_` would make HTML and a format; printed plainly it is said, and escaped."""
    wrong = [
        f"{path.name}: {call}) : write {{{{ {call[2:]} }}}}"
        for path in (HOME / "templates").glob("*.html")
        for call in re.findall(r"\b_\([a-z][\w.]*", path.read_text("utf-8"))
    ]

    assert wrong == []


def _said_by(node: ast.expr) -> Iterator[ast.AST]:
    """Yield what makes a text: an argument, its alternatives, the entries of a table."""
    yield node
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.expr) and not isinstance(node, ast.Call):
            yield from _said_by(inner)


def _is_format(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and called(node) == "format"


async def test_a_reader_may_choose_english_and_return() -> None:
    """The choice is remembered, and the page one was on comes back."""
    async with site() as browser:
        back = {"Referer": f"{browser.origin}/modems"}
        answer = await browser.get("/langue/en", headers=back)
        said = await answer.text()

        assert answer.url.path == "/modems"
        assert 'lang="en"' in said
        assert "2 modems of 3 are working." in said
        assert "17:30" in said


@pytest.mark.parametrize("referer", ["https://ailleurs.example/x", "", "//ailleurs.example"])
async def test_choosing_a_language_leads_nowhere_else(referer: str) -> None:
    """A link of ours never sends a reader to another site."""
    async with site() as browser:
        answer = await browser.get(
            "/langue/en", headers={"Referer": referer}, allow_redirects=False
        )

        assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "moins d'une minute"), (59.9, "moins d'une minute"), (60, "environ une minute"),
        (61, "environ 2 minutes"), (3540, "environ 59 minutes"), (3600, "environ 1 h 00"),
        (4805, "environ 1 h 21"), (172_740, "environ 47 h 59"), (172_800, "environ 2 jours"),
        (172_860, "environ 3 jours"),
    ],
)  # fmt: skip
def test_durations_are_said_as_people_do(seconds: float, said: str) -> None:
    """And never promise less than it takes."""
    assert formats.duration(seconds, str) == said


def test_hours_are_written_in_french() -> None:
    """No break inside an hour, no zero before it."""
    when = datetime(2026, 11, 24, 3, 5)  # noqa: DTZ001  # formats never look at the zone

    assert formats.hour(when, "fr") == "3\u00a0h\u00a005"
    assert formats.moment(when, "fr") == "24 novembre 2026 à 3\u00a0h\u00a005"
    assert formats.number(14000, "fr") == "14\u202f000"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20_000))))
def test_the_pieces_of_a_bar_fill_it_exactly(shares: list[tuple[str, int]]) -> None:
    """Rounding must neither leave a gap nor hide the end."""
    pieces = formats.bars(shares)
    total = sum(people for _, people in shares)

    assert sum(piece["length"] for piece in pieces) == (1000 if total else 0)
    assert [piece["start"] for piece in pieces] == [
        sum(before["length"] for before in pieces[:at]) for at in range(len(pieces))
    ]


def test_zero_is_singular_in_french() -> None:
    """*0 personne*, and *2 personnes*."""
    texts = web.pages.translations("fr")

    assert [texts.ngettext("une", "des", n) for n in (0, 1, 2)] == ["une", "une", "des"]


@given(st.lists(st.integers(0, 9_000), min_size=1, max_size=8))
def test_everybody_has_a_square_and_no_state_is_left_out(people: list[int]) -> None:
    """A single person nobody reached must be seen among fourteen thousand."""
    kinds = ("reached", "doubtful", "waiting", "unreached")
    counts = [
        StateCount(f"state-{at}", "", number, kinds[at % 4]) for at, number in enumerate(people)
    ]

    drawn = formats.squares(counts)

    by_state: dict[str, int] = {}
    cells = set()
    for run in drawn["runs"]:
        by_state[run["state"]] = by_state.get(run["state"], 0) + run["length"]
        cells |= {(run["row"], run["column"] + at) for at in range(run["length"])}
    assert {one.code: -(-one.people // drawn["each"]) for one in counts if one.people} == by_state
    assert len(cells) == sum(by_state.values()) <= formats.SQUARES + len(people)
    assert all(column < drawn["columns"] and row < drawn["rows"] for row, column in cells)


def test_no_view_refuses_in_a_language_the_catalogue_does_not_know() -> None:
    """An English reader gets the reason in English too."""
    bare = [
        f"{path.name}: {line.strip()}"
        for path in (HOME / "views").glob("*.py")
        if path.name != "api.py"  # read by programs
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"(?:Refused|NotHere)\(\s*f?[\"']", line)
    ]

    assert bare == []
