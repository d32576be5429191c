"""Warnings of the State and of machines: each proposes a ready message to the people on duty.

Nothing leaves for the population on a warning alone: anybody can write any sender into a mail, and
a river gauge errs. Somebody on duty says yes, with the code they were sent.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway import phone, warning
from gateway.clock import Clock
from gateway.errors import Refused
from gateway.logs import log_for
from gateway.mail.enclosure import Enclosure
from gateway.model import Door, Urgency
from gateway.rights import Right
from gateway.sentences import fr, sentence
from gateway.services import turns, words
from gateway.services.asked import Asked, on_duty, tell, trusted
from gateway.services.compose import Compose
from gateway.services.permits import need
from gateway.services.ready import Ready
from gateway.services.sending import Sending
from gateway.services.values import Actor
from gateway.store import Store, questions, warnings

_log = log_for(__name__)

#: Seconds within which the same rule asks nobody twice, and within which a yes counts.
NOT_AGAIN: Final = 1800.0
YES_WITHIN: Final = 7200.0
#: Rules of one town.
MOST: Final = 50
#: Warnings are shown so long (seconds).
_SHOWN: Final = 31 * 86400.0


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule; ``scenario`` empty: the ready message it proposed is gone."""

    id: int
    name: str
    sender: str
    words: str
    scenario: str


@dataclass(frozen=True, slots=True)
class WarningView:
    """A warning that came in and what became of it; ``scenario_id`` None: nothing to propose."""

    at: datetime
    rule: str
    sender: str
    subject: str
    said: str
    scenario_id: int | None


class Warnings:
    """What the doors may ask of warnings, and what a warning does."""

    def __init__(
        self, store: Store, clock: Clock, ready: Ready, compose: Compose, sending: Sending
    ) -> None:
        self._store, self._clock = store, clock
        self._ready, self._compose, self._sending = ready, compose, sending

    # rules

    async def rules(self, actor: Actor) -> list[RuleView]:
        """Return a town's rules, by name."""
        rows = await self._store.read(lambda db: warnings.rules(db, actor.entity_id))
        return [
            RuleView(
                row["id"], row["name"], row["sender"], ", ".join(json.loads(row["words"])),
                row["scenario"] or "",
            )
            for row in rows
        ]  # fmt: skip

    async def add_rule(
        self, actor: Actor, name: str, sender: str, wanted: str, scenario_id: int | None
    ) -> None:
        """Add a rule; raise `Refused` with the field at fault."""
        need(actor, Right.SETTINGS)
        title = " ".join(name.split())[:60]
        if not title:
            raise Refused("Donnez un nom à cet avertissement, par exemple « Vigicrues ».", "rule")
        from_, needed = warning.sender(sender), warning.words(wanted)
        offered = {one.id: one for one in await self._ready.list(actor)}
        chosen = offered.get(scenario_id or 0)
        if chosen is None:
            raise Refused("Choisissez le message prêt à proposer.", "scenario")
        if not chosen.complete:
            raise Refused(
                "« {name} » ne dit pas à qui il va : ajoutez-lui un groupe d'abord.",
                "scenario",
                name=chosen.name,
            )
        if len(await self.rules(actor)) >= MOST:
            raise Refused("Pas plus de {most} règles : retirez-en une.", "rule", most=MOST)
        now = self._clock.now()
        await self._store.write(
            lambda db: warnings.add_rule(
                db, actor.entity_id, title, from_, needed, chosen.id, actor.name, now
            )
        )

    async def remove_rule(self, actor: Actor, number: int) -> None:
        """Take a rule away."""
        need(actor, Right.SETTINGS)
        now = self._clock.now()
        gone = await self._store.write(
            lambda db: warnings.remove_rule(db, actor.entity_id, number, actor.name, now)
        )
        if not gone:
            raise Refused("Cette règle n'existe plus.")

    async def received(self, actor: Actor) -> list[WarningView]:
        """Return the warnings of the last month, newest first."""
        since = self._clock.now() - _SHOWN
        rows = await self._store.read(lambda db: warnings.latest(db, actor.entity_id, since))
        return [
            WarningView(
                words.at(row["at"], actor.timezone), row["rule"], row["sender"], row["subject"],
                sentence(row["said"]), row["scenario_id"],
            )
            for row in rows
        ]  # fmt: skip

    # a warning

    async def from_mailbox(self, found: Enclosure) -> bool:
        """Take a mail of the mailbox for a warning where a town's rule knows it."""
        taken = False
        for row in await self._store.read(warnings.towns):
            actor = _nobody(row["id"], row["name"], row["timezone"])
            taken |= await self.heard(actor, found.author, found.subject, found.text)
        return taken

    async def heard_by_sms(self, sender: str, text: str) -> bool:
        """Take an SMS for a warning where a town's rule knows its sender and its words."""
        number, taken = phone.of_caller(sender) or sender.strip().lower(), False
        for row in await self._store.read(warnings.towns):
            actor = _nobody(row["id"], row["name"], row["timezone"])
            taken |= await self.heard(actor, number, "", text)
        return taken

    async def heard(self, actor: Actor, sender: str, subject: str, text: str) -> bool:
        """Ask the people on duty about what a rule of this town knows; return whether one does."""
        rows = await self._store.read(lambda db: warnings.rules(db, actor.entity_id))
        whole = f"{subject}\n{text}"
        matching = [
            row for row in rows
            if warning.is_from(sender, row["sender"])
            and warning.has(whole, tuple(json.loads(row["words"])))
        ]  # fmt: skip
        for row in matching:
            await self._propose(actor, row, sender, subject or " ".join(text.split()))
        return bool(matching)

    async def _propose(self, actor: Actor, rule: sqlite3.Row, sender: str, subject: str) -> None:
        now = self._clock.now()
        people, problem = await self._whom(actor, rule)

        def work(db: sqlite3.Connection) -> int | None:
            before = warnings.asked_since(db, rule["id"], now - NOT_AGAIN)
            number = warnings.note(db, rule, sender[:200], subject[:200], now)
            if before is not None:
                at = words.at_time(before["at"], actor.timezone, now)
                warnings.say(db, number, f"déjà proposé {at}")
                return None
            asked = on_duty(db, actor.entity_id, now) or trusted(db, actor.entity_id)
            if not asked:
                warnings.say(db, number, fr("personne de garde, et aucun téléphone autorisé"))
                return None
            return _ask(db, actor, rule, number, subject, people, problem, asked, now)

        broadcast = await self._store.write(work)
        _log.warning("warning received", rule=rule["name"], asked=broadcast is not None)
        if broadcast is not None:
            self._sending.announce(broadcast, Urgency.VITAL)

    async def _whom(self, actor: Actor, rule: sqlite3.Row) -> tuple[int, str]:
        """Return how many people the ready message would go to, and what stands against it."""
        try:
            draft = await self._ready.draft(actor, rule["scenario_id"])
            prepared = await self._compose.prepare(actor, draft)
        except Refused as refusal:
            return 0, refusal.message
        problem = prepared.problems[0].message if prepared.problems else ""
        return len(prepared.people), problem

    async def answered(self, row: sqlite3.Row, said: str, who: Asked) -> str:
        """Do what somebody on duty answered; return what to tell them, and tell the others."""
        found = await self._store.read(lambda db: warnings.asked_by(db, row["broadcast_id"]))
        if found is None:
            return "Cet avertissement n'existe plus."
        await self._sending.hush(row["broadcast_id"])
        verdict = f"{who.name} : non"
        told = "C'est noté : rien ne part."
        if said == "yes":
            title = await self._launch(row, found, who)
            verdict, told = f"envoyé par {who.name}", f"C'est noté : « {title} » part."
        await self._store.write(lambda db: warnings.say(db, found["id"], verdict))
        await self._tell_others(row, who, f"{found['rule']} : {verdict}.")
        return told

    async def _launch(self, row: sqlite3.Row, found: sqlite3.Row, who: Asked) -> str:
        actor = Actor(
            None, "sms", who.name, "administrator", row["entity_id"], row["town"], row["timezone"]
        )
        draft = await self._ready.draft(actor, found["scenario_id"] or 0)
        keyed = replace(draft, idempotency_key=f"warning-{found['id']}")
        await self._sending.send(actor, keyed, Door.MAIL)
        return draft.scenario

    async def _tell_others(self, row: sqlite3.Row, who: Asked, text: str) -> None:
        others = [
            Asked("", number) for number in json.loads(row["numbers"]) if number != who.number
        ]
        if not others:
            return
        now, said = self._clock.now(), f"Tocsin {row['town']} : {text}"

        def work(db: sqlite3.Connection) -> int:
            title, until = "Suite d'un avertissement", now + YES_WITHIN
            return tell(db, row["entity_id"], Urgency.SERVICE, title, said, others, now, until)

        number = await self._store.write(work)
        self._sending.announce(number, Urgency.SERVICE)


def _ask(
    db: sqlite3.Connection, actor: Actor, rule: sqlite3.Row, number: int, subject: str,
    people: int, problem: str, asked: list[Asked], now: float,
) -> int:  # fmt: skip
    """Ask about a warning, or tell of it where nothing can be proposed; return the broadcast."""
    head = f"Tocsin {actor.entity_name} : avertissement {rule['name']} : « {subject[:70]} »."
    title, until = f"Avertissement : {rule['name']}", now + YES_WITHIN
    names = ", ".join(dict.fromkeys(one.name for one in asked))
    if problem:
        text = f"{head} Rien ne peut être proposé : {problem}"
        said = f"signalé à {names} ; {problem}"
        broadcast = tell(db, actor.entity_id, Urgency.VITAL, title, text, asked, now, until)
    else:
        code = questions.fresh_code(db, now)
        text = (
            f"{head} Envoyer « {rule['scenario']} » à {people} personnes ? OUI {code} pour "
            f"l'envoyer, NON {code} sinon."
        )
        spoken = (
            f"Avertissement {rule['name']} : {subject[:150]}. Un message est prêt : "
            f"{rule['scenario']}, pour {people} personnes. Pour l'envoyer, répondez au SMS que "
            "vous venez de recevoir. La touche un dit que vous vous en occupez."
        )
        said = f"proposé à {names}"
        broadcast = tell(
            db, actor.entity_id, Urgency.VITAL, title, text, asked[:1], now, until, spoken=spoken
        )
        numbers = [one.number for one in asked]
        questions.ask(db, actor.entity_id, broadcast, questions.WARNING, code, numbers, now, until)
        turns.begin(db, broadcast, asked, now)
    warnings.say(db, number, said, broadcast)
    return broadcast


def _nobody(entity_id: int, town: str, timezone: str) -> Actor:
    return Actor(None, "mail", "Tocsin", "sender", entity_id, town, timezone)
