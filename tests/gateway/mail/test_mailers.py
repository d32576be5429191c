"""What mailers do that the standard would rather they did not; whole: `test_mails_as_sent`."""

from __future__ import annotations

import base64

import pytest

from gateway.mail.enclosure import opened

HTML = """<html><head><style>p {margin:0}</style></head><body><div dir="ltr"><p>La route est
ferm&eacute;e.</p><p>Passez par <b>le pont</b>.</p></div>%s</body></html>"""


def mail(head: str, body: str, charset: str = "utf-8") -> bytes:
    return f"{head.strip()}\n\n{body}".replace("\n", "\r\n").encode(charset)


RICH_ONLY = mail(
    """
From: Camille <camille@la-redorte.example>
Subject: =?utf-8?q?Route_ferm=C3=A9e?=
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8
""",
    HTML % "",
)
WINDOWS = (
    b"From: camille@la-redorte.example\r\nSubject: =?windows-1252?Q?Route_ferm=E9e?=\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=windows-1252\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\nLa route est ferm\xe9e.\r\nPassez par le pont.\r\n"
)


@pytest.mark.parametrize("raw", [RICH_ONLY, WINDOWS], ids=["HTML alone", "Windows accents"])
def test_only_what_the_writer_wrote_goes_out(raw: bytes) -> None:
    """No plain version, no declared UTF-8: the words are there all the same."""
    found = opened(raw)

    assert found.subject == "Route fermée"
    assert found.text.splitlines() == ["La route est fermée.", "Passez par le pont."]
    assert not found.automatic
    assert found.author == "camille@la-redorte.example"
    assert found.files == ()


def test_a_copiers_scan_is_a_file_under_its_name() -> None:
    """The copier names it, says nothing, and is in a hurry."""
    scan = base64.encodebytes(b"%PDF-1.4 scan").decode()
    raw = mail(
        """
From: copieur@la-redorte.example
Subject: Message de "Copieur RDC"
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="scan"
""",
        f"""--scan
Content-Type: text/plain; charset="us-ascii"

--scan
Content-Type: application/pdf; name="=?UTF-8?B?TnVtw6lyaXPDqS5wZGY=?="
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="=?UTF-8?B?TnVtw6lyaXPDqS5wZGY=?="

{scan}
--scan--
""",
    )
    found = opened(raw)

    assert found.text == ""
    assert [(name, data) for name, data in found.files] == [("Numérisé.pdf", b"%PDF-1.4 scan")]


@pytest.mark.parametrize(
    "head",
    ["From: zabbix@la-redorte.example\nSubject: Problem: UPS on battery\nPrecedence: bulk",
     "From: nagios@la-redorte.example\nSubject: ** PROBLEM **\nAuto-Submitted: auto-generated",
     "From: x@y.example\nSubject: x\nX-Auto-Response-Suppress: All"],
)  # fmt: skip
def test_a_machine_is_known_for_one(head: str) -> None:
    """Nobody answers it: two machines would talk for ever."""
    found = opened(mail(head, "Problem started at 17:02:11\nHost: onduleur\n"))

    assert found.automatic
    assert found.text.startswith("Problem started at 17:02:11")
