"""The form of a person: as it stands, and what it says in words."""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway import phone
from gateway.errors import Refused
from gateway.sentences import fr, fr_all
from gateway.services.person_values import PersonForm
from gateway.services.values import Actor
from gateway.services.versions import Inputs, Shown
from gateway.store import contacts, groups

#: The fields of the form that are text, as the page names them.
NAMES: Final = fr_all({
    "honorific": "Civilité", "given_name": "Prénom", "name": "Nom", "number": "Numéro dans la rue",
    "street": "Rue", "complement": "Complément", "floor": "Étage", "postcode": "Code postal",
    "city": "Commune", "zone": "Quartier", "note": "Note pour les secours",
    "language": "Langue des messages",
})  # fmt: skip
#: What the page names the inputs of each field; a number goes with whose it is.
INPUTS: Final[Inputs] = {
    **{label: (name,) for name, label in NAMES.items()},
    fr("C'est un foyer"): ("household",),
    fr("Numéros et courriels"): ("address", "label"),
    fr("À aider en premier"): ("help_first",),
    fr("Référent"): ("referent",),
    fr("Groupes"): ("group",),
    fr("Étiquettes"): ("tags",),
}
_LANGUAGES: Final = fr_all({"fr": "français", "en": "anglais"})


def form_of(db: sqlite3.Connection, actor: Actor, row: sqlite3.Row) -> PersonForm:
    """Return a contact's form as ``actor`` sees it."""
    listed = groups.of_contact(db, row["id"], register=actor.keeper)
    return PersonForm(
        {key: row[key] for key in NAMES}, bool(row["help_first"]), row["kind"] == "household",
        tuple((e["id"], phone.shown(e["address"]), e["label"])
              for e in contacts.endpoints(db, row["id"])),
        tuple(group["id"] for group in listed), tuple(contacts.tags(db, row["id"])),
        _referent(db, actor, row),
    )  # fmt: skip


def _referent(db: sqlite3.Connection, actor: Actor, row: sqlite3.Row) -> str:
    number = row["referent_id"]
    other = number and contacts.get(db, actor.entity_id, number, register=actor.keeper)
    first = next(iter(contacts.endpoints(db, number)), None) if other else None
    return phone.shown(first["address"]) if first else ""


def said(db: sqlite3.Connection, actor: Actor, form: PersonForm) -> Shown:
    """Return what a form says, field by field, however it is typed."""
    known = groups.named(db, actor.entity_id, register=actor.keeper)
    chosen = [row["name"] for row in known if row["id"] in form.group_ids]
    told = {name: _plain(key, form.fields.get(key, "")) for key, name in NAMES.items()}
    ways = (_way(text, label) for _, text, label in form.endpoints if text.strip())
    tags = sorted(" ".join(tag.split())[:40] for tag in form.tags if tag.strip())
    return {
        **told,
        fr("C'est un foyer"): _yes(form.household),
        fr("Numéros et courriels"): ", ".join(ways),
        fr("À aider en premier"): _yes(form.help_first),
        fr("Référent"): _address(form.referent) if form.referent.strip() else "",
        fr("Groupes"): ", ".join(chosen),
        fr("Étiquettes"): ", ".join(dict.fromkeys(tags)),
    }


def _plain(key: str, text: str) -> str:
    if key == "language":
        return _LANGUAGES.get(text or "fr", text)
    return text.strip().replace("\r\n", "\n") if key == "note" else " ".join(text.split())


def _way(text: str, label: str) -> str:
    label = " ".join(label.split())[:40]
    return f"{_address(text)} ({label})" if label else _address(text)


def _address(text: str) -> str:
    """Return a number or an address as it is shown, what is none as it was typed."""
    try:
        return phone.parse_mail(text) if "@" in text else phone.shown(phone.parse(text).e164)
    except Refused:
        return text.strip()


def _yes(told: bool) -> str:
    return fr("oui") if told else fr("non")
