"""A page's form filled in again with what somebody had typed. Pure.

The page is HTML of ours, so it is read as it is written: only the tags of the one form are
changed, and the folds it stands in, which are opened. What is there already stays as it is.
Imported by `web.resuming` and `web.refused`.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import escape, unescape
from html.parser import HTMLParser
from typing import Final, NamedTuple

#: Inputs whose value the page itself gives, and those no page may fill in.
_OWN: Final = frozenset({"hidden", "submit", "button", "image", "reset"})
_NEVER: Final = frozenset({"password", "file"})
#: The one hidden field that goes with what was typed: which version of the page that was made from.
VERSION: Final = "version"
_TICKED: Final = frozenset({"checkbox", "radio"})

Fields = Sequence[tuple[str, str]]
Attributes = dict[str, str | None]
_Change = tuple[int, int, str]  # from where to where in the page, and what is to stand there


class Filled(NamedTuple):
    """A page filled in, and the fields that had no place in it any more."""

    html: str
    left: tuple[tuple[str, str], ...]


class _Tag(NamedTuple):
    name: str
    attributes: Attributes
    start: int
    end: int
    text_end: int  # where the text of a textarea or option ends
    text: str


@dataclass
class _Form:
    action: str | None
    id: str | None
    tags: list[_Tag] = field(default_factory=list)
    around: list[_Tag] = field(default_factory=list)  # the folds it stands in

    def posts_to(self, path: str, here: str) -> bool:
        """Tell whether one of its buttons posts there."""
        actions = {self.action or here}
        actions |= {tag.attributes.get("formaction") or "" for tag in self.tags}
        return path in actions

    def likeness(self, fields: Fields) -> int:
        """Return how many of its own values were posted: which of several like it this was."""
        posted = set(fields)
        own = [
            (tag.attributes.get("name") or "", tag.attributes.get("value") or "")
            for tag in self.tags
            if tag.name == "button" or tag.attributes.get("type") == "hidden"
        ]
        return sum(pair in posted for pair in own)


class _Reader(HTMLParser):
    """Finds the forms of a page, and where each of their tags stands."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self._lines = [0]
        for line in html.split("\n"):  # as the parser counts them
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.forms: list[_Form] = []
        self._beside: list[_Tag] = []  # buttons that stand outside of their form
        self.after_main = -1
        self._form: _Form | None = None
        self._folds: list[_Tag] = []
        self._open: _Tag | None = None
        self.feed(html)
        self.close()
        for button in self._beside:
            for form in self.forms:
                if form.id == button.attributes["form"]:
                    form.tags.append(button)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, column = self.getpos()
        start = self._lines[line - 1] + column
        end = start + len(self.get_starttag_text() or "")
        found = _Tag(tag, dict(attrs), start, end, end, "")
        if tag == "main":
            self.after_main = end
        elif tag == "form":
            self._form = _Form(found.attributes.get("action"), found.attributes.get("id"))
            self._form.around = list(self._folds)
            if (found.attributes.get("method") or "").lower() == "post":
                self.forms.append(self._form)
        elif tag == "button" and found.attributes.get("form"):
            self._beside.append(found)
        elif self._form is not None and tag in {"textarea", "option"}:
            self._open = found
        elif self._form is not None and tag in {"input", "button", "select", "details"}:
            self._form.tags.append(found)
        elif tag == "details":
            self._folds.append(found)

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open = self._open._replace(text=self._open.text + data)

    def handle_endtag(self, tag: str) -> None:
        line, column = self.getpos()
        at = self._lines[line - 1] + column
        if self._form is not None and self._open is not None and tag == self._open.name:
            self._form.tags.append(self._open._replace(text_end=at))
            self._open = None
        elif self._form is not None and tag == "select":
            self._form.tags.append(_Tag("/select", {}, at, at, at, ""))
        elif tag == "form":
            self._form = None
        elif tag == "details" and self._form is None and self._folds:
            self._folds.pop()


def nothing(_name: str) -> bool:
    """Leave no field as the page has it."""
    return False


def refill(
    html: str, here: str, action: str, fields: Fields, leave: Callable[[str], bool] = nothing
) -> Filled | None:
    """Return ``html`` with its form that posts to ``action`` filled in with ``fields``.

    ``here`` is the page's own address, which a form without an action posts to; ``leave`` tells
    of a field's name that it stays as the page has it. None: there is no such form.
    """
    reader = _Reader(html)
    forms = [form for form in reader.forms if form.posts_to(action, here)]
    if not forms:
        return None
    form = max(forms, key=lambda one: one.likeness(fields))
    values: dict[str, deque[str]] = defaultdict(deque)
    for name, value in fields:
        values[name].append(value)
    changes = [*_unfolded(form.around), *_changes(html, _without(form, leave), values)]
    names = {VERSION, *(tag.attributes.get("name") for tag in form.tags if _is_own(tag))}
    left = [(name, value) for name, rest in values.items() if name not in names
            for value in rest if value]  # fmt: skip
    for start, end, text in reversed(changes):
        html = html[:start] + text + html[end:]
    return Filled(html, tuple(left))


def put_first(html: str, said: str) -> str:
    """Return the page with ``said`` at the beginning of its main part."""
    at = _Reader(html).after_main
    return html if at < 0 else html[:at] + said + html[at:]


def _is_own(tag: _Tag) -> bool:
    return tag.name == "button" or (tag.name == "input" and tag.attributes.get("type") in _OWN)


def _without(form: _Form, leave: Callable[[str], bool]) -> _Form:
    """Return a form without the tags of the fields that stay as the page has them."""
    kept, select = [], ""
    for tag in form.tags:
        if tag.name == "select":
            select = tag.attributes.get("name") or ""
        name = tag.attributes.get("name") or (select if tag.name in {"option", "/select"} else "")
        if tag.name == "details" or not leave(name):
            kept.append(tag)
    return replace(form, tags=kept)


def _unfolded(folds: Sequence[_Tag]) -> Iterator[_Change]:
    for tag in folds:
        if "open" not in tag.attributes:
            yield tag.start, tag.end, _written(tag.name, {**tag.attributes, "open": None})


def _changes(html: str, form: _Form, values: dict[str, deque[str]]) -> list[_Change]:
    """Return what is to be written otherwise, in the page's order; with it all folds open."""
    found: list[_Change] = []
    for tag, new in _filled_in(form, values):
        if isinstance(new, str):
            shown = unescape(html[tag.end : tag.text_end]).removeprefix("\n")
            if _lines(shown) != _lines(new):
                found.append((tag.end, tag.text_end, "\n" + escape(new)))
        elif new != tag.attributes:
            found.append((tag.start, tag.end, _written(tag.name, new)))
    folds = _unfolded([tag for tag in form.tags if tag.name == "details"]) if found else ()
    return sorted([*found, *folds])


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _filled_in(
    form: _Form, values: dict[str, deque[str]]
) -> Iterator[tuple[_Tag, Attributes | str]]:
    """Yield each tag that has a value, with its attributes or its text as they are to be."""
    chosen: deque[str] = deque()
    for tag in form.tags:
        name, kind = tag.attributes.get("name") or "", tag.attributes.get("type") or "text"
        if tag.name == "select":
            chosen = values.pop(name, deque())
        elif tag.name == "option":
            value = tag.attributes.get("value")
            picked = (tag.text.strip() if value is None else value) in chosen
            yield tag, _marked(tag, "selected", on=picked)
        elif tag.name == "textarea" and values[name]:
            yield tag, values[name].popleft()
        elif tag.name == "input" and kind in _TICKED:
            value = tag.attributes.get("value") or "on"
            ticked = value in values[name]
            if ticked:
                values[name].remove(value)
            yield tag, _marked(tag, "checked", on=ticked)
        elif tag.name == "input" and _takes(name, kind) and values[name]:
            written = values[name].popleft()
            if written or tag.attributes.get("value"):
                yield tag, {**tag.attributes, "value": written}


def _takes(name: str, kind: str) -> bool:
    return kind not in _OWN | _NEVER or name == VERSION


def _marked(tag: _Tag, mark: str, *, on: bool) -> Attributes:
    rest = {name: value for name, value in tag.attributes.items() if name != mark}
    return {**rest, mark: None} if on else rest


def _written(name: str, attributes: Attributes) -> str:
    said = "".join(
        f" {key}" if value is None else f' {key}="{escape(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{said}>"
