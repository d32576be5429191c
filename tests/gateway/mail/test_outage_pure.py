"""Cut or not cut: judged by what was said and answered, and never by one accident."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.outage import Cut, Line, State, is_outside, judged


def a_line(
    name: str = "relay", *, outside: bool = True, silences: int = 0, refusals: int = 0
) -> Line:
    line = Line(name, outside)
    for number in range(silences + refusals):
        line.failed(100.0 + number, "why", reached=number >= silences)
    return line


def test_one_accident_is_no_outage() -> None:
    """A relay restarts in two seconds; nobody need read about it."""
    assert judged([a_line(silences=1)], "relay").cut is Cut.NOTHING


def test_two_that_fail_together_are_one_accident() -> None:
    """Both connections of ours met the same closed door."""
    line = Line("relay", outside=True)
    line.failed(100.0, "why", reached=False)
    line.failed(100.1, "why", reached=False)

    assert judged([line], "relay").cut is Cut.NOTHING


def test_silence_of_all_that_is_outside_is_the_internets() -> None:
    """Since its first failure, not since we understood."""
    state = judged([a_line(silences=3), a_line("mailbox", silences=2)], "relay")

    assert (state.cut, state.since, state.mail) == (Cut.INTERNET, 100.0, True)


def test_one_that_answers_clears_the_internet() -> None:
    """Then it is the relay's own trouble."""
    assert judged([a_line(silences=3), a_line("mailbox")], "relay").cut is Cut.RELAY


def test_a_relay_that_refuses_everything_is_reached() -> None:
    """The cable is whole; the mail waits all the same."""
    state = judged([a_line(refusals=5)], "relay")

    assert (state.cut, state.mail, state.refused) == (Cut.RELAY, True, True)


def test_one_full_mailbox_tried_again_and_again_is_no_outage() -> None:
    """Luc never empties his; the town's mail leaves all the same."""
    line = Line("relay", outside=True)
    for number in range(20):
        line.failed(100.0 + number, "452", reached=True, about="luc@example.org")
    assert judged([line], "relay").cut is Cut.NOTHING

    for number in range(4):
        line.failed(200.0 + number, "452", reached=True, about=f"p{number}@example.org")
    assert judged([line], "relay").cut is Cut.RELAY


def test_a_cut_begins_with_its_first_silence_whatever_was_refused_before() -> None:
    """Luc's mailbox was full at ten; the cable that breaks at one has its whole grace."""
    line = Line("relay", outside=True)
    line.failed(100.0, "452", reached=True, about="luc@example.org")
    for at in (10_000.0, 10_010.0):
        line.failed(at, "timed out", reached=False)

    assert judged([line], "relay") == State(Cut.INTERNET, 10_000.0, "timed out", mail=True)
    line.answered(10_020.0)
    assert judged([line], "relay") == State()


def test_a_relay_in_the_building_says_nothing_of_the_internet() -> None:
    """Its silence is its own."""
    assert judged([a_line(outside=False, silences=5)], "relay").cut is Cut.RELAY


@given(st.lists(st.sampled_from(["ok", "silent", "refused"]), max_size=30))
def test_one_answer_ends_any_outage(heard: list[str]) -> None:
    """Nothing that happened before holds the mail up afterwards."""
    line = Line("relay", outside=True)
    for number, one in enumerate([*heard, "ok"]):
        if one == "ok":
            line.answered(float(number))
        else:
            line.failed(float(number), one, reached=one == "refused")

    assert judged([line], "relay").cut is Cut.NOTHING


@pytest.mark.parametrize(
    ("host", "outside"),
    [("smtp.orange.example", True), ("127.0.0.1", False), ("192.168.1.4", False),
     ("mail.local", False), ("localhost", False), ("serveur", False), ("8.8.8.8", True)],
)  # fmt: skip
def test_what_is_in_the_building_is_known_by_its_name(host: str, outside: bool) -> None:
    """The town's own server answers though the cable is cut."""
    assert is_outside(host) is outside
