"""One person of the directory: shown, corrected, merged, handed their file, erased."""

from __future__ import annotations

import re
import sqlite3
from functools import partial
from typing import Final

from gateway import phone
from gateway.clock import Clock
from gateway.errors import Merged, NotHere, Refused
from gateway.model import Line, Purpose
from gateway.rights import Right
from gateway.sentences import fr
from gateway.services import past, person_form, twin_cards, words
from gateway.services.directory import endpoint_views
from gateway.services.permits import need
from gateway.services.person_values import (
    BereftView,
    PastView,
    PersonForm,
    PersonView,
    ReachView,
    Shared,
    TwinView,
)
from gateway.services.values import Actor
from gateway.services.versions import check, version_of
from gateway.store import Store, became, contacts, events, groups, history, people, twins

#: The fields of the form that are text, and the most characters each holds.
FIELDS: Final = {
    "honorific": 20, "given_name": 80, "name": 120, "number": 12, "street": 120, "complement": 120,
    "floor": 20, "postcode": 10, "city": 80, "zone": 80, "note": 1000, "language": 2,
}  # fmt: skip
_LANGUAGES: Final = frozenset({"fr", "en"})
_POSTCODE: Final = re.compile(r"[0-9]{5}")
#: Seconds for which it is told that somebody lost their referent, unless they have one again.
_BEREFT_SHOWN: Final = 30 * 86400.0
_MOST_ENDPOINTS: Final = 20
_MOST_TAGS: Final = 30
_NOBODY: Final = fr("Ce contact n'existe pas, ou n'existe plus.")


class Persons:
    """What the doors may ask of one person."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def view(self, actor: Actor, contact_id: int) -> PersonView:
        """Return a contact in full; raise `NotHere` for one that whoever asks may not see."""
        need(actor, Right.PEOPLE)
        return await self._store.read(lambda db: _view(db, actor, _owned(db, actor, contact_id)))

    async def past(self, actor: Actor, contact_id: int) -> list[PastView]:
        """Return all a contact received, answered and agreed to, newest first."""
        need(actor, Right.PEOPLE)

        def work(db: sqlite3.Connection) -> list[PastView]:
            _owned(db, actor, contact_id)
            return past.of(db, actor, contact_id)

        return await self._store.read(work)

    async def form(self, actor: Actor, contact_id: int) -> tuple[PersonForm, str]:
        """Return a contact's form and its version."""
        need(actor, Right.PEOPLE)

        def work(db: sqlite3.Connection) -> tuple[PersonForm, str]:
            form = person_form.form_of(db, actor, _owned(db, actor, contact_id))
            return form, version_of(person_form.said(db, actor, form))

        return await self._store.read(work)

    async def save(
        self, actor: Actor, contact_id: int | None, form: PersonForm, version: str = "", *,
        ask_shared: bool = False,
    ) -> int:  # fmt: skip
        """Write a contact (None: a new one) as the form says; return its id.

        Raise `Refused` naming the field, `Changed` where somebody changed the contact since the
        form of ``version``, and with ``ask_shared`` `Shared` for a new mobile that is somebody
        else's; nothing is written then.
        """
        need(actor, Right.PEOPLE)
        checked = _checked(form)
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> int:
            if contact_id is not None:
                stands = person_form.form_of(db, actor, _owned(db, actor, contact_id))
                wanted = person_form.said(db, actor, form)
                check(version, person_form.said(db, actor, stands), wanted, person_form.INPUTS)
            if ask_shared:
                _ask_shared(db, actor, contact_id, checked[1])
            return _saved(db, actor, contact_id, form, checked, now)

        return await self._store.write(work)

    async def relying_on(self, actor: Actor, contact_id: int) -> int:
        """Return how many people, of those whoever asks may see, have this one as referent."""
        need(actor, Right.PEOPLE)

        def work(db: sqlite3.Connection) -> int:
            _owned(db, actor, contact_id)
            return contacts.relying_on(db, actor.entity_id, contact_id, register=actor.keeper)

        return await self._store.read(work)

    async def without_referent(self, actor: Actor) -> tuple[BereftView, ...]:
        """Return who lost their referent lately and has none again; of the register, to keepers.

        It was erased by somebody who perhaps may not know of them.
        """
        need(actor, Right.PEOPLE)
        since = self._clock.now() - _BEREFT_SHOWN
        rows = await self._store.read(
            lambda db: contacts.without_referent(
                db, actor.entity_id, since, register=actor.keeper
            )
        )  # fmt: skip
        return tuple(
            BereftView(
                row["id"], people.full_name(row), words.at(row["at"], actor.timezone), row["by"]
            )
            for row in rows
        )  # fmt: skip

    async def erase(self, actor: Actor, contact_id: int) -> int:
        """Forget a person for ever; counts, the chain of events and refusals stay.

        Return how many messages begun by anybody went with them, because they named them.
        """
        need(actor, Right.PEOPLE)

        def work(db: sqlite3.Connection) -> list[int]:
            row = _owned(db, actor, contact_id)
            waiting = history.under_way(db, contact_id)
            if waiting is not None:
                raise Refused(
                    "« {title} » est encore en cours pour {full_name} : attendez la fin de cet "
                    "envoi, ou annulez-le.",
                    title=waiting["title"],
                    full_name=people.full_name(row),
                )
            return history.recipients_of(db, contact_id)

        for number in await self._store.read(work):
            await self._store.write(partial(_forgotten, number))
        now = self._clock.now()
        return await self._store.write(
            lambda db: history.erase(db, actor.entity_id, contact_id, actor.name, now)
        )

    async def file(self, actor: Actor, contact_id: int) -> dict[str, object]:
        """Return everything kept about a person, ready for JSON: the right of access."""
        need(actor, Right.PEOPLE)

        def work(db: sqlite3.Connection) -> dict[str, object]:
            row = _owned(db, actor, contact_id)
            return past.file(db, actor, row)

        found = await self._store.read(work)
        now = self._clock.now()
        await self._store.write(
            lambda db: events.record(
                db, now, "contact.file_handed_out", {"contact": contact_id, "by": actor.name},
                entity_id=actor.entity_id,
            )
        )  # fmt: skip
        return found

    # the same person twice

    async def twins(self, actor: Actor) -> list[TwinView]:
        """Return pairs of contacts that are perhaps one person."""
        need(actor, Right.PEOPLE)

        def work(db: sqlite3.Connection) -> list[TwinView]:
            rows = twins.pairs(db, actor.entity_id, register=actor.keeper)
            found = (twin_cards.view(db, actor, row) for row in rows)
            return [one for one in found if one is not None]

        return await self._store.read(work)

    async def merge(self, actor: Actor, kept: int, gone: int) -> None:
        """Make one contact of two; what the first lacks comes from the second, their notes join."""
        need(actor, Right.PEOPLE)
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            _owned(db, actor, kept)
            _owned(db, actor, gone)
            if kept == gone:
                raise Refused("Choisissez deux fiches différentes.")
            twins.merge(db, actor.entity_id, kept, gone, actor.name, now)

        await self._store.write(work)

    async def keep_apart(self, actor: Actor, one: int, other: int) -> None:
        """Write down that two contacts are two people: they are not proposed again."""
        need(actor, Right.PEOPLE)
        now = self._clock.now()

        def work(db: sqlite3.Connection) -> None:
            _owned(db, actor, one)
            _owned(db, actor, other)
            twins.keep_apart(db, actor.entity_id, one, other, actor.name, now)

        await self._store.write(work)


def _forgotten(recipient_id: int, db: sqlite3.Connection) -> None:
    history.forget_recipient(db, recipient_id)


def _owned(db: sqlite3.Connection, actor: Actor, contact_id: int) -> sqlite3.Row:
    row = contacts.get(db, actor.entity_id, contact_id, register=actor.keeper)
    if row is None:
        after = became.taken_over_by(db, actor.entity_id, contact_id)
        there = after and contacts.get(db, actor.entity_id, after, register=actor.keeper)
        raise Merged(there["id"], people.full_name(there)) if there else NotHere(_NOBODY)
    return row


def _view(db: sqlite3.Connection, actor: Actor, row: sqlite3.Row) -> PersonView:
    listed = groups.of_contact(db, row["id"], register=actor.keeper)
    referent = None
    if row["referent_id"] is not None:
        other = contacts.get(db, actor.entity_id, row["referent_id"], register=actor.keeper)
        referent = (other["id"], people.full_name(other)) if other is not None else None
    return PersonView(
        row["id"], people.full_name(row), {key: row[key] for key in FIELDS},
        bool(row["help_first"]), row["kind"] == "household",
        tuple(
            ReachView(endpoint, past.consents(db, actor, endpoint.address))
            for endpoint in endpoint_views(db, row["id"])
        ),
        tuple(group["id"] for group in listed), tuple(contacts.tags(db, row["id"])), referent,
        bool(row["reserved"]), words.at(row["created_at"], actor.timezone),
        words.at(row["updated_at"], actor.timezone),
    )  # fmt: skip


def _ask_shared(
    db: sqlite3.Connection, actor: Actor, contact_id: int | None, reached: list[Reached]
) -> None:
    """Raise `Shared` for a mobile that is new on a card and on somebody else's already.

    A landline is a household's, its number on two cards is no mistake. Of the register only its
    keepers are asked: nobody else may learn who is in it.
    """
    own = {row["address"] for row in contacts.endpoints(db, contact_id)} if contact_id else set()
    for number, (_, line, address, *_) in enumerate(reached):
        if line is not Line.MOBILE or address in own:
            continue
        other = twins.bearing(db, actor.entity_id, address, register=actor.keeper)
        if other is not None:
            name = people.full_name(other)
            raise Shared(phone.shown(address), f"address{number}", other["id"], name)


Reached = tuple[int, Line, str, str, str]  # id, line, address, warning, label


def _checked(form: PersonForm) -> tuple[dict[str, object], list[Reached]]:
    """Return the columns and endpoints a form stands for; raise `Refused` naming the field."""
    values: dict[str, object] = {}
    for key, most in FIELDS.items():
        text = form.fields.get(key, "").strip()
        text = text if key == "note" else " ".join(text.split())
        if len(text) > most:
            raise Refused("Ce texte est trop long : {most} caractères au plus.", key, most=most)
        values[key] = text
    values["language"] = values["language"] or "fr"
    if values["language"] not in _LANGUAGES:
        raise Refused("Langue inconnue : fr ou en.", "language")
    if not values["name"]:
        raise Refused("Écrivez le nom.", "name")
    values["postcode"] = str(values["postcode"]).replace(" ", "")
    if values["postcode"] and not _POSTCODE.fullmatch(str(values["postcode"])):
        raise Refused("Un code postal a cinq chiffres : corrigez-le, ou laissez vide.", "postcode")
    values["help_first"] = int(form.help_first)
    values["kind"] = "household" if form.household else "person"
    return values, _reached(form)


def _reached(form: PersonForm) -> list[Reached]:
    found: list[Reached] = []
    for number, (known, text, label) in enumerate(form.endpoints):
        if not text.strip():
            continue
        line, address, warning = _read_address(text, f"address{number}")
        if any(address == other for _, _, other, *_ in found):
            raise Refused(
                "{address} est écrit deux fois.", f"address{number}", address=phone.shown(address)
            )
        found.append((known, line, address, warning, " ".join(label.split())[:40]))
    if len(found) > _MOST_ENDPOINTS:
        raise Refused("Pas plus de {most} numéros et adresses.", "address0", most=_MOST_ENDPOINTS)
    return found


def _read_address(text: str, field: str) -> tuple[Line, str, str]:
    try:
        if "@" in text:
            return Line.EMAIL, phone.parse_mail(text), ""
        number = phone.parse(text)
    except Refused as refusal:
        raise Refused(refusal.message, field) from None
    return number.line, number.e164, number.warning


def _saved(
    db: sqlite3.Connection, actor: Actor, contact_id: int | None, form: PersonForm,
    checked: tuple[dict[str, object], list[Reached]], now: float,
) -> int:  # fmt: skip
    values, reached = checked
    chosen = _chosen_groups(db, actor, form)
    fresh = contact_id is None
    if contact_id is None:
        contact_id = contacts.add(
            db, actor.entity_id, str(values["name"]), str(values["given_name"]), {}, now,
            reserved=groups.only_registers(db, chosen),
        )  # fmt: skip
    else:
        _owned(db, actor, contact_id)
    values["referent_id"] = _referent(db, actor, contacts.row(db, contact_id), form.referent)
    contacts.change(db, contact_id, values, actor.name, now, noted=not fresh)
    _save_endpoints(db, actor, contact_id, reached, now)
    tags = tuple(dict.fromkeys(" ".join(tag.split())[:40] for tag in form.tags if tag.strip()))
    contacts.set_tags(db, contact_id, tags[:_MOST_TAGS])
    known = {row["id"] for row in groups.of_contact(db, contact_id, register=actor.keeper)}
    for number in sorted(chosen - known):
        groups.join(db, number, contact_id)
    for number in sorted(known - chosen):
        groups.leave(db, number, contact_id)
    # who it is stays on the card, which can be erased; the record says which card
    kind = "contact.added" if fresh else "contact.changed"
    told = {"contact": contact_id, "by": actor.name}
    events.record(db, now, kind, told, entity_id=actor.entity_id)
    return contact_id


def _chosen_groups(db: sqlite3.Connection, actor: Actor, form: PersonForm) -> set[int]:
    known = groups.named(db, actor.entity_id, register=actor.keeper)
    listed = {row["id"] for row in known if not row["criteria"]}
    if not set(form.group_ids) <= listed:
        raise Refused("Ce groupe n'existe plus : rechargez la page.", "group")
    if actor.keeper and not form.group_ids:
        return set()
    registers = {row["id"] for row in known if row["purpose"] == Purpose.VULNERABLE}
    if set(form.group_ids) & registers and not actor.keeper:
        raise Refused(words.KEEPERS_ONLY, "group")
    return set(form.group_ids)


def _referent(db: sqlite3.Connection, actor: Actor, of: sqlite3.Row, text: str) -> int | None:
    """Return the contact who answers for this one, found by their number or address.

    The one they have stays where the number is theirs also, or where whoever writes may not know
    of them: the form shows these nothing.
    """
    now: int | None = of["referent_id"]
    if not text.strip():
        seen = now is None or contacts.get(db, actor.entity_id, now, register=actor.keeper)
        return None if seen else now
    _, address, _ = _read_address(text, "referent")
    if now is not None and any(e["address"] == address for e in contacts.endpoints(db, now)):
        return now
    row = people.by_address(db, actor.entity_id, address, keeper=actor.keeper)
    if row is None or (row["reserved"] and not actor.keeper):
        raise Refused(
            "{address} n'est dans aucune fiche : ajoutez d'abord le référent au carnet.",
            "referent",
            address=phone.shown(address),
        )
    if row["id"] == of["id"]:
        raise Refused("Une personne ne peut pas être son propre référent.", "referent")
    return int(row["id"])


def _save_endpoints(
    db: sqlite3.Connection, actor: Actor, contact_id: int, reached: list[Reached], now: float
) -> None:
    """Bring a contact's endpoints to what the form says, and write down what changed."""
    before = {row["id"]: row for row in contacts.endpoints(db, contact_id)}
    wanted = {address for _, _, address, *_ in reached}
    gone = [row["address"] for row in before.values() if row["address"] not in wanted]
    for row in before.values():
        if row["address"] not in wanted:
            contacts.drop_endpoint(db, contact_id, row["id"])
    added = []
    for _, line, address, warning, label in reached:
        if contacts.add_endpoint(db, actor.entity_id, contact_id, line, address, warning, label):
            added.append(address)
        contacts.label_endpoint(db, contact_id, address, label)
    order = {row["address"]: row["id"] for row in contacts.endpoints(db, contact_id)}
    contacts.order_endpoints(db, contact_id, [order[address] for _, _, address, *_ in reached])
    if before and (added or gone):
        contacts.note(db, contact_id, {"added": added, "removed": gone}, actor.name, now)
