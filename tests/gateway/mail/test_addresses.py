"""An address of a mail that comes in means one thing, or is refused."""

from __future__ import annotations

import contextlib
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Refused
from gateway.mail import wishes
from gateway.mail.addresses import BadAddress, Form, Target, slug, target

DOMAIN = "tocsin.mairie.example"
NOW = datetime(2026, 11, 24, 17, 30, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        (f"+33639980001@sms.{DOMAIN}", Target(Form.SMS, "+33639980001")),
        (f"0639980001@SMS.{DOMAIN.upper()}", Target(Form.SMS, "+33639980001")),
        (f"0199000001@voice.{DOMAIN}", Target(Form.VOICE, "+33199000001")),
        (f"Élus@groupe.{DOMAIN}", Target(Form.GROUP, "elus")),
        (f"quartier.inondable@groupe.{DOMAIN}", Target(Form.GROUP, "quartier-inondable")),
        (f"crue@scenario.{DOMAIN}", Target(Form.SCENARIO, "crue")),
        (f"bounce@{DOMAIN}", Target(Form.RETURN, "bounce")),
        (f"avertissement@{DOMAIN}", Target(Form.WARNING, "avertissement")),
        ("Anne.Durand@Example.org", Target(Form.OUTSIDE, "Anne.Durand@example.org")),
        ("anne@évian.example", Target(Form.OUTSIDE, "anne@xn--vian-9oa.example")),
    ],
)
def test_each_form_is_understood(address: str, wanted: Target) -> None:
    """What people type into *À :* reaches whom they mean."""
    assert target(address, DOMAIN) == wanted


@pytest.mark.parametrize(
    "address",
    [
        f"3915@sms.{DOMAIN}", f"112@voice.{DOMAIN}", f"0899000000@sms.{DOMAIN}",
        f"anne@{DOMAIN}", f"x@telex.{DOMAIN}", "anne", "@example.org", "anne@localhost",
        "anne@[192.0.2.1]", "anne@1.2.3.4", '"a b"@example.org', "a@b@example.org",
        "a%b@example.org", "b!a@example.org", "a:b@example.org", "a..b@example.org",
        "a@-x.example", "a@x..example", "a@x.example\r\nRCPT TO:<b@c.example>", "a@x.example>",
    ],
)  # fmt: skip
def test_what_could_mean_two_things_is_refused(address: str) -> None:
    """An address one server reads so and the next otherwise is how open relays begin."""
    with pytest.raises(BadAddress):
        target(address, DOMAIN)


@given(st.text(max_size=80))
def test_no_address_breaks_the_door(address: str) -> None:
    """A target or a refusal, never anything else, and never out of our own domain."""
    try:
        found = target(address, DOMAIN)
    except BadAddress:
        return
    if found.form is Form.OUTSIDE:
        assert found.value.count("@") == 1
        assert not found.value.endswith(DOMAIN)


@given(st.text(alphabet="аеоcst.inmrexpl-é", min_size=1, max_size=30))
def test_what_looks_like_our_domain_is_not_ours(host: str) -> None:
    """A Cyrillic letter makes another domain."""
    try:
        found = target(f"bounce@{host}", DOMAIN)
    except BadAddress:
        return
    assert found.form is Form.OUTSIDE


def test_wishes_stand_in_the_subject() -> None:
    """A mailer of 1998 can raise an alert: a subject is all it needs."""
    found = wishes.read("[Alerte] [SMS] [exercice] [à 18 h 45] Crue [URGENT]", {}, NOW)

    assert (found.urgency, found.channels, found.exercise) == ("vital", ("sms",), True)
    assert (found.at, found.title) == (NOW.replace(hour=18, minute=45), "Crue [URGENT]")


def test_an_hour_gone_by_is_tomorrows_and_a_header_is_believed() -> None:
    """At half past five, *à 8:00* is no mistake."""
    found = wishes.read("Eau [à 8:00]", {"urgency": "information", "channels": "sms, appel"}, NOW)

    assert (found.at, found.urgency) == (NOW.replace(day=25, hour=8, minute=0), "information")
    assert found.channels == ("sms", "voice")


@pytest.mark.parametrize(
    ("subject", "headers"),
    [("Eau [à midi]", {}), ("Eau [le 2026-02-30 10:00]", {}), ("Eau", {"urgency": "panique"}),
     ("Eau", {"channels": "fax"}), ("Eau [sms 3915]", {})],
)  # fmt: skip
def test_a_wish_nobody_understands_is_refused(subject: str, headers: dict[str, str]) -> None:
    """Better no message than one at the wrong hour."""
    with pytest.raises(Refused):
        wishes.read(subject, headers, NOW)


@given(st.text(max_size=120), st.dictionaries(st.sampled_from(["at", "order", "x"]), st.text()))
def test_no_subject_breaks_the_wishes(subject: str, headers: dict[str, str]) -> None:
    """A wish or a refusal."""
    with contextlib.suppress(Refused):
        wishes.read(subject, headers, NOW)


def test_a_name_has_one_form_in_an_address() -> None:
    """Accents and blanks are no part of an address."""
    assert slug("Œuvres de l'été (2026)") == "oeuvres-de-l-ete-2026"
