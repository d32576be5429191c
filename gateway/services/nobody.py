"""What stands against a message that would reach nobody, and groups that add nobody. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import partial, reduce
from typing import Final

from gateway import plan as plans
from gateway.errors import Refused
from gateway.model import Channel
from gateway.sentences import fr, fr_all
from gateway.services.values import Draft
from gateway.store.people import Person

#: Who is in each of a message's groups, by the group's name.
Members = Mapping[str, Collection[int]]

_LACKED: Final = fr_all({
    Channel.SMS: "numéro de mobile", Channel.VOICE: "numéro de téléphone",
    Channel.EMAIL: "adresse de courriel",
})  # fmt: skip


def against_nobody(draft: Draft, members: Members) -> Refused:
    """Return why there is nobody to write to: which groups are empty, or that none was chosen."""
    empty = _empty(members)
    if draft.everybody:
        return Refused("Le carnet est vide : ajoutez-y des contacts.", "group_ids")
    if not empty or len(empty) < len(members):
        return Refused("Personne à prévenir : choisissez un groupe.", "group_ids")
    return Refused(
        "Personne à prévenir, le groupe est vide : {names}. Mettez-y des contacts, ou choisissez "
        "un autre groupe.",
        "group_ids",
        names=_named(empty),
    )


def is_reached(plan: plans.Plan, known: Sequence[Person]) -> bool:
    """Tell whether a message has a way to anybody, or there is nobody to ask it of.

    Whoever is sealed away may have a number: nobody knows.
    """
    return not known or any(map(partial(_has_way, plan), known))


def _has_way(plan: plans.Plan, person: Person) -> bool:
    return person.unreadable or bool(plans.opening(plan, person.addresses, person.referent))


def against_unreachable(draft: Draft, plan: plans.Plan, members: Members) -> Refused:
    """Return what stands against a message that has no way to anybody."""
    lacked = reduce(
        lambda one, two: fr("{one} ni {two}", one=one, two=two),
        [_LACKED[way] for way in plans.own_ways(plan)],
    )
    if members and not (draft.everybody or draft.zones or draft.contact_ids):
        return Refused(
            "Personne ne serait prévenu : dans {names}, personne n'a de {lacked}. Cochez un "
            "autre moyen, ou complétez les fiches.",
            "channels",
            names=_named(members),
            lacked=lacked,
        )
    return Refused(
        "Personne ne serait prévenu : aucune des personnes choisies n'a de {lacked}. Cochez "
        "un autre moyen, ou complétez les fiches.",
        "channels",
        lacked=lacked,
    )


def said_empty(plan: plans.Plan, known: Sequence[Person], members: Members) -> list[str]:
    """Return what to say of the groups that add nobody to a message others are reached by."""
    reached = {person.id for person in known if _has_way(plan, person)}
    if not reached:  # it is refused, and why is said there
        return []
    found: list[str] = [
        fr("Le groupe « {name} » est vide : il n'ajoute personne.", name=name)
        for name in _empty(members)
    ]
    found += [
        fr("Dans le groupe « {name} », personne n'est joint par les moyens choisis.", name=name)
        for name, inside in members.items()
        if inside and reached.isdisjoint(inside)
    ]
    return found


def doubles(members: Members) -> int:
    """Return how many people are in several of these groups."""
    seen = Counter(one for group in members.values() for one in group)
    return sum(times > 1 for times in seen.values())


def _empty(members: Members) -> list[str]:
    return [name for name, inside in members.items() if not inside]


def _named(names: Collection[str]) -> str:
    return ", ".join(f"« {name} »" for name in names)
