"""``tocsin mail check``: each fault of a certificate has its sentence and its mend."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.mail.checking import (
    certificate,
    other_server,
    password,
    relay,
    served,
    settings,
    states,
    steps,
)


@pytest.mark.real_time
@pytest.mark.parametrize("implicit", [True, False], ids=["implicit", "starttls"])
async def test_a_certificate_that_is_believed_says_until_when(
    tmp_path: Path, implicit: bool
) -> None:
    """The day it ends, all mail stops: the date belongs into the installer's notes."""
    pem, key = certificate(tmp_path)
    end = datetime.now(UTC) + timedelta(300)
    async with other_server(served(pem, key), implicit=implicit) as (port, kept):
        found = await steps(
            settings(port, host="localhost", tls="implicit" if implicit else "starttls",
                     ca_file=pem, username=None if implicit else "mairie",
                     password_file=password(tmp_path)),
        )  # fmt: skip

    assert {True} == set(states(found).values())
    assert "TLS 1.3" in found["tls"].said
    assert f"{end:%d/%m/%Y}" in found["tls"].said
    assert 1 == len(kept.mails)


@pytest.mark.real_time
@pytest.mark.parametrize("implicit", [True, False], ids=["implicit", "starttls"])
@pytest.mark.parametrize(
    ("made", "believed", "said", "mend"),
    [
        ({}, False, "autorité inconnue", "ca_file"),
        ({"name": "smtp.autre.example"}, True, "il est à smtp.autre.example",
         '[relay] host = "smtp.autre.example"'),
        ({"days": (-30, -1)}, True, "périmé", "timedatectl"),
        ({"days": (1, 30)}, True, "pas encore valable", "timedatectl"),
    ],
    ids=["unknown authority", "another's name", "expired", "not yet"],
)  # fmt: skip
async def test_each_fault_of_a_certificate_has_its_own_mend(
    tmp_path: Path, implicit: bool, made: dict[str, Any], believed: bool, said: str, mend: str
) -> None:
    """« certificate verify failed » sends people to switch the check off."""
    pem, key = certificate(tmp_path, **made)
    async with other_server(served(pem, key), implicit=implicit) as (port, kept):
        found = await steps(
            settings(port, host="localhost", tls="implicit" if implicit else "starttls",
                     ca_file=pem if believed else None),
        )  # fmt: skip

    assert (True, False, None) == tuple(found[n].ok for n in ("connect", "tls", "auth"))
    assert said in found["tls"].said
    assert mend in found["tls"].mend
    assert [] == kept.mails


@pytest.mark.real_time
async def test_a_certificate_near_its_end_is_good_and_has_a_mend(tmp_path: Path) -> None:
    """Mail works today; the technician on the site today is the one who can mend it."""
    pem, key = certificate(tmp_path, days=(-1, 6))
    async with other_server(served(pem, key), implicit=True) as (port, _):
        found = await steps(settings(port, host="localhost", tls="implicit", ca_file=pem))

    assert True is found["tls"].ok
    assert "plus que 5 jours" in found["tls"].mend


@pytest.mark.real_time
async def test_a_pinned_authority_that_is_another_one_is_named(tmp_path: Path) -> None:
    """A server whose certificate was made anew needs the file, not the check, changed."""
    (tmp_path / "old").mkdir()
    old, _ = certificate(tmp_path / "old")
    async with other_server(served(*certificate(tmp_path)), implicit=True) as (port, _kept):
        found = await steps(settings(port, host="localhost", tls="implicit", ca_file=old))

    assert "ca_file" in found["tls"].said
    assert str(old) in found["tls"].mend


async def test_starttls_that_is_not_offered_is_no_password_in_clear() -> None:
    """The way out is another port, never to go on without."""
    async with relay() as there:
        found = await steps(settings(there.port, tls="starttls"))

    assert "ne propose pas STARTTLS" in found["tls"].said
    assert 'tls = "implicit"' in found["tls"].mend
    assert not any(line.startswith("AUTH") for line in there.lines)


@pytest.mark.real_time
async def test_tls_at_once_with_a_server_that_begins_in_clear() -> None:
    """Port 587 with implicit is the commonest of wrong pairs; OpenSSL says WRONG_VERSION_NUMBER."""
    async with relay() as there:
        found = await steps(settings(there.port, tls="implicit"))

    assert "ne parle pas TLS" in found["tls"].said
    assert 'tls = "starttls"' in found["tls"].mend


@pytest.mark.parametrize(
    ("text", "said"), [(None, "n'existe pas"), ("bonjour", "n'est pas un certificat")]
)
async def test_a_ca_file_that_is_none_is_named(tmp_path: Path, text: str | None, said: str) -> None:
    """OpenSSL's own words name neither file nor key."""
    pem = tmp_path / "ca.pem"
    if text:
        pem.write_text(text, encoding="utf-8")
    async with relay() as there:
        found = await steps(settings(there.port, tls="implicit", ca_file=pem))

    assert str(pem) in found["tls"].said
    assert said in found["tls"].said
    assert "ca_file" in found["tls"].mend


# the login
