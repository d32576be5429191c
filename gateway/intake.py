"""What a mail that came in leads to: messages to people, a mail relayed, a warning, an answer.

Mails are dealt with one by one, in the order they were accepted, from the disk: a stop in between
loses none and sends none twice.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway import orders, phone
from gateway.clock import Clock
from gateway.errors import Refused, StoreError
from gateway.logs import log_for, masked
from gateway.mail import wishes
from gateway.mail.addresses import Form, Target, slug
from gateway.mail.enclosure import Enclosure, opened
from gateway.mail.wishes import Wishes
from gateway.model import Address, Channel, Door, Line, Urgency
from gateway.rights import Right
from gateway.services import Actor, Draft, Files, Ready, Sending, words
from gateway.services.permits import need
from gateway.store import Store, groups, mail_in, scenarios, town_plans
from gateway.store.broadcasts import NewBroadcast
from gateway.store.mail_in import NewMail
from gateway.store.people import Person

_log = log_for(__name__)

#: A mail relayed is tried for so long (seconds), an answer for a day.
RELAYED_FOR: Final = 3 * 86400.0
ANSWER_LIFE: Final = 86400.0
#: Answers to one address within an hour; beyond, two machines are talking to each other.
MOST_ANSWERS: Final = 20
#: Wrong codes from one address within an hour.
MOST_WRONG: Final = 5
_HOUR: Final = 3600.0
#: A mail older than this (seconds) when it is read is too late for its urgency.
_LIVES: Final = {
    Urgency.VITAL: 6 * _HOUR, Urgency.SERVICE: 24 * _HOUR, Urgency.INFORMATION: 72 * _HOUR,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Led:
    """A broadcast a mail led to, and how many people it is for."""

    broadcast: int
    people: int


class Intake:
    """Turns mails into messages."""

    def __init__(
        self, store: Store, clock: Clock, sending: Sending, ready: Ready, files: Files, page: str
    ) -> None:
        self._store, self._clock, self._page = store, clock, page
        self._sending, self._ready, self._files = sending, ready, files
        self._bell = asyncio.Event()
        self._wrong: dict[str, deque[float]] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="intake")
        #: Offered each mail that may be a warning: actor, sender, subject and text.
        self.on_warning: Callable[[Actor, str, str, str], Awaitable[bool]] | None = None
        #: The same for what stands in the mailbox, whichever town it concerns.
        self.on_warning_mail: Callable[[Enclosure], Awaitable[bool]] | None = None

    def close(self) -> None:
        """Read no more."""
        self._pool.shutdown(wait=False)

    async def accept(self, new: NewMail) -> int:
        """Keep a mail; it is on the disk when this returns its number."""
        now = self._clock.now()
        number = await self._store.write(lambda db: mail_in.keep(db, new, now))
        self._bell.set()
        return number

    async def known(self, actor: Actor, wanted: Target) -> bool:
        """Tell whether a town has the group or ready message of this name."""
        if wanted.form is Form.GROUP:
            return await self._group(actor, wanted.value) is not None
        if wanted.form is Form.SCENARIO:
            return await self._scenario(actor, wanted.value) is not None
        return True

    async def run(self) -> None:
        """Deal with what waits, for ever."""
        while True:
            self._bell.clear()
            while (row := await self._store.read(mail_in.next_waiting)) is not None:
                await self._deal(row)
            await self._bell.wait()

    # from the mailbox

    async def from_mailbox(self, raw: bytes) -> bool:
        """Take a mail out of the mailbox: a warning a rule knows, or its sender's code is right."""
        found = await asyncio.get_running_loop().run_in_executor(self._pool, opened, raw)
        if self.on_warning_mail is not None and await self.on_warning_mail(found):
            return True
        code = wishes.code_in(found.subject)
        if not code or found.automatic:
            return False
        if self._guessing(found.author):
            _log.warning("too many wrong codes by mail", sender=masked(found.author))
            return False
        hashed = wishes.hash_of(code)
        row = await self._store.read(lambda db: mail_in.sender(db, found.author, hashed))
        if row is None:
            self._wrong.setdefault(found.author, deque(maxlen=MOST_WRONG)).append(self._clock.now())
            return False
        new = NewMail(
            row["entity_id"], "mailbox", row["name"], "sender", found.author, (), raw,
            arrived=found.arrived,
        )  # fmt: skip
        await self.accept(new)
        return True

    def _guessing(self, address: str) -> bool:
        wrong, now = self._wrong.get(address, deque()), self._clock.now()
        while wrong and wrong[0] < now - _HOUR:
            wrong.popleft()
        return len(wrong) >= MOST_WRONG

    # one mail

    async def _deal(self, row: sqlite3.Row) -> None:
        number = int(row["id"])
        found = await self._opened(number, bytes(row["content"] or b""))
        if found is None:
            said = "défaut de Tocsin"
            await self._store.write(lambda db: mail_in.done(db, number, "failed", said, keep=False))
            return
        actor = Actor(
            None, "mail", row["author"], row["role"], row["entity_id"], row["town"], row["timezone"]
        )
        found = replace(found, subject=wishes.without_code(found.subject))
        state, said, relayed = "done", "", False
        try:
            led, relayed = await self._carried_out(actor, row, found)
            if led:
                said = self._accepted(found, led)
        except Refused as refusal:
            state, title = "refused", f"« {found.subject[:100]} »"
            relayed = any(one.form is Form.OUTSIDE for one in _targets(row))
            said = (
                f"Votre message {title} est relayé aux adresses extérieures ; le reste n'est pas "
                f"parti.\n\n{refusal.message}"
                if relayed
                else f"Votre message {title} n'est pas parti.\n\n{refusal.message}"
            )
        except (sqlite3.Error, StoreError):
            raise
        except Exception:  # noqa: BLE001  one mail's defect never stops those behind it
            _log.exception("a mail could not be dealt with", mail=number)
            state = "failed"
            said = f"Votre message « {found.subject[:100]} » n'est pas parti : défaut de Tocsin."
        await self._store.write(
            lambda db: mail_in.done(db, number, state, said[:500], keep=relayed)
        )
        _log.info("mail dealt with", mail=number, state=state)
        if said:
            await self._answer(actor, row, found, said)

    async def _opened(self, number: int, raw: bytes) -> Enclosure | None:
        """Return what is in a mail; None where a defect of ours, or memory, does not let us."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, opened, raw)
        except Exception:  # noqa: BLE001  one mail's defect never stops those behind it
            _log.exception("a mail could not be read", mail=number)
            return None

    def _accepted(self, found: Enclosure, led: Sequence[Led]) -> str:
        whole = sum(one.people for one in led)
        links = "\n".join(f"Suivi : {self._page}/messages/{one.broadcast}" for one in led)
        whom = f"{whole} destinataire{'s' if whole > 1 else ''}"
        return f"Votre message « {found.subject[:100]} » est accepté : {whom}.\n\n{links}"

    async def _carried_out(
        self, actor: Actor, row: sqlite3.Row, found: Enclosure
    ) -> tuple[list[Led], bool]:
        """Do what a mail asks; return what it led to, and whether its text is still needed."""
        targets = _targets(row)
        by_form = {form: [t.value for t in targets if t.form is form] for form in Form}
        outside = by_form[Form.OUTSIDE]
        if outside:  # first: what is refused below changes nothing for the mailboxes outside
            await self._relay(actor, row, found, outside)
        if by_form[Form.WARNING]:
            await self._warn(actor, row, found)
        rest = [t for t in targets if t.form not in {Form.WARNING, Form.OUTSIDE}]
        if not rest and row["door"] != "mailbox":
            return [], bool(outside)
        at = words.at(row["received_at"], actor.timezone)
        wished = wishes.read(found.subject, found.headers, at)
        drafts = await self._drafts(actor, found, wished, [*rest, *wished.targets])
        for draft in drafts:
            _check_age(draft.urgency, self._clock.now() - row["received_at"], at)
        need(actor, Right.WRITE)
        # all are made ready first: what is refused below has sent nothing above
        ready = [
            await self._sending.ready(
                actor, replace(draft, idempotency_key=f"mail-{row['id']}-{part}"), Door.MAIL
            )
            for part, draft in enumerate(drafts)
        ]
        led = []
        for number in [await self._sending.let_go(actor, one) for one in ready]:
            people = await self._store.read(lambda db, n=number: mail_in.people(db, n))  # type: ignore[misc]
            led.append(Led(number, people))
        return led, bool(outside)

    async def _warn(self, actor: Actor, row: sqlite3.Row, found: Enclosure) -> None:
        """Offer a warning to the town's rules, by the name on the envelope and that on the letter.

        Raise `Refused` where no rule knows it: whoever set the machine up must hear of it.
        """
        names = dict.fromkeys(filter(None, (row["sender"], found.author)))
        for name in names:
            if self.on_warning is not None and await self.on_warning(
                actor, name, found.subject, found.text
            ):
                return
        raise Refused(
            "Aucune règle ne reconnaît cet avertissement : réglez son expéditeur et ses mots dans "
            "Réglages, Courriel."
        )

    async def _drafts(
        self, actor: Actor, found: Enclosure, wished: Wishes, targets: Sequence[Target]
    ) -> list[Draft]:
        """Return the messages a mail asks for: numbers together, groups together."""
        if not targets:
            raise Refused(
                "À qui ? Écrivez par exemple [groupe élus], [scenario crue] ou [sms 0639980001] "
                "dans l'objet."
            )
        by_form = {form: [t.value for t in targets if t.form is form] for form in Form}
        made = [await self._ready_draft(actor, name) for name in by_form[Form.SCENARIO]]
        plain = Draft(
            found.text or wished.title, title=wished.title, urgency=wished.urgency, at=wished.at,
            exercise=wished.exercise, order=await self._order(actor, wished),
        )  # fmt: skip
        for form, channel in ((Form.SMS, "sms"), (Form.VOICE, "voice")):
            if by_form[form]:
                made.append(
                    replace(plain, to=tuple(by_form[form]), channels=(channel,), order="")
                )  # fmt: skip
        if by_form[Form.GROUP]:
            made.append(await self._to_groups(actor, found, wished, plain, by_form[Form.GROUP]))
        if found.files and not any(draft.file_ids for draft in made):
            raise Refused(
                "Un SMS ou un appel ne porte pas de pièce jointe : écrivez à un groupe, avec "
                "[courriel] dans l'objet, ou retirez-la."
            )
        return made

    async def _to_groups(
        self, actor: Actor, found: Enclosure, wished: Wishes, plain: Draft, names: Sequence[str]
    ) -> Draft:
        ids = []
        for name in names:
            number = await self._group(actor, name)
            if number is None:
                raise Refused("Aucun groupe ne s'appelle « {name} ».", name=name)
            ids.append(number)
        files = []
        if found.files and (not wished.channels or "email" in wished.channels):
            files = [await self._files.keep(actor, name, data) for name, data in found.files]
        return replace(
            plain, group_ids=tuple(ids), channels=wished.channels or ("sms", "voice", "email"),
            order=plain.order or ("" if wished.channels else "advised"), file_ids=tuple(files),
        )  # fmt: skip

    async def _ready_draft(self, actor: Actor, name: str) -> Draft:
        number = await self._scenario(actor, name)
        if number is None:
            raise Refused("Aucun message prêt ne s'appelle « {name} ».", name=name)
        return await self._ready.draft(actor, number)

    async def _order(self, actor: Actor, wished: Wishes) -> str:
        kind, _, name = wished.order.partition(":")
        if kind != "name":
            return wished.order
        rows = await self._store.read(lambda db: town_plans.listed(db, actor.entity_id))
        for row in rows:
            if slug(row["name"]) == name:
                return str(row["id"])
        raise Refused("Aucun ordre d'envoi ne s'appelle « {name} ».", name=name)

    async def _group(self, actor: Actor, name: str) -> int | None:
        rows = await self._store.read(
            lambda db: groups.named(db, actor.entity_id, register=actor.keeper)
        )
        return next((int(row["id"]) for row in rows if slug(row["name"]) == name), None)

    async def _scenario(self, actor: Actor, name: str) -> int | None:
        rows = await self._store.read(lambda db: scenarios.listed(db, actor.entity_id))
        return next((int(row["id"]) for row in rows if slug(row["name"]) == name), None)

    # mail for other mailboxes

    async def _relay(
        self, actor: Actor, row: sqlite3.Row, found: Enclosure, to: Sequence[str]
    ) -> None:
        """Queue a mail as it is, under a line that says where it came through."""
        now = self._clock.now()
        title = f"Courriel relayé : {found.subject}"[:120]
        new = _mail(
            actor, title, found.subject, "(courriel relayé tel quel)", to, now, RELAYED_FOR, "relay"
        )
        new = replace(new, idempotency_key=f"mail-{row['id']}-relay")
        number = await self._store.write(lambda db: mail_in.relay(db, new, row["id"], now))
        self._sending.announce(number, Urgency.SERVICE)

    # answers

    async def _answer(self, actor: Actor, row: sqlite3.Row, found: Enclosure, said: str) -> None:
        """Tell the sender, unless a machine would be told (RFC 3834)."""
        now = self._clock.now()
        try:
            to = phone.parse_mail(row["sender"])
        except Refused:
            return
        if found.automatic:
            return
        sent = await self._store.read(
            lambda db: mail_in.answered_since(db, actor.entity_id, to, now - _HOUR)
        )
        if sent >= MOST_ANSWERS:
            _log.warning("no more answers to this sender for now", to=masked(to))
            return
        subject = f"Re: {found.subject}"[:200]
        new = _mail(actor, subject[:120], subject, said, [to], now, ANSWER_LIFE, "answer")
        new = replace(new, idempotency_key=f"mail-{row['id']}-answer", author="Tocsin")
        about = found.message_id or "<inconnu@tocsin.invalid>"
        number = await self._store.write(lambda db: mail_in.answer(db, new, about, now))
        self._sending.announce(number, Urgency.SERVICE)


def _targets(row: sqlite3.Row) -> list[Target]:
    return [Target(Form(form), value) for form, value in json.loads(row["recipients"])]


def _check_age(urgency: str, age: float, at: datetime) -> None:
    """Refuse what was written long ago and found only now: a stale alert never leaves."""
    if age > _LIVES[Urgency(urgency)]:
        raise Refused(
            "Il est arrivé le {at:%d/%m à %H h %M} et n'a pu être lu qu'après : trop tard "
            "pour partir. Écrivez-le de nouveau s'il vaut encore.",
            at=at,
        )


def _mail(
    actor: Actor, title: str, subject: str, body: str, to: Sequence[str], now: float, life: float,
    kind: str,
) -> NewBroadcast:  # fmt: skip
    """Return mails to a few addresses, at any hour."""
    people = [Person(None, one, (Address(None, Line.EMAIL, one),)) for one in to]
    return NewBroadcast(
        entity_id=actor.entity_id, title=title, urgency=Urgency.SERVICE,
        plan=orders.at_once((Channel.EMAIL,)), door=Door.MAIL, author=actor.name,
        texts={Channel.EMAIL: (subject, body)}, people=people, expires_at=now + life, kind=kind,
    )  # fmt: skip
