"""What happened with one person: messages, answers, agreements, corrections. On a connection."""

from __future__ import annotations

import json
import sqlite3
from typing import Any, Final

from gateway import phone
from gateway.lists.columns import HOLDS
from gateway.model import Channel, Purpose, Reason, RecipientState, Urgency
from gateway.sentences import fr, fr_all, glued, listed
from gateway.services import twin_cards, words
from gateway.services.person_values import ConsentView, PastView
from gateway.services.values import Actor
from gateway.store import broadcasts, consent, contacts, groups, history, people

#: What may be agreed to or refused on a page; the register is joined, not agreed to.
PURPOSES: Final = (Purpose.ALERT, Purpose.SERVICE, Purpose.INFORMATION)
_CALLS: Final = fr("appel reçu")


def consents(db: sqlite3.Connection, actor: Actor, address: str) -> tuple[ConsentView, ...]:
    """Return what counts now for an address, purpose by purpose."""
    refused = consent.in_force(db, actor.entity_id, address)
    known = consent.history(db, actor.entity_id, [address])
    found = []
    for purpose in PURPOSES:
        said = [row for row in refused if row["purpose"] == purpose]
        said = said or [row for row in known if row["purpose"] == purpose and row["given"]][:1]
        rows: list[sqlite3.Row | None] = [*said] if said else [None]
        found += [_consent(actor, purpose, row) for row in rows]
    return tuple(found)


def _consent(actor: Actor, purpose: Purpose, row: sqlite3.Row | None) -> ConsentView:
    label = words.PURPOSES[purpose]
    if row is None:
        return ConsentView(purpose.value, label, None, "", None, "", "", "")
    way = words.CHANNELS[Channel(row["channel"])] if row["channel"] else ""
    return ConsentView(
        purpose.value, label, bool(row["given"]), way, words.local(row["at"], actor.timezone),
        row["source"], row["by"], row["said"],
    )  # fmt: skip


def of(db: sqlite3.Connection, actor: Actor, contact_id: int) -> list[PastView]:
    """Return all that happened with a contact, newest first."""
    zone = actor.timezone
    found = [_sent(row, zone) for row in history.received(db, contact_id, register=actor.keeper)]
    found += [_came(row, zone) for row in history.answers(db, contact_id)]
    found += [_changed(db, row, actor) for row in contacts.changes(db, contact_id)]
    addresses = [row["address"] for row in contacts.endpoints(db, contact_id)]
    if addresses:
        rows = consent.history(db, actor.entity_id, addresses)
        found += [_said(row, zone) for row in rows]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _sent(row: sqlite3.Row, zone: str) -> PastView:
    state = words.state(RecipientState(row["state"]), kind=row["kind"])
    reason = words.REASONS[Reason(row["reason"])]
    urgency = words.URGENCIES[Urgency(row["urgency"])]
    title = fr("{what} : {said}", what=urgency, said=row["title"])
    if row["exercise"]:
        title = fr("{title} (exercice)", title=title)
    said = listed(" – ", filter(None, (state, reason)))
    return PastView(words.at(row["created_at"], zone), "sent", title, said, row["broadcast_id"])


def _came(row: sqlite3.Row, zone: str) -> PastView:
    if row["kind"] == "sms":
        title = fr("SMS reçu du {number}", number=phone.shown(row["number"]))
        return PastView(words.at(row["at"], zone), "sms", title, row["said"])
    title = fr("A rappelé du {number}", number=phone.shown(row["number"]))
    return PastView(words.at(row["at"], zone), "call", title, _CALLS)


def _said(row: sqlite3.Row, zone: str) -> PastView:
    what = fr("accepte") if row["given"] else fr("refuse")
    purpose = words.PURPOSES[Purpose(row["purpose"])]
    title = fr(
        "{address} {what} : {purpose}", address=phone.shown(row["address"]), what=what,
        purpose=purpose,
    )  # fmt: skip
    if row["channel"]:
        title = fr("{title} par {way}", title=title, way=words.CHANNELS[Channel(row["channel"])])
    by = fr("noté par {by}", by=row["by"]) if row["by"] else ""
    quoted = fr("« {said} »", said=row["said"]) if row["said"] else ""
    said = listed(" – ", filter(None, (row["source"], by, quoted)))
    return PastView(words.at(row["at"], zone), "consent", title, said)


_NAMES: Final = fr_all({
    "given_name": "Prénom", "name": "Nom", "added": "ajouté", "removed": "retiré",
    "merged": "fusionné avec", "referent_id": "référent", "kind": "foyer",
})  # fmt: skip


def _changed(db: sqlite3.Connection, row: sqlite3.Row, actor: Actor) -> PastView:
    what: dict[str, Any] = json.loads(row["what"])
    parts: list[str] = []
    for key, value in what.items():
        label = _NAMES.get(key) or HOLDS.get(key, key)
        if key == "left":
            parts += [twin_cards.left(db, actor, *one) for one in value.items()]
        elif key in {"added", "removed"}:
            parts += [fr("{what} : {said}", what=label, said=phone.shown(one)) for one in value]
        elif key in {"referent_id", "kind", "help_first"} or not isinstance(value, list):
            told = glued("{label} {value}", label=label, value=value)
            parts.append(label if isinstance(value, list) else told)
        else:
            parts.append(fr("{what} : {said}", what=label, said=_pair(*value)))
    return PastView(
        words.at(row["at"], actor.timezone),
        "change",
        fr("Fiche corrigée par {by}", by=row["by"]),
        listed(", ", parts),
    )


def _pair(before: Any, after: Any) -> str:
    if not before:
        return fr("« {after} »", after=after)
    if not after:
        return fr("« {before} » retiré", before=before)
    return fr("« {before} » → « {after} »", before=before, after=after)


def file(db: sqlite3.Connection, actor: Actor, row: sqlite3.Row) -> dict[str, object]:
    """Return everything kept about a contact, ready for JSON."""
    about = {key: row[key] for key in ("name", "given_name", *contacts.DETAILS)}
    member_of = groups.of_contact(db, row["id"], register=actor.keeper)
    return {
        "commune": actor.entity_name,
        "contact": {**about, "created_at": _iso(row["created_at"], actor),
                    "updated_at": _iso(row["updated_at"], actor)},
        "endpoints": [
            {"kind": e["line"], "address": e["address"], "label": e["label"],
             "consents": [
                 {"purpose": c.purpose, "given": c.given, "way": c.way, "source": c.source,
                  "by": c.by, "said": c.said, "at": c.at.isoformat() if c.at else None}
                 for c in consents(db, actor, e["address"])
             ]}
            for e in contacts.endpoints(db, row["id"])
        ],
        "groups": [{"name": g["name"], "purpose": g["purpose"]} for g in member_of],
        "tags": contacts.tags(db, row["id"]),
        "referent": _referent(db, actor, row),
        "messages": [
            _message(db, one, actor)
            for one in history.received(db, row["id"], 10_000, register=actor.keeper)
        ],
        "beside": [_beside(one, actor) for one in history.beside(db, row["id"], 10_000)],
        "received": [
            {"kind": one["kind"], "number": one["number"], "said": one["said"],
             "at": _iso(one["at"], actor)}
            for one in history.answers(db, row["id"], 10_000)
        ],
        "history": [
            {"at": one.at.isoformat(), "what": one.title, "said": one.said}
            for one in of(db, actor, row["id"]) if one.kind in {"consent", "change"}
        ],
    }  # fmt: skip


def _referent(db: sqlite3.Connection, actor: Actor, row: sqlite3.Row) -> str:
    if row["referent_id"] is None:
        return ""
    other = contacts.get(db, actor.entity_id, row["referent_id"], register=actor.keeper)
    return people.full_name(other) if other is not None else ""


def _message(db: sqlite3.Connection, row: sqlite3.Row, actor: Actor) -> dict[str, object]:
    texts = broadcasts.texts(db, row["broadcast_id"])
    return {
        "title": row["title"], "urgency": row["urgency"], "state": row["state"],
        "at": _iso(row["created_at"], actor),
        "texts": {channel.value: body for channel, (_, body) in texts.items()},
        "sent": [
            {"channel": job["channel"], "address": job["address"], "state": job["state"],
             "outcome": job["outcome"], "text": job["body"]}
            for job in broadcasts.jobs_of(db, row["id"])
        ],
    }  # fmt: skip


def _beside(row: sqlite3.Row, actor: Actor) -> dict[str, object]:
    """Return what they were asked for somebody else, or answered: no name of anybody's in it."""
    return {
        "why": "referent" if row["to_referent"] else "answer", "at": _iso(row["created_at"], actor),
        "channel": row["channel"], "address": row["address"], "state": row["state"],
        "outcome": row["outcome"],
        # whom they were asked about is another's secret, and stands in the text
        **({} if row["to_referent"] else {"text": row["body"]}),
    }  # fmt: skip


def _iso(at: float, actor: Actor) -> str:
    return words.at(at, actor.timezone).isoformat(timespec="seconds")
