"""What the form of a ready message says, field by field, and which inputs of the page say it."""

from __future__ import annotations

import json
import sqlite3
from typing import Final

from gateway.model import Channel, Urgency
from gateway.sentences import fr, fr_all, listed
from gateway.services import drafts, words
from gateway.services.values import Actor, Draft
from gateway.services.versions import REST, Inputs, Shown
from gateway.store import attachments, became, groups, register, scenarios, sounds, town_plans

#: The fields of a draft that are words, as they stand.
_TEXTS: Final = fr_all(
    {
        "title": "Titre",
        "text": "Message",
        "sms_text": "Texte du SMS",
        "voice_text": "Texte lu au téléphone",
        "mail_subject": "Objet du courriel",
        "mail_text": "Texte du courriel",
        "text_en": "Texte pour qui parle anglais",
    }
)
#: The others, by the input that says each.
_OTHERS: Final = fr_all(
    {
        "urgency": "Urgence",
        "group": "Groupes",
        "zone": "Quartiers",
        "person": "Personnes choisies",
        "duty": "Qui est de garde",
        "channel": "Moyens d'envoi",
        "order": "Dans quel ordre ?",
        "confirm": "Demander une confirmation",
        "recording": "Ce que l'appel fait entendre",
        "language": "Langue du message",
        "exercise": "Exercice",
        "file": "Pièces jointes",
    }
)
INPUTS: Final[Inputs] = {label: (name,) for name, label in {**_TEXTS, **_OTHERS}.items()}
_YES: Final = (fr("non"), fr("oui"))
#: The orders that are no town's own.
_ORDERS: Final = fr_all({"advised": "Ordre conseillé", "": "Tous les moyens à la fois"})


def shown(db: sqlite3.Connection, actor: Actor, kept: str) -> Shown:
    """Return what the form of a ready message says to ``actor``."""
    draft = drafts.from_json(kept)
    known = groups.named(db, actor.entity_id, register=actor.keeper)
    # what no name tells: groups that its reader must not know, two people or files of one name,
    # and what other doors set
    unseen = sorted(set(draft.group_ids) - {row["id"] for row in known})
    rest = [unseen, sorted(draft.contact_ids), sorted(draft.file_ids),
            draft.everybody, draft.enough, draft.to, draft.on_paper, draft.meeting]  # fmt: skip
    told: dict[str, str] = {
        "urgency": words.URGENCIES[Urgency(draft.urgency)],
        "group": listed(", ", [row["name"] for row in known if row["id"] in draft.group_ids]),
        "zone": listed(", ", draft.zones),
        "person": listed(", ", _people(db, actor, draft)),
        "duty": listed(", ", draft.duties),
        "channel": listed(", ", [words.CHANNELS[one] for one in Channel if one in draft.channels]),
        "order": _order(db, actor, draft.order),
        "confirm": _YES[draft.confirm],
        "recording": _recording(db, actor, draft.recording),
        "language": fr("anglais") if draft.language == "en" else fr("français"),
        "exercise": _YES[draft.exercise],
        "file": listed(
            ", ", [row["name"] for row in attachments.about(db, actor.entity_id, draft.file_ids)]
        ),
    }
    return {
        **{label: (getattr(draft, name) or "").strip() for name, label in _TEXTS.items()},
        **{label: told[name] for name, label in _OTHERS.items()},
        REST: json.dumps(rest),
    }


def _people(db: sqlite3.Connection, actor: Actor, draft: Draft) -> list[str]:
    """Return the names of whoever was picked; who is no keeper learns none of the register's."""
    found = scenarios.people_of(
        db, actor.entity_id, became.today(db, actor.entity_id, draft.contact_ids)
    )
    return [register.NAMELESS if one.reserved and not actor.keeper else one.name for one in found]


def _order(db: sqlite3.Connection, actor: Actor, code: str) -> str:
    if code in _ORDERS:
        return _ORDERS[code]
    names = {str(row["id"]): str(row["name"]) for row in town_plans.listed(db, actor.entity_id)}
    return names.get(code, code)


def _recording(db: sqlite3.Connection, actor: Actor, name: str) -> str:
    if not name:
        return fr("Le texte, lu par la voix")
    row = sounds.recording(db, actor.entity_id, name)
    return str(row["title"]) if row else name
