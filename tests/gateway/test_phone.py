"""Numbers: to E.164, or to a sentence; never to a premium line or the fire brigade."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import phone
from gateway.errors import Refused
from gateway.logs import masked
from gateway.model import Line


@pytest.mark.parametrize(
    ("written", "e164", "line"),
    [
        ("06 39 98 00 01", "+33639980001", Line.MOBILE),
        ("01 99 00 12 34", "+33199001234", Line.LANDLINE),
        ("0690 12 34 56", "+590690123456", Line.MOBILE),  # Guadeloupe
        ("0692 12 34 56", "+262692123456", Line.MOBILE),  # La Réunion
        ("0694 20 12 34", "+594694201234", Line.MOBILE),  # Guyane
        ("0696 12 34 56", "+596696123456", Line.MOBILE),  # Martinique
        ("0262 12 34 56", "+262262123456", Line.LANDLINE),
        ("04 68 91 00 00", "+33468910000", Line.LANDLINE),
    ],
)
def test_a_french_number_wherever_in_france_is_read(written: str, e164: str, line: Line) -> None:
    """Overseas numbers are French numbers."""
    number = phone.parse(written)

    assert (e164, line) == (number.e164, number.line)


@pytest.mark.parametrize("number", sorted(phone.EMERGENCY))
def test_no_emergency_number_is_ever_dialled(number: str) -> None:
    """A machine calling 112 in a loop would be our doing."""
    with pytest.raises(Refused, match="urgence"):
        phone.parse(number)


@pytest.mark.parametrize(
    "number", ["0899 12 34 56", "0892 70 12 39", "0810 12 34 56", "0825 12 34 56", "+33 899123456"]
)
def test_no_premium_number_is_dialled(number: str) -> None:
    """A mistyped contact must not cost the town by the minute."""
    with pytest.raises(Refused, match="surtaxé"):
        phone.parse(number)


@pytest.mark.parametrize("number", ["3018", "3919", "118 218", "36 39"])
def test_no_short_number_is_dialled(number: str) -> None:
    """Short numbers are services, never inhabitants."""
    with pytest.raises(Refused, match="numéro court"):
        phone.parse(number)


def test_a_foreign_number_needs_an_administrator() -> None:
    """International calls are how a stolen SIM is emptied."""
    with pytest.raises(Refused, match="étranger"):
        phone.parse("+44 7911 123456")


@pytest.mark.parametrize(
    "number", ["06 39 98 00 0", "01 99 00 00 0", "06 39 98 00 011", "06 39 98 01", "6 39 98 00 0"]
)
def test_a_number_with_a_digit_too_few_or_too_many_is_refused(number: str) -> None:
    """Nine digits with their zero were taken for a landline, which rang nowhere."""
    with pytest.raises(Refused, match="dix chiffres"):
        phone.parse(number)


def test_a_fiction_number_is_taken_with_a_warning() -> None:
    """Possible but not valid is no reason to leave somebody unwarned."""
    assert "inconnu" in phone.parse("06 39 98 00 01").warning


@given(st.text(max_size=40))
def test_any_text_gives_a_number_or_a_sentence(text: str) -> None:
    """What a cell or an address bar may hold never gets further than this."""
    try:
        number = phone.parse(text)
    except Refused:
        return

    assert number.e164[:1] == "+"
    assert number.e164[1:].isdigit()


@given(st.text(max_size=40))
def test_any_text_is_a_mail_address_or_a_sentence(text: str) -> None:
    """No address may carry a second header or a second recipient."""
    try:
        address = phone.parse_mail(text)
    except Refused:
        return

    assert 1 == address.count("@")
    assert not set(address) & set("\r\n ,;<>")


def test_no_log_ever_holds_a_whole_number_or_address() -> None:
    """The journal is read by more people than the directory."""
    assert ("+33 *** 01", "m***@example.org", "***") == (
        masked("+33639980001"),
        masked("marie@example.org"),
        masked("12"),
    )


def test_two_forms_of_one_number_share_their_last_nine_digits() -> None:
    """A delivery report may name the recipient in the other form."""
    assert phone.last_nine("+33639980001") == phone.last_nine("0639980001")


def _last_ones_free(pattern: str, count: int) -> bool:
    """Tell whether each way through a pattern ends with so many digits of any kind."""
    from re import _parser  # type: ignore[attr-defined]  # where Python keeps it

    return _free_at_the_end(list(_parser.parse(pattern)), count) >= count


def _free_at_the_end(parts: list[Any], most: int) -> int:
    """Return how many of the last characters, up to ``most``, may be any digit."""
    free = 0
    for kind, found in reversed(parts):
        name = str(kind)
        if name == "MAX_REPEAT" and str(found[2]) == "[(IN, [(CATEGORY, CATEGORY_DIGIT)])]":
            free += found[0]
        elif name == "SUBPATTERN":
            return free + _free_at_the_end(list(found[3]), most)
        elif name == "BRANCH":
            return free + min(_free_at_the_end(list(way), most) for way in found[1])
        else:
            return free
    return free


def test_no_french_number_is_told_from_its_neighbours_by_its_last_four_digits() -> None:
    """A number is looked up by its block of ten thousand: newer metadata must allow that too."""
    from phonenumbers import PhoneMetadata

    too_fine = []
    for region in ("FR", *phone.OVERSEAS):
        known = PhoneMetadata.metadata_for_region(region)
        kinds = (known.general_desc, known.toll_free, known.premium_rate, known.fixed_line,
                 known.mobile, known.shared_cost, known.voip, known.personal_number, known.pager,
                 known.uan, known.voicemail)  # fmt: skip
        patterns = [kind.national_number_pattern for kind in kinds if kind is not None]
        too_fine += [p for p in patterns if p and not _last_ones_free(p, 4)]

    assert [] == too_fine
    assert not _last_ones_free(r"6(?:12|3\d)\d{3}", 4)


@given(
    st.sampled_from(["0", "+33", "+262", "+590", "+594", "+596"]),
    st.integers(100_000_000, 999_999_999),
)
def test_a_number_read_by_its_block_is_what_the_metadata_says(before: str, national: int) -> None:
    """The quick way, for lists and programs, and the library's own must not part."""
    digits = f"{before}{national}"

    assert phone._known(phone._parsed(digits, digits)) == phone._looked_up(digits, digits)
