"""A look at how mail comes in: the mailbox that is read, and our own door while it is open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from gateway.config import Config
from gateway.mail.check_home import Box, Door
from gateway.mail.mends import Trouble
from gateway.upkeep import findings
from gateway.upkeep.findings import Finding
from gateway.upkeep.look_ports import is_held

#: Seconds a mail server may take for one answer: the doctor is waited for.
PATIENCE: Final = 10.0


async def mailbox(config: Config) -> AsyncIterator[Finding]:
    """Tell whether the mailbox opens; where none is read, whether anything would come back."""
    if config.mailbox is None:
        if config.relay is not None and config.smtp is None:
            yield findings.unknown(
                "mailbox",
                "aucune boîte n'est relevée : les courriels qui reviennent et les réponses ne "
                "seront pas vus",
                "[mailbox] dans la configuration (host, username, password_file)",
            )
        return
    box = Box(config.mailbox, PATIENCE)
    try:
        said, mend = await box.open()
    except Trouble as trouble:
        yield findings.fault("mailbox", trouble.said, trouble.mend)
    else:
        yield findings.warning("mailbox", said, mend) if mend else findings.good("mailbox", said)
    finally:
        await box.close()


async def door(config: Config) -> AsyncIterator[Finding]:
    """Tell whether our own door answers as programs meet it; nothing while no daemon runs."""
    if config.smtp is None or not is_held(config.lock):
        return
    try:
        said, mend = await Door(config.smtp, PATIENCE).knock()
    except Trouble as trouble:
        yield findings.fault("smtp.door", trouble.said, trouble.mend)
        return
    yield findings.warning("smtp.door", said, mend) if mend else findings.good("smtp.door", said)
