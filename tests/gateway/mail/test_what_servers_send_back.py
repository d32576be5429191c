"""The whole round of a mail nobody can deliver: Postfix says so, Dovecot keeps it, we read it."""

from __future__ import annotations

import email
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from gateway.model import Reason
from tests.gateway.mail.servers import MAIRIE, Dovecot, dovecot, postfix
from tests.gateway.mail.test_imap import settings
from tests.gateway.mail.test_with_other_programs import Town, through, town

pytestmark = pytest.mark.real_time


def kept(server: Dovecot) -> list[str]:
    """Return what kinds of mail lie in the mailbox."""
    files = [path for part in ("new", "cur") for path in (server.maildir / part).iterdir()]
    found = [email.message_from_bytes(path.read_bytes(), policy=default) for path in files]
    return [str(one.get_content_type()) for one in found]


async def ended(box: Town, number: int) -> dict[str, Any]:
    """Return what is reported of the only person of a message, once it has failed."""

    async def told() -> bool:
        (one,) = await box.report(number)
        return bool(one["state"] == "failed")

    await box.until(told, "the person is reported as not reached")
    (one,) = await box.report(number)
    return one


async def test_a_notification_from_postfix_is_read_from_dovecot(tmp_path: Path) -> None:
    """As in most town halls: the relay bounces to the mailbox of the mairie, read by IMAP."""
    with dovecot(tmp_path) as mairie, postfix(mailbox=mairie.maildir) as server:
        read = settings(mairie, tmp_path).model_copy(update={"every_seconds": 0.3})
        async with town(tmp_path, through(server, sender=f"Mairie <{MAIRIE}>"), read) as box:

            async def watched() -> bool:
                return bool(box.daemon._mailroom.watched)

            await box.until(watched, "the mailbox is read")
            number = await box.send("nobody@town.example")
            one = await ended(box, number)
            (shown,) = (await box.services.broadcasts.recipients(box.actor, number)).items

            async def read_up() -> bool:
                return mairie.unread() == 0

            await box.until(read_up, "nobody at the town hall has to read a machine's mail")
            found = kept(mairie)

    assert one["reason"] == Reason.BOUNCED
    assert [job["attempts"][0]["result"] for job in one["jobs"]] == [Reason.RETURNS_WATCHED]
    assert shown.reason == "le courriel est revenu : vérifiez l’adresse"
    assert found == ["multipart/report"], server.said()
