"""The course of a call, without a telephone: what is said, and what a key does."""

from __future__ import annotations

import pytest

from gateway.channels.call_script import CallScript, Part, Say, Wait, phrases
from gateway.model import Asks, Outcome, Urgency


def heard_until(script: CallScript, wanted: Part) -> None:
    while script.next() != Say(wanted):
        pass


def test_nobody_pressing_hears_the_message_three_times() -> None:
    """Somebody who only understands the third time was worth the third time."""
    script = CallScript()
    cues = list(iter(script.next, None))

    assert 3 == cues.count(Say(Part.MESSAGE))
    assert [Wait(1.0), Say(Part.GREETING)] == cues[:2]
    assert Say(Part.GOODBYE) == cues[-1]
    assert Outcome.LISTENED is script.outcome


def test_a_one_before_the_message_has_begun_acknowledges_nothing() -> None:
    """A thumb on the keypad, or a machine's menu, has not heard the alert."""
    script = CallScript()
    heard_until(script, Part.GREETING)

    assert not script.key("1")
    assert Outcome.ANSWERED is script.outcome


def test_a_one_within_the_message_acknowledges_and_stops_the_voice() -> None:
    """Whoever has understood need not hear the end."""
    script = CallScript()
    heard_until(script, Part.MESSAGE)

    assert script.key("1")
    assert Outcome.ACKNOWLEDGED is script.outcome
    assert [Say(Part.THANKS), None] == [script.next(), script.next()]


def test_hanging_up_within_the_message_is_answered_not_listened() -> None:
    """Half a message is not a warning."""
    script = CallScript()
    heard_until(script, Part.MESSAGE)

    assert Outcome.ANSWERED is script.outcome


def test_hanging_up_after_the_whole_message_is_listened() -> None:
    """The prompt is not the message."""
    script = CallScript()
    heard_until(script, Part.PROMPT)

    assert Outcome.LISTENED is script.outcome


def test_a_zero_begins_the_message_again_but_not_without_end() -> None:
    """A stuck key must not hold the line for ever."""
    script = CallScript()
    heard_until(script, Part.MESSAGE)
    again = [script.key("0") for _ in range(5) if script.next() is not None]

    assert again.count(True) <= 2


def test_a_message_cut_short_by_zero_was_not_heard_whole() -> None:
    """Pressing 0 at once and hanging up is not having listened."""
    script = CallScript()
    heard_until(script, Part.MESSAGE)
    script.key("0")
    script.next()

    assert Outcome.ANSWERED is script.outcome


@pytest.mark.parametrize("digit", ["2", "3", "9", "*", "#", "A"])
def test_any_other_key_changes_nothing(digit: str) -> None:
    """Only what was announced counts."""
    script = CallScript()
    heard_until(script, Part.PROMPT)

    assert not script.key(digit)


def test_an_alert_says_who_calls_and_that_it_is_one() -> None:
    """An unknown voice at 3 a.m. must say its name first."""
    said = phrases("La Redorte", "L'eau monte.", Urgency.VITAL)

    assert "mairie de La Redorte" in said[Part.GREETING]
    assert "alerte" in said[Part.GREETING]
    assert "touche un" in said[Part.PROMPT]


@pytest.mark.parametrize("urgency", [Urgency.SERVICE, Urgency.INFORMATION])
def test_a_nine_asks_for_no_more_routine_calls_and_is_announced(urgency: Urgency) -> None:
    """Whoever does not want the fête by telephone says so once."""
    script = CallScript(may_opt_out=True)
    heard_until(script, Part.PROMPT)

    assert script.key("9")
    assert [Say(Part.SPARED), None] == [script.next(), script.next()]
    assert script.opted_out
    assert "touche neuf" in phrases("X", "Y", urgency)[Part.PROMPT]


def test_a_nine_does_nothing_in_an_alert_and_is_not_announced() -> None:
    """Nobody is ever spared a flood alert by a wrong key."""
    script = CallScript()
    heard_until(script, Part.PROMPT)

    assert not script.key("9")
    assert "neuf" not in phrases("X", "Y", Urgency.VITAL)[Part.PROMPT]


def test_an_exercise_says_so_first_and_last() -> None:
    """Somebody who picks up late must not run for the hills."""
    said = phrases("La Redorte", "L'eau monte.", Urgency.VITAL, exercise=True)

    assert said[Part.GREETING].startswith("Ceci est un exercice.")
    assert "alerte" not in said[Part.GREETING]
    assert said[Part.GOODBYE].startswith("C'était un exercice.")
    assert said[Part.THANKS].startswith("C'était un exercice.")


@pytest.mark.parametrize(
    ("asks", "digit", "outcome"),
    [
        (Asks.PRESENCE, "1", Outcome.ACKNOWLEDGED), (Asks.PRESENCE, "2", Outcome.DECLINED),
        (Asks.WELL, "2", Outcome.DECLINED), (Asks.VISIT, "2", Outcome.DECLINED),
        (Asks.HEARD, "2", Outcome.ANSWERED),
    ],
)  # fmt: skip
def test_the_key_two_says_no_where_that_is_asked(asks: Asks, digit: str, outcome: Outcome) -> None:
    """A member of a council is asked; nobody else hears of that key, nor can press it."""
    script = CallScript(asks=asks)
    heard_until(script, Part.MESSAGE)

    assert (outcome is not Outcome.ANSWERED) == script.key(digit)
    assert outcome is script.outcome
    assert not script.key("1") or asks is Asks.HEARD, "the first word of a call counts"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_key_of_a_call_to_a_council_is_announced(language: str) -> None:
    said = phrases("X", "Y", Urgency.SERVICE, language=language, asks=Asks.PRESENCE)[Part.PROMPT]
    plain = phrases("X", "Y", Urgency.SERVICE, language=language)[Part.PROMPT]

    keys = {"fr": ("un", "deux", "zéro"), "en": ("one", "two", "again")}
    assert all(key in said for key in keys[language])
    assert not {"deux", "two"} & set(plain.replace(".", "").split())


def test_somebody_of_the_daily_round_hears_what_their_two_keys_do() -> None:
    """All is well, or call me back; nobody ends a round by a wrong key."""
    said = phrases("La Redorte", "Nous prenons de vos nouvelles.", Urgency.SERVICE, asks=Asks.WELL)
    script = CallScript(asks=Asks.WELL)
    heard_until(script, Part.PROMPT)

    assert "Tout va bien : appuyez sur la touche un." in said[Part.PROMPT]
    assert "Rappelez-moi : appuyez sur la touche deux." in said[Part.PROMPT]
    assert "zéro" in said[Part.PROMPT]
    assert "neuf" not in said[Part.PROMPT]
    assert "service" not in said[Part.GREETING]
    assert not script.key("9")
    assert script.key("2")
    assert [Say(Part.CALLED_BACK), None] == [script.next(), script.next()]
    assert "rappelons" in said[Part.CALLED_BACK]


def test_a_referent_is_asked_whether_they_go_and_hears_no_key_nine() -> None:
    said = phrases("La Redorte", "Mme Cabanel…", Urgency.SERVICE, asks=Asks.VISIT)[Part.PROMPT]

    assert "Si vous y allez" in said
    assert "neuf" not in said
