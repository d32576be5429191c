"""The daily round without a disk: whose hour it is, what was said, where each stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from gateway import referent, rounds
from gateway.errors import Refused
from gateway.model import Address, Channel, JobFact, JobState, Line, Outcome
from gateway.plan import Ways, decide
from gateway.replies import understand
from gateway.rounds import Entry, Settings, Standing, standing
from gateway.services import RoundForm, round_setting
from tests.acceptance.test_asked_by_sms import PARIS

NOW, PAUSE = 10_000.0, 1800.0
MOBILE = Address(1, Line.MOBILE, "+33639980001")
CALL = JobFact(1, Channel.VOICE, 0, JobState.FAILED, Outcome.NO_ANSWER, ended_at=9_000.0)
TEXT = JobFact(1, Channel.SMS, 0, JobState.DELIVERED, handed_over_at=9_000.0, ended_at=9_010.0)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2026, 3, 28), 24), (date(2026, 3, 29), 23), (date(2026, 10, 25), 25),
        (date(2026, 7, 7), 24),
    ],
)  # fmt: skip
def test_nine_is_nine_whatever_the_clocks_did_that_night(day: date, hours: int) -> None:
    """From nine to nine is a day, but for the two nights a year that are not."""
    before = rounds.due(date.fromordinal(day.toordinal() - 1), 540, "Europe/Paris")

    assert 9 == datetime.fromtimestamp(rounds.due(day, 540, "Europe/Paris"), PARIS).hour
    assert hours * 3600 == rounds.due(day, 540, "Europe/Paris") - before


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1", Standing.WELL), ("oui", Standing.WELL), ("Tout va bien.", Standing.WELL),
        ("tout va très bien merci", Standing.WELL), ("Ça va", Standing.WELL),
        ("oui ça va merci", Standing.WELL), ("je vais bien", Standing.WELL),
        ("2", Standing.CALLBACK), ("Rappelez-moi", Standing.CALLBACK),
        ("non", Standing.CALLBACK), ("au secours", Standing.CALLBACK),
        ("ça va pas", None), ("tout va mal", None), ("ça va ?", None),
        ("tout va bien mais j'ai chaud", None), ("je vais bien tomber", None), ("3", None),
    ],
)  # fmt: skip
def test_an_sms_says_well_or_call_me_back_or_is_for_a_human(
    text: str, meant: Standing | None
) -> None:
    """All is well only where nothing else is said; a no wants somebody to ring."""
    assert meant == rounds.said(understand(text), text)


@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        ((), Standing.MISSED),
        ((replace(CALL, state=JobState.QUEUED, outcome=None),), Standing.WAITING),
        ((CALL, replace(CALL, id=2, state=JobState.QUEUED, outcome=None)), Standing.WAITING),
        ((CALL, replace(CALL, id=2)), Standing.SILENT),
        ((replace(CALL, state=JobState.DELIVERED, outcome=Outcome.LISTENED),), Standing.SILENT),
        ((replace(CALL, state=JobState.EXPIRED, outcome=None),), Standing.MISSED),
        ((replace(CALL, state=JobState.EXPIRED, outcome=Outcome.INTERRUPTED),), Standing.MISSED),
        ((TEXT,), Standing.WAITING),
        ((replace(TEXT, handed_over_at=NOW - PAUSE),), Standing.SILENT),
        ((CALL, replace(TEXT, id=3, to_referent=True, state=JobState.QUEUED)), Standing.SILENT),
    ],
)  # fmt: skip
def test_where_somebody_stands_follows_from_what_was_tried(
    jobs: tuple[JobFact, ...], expected: Standing
) -> None:
    """Silence is two calls that rang; what never rang is not her silence."""
    assert expected is standing(Entry(), jobs, NOW, PAUSE)


def test_a_word_counts_more_than_the_calls_and_a_visit_more_than_a_word() -> None:
    jobs = (CALL, replace(CALL, id=2))

    assert Standing.WELL is standing(Entry("well"), jobs, NOW, PAUSE)
    assert Standing.CALLBACK is standing(Entry("callback", "off"), (), NOW, PAUSE)
    assert Standing.SEEN is standing(Entry("callback", seen=True), jobs, NOW, PAUSE)
    assert Standing.MISSED is standing(Entry(missed="off"), (), NOW, PAUSE)


def test_a_text_that_was_received_has_its_half_hour_before_the_next() -> None:
    """From its report on; a plan without a confirmation takes no notice of it."""
    decision = decide(rounds.texted(PAUSE), 0, (TEXT,), NOW, Ways(()))

    assert () == decision.launch, "no address is left: nothing is sent to nobody"
    own = decide(rounds.texted(PAUSE), 0, (TEXT,), NOW, Ways(own=(MOBILE,)))
    assert TEXT.ended_at is not None
    assert (1, TEXT.ended_at + PAUSE) == (own.step, own.not_before)


@pytest.mark.parametrize(
    ("whom", "hour", "expected"),
    [
        ([("Mme", "Mme Roux")], 9, "Mme Roux n'a pas répondu à la tournée de ce matin. Pouvez"),
        ([("Mme", "Mme Roux")], 9, "Pouvez-vous passer la voir ? Répondez 1"),
        ([("M.", "M. Roux")], 15, "à la tournée de cet après-midi. Pouvez-vous passer le voir ?"),
        ([("", "Lou Roux")], 9, "Pouvez-vous passer voir ?"),
        ([("Mme", "Mme Roux"), ("M.", "M. Roux")], 9, "Mme Roux et M. Roux n'ont pas répondu"),
    ],
)  # fmt: skip
def test_a_referent_reads_whom_and_when(
    whom: list[tuple[str, str]], hour: int, expected: str
) -> None:
    assert expected in referent.of_round(whom, "X", datetime(2026, 7, 7, hour, tzinfo=PARIS))


def test_settings_come_back_as_they_were_written() -> None:
    """And a town that never set a round has none."""
    form = RoundForm("2026-07-07", "2026-07-09", "08:30", "20", "0639980090\n+33639980091", on=True)
    read = round_setting.read(form, "Camille", 5.0, date(2026, 7, 1))

    assert read == rounds.of_town({rounds.SETTING: rounds.to_setting(read)})
    assert ("+33639980090", "+33639980091") == read.tell
    assert [False, True, True, False] == [read.covers(date(2026, 7, day)) for day in (6, 7, 9, 10)]
    assert not Settings().covers(date(2026, 7, 7))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first": "demain"}, "first"), ({"last": "2026-07-06"}, "last"),
        ({"last": "2027-07-06"}, "last"), ({"hour": "06:59"}, "hour"), ({"hour": ""}, "hour"),
        ({"pause": "abc"}, "pause"), ({"pause": "181"}, "pause"), ({"numbers": " "}, "numbers"),
        ({"numbers": "112"}, "numbers"), ({"numbers": ",".join(["0639980090"] * 6)}, "numbers"),
    ],
)  # fmt: skip
def test_what_makes_no_round_is_refused_at_its_field(changes: dict[str, str], field: str) -> None:
    good = RoundForm("2026-07-07", "2026-07-09", "09:00", "30", "0639980090", on=True)
    with pytest.raises(Refused) as refused:
        round_setting.read(replace(good, **changes), "Camille", 5.0, date(2026, 7, 1))

    assert field == refused.value.field
