"""Fields of a text, rhythms over the nights the clocks change, and clear days: all pure."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import council, merge, recurrence
from gateway.errors import Refused
from gateway.services import at_wall_time

PARIS = ZoneInfo("Europe/Paris")


def paris(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=PARIS)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize("written", ["{prénom}", "{prenom}", "{PRÉNOM}", "{ Prénom }"])
def test_a_field_is_known_however_it_is_typed(written: str) -> None:
    """An accent forgotten at midnight must not hold an alert up."""
    assert ("prénom",) == merge.used(f"Bonjour {written} !")
    assert "Bonjour Anne !" == merge.fill(f"Bonjour {written} !", {"prénom": "Anne"})


@given(st.text(), st.dictionaries(st.sampled_from(merge.FIELDS), st.text(max_size=20)))
def test_any_text_is_filled_or_refused(text: str, values: dict[str, str]) -> None:
    """Nothing anybody types ends in a fault."""
    with contextlib.suppress(Refused):
        merge.used(text)
    assert len(merge.fill(text, values)) <= len(text) + 20 * text.count("{")


def test_a_text_without_fields_is_left_as_it_is_written_but_for_its_ends() -> None:
    """Filling is for fields only."""
    assert "Rendez-vous à 8 h." == merge.fill("Rendez-vous à 8 h.", {})


def test_only_a_field_nobody_has_is_refused() -> None:
    """One person without a first name is usual; a whole list without is a mistake."""
    people = [{"prénom": "Anne"}, {}, {"prénom": ""}]
    assert {"prénom": 2} == merge.lacking(["prénom"], people)
    with pytest.raises(Refused, match="quartier"):
        merge.lacking(["quartier"], people)


@pytest.mark.parametrize(
    ("rhythm", "first", "line"),
    [
        ("daily", paris(2026, 3, 2, 8), "0 8 * * *"),
        ("weekdays", paris(2026, 3, 2, 8, 30), "30 8 * * 1-5"),
        ("weekly", paris(2026, 3, 1, 8), "0 8 * * 0"),
        ("monthly", paris(2026, 3, 31, 8), "0 8 31 * *"),
        ("monthly", paris(2026, 3, 28, 8), "0 8 28 * *"),
    ],
)
def test_a_rhythm_is_a_cron_line(rhythm: str, first: datetime, line: str) -> None:
    """Sunday is 0; the 31st of a month that has none is its last day."""
    assert line == recurrence.line(rhythm, first)
    assert recurrence.RHYTHMS[rhythm] == recurrence.said(line)


def test_a_rhythm_nobody_knows_is_refused() -> None:
    """The form offers four."""
    with pytest.raises(Refused, match="Rythme inconnu"):
        recurrence.line("hourly", paris(2026, 3, 1, 8))


def test_the_wall_time_stays_over_both_changes_of_the_clocks() -> None:
    """18 h is 18 h for whoever reads it."""
    assert paris(2026, 3, 29, 18) == recurrence.following("0 18 * * *", paris(2026, 3, 28, 18))
    assert paris(2026, 10, 25, 18) == recurrence.following("0 18 * * *", paris(2026, 10, 24, 18))


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Martinique", "Pacific/Noumea"])
@pytest.mark.parametrize(
    "wrote", ["0001-01-01T00:00", "0202-11-25 08:00", "9999-12-31T23:59+00:00"]
)
def test_a_year_nobody_can_mean_is_refused_with_its_field(zone: str, wrote: str) -> None:
    """A slip of the finger is no failure of the page."""
    with pytest.raises(Refused, match=f"L'année {wrote[:4]} .* entre 2000 et 2100") as refused:
        at_wall_time(wrote, zone, "ends")
    assert "ends" == refused.value.field


def test_what_is_due_in_the_hour_that_is_skipped_leaves_that_night_all_the_same() -> None:
    """29 March 2026 has no 2:30 in Paris."""
    found = recurrence.following("30 2 * * *", paris(2026, 3, 28, 2, 30))
    assert date(2026, 3, 29) == found.date()


def test_what_is_due_in_the_hour_that_comes_twice_leaves_once() -> None:
    """25 October 2026 has two of 2:30 in Paris."""
    first = recurrence.following("30 2 * * *", paris(2026, 10, 24, 2, 30))
    then = recurrence.following("30 2 * * *", first)
    assert (date(2026, 10, 25), date(2026, 10, 26)) == (first.date(), then.date())


@pytest.mark.parametrize(
    ("day", "days"), [(29, [28, 29, 29, 29]), (30, [28, 30, 30, 30]), (31, [28, 31, 30, 31])]
)
def test_each_month_on_that_day_or_on_its_last(day: int, days: list[int]) -> None:
    """Rent is asked for on the 29th, not two days later because February is short."""
    line, when, found = recurrence.line("monthly", paris(2027, 1, day, 8)), paris(2027, 2, 1), []
    for _ in days:
        when = recurrence.following(line, when)
        found.append(when)

    assert days == [one.day for one in found]
    assert [2, 3, 4, 5] == [one.month for one in found]
    assert {8} == {one.hour for one in found}
    assert paris(2027, 1, day, 8) == recurrence.following(line, paris(2027, 1, 10))


def test_the_last_of_february_in_a_leap_year_and_in_others() -> None:
    """A rhythm of the 29th comes every month."""
    line = recurrence.line("monthly", paris(2027, 12, 29, 8))
    assert paris(2028, 2, 29, 8) == recurrence.following(line, paris(2028, 2, 1))
    assert paris(2027, 2, 28, 8) == recurrence.following(line, paris(2027, 2, 1))


def test_neither_the_day_of_sending_nor_that_of_the_meeting_is_clear() -> None:
    """Sent on Friday the 27th for Thursday the 3rd: 28, 29, 30, 1 and 2 are five."""
    assert 5 == council.clear_days_between(date(2026, 11, 27), date(2026, 12, 3))
    assert date(2026, 11, 27) == council.last_day(date(2026, 12, 3), 5)


@pytest.mark.parametrize(("inhabitants", "days"), [(600, 3), (3499, 3), (3500, 5), (14000, 5)])
def test_a_larger_town_owes_more_clear_days(inhabitants: int, days: int) -> None:
    """Articles L2121-11 and L2121-12 of the code of communes."""
    assert days == council.clear_days_needed(inhabitants)


@given(
    st.integers(0, 4 * 365 * 24 * 60),
    st.integers(1, 60 * 24 * 40), st.integers(0, 30), st.booleans(),
)  # fmt: skip
def test_reminders_leave_between_the_convocation_and_the_meeting(
    sent: int, minutes: int, days_before: int, morning: bool
) -> None:
    """Never before the convocation, never after the meeting, never twice."""
    begin = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=sent)).astimezone(PARIS)
    meeting = begin + timedelta(minutes=minutes)
    if meeting <= begin:
        return
    plan = council.plan(meeting, begin, 600, days_before=days_before, morning=morning)
    assert all(begin < at < meeting for at in plan.reminders)
    assert len(set(plan.reminders)) == len(plan.reminders)


def test_a_meeting_in_the_past_is_refused() -> None:
    """A month too early is soon typed."""
    with pytest.raises(Refused, match="déjà passée"):
        council.plan(paris(2026, 1, 1, 18), paris(2026, 1, 2, 8), 600, days_before=1, morning=True)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Bonjour {prénom}, votre rue : {adresse}.", "Bonjour, votre rue."),
        ("Crue ( {quartier} ) {prénom} : montez.", "Crue : montez."),
        ("Madame, Monsieur {nom} ({prénom}) !", "Madame, Monsieur !"),
        ("Quartier « {quartier} » : restez chez vous.", "Quartier : restez chez vous."),
        ("Coupure, {adresse}, {quartier} : ce soir.", "Coupure : ce soir."),
        ("Votre adresse : {adresse}\nMairie", "Votre adresse\nMairie"),
        ("Crue - {quartier}", "Crue"),
        ("Apportez :\n- une pièce () de plus, {prénom}", "Apportez :\n- une pièce () de plus"),
        ("Appelez : {prénom} le 17.", "Appelez : le 17."),
    ],
)  # fmt: skip
def test_what_somebody_lacks_leaves_no_sign_standing_alone(text: str, filled: str) -> None:
    """« votre rue :. » and « () » told everybody without an address that a machine wrote."""
    assert filled == merge.fill(text, {})


@pytest.mark.parametrize(
    ("number", "street", "complement", "said"),
    [
        ("3", "rue du Port", "", "3 rue du Port"), ("3,", "rue du Port,", "", "3 rue du Port"),
        ("", "Rue du Port,", " Bât. B ", "Rue du Port Bât. B"), ("", " - ", ",", ""),
        ("12", "", "", ""), ("12", "", "Le Bourg", "12 Le Bourg"),
        ("3  bis", "rue\u00a0 du  Port ;", "", "3 bis rue du Port"), ("", "", "", ""),
    ],
)  # fmt: skip
def test_an_address_is_read_without_the_signs_of_a_list(
    number: str, street: str, complement: str, said: str
) -> None:
    """« Rue du Port,. » told its readers what cell it came from; a house number alone says none."""
    assert said == merge.address(number, street, complement)


@pytest.mark.parametrize(
    "text",
    ["Bonjour {prénom {nom}}", "{{prénom}}", "Bonjour {prénom, crue.", "Bonjour prénom}, crue.",
     "{prénom, {nom}"],
)  # fmt: skip
def test_a_brace_too_many_is_refused(text: str) -> None:
    """It would stand in everybody's message."""
    with pytest.raises(Refused, match="accolade"):
        merge.used(text)


@pytest.mark.parametrize("text", ["Smiley :-}", "Ensemble { 1, 2", "{prénom} :-}", "a } b { c"])
def test_a_brace_that_is_no_fields_is_left_alone(text: str) -> None:
    """Not ours to correct."""
    merge.used(text)


@pytest.mark.parametrize("text", ["{prénom}", "{prénom} {nom} !", " {Nom}, ({prenom}). "])
def test_a_text_of_nothing_but_fields_says_so(text: str) -> None:
    """Whoever lacks them would get an empty message."""
    assert merge.says_nothing(text)
    assert not merge.says_nothing(f"{text} Crue")
    assert not merge.says_nothing("")
    assert not merge.says_nothing("{date}")  # which everybody has
