"""What the documents tell a technician to type is what the program takes."""

from __future__ import annotations

import html
import re
import shlex
from pathlib import Path

import click
import pytest

from gateway.cli.common import COMMANDS, LazyCommands

ROOT = Path(__file__).parents[3]
PAGES = ("technician.html", "user.html")
#: The end of a command in a sentence or a block: a remark, a tag, another command.
_END = re.compile(r"\s+#|\s[|;>]|`|\n|$")


def commands_of(text: str) -> list[str]:
    """Return each ``tocsin …`` of a console block or a code mark, without its remark."""
    starts = re.finditer(
        r"(?:[$`] ?(?:sudo )?(?:\.venv/bin/)?|\A(?:sudo )?)tocsin (?=[a-z-])", text
    )
    return [_END.split(text[start.end() :], 1)[0] for start in starts]


def documented() -> list[str]:
    """Return every command that README, CONTRIBUTING and the guides name."""
    found = {
        line
        for name in ("README.md", "CONTRIBUTING.md")
        for line in commands_of((ROOT / name).read_text(encoding="utf-8"))
    }
    for name in PAGES:
        page = (ROOT / "web" / "help" / name).read_text(encoding="utf-8")
        for code in re.findall(r"<code>(.*?)</code>", page, re.DOTALL):
            found.update(commands_of(html.unescape(code)))
    return sorted(found)


def unknown(line: str) -> list[str]:
    """Return the words of a command line that the program would not know."""
    command: click.Command = LazyCommands("tocsin")
    context, wrong = click.Context(command), []
    for word in shlex.split(line):
        if isinstance(command, click.Group) and not word.startswith("-"):
            if (found := command.get_command(context, word)) is None:
                return [word]
            command = found
        elif word.startswith("-") and word not in {"-", "--help"}:
            known = {flag for one in command.params for flag in (*one.opts, *one.secondary_opts)}
            wrong += [word] if word.partition("=")[0] not in known else []
    return wrong


@pytest.mark.parametrize("line", documented())
def test_each_command_of_the_documents_is_one_that_the_program_knows(line: str) -> None:
    """At three in the morning nobody guesses what an option is called by now."""
    assert [] == unknown(line)


def test_the_documents_are_read_and_a_wrong_word_is_seen() -> None:
    """A test of the test: an empty list would pass everything."""
    assert 30 < len(documented())
    assert ["clocks"] == unknown("clocks --right")
    assert ["--left"] == unknown("clock --left")


def test_the_readme_names_every_command() -> None:
    """Who reads it learns of all that one may type; `upgrade` is for the package's scripts."""
    told = (ROOT / "README.md").read_text(encoding="utf-8").partition("## The command line")[2]
    named = {words.split()[0] for words in re.findall(r"`([a-z ]+)`", told.partition("```")[0])}

    assert set(COMMANDS) - {"upgrade"} == named


def test_every_target_of_make_that_is_named_is_there() -> None:
    """The two commands that matter among them."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    texts = "".join(
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")
    )
    named = set(re.findall(r"(?:[`$] ?(?:sudo )?)make ([a-z]+)", texts))

    assert {"demo", "test"} < named <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
