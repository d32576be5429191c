"""How much each part tells the journal: the longest name that fits decides."""

from __future__ import annotations

import pytest
import structlog

from gateway.errors import Refused
from gateway.log_levels import PartLevels


def test_a_part_has_its_own_level_and_its_parts_theirs() -> None:
    """One asks for the modems' words and not for the whole box's."""
    levels = PartLevels("warning")
    levels.set("gateway.mail", "debug")
    levels.set("gateway.mail.imap", "error")

    assert "debug" == levels.of("gateway.mail.session")
    assert "error" == levels.of("gateway.mail.imap")
    assert "warning" == levels.of("gateway.mailroom")
    assert "warning" == levels.of("modem.link")


@pytest.mark.parametrize(("method", "told"), [("debug", False), ("info", False), ("error", True)])
def test_what_a_part_does_not_want_told_is_dropped(method: str, told: bool) -> None:
    """And what it wants passes whole."""
    levels, event = PartLevels("info"), {"module": "modem.link", "event": "said"}
    levels.set("modem", "warning")

    if told:
        assert event == levels.drop_the_rest(None, method, event)
    else:
        with pytest.raises(structlog.DropEvent):
            levels.drop_the_rest(None, method, event)


@pytest.mark.parametrize(
    ("part", "level"),
    [("modem", "loud"), ("os.path", "debug"), ("modem.;rm", "debug"), ("..", "info")],
)
def test_what_is_no_part_or_level_is_refused_with_an_example(part: str, level: str) -> None:
    """A mistyped name must not look as if it had worked."""
    with pytest.raises(Refused, match="inconnu"):
        PartLevels().set(part, level)
