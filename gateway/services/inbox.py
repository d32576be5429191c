"""The inbox as the doors see it: conversations, what waits to be read, answers, rules."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway import hours, kinds, launch_words, orders, phone, rounds
from gateway.clock import Clock
from gateway.errors import NotHere, Refused
from gateway.model import Address, Channel, Door, JobState, Line, Urgency
from gateway.near_days import soonest
from gateway.replies import plain
from gateway.rights import Right, rights_of
from gateway.sentences import fr, fr_all, listed
from gateway.services import round_words, versions, words
from gateway.services.correspondence import Heard, unread
from gateway.services.council_words import WHY
from gateway.services.drafting import cheaper
from gateway.services.permits import need
from gateway.services.sending import Sending
from gateway.services.values import Actor, Page
from gateway.store import Store, broadcasts, conversations, people, routes, sent_once, waiting
from gateway.store.broadcasts import NewBroadcast
from gateway.store.inbox import Done
from gateway.store.people import Person

#: Conversations on a page.
_PER_PAGE: Final = 25
#: A typed answer leaves within so long (seconds), or not at all.
_LIFE: Final = 86400.0
#: Characters of a typed answer and of a rule's.
_LONGEST: Final = 612  # four segments of 153 septets
_MOST_RULES: Final = 30
_EFFECTS: Final[dict[str, str]] = {
    **fr_all({
    "confirmed": "a confirmé", "declined": "a répondu non", "stopped": "ne veut plus de messages",
    "stopped_alerts": "ne veut plus d'alertes", "stop_asked": "STOP aux alertes : à confirmer",
    "started": "veut de nouveau des messages", "distress": "EN DANGER ?",
    "distress_untold": "EN DANGER ? Personne n'a pu être prévenu par SMS : appelez",
    "question": "réponse lue",
    "enrol_asked": "demande d'inscription : à confirmer par SMS",
    "enrol_confirmed": "demande à être alerté", "enrol_full": "trop de demandes d'inscription",
    "stop_list": "veut quitter une liste", "in_hand": "s'en occupe",
    "which": "réponse sans dire à quoi",
    "rule": "réponse automatique envoyée",
    "round_well": "tournée : tout va bien", "round_callback": "tournée : à rappeler",
    "round_goes": "tournée : va voir la personne", "round_cannot": "tournée : ne peut pas y aller",
    "council_present": "sera présent", "council_excused": "sera absent",
    "council_proxy": "donne pouvoir", "defect": "Tocsin n'a pas su le traiter",
    }),
    **{f"council_{why}": fr("réponse au conseil à traiter : {why}", why=WHY[why]) for why in WHY},
    "council_over": fr("répond à une séance passée"),
    **launch_words.EFFECTS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ConversationView:
    """One telephone one has written with."""

    number: str
    number_shown: str
    name: str
    at: datetime
    text: str
    unread: int
    danger: bool


@dataclass(frozen=True, slots=True)
class SaidView:
    """One thing said in a conversation; ``ours`` by the town; ``effect`` in words."""

    at: datetime
    text: str
    ours: bool
    effect: str
    who: str
    broadcast_id: int | None
    title: str
    missing: int = 0
    unread: bool = False


@dataclass(frozen=True, slots=True)
class TalkView:
    """A whole conversation, the oldest first; ``can_write``: a telephone of the usual kind."""

    number: str
    number_shown: str
    name: str
    contact_id: int | None
    said: tuple[SaidView, ...]
    can_write: bool
    last: int = 0  # of what came in: what comes later is not read yet
    version: str = ""  # of what was answered by hand: somebody else may answer meanwhile


@dataclass(frozen=True, slots=True)
class AnswerRuleView:
    """A rule that answers by itself."""

    id: int
    words: str
    answer: str


class Inbox:
    """What the doors may ask of the SMS that came in."""

    def __init__(self, store: Store, clock: Clock, sending: Sending) -> None:
        self._store, self._clock, self._sending = store, clock, sending
        self._waiting: dict[int, tuple[int, int]] = {}

    async def count(self) -> None:
        """Count anew what waits to be read, in every town: every page shows it."""
        self._waiting = await self._store.read(conversations.unread)

    def unread(self, actor: Actor) -> tuple[int, int]:
        """Return how many SMS wait to be read, and how many of them cry for help."""
        return self._waiting.get(actor.entity_id, (0, 0))

    async def talks(self, actor: Actor, search: str = "", page: int = 1) -> Page[ConversationView]:
        """Return conversations, danger and unread first."""
        need(actor, Right.INBOX)
        looked_for = " ".join(search.split())[:80]
        offset = (page - 1) * _PER_PAGE
        rows, total = await self._store.read(
            lambda db: conversations.listed(
                db, actor.entity_id, looked_for, _PER_PAGE, offset, keeper=actor.keeper
            )
        )
        found = tuple(
            ConversationView(
                row["number"], phone.shown(row["number"]), row["name"] or "",
                words.at(row["at"], actor.timezone), row["text"], row["unread"],
                bool(row["danger"]),
            )
            for row in rows
        )  # fmt: skip
        return Page(found, page, max(1, -(-total // _PER_PAGE)), total)

    async def talk(self, actor: Actor, number: str) -> TalkView:
        """Return a whole conversation. Raise `NotHere` where there is none."""
        need(actor, Right.INBOX)
        keeper, now = actor.keeper, self._clock.now()

        def work(db: sqlite3.Connection) -> TalkView | None:
            came = conversations.received(db, actor.entity_id, number)
            went = [
                row for row in conversations.sent(db, actor.entity_id, number)
                if keeper or not _of_the_register(row)
            ]  # fmt: skip
            if not came and not went:
                return None
            said = [
                *(_came(row, actor) for row in came),
                *(_went(row, actor.timezone, now) for row in went),
            ]
            contact = people.by_address(db, actor.entity_id, number, keeper=keeper)
            known = contact is not None and (keeper or not contact["reserved"])
            return TalkView(
                number, phone.shown(number),
                people.full_name(contact) if known and contact else "",
                contact["id"] if known and contact else None,
                tuple(sorted(said, key=lambda one: one.at)), _writable(number),
                max((row["id"] for row in came), default=0),
                versions.version_of(_answered(db, actor, number)),
            )  # fmt: skip

        found = await self._store.read(work)
        if found is None:
            raise NotHere("Aucune conversation avec ce numéro.")
        return found

    async def read(self, actor: Actor, number: str, last: int) -> None:
        """Write down that somebody has read a conversation, as far as it was shown to them."""
        need(actor, Right.INBOX)
        now = self._clock.now()
        await self._store.write(
            lambda db: conversations.read(db, actor.entity_id, number, last, actor.name, now)
        )
        await self.count()

    async def answer(
        self, actor: Actor, number: str, text: str, key: str, last: int = 0, version: str = ""
    ) -> int:  # fmt: skip
        """Write to a number by the SIM it wrote to; what was shown (``last``) counts as read.

        Raise `Refused` where the text is empty or too long, or the number none one can write to;
        `Changed` where somebody answered since the form of ``version``.
        """
        need(actor, Right.INBOX)
        said, _ = cheaper(text.strip())
        if not said:
            raise Refused("Écrivez votre réponse.", "text")
        if len(said) > _LONGEST:
            raise Refused(
                "Réponse trop longue : {longest} caractères au plus.", "text", longest=_LONGEST
            )
        if not _writable(number):
            raise Refused("On ne peut pas répondre à ce numéro : ce n'est pas un téléphone mobile.")
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> int:
            row = people.by_address(db, actor.entity_id, number, keeper=False)
            # its title is read by more than the register's keepers
            named = row is not None and not row["reserved"]
            name = people.full_name(row) if row and named else phone.shown(number)
            new = _letter(actor, number, name, said, now, key)
            if not sent_once.of_key(db, actor.entity_id, new.idempotency_key or ""):
                answered = _answered(db, actor, number)
                versions.check(version, answered, {}, message=_ANSWERED)
            made = broadcasts.create(db, new, now)
            if sim := conversations.last_sim(db, actor.entity_id, number):
                routes.prefer(db, made, sim)
            conversations.read(db, actor.entity_id, number, last, actor.name, now)
            return made

        made = await self._store.write(work)
        await self.count()
        self._sending.announce(made, Urgency.SERVICE)
        return made

    async def about(self, actor: Actor, broadcast_id: int) -> list[ConversationView]:
        """Return the SMS to be read that came after a message; none to whoever may not read."""
        if Right.INBOX not in rights_of(actor.role):
            return []
        rows = await self._store.read(
            lambda db: conversations.about(db, actor.entity_id, broadcast_id, keeper=actor.keeper)
        )
        return [
            ConversationView(
                row["number"], phone.shown(row["number"]), row["name"] or "",
                words.at(row["at"], actor.timezone), row["text"], row["read_at"] is None,
                row["kind"] == "distress",
            )
            for row in rows if actor.keeper or not _is_secret(row)
        ]  # fmt: skip

    # rules

    async def rules(self, actor: Actor) -> list[AnswerRuleView]:
        """Return the rules that answer by themselves."""
        rows = await self._store.read(lambda db: conversations.rules(db, actor.entity_id))
        return [AnswerRuleView(row["id"], row["words"], row["answer"]) for row in rows]

    async def add_rule(self, actor: Actor, said: str, answer: str) -> None:
        """Have what has one of these words answered by itself; raise `Refused` for an empty one."""
        need(actor, Right.SETTINGS)
        known = ", ".join(filter(None, (plain(one) for one in re.split(r"[,;\n]", said))))[:300]
        answer = cheaper(" ".join(answer.split()))[0]
        if not answer:
            raise Refused("Écrivez la réponse à envoyer.", "answer")
        if len(answer) > _LONGEST:
            raise Refused(
                "Réponse trop longue : {longest} caractères au plus.", "answer", longest=_LONGEST
            )
        if len(await self.rules(actor)) >= _MOST_RULES:
            raise Refused("Trop de règles : retirez-en une d'abord.", "words")
        now = self._clock.now()
        await self._store.write(
            lambda db: conversations.add_rule(db, actor.entity_id, known, answer, actor.name, now)
        )

    async def remove_rule(self, actor: Actor, number: int) -> None:
        """Take a rule back."""
        need(actor, Right.SETTINGS)
        now = self._clock.now()
        await self._store.write(
            lambda db: conversations.remove_rule(db, actor.entity_id, number, actor.name, now)
        )


def by_rule(db: sqlite3.Connection, heard: Heard) -> Done | None:
    """Answer what a rule knows; a human reads it all the same. A taker."""
    if heard.entity_id is None or heard.message.missing:
        return None
    said = f" {plain(heard.text)} "
    for rule in conversations.rules(db, heard.entity_id):
        wanted = [word for word in rule["words"].split(", ") if word]
        if not wanted or any(f" {word} " in said for word in wanted):
            left = unread(heard)
            return Done(
                "rule", left.entity_id, left.broadcast_id, left.recipient_id, to_read=True,
                answer=rule["answer"],
            )  # fmt: skip
    return None


_ANSWERED: Final = fr(
    "Quelqu'un vient de répondre à cette personne : voici sa réponse. La vôtre n'est pas partie ; "
    "répondez de nouveau pour l'envoyer aussi."
)
#: What becomes of an SMS that says nothing of a message it answers, by how its effect begins.
_BY_ITSELF: Final = ("distress", "stop", "started", "enrol", "rule", "defect")


def _answered(db: sqlite3.Connection, actor: Actor, number: str) -> dict[str, str]:
    """Return what was last answered by hand, under who and when: what `versions` compares."""
    row = conversations.last_answer(db, actor.entity_id, number)
    if row is None:
        return {}
    when = f"{words.at(row['at'], actor.timezone):%d/%m/%Y %H:%M}"
    return {versions.REST: str(row["id"]), f"{row['author']}, {when}": row["text"]}


def _of_the_register(row: sqlite3.Row) -> bool:
    """Tell whether something sent would tell who is on the register, or a referent's of theirs."""
    of_a_round = row["kind"] == kinds.AUTO and row["text"] in round_words.ANSWERS
    return bool(row["kind"] == rounds.KIND or row["registered"] or of_a_round)


def _writable(number: str) -> bool:
    try:
        return phone.parse(number).line is Line.MOBILE
    except Refused:
        return False


def _letter(actor: Actor, number: str, name: str, said: str, now: float, key: str) -> NewBroadcast:
    """Return one SMS to one person, written by hand: at any hour, to whoever wrote first."""
    until = soonest(said)
    return NewBroadcast(
        entity_id=actor.entity_id, title=f"Réponse à {name}"[:120], urgency=Urgency.SERVICE,
        plan=orders.at_once((Channel.SMS,)), door=Door.PAGE, author=actor.name,
        texts={Channel.SMS: ("", said)},
        people=[Person(None, name, (Address(None, Line.MOBILE, number),))],
        expires_at=now + _LIFE, kind="reply", idempotency_key=f"reply-{key}" if key else None,
        closes_at=hours.day_ends(actor.timezone, now, until) if until else None,
    )  # fmt: skip


def _is_secret(row: sqlite3.Row) -> bool:
    """Tell whether what something came after would tell who is on the register."""
    of_a_round = row["about"] == rounds.KIND or row["effect"].startswith("round_")
    return bool(of_a_round or row["registered"])


def _came(row: sqlite3.Row, actor: Actor) -> SaidView:
    if _is_secret(row) and not actor.keeper:
        effect = _EFFECTS.get(row["effect"], "") if row["effect"].startswith(_BY_ITSELF) else ""
        return SaidView(
            words.at(row["at"], actor.timezone), row["text"], False, effect, "", None, "",
            row["missing"], bool(row["to_read"]) and row["read_at"] is None,
        )  # fmt: skip
    return SaidView(
        words.at(row["at"], actor.timezone), row["text"], False, _EFFECTS.get(row["effect"], ""),
        "", row["broadcast_id"], row["title"] or "", row["missing"],
        bool(row["to_read"]) and row["read_at"] is None,
    )  # fmt: skip


def _went(row: sqlite3.Row, zone: str, now: float) -> SaidView:
    state = JobState(row["state"])
    reason = waiting.reason_of(row, now)
    told = listed(" : ", filter(None, (words.JOB_STATES[state], words.REASONS[reason])))
    if row["channel"] == Channel.VOICE:
        told = fr("appel – {told}", told=told)
    return SaidView(
        words.at(row["at"], zone), row["text"], True, told, row["author"],
        row["broadcast_id"] if row["kind"] not in {*kinds.ALWAYS, "reply"} else None, row["title"],
    )  # fmt: skip
