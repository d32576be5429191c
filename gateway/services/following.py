"""What follows a message: again to the unreached, the end of an alert, a correction to all."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial, reduce
from typing import Final

from gateway.clock import Clock
from gateway.departure import Departure
from gateway.errors import Refused
from gateway.model import Channel, Door, Reason, Urgency
from gateway.near_days import near_day
from gateway.rights import Right
from gateway.sentences import fr
from gateway.services import foresight, town_settings, words
from gateway.services.audiences import FOLLOWING, concerned, order_after, prepared_after, referents
from gateway.services.compose import Compose, Prepared
from gateway.services.drafting import undressed
from gateway.services.follow import Earlier, Proposed
from gateway.services.owning import owned
from gateway.services.permits import need
from gateway.services.sending import Beside, Sending
from gateway.services.values import Actor, Draft
from gateway.store import Store, aftermath, attachments, broadcasts, family, sent_once, settings

#: The first words it is proposed with, in each language; an alert ends as one.
_OPENINGS: Final = {
    ("end", "fr"): "Fin : ", ("end", "en"): "It is over: ",
    ("correction", "fr"): "Rectificatif : ", ("correction", "en"): "Correction: ",
}  # fmt: skip
_JUST_SAID: Final = fr(
    "Cela vient d'être annoncé : rien n'est parti une autre fois. Voyez d'abord."
)
_ALERT_ENDS: Final = {"fr": "Fin de l'alerte : ", "en": "End of the alert: "}


class Following:
    """What the doors may ask to follow a message."""

    def __init__(self, store: Store, clock: Clock, compose: Compose, sending: Sending) -> None:
        self._store, self._clock, self._compose, self._sending = store, clock, compose, sending

    async def propose(
        self, actor: Actor, broadcast_id: int, kind: str, typed: Draft | None = None
    ) -> Proposed:
        """Return the message that would follow: to how many people, in which order.

        As it was ``typed``, else by the ways of the message itself.
        """
        row, first = await self._store.read(lambda db: _of(db, actor, broadcast_id, kind))

        def work(db: sqlite3.Connection) -> Proposed:
            ways = typed.channels if typed is not None else ()
            ways = ways or tuple(c.value for c in broadcasts.texts(db, first["id"]))
            found, asked = concerned(db, first["id"], kind), referents(db, first["id"], kind)
            english = _english(db, first, kind)
            text, text_en = _offered(db, row, first, kind)
            town = settings.read(db, actor.entity_id)
            asks = kind != "resend" and town_settings.asks_second(
                town, Urgency(first["urgency"]), len(found) + len(asked)
            )
            return Proposed(
                first["title"], text, first["urgency"], ways, len(found) + len(asked),
                bool(english), text_en if english else "", asks, _before(db, actor, first, kind),
                _way(first, kind, ways), len(asked),
            )  # fmt: skip

        proposed = await self._store.read(work)
        draft = Draft(proposed.text, channels=proposed.channels, text_en=proposed.text_en)
        if typed is not None:
            draft = typed
            proposed = replace(
                proposed, text=typed.text, text_en=typed.text_en, channels=typed.channels
            )
        draft = replace(draft, urgency=first["urgency"])
        try:
            prepared = await prepared_after(self._store, self._compose, actor, first, kind, draft)
        except Refused:  # said once it is sent; where it is for nobody there is nothing to say
            return proposed
        departure, dated = await self._timed(actor, row, first, kind, draft, prepared)
        leaves = words.local(departure.starts_at, actor.timezone)
        return replace(
            proposed,
            leaves_at=leaves if departure.held is Reason.HOURS else None,
            dated=dated, word=near_day(*draft.texts) if dated else "",
        )  # fmt: skip

    async def _timed(
        self, actor: Actor, row: sqlite3.Row, first: sqlite3.Row, kind: str, draft: Draft,
        prepared: Prepared,
    ) -> tuple[Departure, str]:  # fmt: skip
        """Return when it leaves, and a sentence where its words are then of another day, or "".

        What it takes up is of the day it was written; other words are of this moment.
        """
        zone, now = actor.timezone, self._clock.now()
        offered = await self._store.read(lambda db: _offered(db, row, first, kind))
        # the hold in which it can be taken back is no appointment; its end is looked at apart
        departure = await self._compose.departure(
            actor, replace(draft, expires=None), prepared, Door.COMMAND, 0.0
        )
        if draft.text.strip() != offered[0].strip():
            return departure, "".join(foresight.another_day(draft, departure, zone, now))
        written = (row if kind == "resend" else first)["starts_at"]
        return departure, foresight.taken_up(draft.texts, written, departure.starts_at, zone)

    async def _made(self, actor: Actor, key: str | None) -> int | None:
        if key is None:
            return None
        return await self._store.read(lambda db: sent_once.of_key(db, actor.entity_id, key))

    async def _check_unchanged(
        self, actor: Actor, row: sqlite3.Row, draft: Draft, prepared: Prepared
    ) -> None:
        """Refuse another text under the agreement that a second person gave to the first."""
        written = await self._store.read(lambda db: _written(db, row))
        if draft.text.strip() != written.strip() and await self._compose.needs_approval(
            actor, prepared
        ):
            raise Refused(
                "Le texte a changé, et une seconde personne doit valider : écrivez un nouveau "
                "message.", "text",
            )  # fmt: skip

    async def _stopped(self, actor: Actor, first_id: int) -> bool:
        """Stop all of a family that may still reach somebody; return whether there was any."""
        going = await self._store.read(lambda db: family.going(db, first_id))
        for one in going:
            with suppress(Refused):  # it came to its end a moment ago
                await self._sending.cancel(actor, one)
        return bool(going)

    async def follow(
        self, actor: Actor, broadcast_id: int, kind: str, draft: Draft, *, known: str = "",
        word: str = "",
    ) -> int:  # fmt: skip
        """Send what follows a message: again to the unreached, its end or a correction to all.

        An end or a correction of what was sent again is that of the first message and of all that
        repeats it. ``kind`` is one of `FOLLOWING`, ``known`` the number of what whoever asks has
        been shown as `Proposed.before`, ``word`` what as `Proposed.word`. Return the new
        broadcast's id; raise `Refused` also where somebody else has announced the same meanwhile,
        for a word of another day that was not shown, and for the end of an end.
        """
        need(actor, Right.LAUNCH)
        await self._store.read(lambda db: owned(db, actor, broadcast_id))
        if (made := await self._made(actor, draft.idempotency_key)) is not None:
            return made
        row, first = await self._store.read(lambda db: _of(db, actor, broadcast_id, kind))
        earlier = await self._store.read(lambda db: _before(db, actor, first, kind))
        if (str(earlier.id) if earlier else "") != known:
            raise Refused(_JUST_SAID)
        alone = await self._store.read(lambda db: _alone(db, first, kind))
        said = row if kind == "resend" else first
        files = await self._store.read(lambda db: attachments.ids_of(db, said["id"]))
        draft = replace(
            draft,
            expires=_useless_after(first, actor, self._clock.now()) if kind == "resend" else None,
            # the same message again is found under the same name
            title=said["title"] if kind == "resend" else draft.title,
            urgency=first["urgency"],
            exercise=bool(first["exercise"]),
            language=first["language"],
            file_ids=files if "email" in draft.channels else (),
        )
        prepare = partial(prepared_after, self._store, self._compose, actor, first, kind, draft)
        prepared = await prepare()
        await self._compose.check_carried(prepared)
        when, dated = await self._timed(actor, row, first, kind, draft, prepared)
        _check_useful(draft, when, actor, self._clock.now())
        if dated and near_day(*draft.texts) != word:
            raise Refused(dated, "text")
        if kind == "resend":
            await self._check_unchanged(actor, first, draft, prepared)
        elif await self._stopped(actor, first["id"]):
            # nobody may still get the first after its end or correction
            prepared = await prepare(
                nobody=Refused("Le premier message est arrêté ; personne ne l'avait encore reçu.")
            )
        new, departure = await self._sending.assembled(actor, draft, prepared, Door.PAGE)
        new = replace(new, kind=kind, parent_id=first["id"])
        if kind == "resend":  # the same text: agreed to with the first
            return await self._sending.store_and_go(new, alone)
        ready = await self._sending.gated(actor, new, draft, prepared, departure)
        return await self._sending.let_go(actor, ready, alone)


def _of(
    db: sqlite3.Connection, actor: Actor, broadcast_id: int, kind: str
) -> tuple[sqlite3.Row, sqlite3.Row]:
    """Return a message, and the one that this kind would follow: the first of its family.

    An end is followed by nothing but itself, sent again: whoever stops it leaves people behind.
    """
    if kind not in FOLLOWING:
        raise Refused("Suite inconnue : resend, end ou correction.", "kind")
    row = owned(db, actor, broadcast_id)
    if kind != "resend" and family.is_end(db, broadcast_id):
        raise Refused("Ce message est déjà la fin d'une alerte.")
    kinds = family.REPEATS if kind == "resend" else family.OF_ONE
    return row, owned(db, actor, family.first(db, broadcast_id, kinds))


def _useless_after(row: sqlite3.Row, actor: Actor, now: float) -> datetime | None:
    """Return when a message stops being worth sending, where its sender chose it.

    Sent again it is no fresher. Raise `Refused` where that hour has passed.
    """
    ends: float | None = row["useless_at"]
    if ends is not None and ends <= now:
        raise Refused(
            "Ce message n'était plus utile après {when} : écrivez-en un nouveau.",
            when=words.clock_time(ends, actor.timezone, now),
        )  # fmt: skip
    return words.local(ends, actor.timezone)


def _check_useful(draft: Draft, departure: Departure, actor: Actor, now: float) -> None:
    """Refuse what would wait for its hours until it is useless: no form has a field for that."""
    if draft.expires is not None and draft.expires.timestamp() <= departure.starts_at:
        raise Refused(
            "Ce message n'est plus utile après {when}, et ne partirait que {later} : écrivez-en un "
            "nouveau.",
            when=words.clock_time(draft.expires.timestamp(), actor.timezone, now),
            later=words.at_time(departure.starts_at, actor.timezone, now),
        )  # fmt: skip


def _before(db: sqlite3.Connection, actor: Actor, first: sqlite3.Row, kind: str) -> Earlier | None:
    """Return the same announced already; before sending again, what ended or corrected it."""
    kinds = ("end", "correction") if kind == "resend" else (kind,)
    root = family.first(db, first["id"])
    one = family.last_word(db, root, kinds, after=first["id"])
    if one is None:
        return None
    at = words.at(one["created_at"], actor.timezone)
    return Earlier(one["id"], at, one["author"], one["kind"])


def _alone(db: sqlite3.Connection, first: sqlite3.Row, kind: str) -> Beside:
    """Return what refuses, as one is stored, when the same was stored since this was asked.

    Two windows, pressed at once, have both been shown that there is none.
    """
    newest = family.last_word(db, family.first(db, first["id"]), (kind,), after=first["id"])
    seen = newest["id"] if newest is not None else first["id"]

    def check(db: sqlite3.Connection, number: int) -> None:
        root = family.first(db, first["id"])
        if family.last_word(db, root, (kind,), after=seen, but=number) is not None:
            raise Refused(_JUST_SAID)

    return check


def _english(
    db: sqlite3.Connection, first: sqlite3.Row, kind: str
) -> list[tuple[Channel, str]]:  # fmt: skip
    kinds = family.REPEATS if kind == "resend" else family.OF_ONE
    return aftermath.english(db, family.whole(db, first["id"], kinds))


def _english_of(
    db: sqlite3.Connection, row: sqlite3.Row, first: sqlite3.Row, kind: str
) -> str:  # fmt: skip
    """Return what was written in English, where that is one text: of the message, or of all."""
    theirs = aftermath.english(db, (row["id"],)) or _english(db, first, kind)
    return _undressed(db, row, *theirs[0]) if len(theirs) == 1 else ""


def _way(first: sqlite3.Row, kind: str, ways: Collection[str]) -> str:
    """Return the sentence that says by what it goes first, and by what then."""
    try:
        plan = order_after(first, kind, ways)
    except Refused:  # said once it is sent
        return ""
    begins = plan.steps[0].channels
    later = {c for step in plan.steps for c in (*step.channels, *step.otherwise)} - {*begins}
    named = [words.CHANNELS[channel] for channel in begins]
    opening = reduce(lambda one, two: fr("{one} et {two}", one=one, two=two), named)
    if later:
        then = [words.CHANNELS[channel] for channel in Channel if channel in later]
        return fr(
            "D'abord par {first}, puis par {then} à qui n'est pas joint.", first=opening,
            then=reduce(lambda one, two: fr("{one} ou {two}", one=one, two=two), then),
        )  # fmt: skip
    if len(named) > 1:
        return fr("Par {first} en même temps.", first=opening)
    return fr("Par {first}.", first=opening)


def _offered(
    db: sqlite3.Connection, row: sqlite3.Row, first: sqlite3.Row, kind: str
) -> tuple[str, str]:  # fmt: skip
    """Return the text that is proposed, and in English."""
    if kind == "resend":
        return _written(db, row), _english_of(db, row, first, kind)
    text, text_en = _opened(first, kind, "fr"), _opened(first, kind, "en")
    return text_en if first["language"] == "en" else text, text_en


def _opened(row: sqlite3.Row, kind: str, language: str) -> str:
    """Return the text that is proposed after a message, which its title ends as a sentence."""
    opening = _OPENINGS[kind, language]
    if kind == "end" and row["urgency"] == Urgency.VITAL:
        opening = _ALERT_ENDS[language]
    title = row["title"]
    return f"{opening}{title}" if title.endswith((".", "!", "?", "…")) else f"{opening}{title}."


def _written(db: sqlite3.Connection, row: sqlite3.Row) -> str:
    """Return the text of a broadcast as its sender wrote it."""
    texts = broadcasts.texts(db, row["id"])
    channel, text = next(((c, body) for c, (_, body) in texts.items() if body), (Channel.SMS, ""))
    return _undressed(db, row, channel, text)


def _undressed(db: sqlite3.Connection, row: sqlite3.Row, channel: Channel, text: str) -> str:
    signature = town_settings.signature(settings.read(db, row["entity_id"]))
    return undressed(text, channel, signature, exercise=bool(row["exercise"]))
