"""What comes back for a mail is understood, and never believed without its mark."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.mail import reading, returns, token
from gateway.mail.returns import Kind
from tests.gateway.mail.fixtures import dsn

KEY = b"k" * 32
MARK = token.Mark(7, 8, 9)
ID = token.message_id(KEY, MARK, "mairie@la-redorte.example")
ENVID = token.written(KEY, MARK)


@pytest.mark.parametrize(
    ("action", "kind"),
    [("failed", Kind.BOUNCED), ("delayed", Kind.DELAYED), ("delivered", Kind.DELIVERED),
     ("relayed", Kind.PASSED_ON)],
)  # fmt: skip
def test_a_status_notification_is_read_by_its_action(action: str, kind: Kind) -> None:
    """Delayed is no failure; relayed is no delivery."""
    found = returns.read(dsn(action, envid=ENVID), KEY)

    assert found == returns.Return(kind, MARK, "smtp; 550 5.1.1 <…>: unknown")


def test_the_quoted_message_id_serves_where_the_envid_was_lost() -> None:
    """Not every server on the way keeps it."""
    found = returns.read(dsn("failed", envid="", quoted=f"Message-ID: {ID}"), KEY)

    assert found is not None
    assert (found.kind, found.mark) == (Kind.BOUNCED, MARK)


@pytest.mark.parametrize("mark", ["tocsin.7.8.9.aaaaaaaaaaaaaaaa", "", "tocsin.7.8.9"])
def test_a_notification_without_our_mark_is_nobodys(mark: str) -> None:
    """Anybody can write *action: failed*."""
    assert returns.read(dsn("failed", envid=mark), KEY) is None


def test_a_bounce_in_a_servers_own_words_is_understood() -> None:
    """Old servers know no RFC 3464."""
    raw = f"""\
Return-Path: <>
From: Mailer-Daemon@old.example
To: mairie@la-redorte.example
Subject: failure notice

Hi. This is the qmail-send program at old.example.
<anne@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.
Message-ID: {ID}
""".encode()

    found = returns.read(raw, KEY)

    assert found is not None
    assert (found.kind, found.mark) == (Kind.BOUNCED, MARK)


def test_verp_names_the_mail_when_nothing_is_quoted() -> None:
    """The address it came back to says it all."""
    back = token.return_path(KEY, MARK, "mairie@la-redorte.example")
    raw = f"Return-Path: <>\nFrom: postmaster@x.example\nTo: {back}\nSubject: 5.2.1 disabled\n\nNo."

    found = returns.read(raw.encode(), KEY)

    assert found is not None
    assert found.kind is Kind.BOUNCED


@pytest.mark.parametrize(
    ("disposition", "kind"),
    [("manual-action/MDN-sent-manually; displayed", Kind.READ),
     ("manual-action/MDN-sent-automatically; deleted", Kind.UNREAD)],
)  # fmt: skip
def test_a_read_receipt_says_whether_it_was_opened(disposition: str, kind: Kind) -> None:
    """Deleted unread is not read."""
    raw = f"""\
From: anne@example.org
To: mairie@la-redorte.example
Subject: Lu : Convocation
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary=B

--B
Content-Type: text/plain

Lu.
--B
Content-Type: message/disposition-notification

Reporting-UA: mail.example; Thunderbird
Final-Recipient: rfc822;anne@example.org
Original-Message-ID: {ID}
Disposition: {disposition}

--B--
""".encode()

    found = returns.read(raw, KEY)

    assert found is not None
    assert (found.kind, found.mark) == (kind, MARK)


def answer(body: str, headers: str = "") -> bytes:
    return (
        f"From: Anne <anne@example.org>\nTo: mairie@la-redorte.example\nSubject: Re: Eau\n"
        f"In-Reply-To: {ID}\n{headers}Content-Type: text/plain; charset=utf-8\n\n{body}"
    ).encode()


def test_a_persons_answer_is_an_answer_in_their_words() -> None:
    """What they quote is not what they say."""
    found = returns.read(
        answer("Bien reçu, merci.\n\nLe 24/11/2026, la mairie a écrit :\n> Eau"), KEY
    )

    assert found == returns.Return(Kind.ANSWERED, MARK, "Bien reçu, merci.")


@pytest.mark.parametrize(
    "headers",
    ["Auto-Submitted: auto-replied\n", "Precedence: bulk\n", "X-Autoreply: yes\n",
     "Return-Path: <>\nAuto-Submitted: auto-replied\n"],
)  # fmt: skip
def test_a_holiday_notice_acknowledges_nothing(headers: str) -> None:
    """*Je suis en congé* is no proof that anybody read the alert."""
    found = returns.read(answer("Je suis absent jusqu'au 2.", headers), KEY)

    assert found is not None
    assert found.kind is Kind.AUTOMATIC


@pytest.mark.parametrize(
    ("subject", "kind"),
    [("Réponse automatique : Eau", Kind.AUTOMATIC), ("Absent du bureau Re: Eau", Kind.AUTOMATIC),
     ("Message d'absence", Kind.AUTOMATIC), ("Out of office: Eau", Kind.AUTOMATIC),
     ("Automatic reply: Eau", Kind.AUTOMATIC), ("Re: Absence de courant", Kind.ANSWERED),
     ("Absence de courant", Kind.ANSWERED), ("Re: Réponse automatique", Kind.ANSWERED)],
)  # fmt: skip
def test_a_holiday_notice_that_hides_what_it_is_shows_in_its_subject(
    subject: str, kind: Kind
) -> None:
    """Small providers' notices bear no mark of a machine but these words."""
    raw = answer("Je suis absent jusqu'au 2.").replace(b"Re: Eau", f"{subject}".encode())
    found = returns.read(raw, KEY)

    assert found is not None
    assert found.kind is kind


@pytest.mark.parametrize("body", ["STOP", "stop.\n\n> Eau"])
def test_stop_is_a_wish(body: str) -> None:
    """Whoever wants no more has only to say so."""
    found = returns.read(answer(body), KEY)

    assert found is not None
    assert found.kind is Kind.STOP


@given(st.binary(max_size=400))
@example(b"Content-Type: multipart/mixed; boundary=\n\n--\n")
@example(b"Content-Type: text/plain; charset=x\nContent-Transfer-Encoding: base64\n\n====")
@example(b"Subject: =?utf-8?b?4?=\nTo: \xff\xfe\n\n\x00")
def test_no_octets_break_the_reader(raw: bytes) -> None:
    """A mail nobody can parse must not stop those behind it."""
    returns.read(raw, KEY)
    reading.own_words(reading.body(reading.parsed(raw)))


_KINDS = st.sampled_from([
    "text/plain", "text/html", "multipart/mixed; boundary=B", "multipart/report; boundary=B",
    "message/rfc822", "message/delivery-status", "message/disposition-notification", "x", "a/b;c=",
])  # fmt: skip
_BODIES = st.lists(
    st.sampled_from(["--B", "--B--", "", "Action: failed", f"Message-ID: {ID}", "<p>é</p>", "=?"]),
    max_size=12,
)


@given(_KINDS, _BODIES, st.sampled_from(["7bit", "base64", "quoted-printable", "x-uuencode", "é"]))
def test_no_structure_breaks_the_reader(kind: str, lines: list[str], encoding: str) -> None:
    """Nested, cut short, mislabelled: an answer or none, never an exception."""
    raw = "\n".join(
        [f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}", "Return-Path: <>", "",
         *lines]
    ).encode()  # fmt: skip

    returns.read(raw, KEY)
    list(reading.parts(reading.parsed(raw)))
    reading.body(reading.parsed(raw))


@pytest.mark.parametrize(
    ("written", "own"),
    [
        ("Bonjour\n\n-- \nAnne\nMairie", "Bonjour"),
        ("Oui\n\nLe mar. 24 nov. 2026 à 03:00, Mairie <m@a.example>\na écrit :\n\n> Eau", "Oui"),
        ("Oui\n\n-----Message d'origine-----\nDe : x", "Oui"),
        ("Oui\n\nDe : Mairie <m@a.example>\nEnvoyé : mardi", "Oui"),
        ("Oui\n________________________________\nDe : x@y.fr", "Oui"),
        ("Oui\n\nEnvoyé de mon iPhone", "Oui"),
        ("On coupe l'eau demain.\nLe maire", "On coupe l'eau demain.\nLe maire"),
        ("a\r\n\r\n\r\n\r\nb", "a\n\nb"),
    ],
)
def test_signatures_and_quotes_are_cut(written: str, own: str) -> None:
    """An SMS of twelve parts because of a signature is money, and nobody reads it."""
    assert reading.own_words(written.replace("\r\n", "\n")) == own


def test_html_becomes_the_text_a_reader_sees() -> None:
    """Scripts, styles and quotes are not said."""
    source = (
        "<style>p{}</style><div>Bonjour&nbsp;<b>à tous</b>,<br>l'eau</div><p>est coupée</p>"
        "<script>x()</script><blockquote>ancien</blockquote>"
    )

    assert reading.own_words(reading.from_html(source)) == "Bonjour à tous,\nl'eau\nest coupée"
