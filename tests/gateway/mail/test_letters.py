"""A mail leaves as mail should: two readings of one text, headers that behave, no tracking."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import SMTP, default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import letter, token
from gateway.mail.pace import Pace
from gateway.mail.verdict import Stage, classified
from gateway.model import JobState, Reason

KEY = b"k" * 32
AT = 1_795_572_000.0  # 2026-11-24 in Paris


def a_letter(**more: Any) -> letter.Letter:
    values: dict[str, Any] = {
        "sender": "Mairie de La Redorte <mairie@la-redorte.example>", "to": "anne@example.org",
        "subject": "Coupure d'eau", "text": "Bonjour,\n\nL'eau est coupée <demain>.\nMerci.",
        "town": "La Redorte", "timezone": "Europe/Paris", "at": AT,
        "message_id": token.message_id(KEY, token.Mark(1, 2, 3), "mairie@la-redorte.example"),
        "stop": "STOP 1",
    }  # fmt: skip
    return letter.Letter(**{**values, **more})


def read(made: letter.Letter, files: tuple[letter.Part, ...] = ()) -> Any:
    raw = letter.octets(letter.built(made, files))
    assert raw.isascii()
    return message_from_bytes(raw, policy=default)


def test_text_and_html_say_the_same_and_html_is_escaped() -> None:
    """Who reads without HTML misses nothing; who writes < breaks nothing."""
    message = read(a_letter())

    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert "L'eau est coupée <demain>." in plain.get_content()
    assert "L&#x27;eau est coupée &lt;demain&gt;." in rich.get_content()
    assert "<img" not in rich.get_content()


def test_headers_are_those_a_mail_server_expects() -> None:
    """A missing Date or a foreign zone is how honest mail becomes spam."""
    message = read(a_letter())

    assert message["Date"].endswith("+0100")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == "<mailto:mairie@la-redorte.example?subject=STOP%201>"
    assert message["From"].addresses[0].domain == "la-redorte.example"


def test_files_travel_whole_and_under_their_own_name() -> None:
    """A convocation without its agenda can annul what the council decides."""
    message = read(a_letter(), (("Ordre du jour, été.pdf", "application/pdf", b"%PDF\0\xff"),))

    (file,) = message.iter_attachments()
    assert file.get_filename() == "Ordre du jour, été.pdf"
    assert file.get_content() == b"%PDF\0\xff"


def test_a_link_can_be_followed_and_nothing_is_smuggled_into_it() -> None:
    """The address ends where the sentence goes on."""
    made = letter.built(a_letter(text='Voir https://a.example/x?a=1&b="2". Fin'))

    rich = made.get_body(("html",))
    assert rich is not None
    assert '<a href="https://a.example/x?a=1&amp;b=">' in rich.get_content()


@given(st.text(max_size=200), st.text(max_size=400), st.text(max_size=60))
def test_no_text_breaks_the_headers(subject: str, text: str, notice: str) -> None:
    """Whatever is typed as a subject, no header of its own comes of it."""
    made = letter.built(a_letter(subject=subject, text=text, notice=notice))
    message = message_from_bytes(letter.octets(made), policy=SMTP)

    assert [name for name in message if name.lower() in {"bcc", "x-evil"}] == []
    assert message["To"] == "anne@example.org"


def test_a_domain_with_an_accent_goes_out_in_ascii() -> None:
    """DNS knows no accents."""
    assert letter.on_the_wire("a@évian.example") == "a@xn--vian-9oa.example"


marks = st.builds(token.Mark, *(st.integers(0, 10**15 - 1) for _ in range(3)))


@given(marks, st.text(max_size=50), st.text(max_size=50))
def test_a_mark_is_found_whatever_surrounds_it(mark: token.Mark, before: str, after: str) -> None:
    """Bounces quote it in Message-ID, ENVID or address, in any company."""
    for written in (
        token.message_id(KEY, mark, "m@a.example"), token.return_path(KEY, mark, "m@a.example"),
    ):  # fmt: skip
        assert token.found(KEY, [f"{before} {written} {after}"]) == mark


@given(marks)
def test_nobody_without_the_key_can_make_a_mark(mark: token.Mark) -> None:
    """Else a neighbour could acknowledge an alert for everybody."""
    assert token.found(b"x" * 32, [token.written(KEY, mark)]) is None


@pytest.mark.parametrize(
    ("code", "text", "stage", "state", "reason", "relay"),
    [
        (550, "5.1.1 no such user", Stage.RCPT, "failed", Reason.ADDRESS_REFUSED, False),
        (550, "no such user", Stage.RCPT, "failed", Reason.ADDRESS_REFUSED, False),
        (554, "5.7.1 relay access denied", Stage.RCPT, "failed", Reason.RELAY_REFUSED, False),
        (452, "4.2.2 mailbox full", Stage.RCPT, "queued", Reason.MAILBOX_LATER, False),
        (450, "4.7.1 greylisted", Stage.RCPT, "queued", Reason.MAILBOX_LATER, False),
        (451, "4.3.0 try later", Stage.RCPT, "queued", Reason.RELAY_BUSY, True),
        (421, "too many", Stage.RCPT, "queued", Reason.RELAY_BUSY, True),
        (452, "4.3.1 no space", Stage.MAIL, "queued", Reason.RELAY_BUSY, True),
        (550, "5.7.1 sender denied", Stage.MAIL, "queued", Reason.RELAY_REFUSED, True),
        (535, "5.7.8 bad password", Stage.CONNECT, "queued", Reason.RELAY_REFUSED, True),
        (552, "5.3.4 too big", Stage.MAIL, "failed", Reason.RELAY_REFUSED, False),
        (554, "5.6.0 virus", Stage.DATA, "failed", Reason.RELAY_REFUSED, False),
        (451, "4.3.0 scanner down", Stage.DATA, "queued", Reason.RELAY_BUSY, True),
    ],
)
def test_a_refusal_is_blamed_on_whom_it_is_about(
    code: int, text: str, stage: Stage, state: str, reason: Reason, relay: bool
) -> None:
    """A wrong password must not end two hundred people's mail as failed."""
    verdict = classified(code, text, stage)

    assert (verdict.settlement.state, verdict.settlement.reason) == (JobState(state), reason)
    assert verdict.relay is relay


def test_what_a_relay_said_is_kept_without_the_address() -> None:
    """Logs and reports carry no whole address."""
    assert (
        "anne" not in classified(550, "<anne@example.org>: unknown", Stage.RCPT).settlement.detail
    )


@given(st.integers(1, 5), st.integers(1, 5), st.lists(st.sampled_from("abc"), max_size=40))
def test_no_minute_ever_holds_more_than_the_limits(
    whole: int, each: int, domains: list[str]
) -> None:
    """The limit is what keeps the town's address off the providers' black lists."""
    pace, now, left = Pace(whole, each), 0.0, []
    for domain in domains:
        now += max(pace.wait(now), pace.full(now).get(domain, 0.0)) + 1e-9
        assert not pace.wait(now)
        assert domain not in pace.full(now)
        pace.count(f"x@{domain}", now)
        left.append((now, domain))
        recent = [d for at, d in left if at > now - 60]
        assert len(recent) <= whole
        assert recent.count(domain) <= each
