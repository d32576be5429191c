"""What Tocsin asks people by SMS, and what their answer does.

A second person's word before a large message (*OUI 4821*, *NON 4821*), and whether an alert that a
long stop interrupted should go on. Only a number that was asked may answer, with its code.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from typing import Final

from gateway import phone, replies, telephones
from gateway.clock import Clock, NetworkClock
from gateway.errors import Refused, StoreError
from gateway.logs import log_for, masked
from gateway.model import Urgency
from gateway.services import words
from gateway.services.asked import Asked, on_duty, tell, trusted
from gateway.services.sending import Sending
from gateway.services.values import Actor
from gateway.store import Store, broadcasts, events, people, questions, settings

_log = log_for(__name__)

#: A stop shorter than this (seconds) interrupts nothing: what was queued goes on.
LONG_STOP: Final = 1800.0
#: Seconds that people on duty have to answer before an alert goes on by itself.
ANSWER_TIME: Final = 300.0
_ANSWER: Final = re.compile(r"\W*(?P<said>oui|ok|yes|non|no)\W+(?P<code>\d{4})\W*", re.IGNORECASE)
_YES: Final = frozenset({"oui", "ok", "yes"})
_CODE: Final = re.compile(r"(?<!\d)\d{4}(?!\d)")
#: How often one telephone is told how to answer a question: a machine may be at the other end.
_MOST_TOLD: Final = 3
#: Seconds for which an answer that is awaited no more is told so.
_LATELY: Final = 2 * 86400.0


class Asking:
    """Asks by SMS, and understands the answers."""

    def __init__(self, store: Store, clock: Clock, sending: Sending) -> None:
        self._store, self._clock, self._sending = store, clock, sending
        sending.ask_approval = self.ask_approval
        self._explained: Counter[tuple[int, str]] = Counter()
        #: Does what was answered about a warning (question, yes or no, who); returns what to say.
        self.on_warning: Callable[[sqlite3.Row, str, Asked], Awaitable[str]] | None = None

    async def ask_approval(self, actor: Actor, broadcast_id: int, grown: bool) -> None:
        """Ask the town's trusted telephones, but the author's own, to approve a message.

        One that has ``grown`` waited for its hour, and is for more people than when it was written.
        """
        now = self._clock.now()
        row = await self._store.read(lambda db: broadcasts.waiting(db, broadcast_id))
        if row is None:
            return

        def work(db: sqlite3.Connection) -> int | None:
            known = trusted(db, actor.entity_id)
            asked = [one for one in known if one.name != row["author"]]
            if not asked:
                return None
            code = questions.fresh_code(db, now)
            many = row["awaited"]
            more = f", {many} personne{'s' if many > 1 else ''}{' à présent' if grown else ''}"
            text = (
                f"Tocsin {actor.entity_name} : {row['author']} veut envoyer « {row['title']} »"
                f" ({row['groups'] or 'liste'}{more}). Répondez OUI {code} pour l'envoyer, "
                f"NON {code} pour le refuser."
            )
            numbers = [one.number for one in asked]
            until = row["expires_at"]
            questions.ask(
                db, actor.entity_id, broadcast_id, questions.APPROVAL, code, numbers, now, until
            )
            title = f"Validation demandée : {row['title']}"
            return tell(db, row["entity_id"], Urgency.SERVICE, title, text, asked, now, until)

        await self._sent(await self._store.write(work))

    async def after_stop(self) -> None:
        """Ask the people on duty whether alerts go on that a long stop interrupted.

        Nobody on duty, or no answer in time: they go on. What was answered just before the stop
        is done first.
        """
        now = self._clock.now()
        for row in await self._store.read(lambda db: questions.unfinished(db, now)):
            await self._catch_up(row)
        last = await self._store.read(events.last_sign)
        await self._store.write(lambda db: events.record(db, now, "box.started", {}))
        # a machine far ahead of the last sign of life may have been off as long as it says
        ahead = self._clock.ahead if isinstance(self._clock, NetworkClock) else 0.0
        if last is None or (now - last < LONG_STOP and not ahead):
            return
        for row in await self._store.read(lambda db: questions.interrupted(db, now)):
            await self._sent(await self._store.write(_holding(row, now, now - last, ahead)))

    async def _catch_up(self, row: sqlite3.Row) -> None:
        """Do what was answered before a stop; a defect there must not keep the box down."""
        try:
            await self._act(row, row["answer"], Asked(row["answered_by"], row["answered_from"]))
        except (sqlite3.Error, StoreError):
            raise
        except Exception:  # noqa: BLE001  recorded; whoever answered was told nothing and asks again
            _log.exception("an answer could not be followed")

    async def _sent(self, number: int | None) -> None:
        if number is not None:
            self._sending.announce(number, Urgency.VITAL)

    async def heard(self, sender: str, text: str) -> bool:
        """Take an SMS that came in for an answer where it is one; return whether it was."""
        number = phone.of_caller(sender)
        codes = {*_CODE.findall(text)} if number else set()
        now = self._clock.now()

        def asked(db: sqlite3.Connection) -> sqlite3.Row | None:
            found = (questions.open_for(db, number, code, now) for code in sorted(codes))
            return next((row for row in found if row is not None), None)

        row = await self._store.read(asked) if codes else None
        if row is None:
            await self._say_over(number, codes, now)
            return False
        said = _said(text)
        if not said:
            await self._explain(row, number)
            return False  # and a human reads it
        name = await self._store.read(lambda db: _name(db, row["entity_id"], number))
        if not await self._store.write(
            lambda db: questions.answer(db, row["id"], said, name, number, now)
        ):
            return False
        _log.info("question answered", kind=row["kind"], answer=said, by=masked(number))
        await self._act(row, said, Asked(name, number))
        return True

    async def _say_over(self, number: str, codes: Collection[str], now: float) -> None:
        """Tell somebody whose answer is late, or bears an old code: silence looks like a yes."""

        def over(db: sqlite3.Connection) -> sqlite3.Row | None:
            found = (questions.over_for(db, number, code, now - _LATELY) for code in sorted(codes))
            return next((row for row in found if row is not None), None)

        row = await self._store.read(over) if codes else None
        if row is not None:
            await self._tell_at_most(row, number, now + 3600, (
                f"Votre réponse sur « {row['title']} » n'est plus attendue : on y a déjà répondu, "
                "son délai est passé, ou un SMS plus récent la demande avec un autre code."
            ))  # fmt: skip

    async def _explain(self, row: sqlite3.Row, number: str) -> None:
        """Tell somebody whose answer was not understood how to: silence looks like a yes."""
        until = min(self._clock.now() + 3600, row["expires_at"])
        await self._tell_at_most(row, number, until, (
            f"Tocsin n'a pas compris votre réponse sur « {row['title']} ». "
            f"Répondez seulement OUI {row['code']} ou NON {row['code']}."
        ))  # fmt: skip

    async def _tell_at_most(self, row: sqlite3.Row, number: str, until: float, told: str) -> None:
        """Say something about a question to whoever answered it, `_MOST_TOLD` times at most."""
        self._explained[row["id"], number] += 1
        if self._explained[row["id"], number] > _MOST_TOLD:
            return
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> int:
            who = Asked(_name(db, row["entity_id"], number), number)
            title = "Réponse à un SMS"
            return tell(db, row["entity_id"], Urgency.SERVICE, title, told, [who], now, until)

        await self._sent(await self._store.write(work))

    async def _act(self, row: sqlite3.Row, said: str, who: Asked) -> None:
        """Do what was answered, and tell whoever answered what came of it."""
        actor = Actor(
            None, "sms", who.name, "administrator", row["entity_id"], row["town"], row["timezone"]
        )
        told = "C'est noté."
        try:
            if row["kind"] == questions.WARNING:
                told = await self.on_warning(row, said, who) if self.on_warning else told
            elif row["kind"] == questions.APPROVAL and said == "yes":
                leaves = await self._sending.approve(actor, row["broadcast_id"])
                told = f"C'est noté : « {row['title']} » {self._departs(leaves, row)}."
            elif row["kind"] == questions.APPROVAL:
                await self._sending.refuse(actor, row["broadcast_id"], "refusé par SMS")
                told = f"C'est noté : « {row['title']} » ne partira pas."
            elif said == "yes":
                now = self._clock.now()
                await self._store.write(lambda db: questions.let_go(db, row["broadcast_id"], now))
                self._sending.announce(row["broadcast_id"], Urgency.VITAL)
                told = f"C'est noté : l'alerte « {row['title']} » continue."
            else:
                await self._sending.cancel(actor, row["broadcast_id"])
                told = f"C'est noté : l'alerte « {row['title']} » est arrêtée."
        except Refused as refusal:
            told = refusal.message
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> int:
            until = now + 3600
            return tell(
                db, row["entity_id"], Urgency.SERVICE, "Réponse à un SMS", told, [who], now, until
            )

        await self._sent(await self._store.write(work))
        await self._store.write(lambda db: questions.done(db, row["id"], now))

    def _departs(self, at: float, row: sqlite3.Row) -> str:
        now = self._clock.now()
        # the hold in which it can be taken back is no appointment
        return f"partira {words.at_time(at, row['timezone'], now)}" if at > now + 60 else "part"


def _said(text: str) -> str:
    """Return ``yes`` or ``no``, empty where a text says neither for sure.

    What goes with it may stand beside it (« oui 4821 merci »); « reçu 4821 » agrees to nothing.
    """
    plainly = _ANSWER.fullmatch(text.strip())
    if plainly is not None:
        return "yes" if plainly["said"].casefold() in _YES else "no"
    return _SURE.get(replies.understand(text).kind, "")


_SURE: Final = {replies.Kind.YES: "yes", replies.Kind.NO: "no"}


def _name(db: sqlite3.Connection, entity_id: int, number: str) -> str:
    """Return who answers: the trusted telephone's owner, else a contact, else the number."""
    known = telephones.listed(settings.read(db, entity_id))
    for one in known:
        if one.number == number:
            return one.name
    row = people.by_address(db, entity_id, number)
    return people.full_name(row) if row is not None else phone.shown(number)


def _holding(
    row: sqlite3.Row, now: float, gap: float, ahead: float
) -> Callable[[sqlite3.Connection], int | None]:
    """Return what holds an alert and asks; ``ahead``: how long the stop was by the machine."""

    def work(db: sqlite3.Connection) -> int | None:
        asked = on_duty(db, row["entity_id"], now)
        if not asked:
            return None
        until = now + ANSWER_TIME
        code = questions.fresh_code(db, now)
        at = words.at_time(until, row["timezone"], now)
        lasted = f"{round(gap / 60)} min"
        if ahead:
            lasted = f"{round(ahead / 86400)} j (si l'horloge est juste)"
        text = (
            f"Tocsin {row['town']} : arrêté {lasted} pendant l'alerte "
            f"« {row['title']} ». {row['people']} personnes pas encore prévenues. "
            f"OUI {code} pour continuer, NON {code} pour arrêter. Sans réponse {at}, "
            "elle continue."
        )
        questions.hold(db, row["id"], until)
        numbers = [one.number for one in asked]
        questions.ask(db, row["entity_id"], row["id"], questions.RESTART, code, numbers, now, until)
        title = f"Reprendre l'alerte ? {row['title']}"
        return tell(db, row["entity_id"], Urgency.VITAL, title, text, asked, now, until)

    return work
