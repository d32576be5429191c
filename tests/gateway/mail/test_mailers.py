"""Mails in the shape common mailers give them: what the writer said, and nothing else."""

from __future__ import annotations

import base64

import pytest

from gateway.mail.enclosure import opened

HTML = """<html><head><style>p {margin:0}</style></head><body><div dir="ltr"><p>La route est
ferm&eacute;e.</p><p>Passez par <b>le pont</b>.</p></div>%s</body></html>"""


def mail(head: str, body: str, charset: str = "utf-8") -> bytes:
    return f"{head.strip()}\n\n{body}".replace("\n", "\r\n").encode(charset)


THUNDERBIRD = mail(
    """
Message-ID: <6f0c2a1e-1d2b-4a57-9c3e-0a9f1f6d1b2c@la-redorte.example>
Date: Tue, 24 Nov 2026 17:02:11 +0100
MIME-Version: 1.0
User-Agent: Mozilla Thunderbird
From: Camille <camille@la-redorte.example>
Subject: =?UTF-8?Q?Route_ferm=C3=A9e?=
Content-Type: text/plain; charset=UTF-8; format=flowed
Content-Transfer-Encoding: 8bit
""",
    """La route est fermée.
Passez par le pont.

-- \nCamille, secrétariat
Mairie de La Redorte
""",
)
OUTLOOK = mail(
    """
From: "Camille" <camille@la-redorte.example>
Subject: =?iso-8859-1?Q?Route_ferm=E9e?=
X-Mailer: Microsoft Outlook 16.0
MIME-Version: 1.0
Content-Language: fr
Content-Type: multipart/alternative; boundary="----=_NextPart_000_0001"
""",
    """This is a multipart message in MIME format.

------=_NextPart_000_0001
Content-Type: text/plain; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

La route est ferm=E9e.
Passez par le pont.

De=A0: Jean <jean@la-redorte.example>
Envoy=E9=A0: lundi 23 novembre 2026 09:12
=C0=A0: Camille
Objet=A0: Travaux

Bonjour, quand fermez-vous la route=A0?

------=_NextPart_000_0001
Content-Type: text/html; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

<html><body>La route</body></html>
------=_NextPart_000_0001--
""",
)
ANSWER = base64.encodebytes(
    (
        "La route est fermée.\nPassez par le pont.\n\nLe lun. 23 nov. 2026 à 09:12, Jean "
        "<jean@la-redorte.example>\na écrit :\n\n> Quand fermez-vous la route ?\n"
    ).encode()
).decode()
GMAIL = mail(
    """
MIME-Version: 1.0
From: Camille <camille@la-redorte.example>
Subject: =?UTF-8?B?Um91dGUgZmVybcOpZQ==?=
Content-Type: multipart/alternative; boundary="0000000000001"
""",
    f"""--0000000000001
Content-Type: text/plain; charset="UTF-8"
Content-Transfer-Encoding: base64

{ANSWER}
--0000000000001
Content-Type: text/html; charset="UTF-8"

<div dir="ltr">La route</div>
--0000000000001--
""",
)
IPHONE = mail(
    """
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable
From: Camille <camille@la-redorte.example>
Mime-Version: 1.0 (1.0)
Subject: =?utf-8?Q?Route_ferm=C3=A9e?=
X-Mailer: iPhone Mail (21A329)
""",
    """La route est ferm=C3=A9e.
Passez par le pont.

Envoy=C3=A9 de mon iPhone

> Le 23 nov. 2026 =C3=A0 09:12, Jean <jean@la-redorte.example> a =C3=A9crit=C2=
=A0:
>=20
> Quand fermez-vous la route ?
""",
)
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


@pytest.mark.parametrize(
    "raw", [THUNDERBIRD, OUTLOOK, GMAIL, IPHONE, RICH_ONLY, WINDOWS],
    ids=["Thunderbird", "Outlook", "Gmail", "iPhone", "HTML alone", "Windows accents"],
)  # fmt: skip
def test_only_what_the_writer_wrote_goes_out(raw: bytes) -> None:
    """A signature or a quoted question in an SMS costs money and makes no sense."""
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
