"""What a report says was said, and the event it is sealed by."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import Any, Final

from gateway import plan as plans
from gateway.model import Channel, Urgency
from gateway.services import order_names, words
from gateway.services.owning import owned
from gateway.services.values import Actor
from gateway.store import broadcasts, events, town_plans

#: The event a report is sealed by.
MADE: Final = "report.made"
#: Labels and texts, as a report shows them.
Said = tuple[tuple[str, str], ...]


def sealed_words(db: sqlite3.Connection, seal: str) -> Said:
    """Return what was said according to a seal of this record: label and text, to lay beside it.

    Empty for a seal that stands for something else than a report.
    """
    known = events.payload_of(db, int(seal.strip().split("-")[0]), MADE)
    return tuple((label, text) for label, text in known["said"]) if known else ()


def said_of(db: sqlite3.Connection, actor: Actor, report: dict[str, Any]) -> Said:
    """Return how urgent it was, by which order of sends it left, and its text on each channel."""
    texts = broadcasts.texts(db, report["broadcast"])
    urgency = Urgency(report["urgency"])
    town = {
        row["name"]: plans.from_json(row["steps"])
        for row in town_plans.listed(db, actor.entity_id)
    }  # fmt: skip
    plan = plans.from_json(owned(db, actor, report["broadcast"])["plan"])
    said = [
        ("Urgence", words.URGENCIES[urgency]),
        ("Ordre d'envoi", order_names.name_of(plan, urgency, texts, town)),
    ]
    for channel in Channel:
        subject, body = texts.get(channel, ("", ""))
        if channel is Channel.EMAIL and subject:
            said.append(("Objet du courriel", subject))
        if body:
            said.append((f"Texte ({words.CHANNELS[channel]})", body))
    return tuple(said)


def seal_of(
    db: sqlite3.Connection, actor: Actor, report: dict[str, Any],
    said: Said, now: float,
) -> str:  # fmt: skip
    """Write down that this report was made, unless the same was last; return its seal."""
    number = report["broadcast"]
    lines = json.dumps([report, said], ensure_ascii=False, sort_keys=True, default=str)
    told = {"said": said, "sha256": hashlib.sha256(lines.encode()).hexdigest()}
    if events.last_payload(db, number, MADE).get("sha256") != told["sha256"]:
        events.record(
            db, now, MADE, {**told, "by": actor.name}, entity_id=actor.entity_id,
            broadcast_id=number,
        )  # fmt: skip
    return events.seal(db, number)
