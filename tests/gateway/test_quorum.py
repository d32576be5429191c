"""Quorum and proxies of a council: the law's cases, and what no course of answers breaks."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.colleagues import Colleague, called
from gateway.errors import Refused
from gateway.quorum import (
    Answer,
    Rule,
    Rules,
    Standing,
    Why,
    Word,
    against_proxy,
    check,
    check_second,
    needed,
    tally,
)

HALF, THIRD, NONE = Rule.HALF, Rule.THIRD, Rule.NONE
PRESENT, EXCUSED, PROXY = Answer.PRESENT, Answer.EXCUSED, Answer.PROXY


@pytest.mark.parametrize(
    ("members", "rule", "present"),
    [
        # L2121-17: the majority of the members in office; half of them is none
        (7, HALF, 4), (10, HALF, 6), (11, HALF, 6), (15, HALF, 8), (19, HALF, 10), (1, HALF, 1),
        # the exceptional regimes of 2020 to 2022: a third
        (15, THIRD, 5), (11, THIRD, 4), (10, THIRD, 4),
        # the second convocation
        (15, NONE, 0),
    ],
)  # fmt: skip
def test_so_many_members_must_be_present(members: int, rule: Rule, present: int) -> None:
    assert present == needed(Rules(members, rule))


def test_a_proxy_does_not_count_for_the_quorum() -> None:
    """Three present and two proxies of five who hold them: three, and it is enough of five."""
    words = {1: Word(PRESENT), 2: Word(PRESENT), 3: Word(PROXY, 1, 1), 4: Word(PROXY, 2, 2)}
    found = tally(Rules(5), [1, 2, 3, 4, 5], words)

    assert (2, 2, 1, 3) == (found.present, found.proxies, found.silent, found.needed)
    assert not found.reached
    assert 1 == found.missing


@pytest.mark.parametrize(
    ("holder", "standing"),
    [
        (Word(PRESENT), Standing.PROXY), (None, Standing.PROXY_WAITS),
        (Word(None), Standing.PROXY_WAITS), (Word(EXCUSED), Standing.PROXY_FELL),
        (Word(Answer.ABSENT), Standing.PROXY_FELL), (Word(PROXY, 3), Standing.PROXY_FELL),
    ],
)  # fmt: skip
def test_a_proxy_is_worth_what_its_holder_says(holder: Word | None, standing: Standing) -> None:
    """Whoever holds one and stays away lets it fall: the page says so."""
    words = {1: Word(PROXY, 2)} | ({2: holder} if holder else {})

    assert standing is tally(Rules(3), [1, 2, 3], words).standings[1]


@pytest.mark.parametrize(
    ("each", "giver", "holder", "why"),
    [
        (1, 1, 4, Why.NONE), (1, 1, 1, Why.HIMSELF), (1, 1, 3, Why.AWAY), (1, 1, 2, Why.FULL),
        (2, 1, 2, Why.NONE), (1, 5, 2, Why.NONE), (0, 1, 4, Why.FULL), (1, 1, 5, Why.AWAY),
    ],
)  # fmt: skip
def test_what_stands_against_a_proxy(each: int, giver: int, holder: int, why: Why) -> None:
    """L2121-20: one for each colleague; the same giver may confirm or change theirs."""
    words = {2: Word(PRESENT), 3: Word(EXCUSED), 5: Word(PROXY, 2)}

    assert why is against_proxy(Rules(5, proxies_each=each), words, giver, holder)


@pytest.mark.parametrize(
    ("rules", "convened", "field"),
    [
        (Rules(11), 0, "council"), (Rules(0), 1, "members"), (Rules(9), 10, "members"),
        (Rules(11, proxies_each=9), 11, "proxies_each"),
    ],
)  # fmt: skip
def test_rules_that_make_no_sense_are_refused(rules: Rules, convened: int, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        check(rules, convened)
    assert field == refusal.value.field


@pytest.mark.parametrize(
    ("days", "over", "reached", "field"),
    [(3, True, False, ""), (2, True, False, "at"), (9, False, False, "after"),
     (9, True, True, "after")],
)  # fmt: skip
def test_the_second_convocation_comes_three_days_later(
    days: int, over: bool, reached: bool, field: str
) -> None:
    """And only after a first meeting that had no quorum."""
    second = date(2026, 11, 20 + days)
    if not field:
        check_second(date(2026, 11, 20), second, first_over=over, reached=reached)
        return
    with pytest.raises(Refused) as refusal:
        check_second(date(2026, 11, 20), second, first_over=over, reached=reached)
    assert field == refusal.value.field


MEMBERS = list(range(1, 9))
WORDS = st.builds(
    Word, st.sampled_from([None, *Answer]), st.none() | st.sampled_from([*MEMBERS, 99]),
    st.integers(0, 20),
)  # fmt: skip
COUNCILS = st.dictionaries(st.sampled_from([*MEMBERS, 99]), WORDS)
RULES = st.builds(Rules, st.integers(8, 20), st.sampled_from(Rule), st.integers(0, 3))


@given(RULES, COUNCILS)
def test_each_member_is_counted_once(rules: Rules, words: dict[int, Word]) -> None:
    """Never more present than members, and the parts make the whole."""
    found = tally(rules, MEMBERS, words)

    counted = found.present + found.away + found.silent + found.unclear + found.unlisted
    assert counted == rules.members
    assert found.present <= sum(word.answer is PRESENT for word in words.values())
    assert found.proxies <= found.away
    assert found.reached == (found.present >= found.needed)


@given(RULES, COUNCILS)
def test_a_vote_by_proxy_is_counted_once_and_by_somebody_present(
    rules: Rules, words: dict[int, Word]
) -> None:
    """Nobody holds more than the rule lets them; nobody absent holds any."""
    found = tally(rules, MEMBERS, words)
    holders = [words[one].holder for one, how in found.standings.items() if how is Standing.PROXY]

    for holder in holders:
        assert holder is not None
        assert found.standings[holder] is Standing.PRESENT
        assert holders.count(holder) <= rules.proxies_each


STEPS = st.lists(st.tuples(st.sampled_from(MEMBERS), st.sampled_from(Answer),
                           st.sampled_from(MEMBERS)), max_size=30)  # fmt: skip


@given(st.integers(0, 3), STEPS)
def test_whatever_order_answers_come_in_no_proxy_is_accepted_too_many(
    each: int, steps: list[tuple[int, Answer, int]]
) -> None:
    """Two replies that cross are decided one after the other."""
    rules, words = Rules(8, proxies_each=each), dict[int, Word]()
    for order, (member, answer, holder) in enumerate(steps):
        if answer is not PROXY:
            words[member] = Word(answer, None, order)
        elif not against_proxy(rules, words, member, holder):
            words[member] = Word(PROXY, holder, order)
        given = [word.holder for word in words.values() if word.answer is PROXY]

        assert all(given.count(one) <= each for one in given)
        assert all(word.holder != one for one, word in words.items())


COUNCIL = (
    Colleague(1, "Hélène", "Bœuf"), Colleague(2, "Jean-Pierre", "Martin"),
    Colleague(3, "Jeanne", "Martin"), Colleague(4, "", "DUPONT Marie-Claude"),
    Colleague(5, "Anne", "de La Tour"), Colleague(6, "Jean", "Roux"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Hélène Bœuf", (1,)), ("BOEUF helene", (1,)), ("Mme Boeuf", (1,)), ("m. boeuf", (1,)),
        ("Jean Pierre Martin", (2,)), ("Martin Jean-Pierre", (2,)), ("JP Martin", (2,)),
        ("Martin", (2, 3)), ("J. Martin", (2, 3)), ("Jeanne", (3,)), ("Jean", (6,)),
        ("Marie-Claude Dupont", (4,)), ("Dupont", (4,)), ("madame de la tour", (5,)),
        ("Durand", ()), ("Mme", ()), ("le maire", ()), ("Martin Dupont", ()), ("Bœu", ()),
        ("Jean Martin", ()), ("Tour", ()), ("", ()),
    ],
)  # fmt: skip
def test_a_name_means_a_colleague_or_nobody(name: str, found: tuple[int, ...]) -> None:
    """Accents, case, order and civility are free; half a name is no name."""
    assert found == called(name, COUNCIL)
