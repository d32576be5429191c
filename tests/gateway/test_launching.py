"""Launching by telephone, the pure part: what is asked, who is held off, what is due."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import launch_words
from gateway.launching import (
    AT_END,
    LOCK,
    MOST_WRONG,
    MOVES,
    Event,
    Said,
    Step,
    Try,
    Word,
    concealed,
    is_word,
    locked_until,
    may_answer,
    may_warn,
    progress_due,
    read,
    tries_left,
)
from modem.sms import Encoding, measure

KNOWN = {"crue", "feu", "neige"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("CRUE", Said(Word.SCENARIO, "crue")),
        ("  Crûe, svp. Merci !", Said(Word.SCENARIO, "crue")),
        ("crue 4821", Said(Word.SCENARIO, "crue", "4821")),
        ("Bonjour, lance la neige 12345678", Said(Word.SCENARIO, "neige", "12345678")),
        ("ALERTE FEU", Said(Word.SCENARIO, "feu")),
        ("ALERTE ?", Said(Word.LIST)),
        ("liste 4821", Said(Word.LIST, "", "4821")),
        ("alerte 12 4821", Said(Word.NUMBER, "12", "4821")),
        ("2", Said(Word.NUMBER, "2", bare=True)),
        ("4821", Said(Word.DIGITS, pin="4821")),
        ("Oui 7316 merci", Said(Word.YES, "7316")),
        ("OUI7316", Said(Word.YES, "7316")),
        ("non 7316", Said(Word.NO, "7316")),
        ("État", Said(Word.STATUS)),
        ("ANNULE !", Said(Word.CANCEL)),
        ("annuler l'alerte", Said(Word.CANCEL)),
        ("annule 4821", Said(Word.CANCEL, "", "4821")),
        ("LEVE 0639980007", Said(Word.LIFT, "0639980007")),
        ("débloque 06.39.98.00.07 4821", Said(Word.LIFT, "0639980007", "4821")),
        ("leve +33 6 39 98 00 07", Said(Word.LIFT, "33639980007")),
    ],
)
def test_what_launchers_write_is_understood(text: str, wanted: Said) -> None:
    assert wanted == read(text, KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "ALERTE 12 rue du Port", "la crue monte vite ici", "CRUE FEU", "123", "crue 12", "",
        "feu 482", "je viens à 4 h", "crue 4821 5930", "Il y a le feu chez moi", "123456789",
        "LEVE", "leve toi", "leve 12",
    ],
)  # fmt: skip
def test_what_is_something_else_is_left_to_others(text: str) -> None:
    """A doubtful text launches nothing, and asks nothing."""
    assert read(text, KNOWN) is None


@pytest.mark.parametrize("word", ["oui", "non", "stop", "debut", "etat", "liste", "leve", "a"])
def test_words_with_a_meaning_launch_nothing(word: str) -> None:
    assert not is_word(word)


@pytest.mark.parametrize("word", ["crue", "feu", "inondation", "neige", "nucleaire"])
def test_words_of_danger_may_launch(word: str) -> None:
    assert is_word(word)


@given(st.text(max_size=200))
def test_whatever_is_written_is_read_without_harm(text: str) -> None:
    """And nothing of four to eight digits is kept of it."""
    read(text, KNOWN)
    kept = concealed(f"CRUE 4821 {text}")
    assert "4821" not in kept.split()


def wrong(*times: float) -> list[Try]:
    return [Try(Event.WRONG, at) for at in times]


def test_three_wrong_pins_hold_a_number_off_for_a_quarter_of_an_hour_at_most() -> None:
    assert locked_until(wrong(0, 1), 2) is None
    assert 2 + LOCK == locked_until(wrong(0, 1, 2), 3)
    assert locked_until(wrong(0, 1, 2), 2 + LOCK) is None
    assert [3, 1, 0] == [tries_left(wrong(*range(n)), 5) for n in (0, 2, 3)]


def test_after_a_lock_each_wrong_pin_holds_off_again_until_a_right_one() -> None:
    again = wrong(0, 1, 2, 1000)
    assert 1000 + LOCK == locked_until(again, 1001)
    for ends in (Event.RIGHT, Event.LIFTED):
        assert locked_until([*again, Try(ends, 1002), *wrong(1003)], 1004) is None


def test_a_pin_being_compared_counts_as_wrong() -> None:
    """A crowd of tries at the same moment is no way round."""
    assert locked_until([Try(Event.PENDING, n) for n in range(MOST_WRONG)], 5) is not None


@given(st.lists(st.floats(0, 86400), max_size=400))
def test_no_pace_of_guessing_gets_more_than_a_hundred_a_day(times: list[float]) -> None:
    """Whatever the script's patience: three, then one a quarter of an hour."""
    compared: list[Try] = []
    for at in sorted(times):
        if locked_until(compared, at) is None:
            compared.append(Try(Event.WRONG, at))

    assert len(compared) <= MOST_WRONG + 86400 / LOCK


def test_answers_and_warnings_do_not_storm() -> None:
    said = [Try(Event.ANSWERED, n) for n in range(10)]
    warned = [Try(Event.WARNED, 0)]
    assert not may_answer(said, 20)
    assert may_answer(said, 1000)
    assert not may_warn(Event.WARNED, warned, warned, 60)
    assert may_warn(Event.LOCKED, warned, warned, 60)
    assert not may_warn(Event.LOCKED, [], [Try(Event.LOCKED, n) for n in range(6)], 60)


def test_progress_is_told_at_five_minutes_fifteen_and_the_end_once_each() -> None:
    assert progress_due(0, 0, 299, over=False) is None
    assert 1 == progress_due(0, 0, 300, over=False)
    assert progress_due(0, 1, 301, over=False) is None
    assert 2 == progress_due(0, 0, 5000, over=False), "after a stop the last only"
    assert AT_END == progress_due(0, 0, 10, over=True)
    assert progress_due(0, AT_END, 9999, over=True) is None


def test_every_step_leads_to_an_end() -> None:
    for step, ways in MOVES.items():
        assert not ways or Step.DROPPED in ways, step


def test_what_is_said_by_sms_uses_the_letters_that_cost_least() -> None:
    """A letter outside of the GSM alphabet doubles the price, and the seconds."""
    texts = [
        launch_words.ask_pin("La Redorte"), launch_words.NO_PIN, launch_words.wrong_pin(2, ""),
        launch_words.wrong_pin(0, "3 h 17"), launch_words.held_off("3 h 17"),
        launch_words.listed([(1, "Crue", "crue")]), launch_words.listed([]),
        *launch_words.read_back("Crue", "L'eau monte.", 2, 60, "7316",
                                launch_words.already("3 h 02", "Mme le maire")),
        launch_words.launched("Crue", 2), launch_words.GONE, launch_words.TOO_LATE,
        launch_words.NEEDS_CODE, launch_words.DROPPED, launch_words.STALE,
        launch_words.wrong_code(1), launch_words.wrong_code(0),
        launch_words.ask_cancel("Crue", "7316"), launch_words.NOTHING_RUNS,
        launch_words.cancelled("Crue", 3, 1), launch_words.progress("Crue", "5 min", 9, 8, 1),
        launch_words.warn_wrong("Mme le maire", "06 39 98 00 07"), launch_words.NOT_OURS,
        launch_words.warn_locked("Mme le maire", "06 39 98 00 07", "3 h 17", "7316"),
        launch_words.lifted("06 39 98 00 07"), launch_words.told_launch("Crue", "Paul", 2),
    ]  # fmt: skip

    assert [] == [one for one in texts if measure(one).encoding is not Encoding.GSM7]


def test_progress_is_one_sms_however_long_the_title() -> None:
    said = launch_words.progress("Crue de l'Argent-Double et du canal du Midi " * 3, "15 min",
                                 12345, 12000, 11000)  # fmt: skip
    assert 1 == measure(said).segments
