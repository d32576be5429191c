"""Python's own mail client at our door: half the scripts of a town hall are written with it."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.mail.post import DOMAIN
from tests.gateway.mail.servers import certificate
from tests.gateway.mail.test_with_other_programs import NEAR, PASSWORD, Town, town

pytestmark = pytest.mark.real_time


def letter(to: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "camille@town.example", to, "Débit"
    made.set_content("Débit du canal : 12 m³/s, à surveiller.")
    return made


async def given(box: Town, pem: Path | None, login: tuple[str, str] | None, to: str) -> str:
    """Give the door a mail as a script does; return the error, empty for none."""

    def give() -> str:
        with smtplib.SMTP("localhost", box.daemon.mail_port, timeout=10) as client:
            try:
                if pem is not None:
                    client.starttls(context=ssl.create_default_context(cafile=str(pem)))
                if login is not None:
                    client.login(*login)
                client.send_message(letter(to))
            except smtplib.SMTPRecipientsRefused as refused:
                ((code, said),) = refused.recipients.values()
                return f"{code} {said.decode()}"
            except smtplib.SMTPException as error:
                return type(error).__name__
            return ""

    return await asyncio.to_thread(give)


async def arrived(box: Town) -> list[Any]:
    async def there() -> bool:
        return len(await box.messages()) == 1

    await box.until(there, "the message is made")
    return await box.messages()


@pytest.mark.parametrize("who", ["account", "token"])
async def test_a_script_logs_in_under_tls(tmp_path: Path, who: str) -> None:
    """STARTTLS with our certificate checked, then AUTH as smtplib chooses it."""
    pem, key = certificate(tmp_path)
    async with town(tmp_path, None, tls="starttls", certificate=pem, key=key) as box:
        token = await box.services.software.issue(box.actor, "Sonde")
        login = ("camille", PASSWORD) if who == "account" else ("sonde", token)
        said = await given(box, pem, login, f"elus@groupe.{DOMAIN}")
        (one,) = await arrived(box)

    assert said == ""
    assert (one.title, one.recipients) == ("Débit", 2)
    assert one.author == {"account": "Camille", "token": "Sonde"}[who]


async def test_a_wrong_password_and_no_password_get_nothing(tmp_path: Path) -> None:
    """Neither a message to people nor a mail to elsewhere."""
    pem, key = certificate(tmp_path)
    async with town(tmp_path, None, tls="starttls", certificate=pem, key=key) as box:
        wrong = await given(box, pem, ("camille", "wrong"), f"elus@groupe.{DOMAIN}")
        nobody = await given(box, pem, None, f"elus@groupe.{DOMAIN}")
        relayed = await given(box, pem, None, "victim@elsewhere.example")
        clear = await given(box, None, ("camille", PASSWORD), f"elus@groupe.{DOMAIN}")
        found = await box.messages()

    assert wrong == "SMTPAuthenticationError"
    assert nobody.startswith("550 5.7.1")
    assert relayed.startswith("550 5.7.1")
    assert clear == "SMTPNotSupportedError", "without TLS no password is asked for"
    assert found == []


async def test_a_machine_on_the_list_needs_neither(tmp_path: Path) -> None:
    """The copier knows no TLS and has no keyboard for a password."""
    async with town(tmp_path, None, lan=NEAR) as box:
        said = await given(box, None, None, f"elus@groupe.{DOMAIN}")
        (one,) = await arrived(box)

    assert (said, one.author, one.recipients) == ("", "Supervision", 2)
