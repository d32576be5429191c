"""The mails ``tocsin mail check`` sends: real ones, over the very path the daemon's take."""

from __future__ import annotations

import secrets
from email.utils import parseaddr
from typing import Final

from gateway.clock import Clock
from gateway.config import Config, RelaySettings
from gateway.mail import letter, mends, refusals, session
from gateway.mail.mends import Trouble
from gateway.mail.session import Gone, Refusal

_TEXT: Final = (
    "Ceci est un essai du courriel de Tocsin (tocsin mail check).\n\nIl n'y a rien à faire."
)


class Trial:
    """One check's mails; ``mark`` knows them again."""

    def __init__(self, config: Config, relay: RelaySettings, clock: Clock) -> None:
        self._config, self.relay, self._clock = config, relay, clock
        #: Not of the form of `gateway.mail.token`: a daemon's mailroom leaves such a mail alone.
        self.mark = f"essai-{secrets.token_hex(8)}"
        self.subject = f"Tocsin : essai du courriel ({self.mark})"

    async def send_home(self) -> str:
        """Send one to where what comes back goes to."""
        if "@" not in self.relay.account:
            raise Trouble("l'expéditeur n'est pas une adresse",
                          '[relay] sender = "Mairie <mairie@…>"')  # fmt: skip
        return await self.send(self.relay.account)

    async def send(self, to: str) -> str:
        """Send one mail; raise `Trouble` where the relay does not take it."""
        try:
            envelope, text = self._composed(to)
        except UnicodeError as error:
            raise Trouble(f"{to} : ce domaine ne s'écrit pas", "vérifiez l'adresse") from error
        try:
            smtp = await session.connect(self.relay)
        except Refusal as refusal:
            raise refusals.greeting(refusal, self.relay) from refusal
        except Gone as gone:
            raise mends.explained(gone, self.relay) from gone
        try:
            giving = session.Giving(smtp)
            await giving.offer(envelope, len(text))
            await giving.give(text)
        except Refusal as refusal:
            raise refusals.mail(refusal, self.relay, to) from refusal
        except (Gone, session.AnswerLost) as lost:
            raise refusals.lost(lost) from lost
        finally:
            await session.leave(smtp)
        return f"le relais a pris l'essai pour {to}"

    def _composed(self, to: str) -> tuple[session.Envelope, bytes]:
        relay, town = self.relay, self._config.town
        envelope = session.Envelope(relay.account, letter.on_the_wire(to))
        domain = parseaddr(relay.sender)[1].rpartition("@")[2] or "localhost"
        written = letter.Letter(
            sender=relay.sender, to=envelope.to, subject=self.subject, text=_TEXT, town=town.name,
            timezone=town.timezone, at=self._clock.now(), reply_to=relay.reply_to,
            message_id=f"<{self.mark}.{secrets.token_hex(4)}@{domain}>",
        )  # fmt: skip
        return envelope, letter.octets(letter.built(written))
