"""Whom the lines of a list make the referent of their contacts. Pure.

After all lines are judged, because a referent may stand in a later one. They are found by number;
where several people share it, the name decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

from gateway import phone
from gateway.errors import Refused
from gateway.french import folded
from gateway.lists.matching import Appointed, Book, Fate, Known, Verdict
from gateway.lists.values import Endpoint, Referent
from gateway.sentences import listed


def appoint(verdicts: Sequence[Verdict], book: Book, *, instead: bool = False) -> list[Verdict]:
    """Return the verdicts with the referents they set; ``book`` knows every contact of them.

    ``instead``: a referent takes the place of another one that the directory has. A referent
    nobody has the number of becomes a contact, if the list gives a name.
    """
    found, ids = list(verdicts), count(-len(verdicts) - 1, -1)
    told = [(at, one.line.referent) for at, one in enumerate(verdicts) if one.line.referent]
    # those with a name first: a bare number may be that of somebody one of them brings
    for at, wanted in sorted(told, key=lambda pair: not pair[1].name):
        try:
            found[at] = _appointed(verdicts[at], wanted, book, ids, instead=instead)
        except Refused as refusal:
            found[at] = replace(verdicts[at], remark=refusal.message)
    return found


def _appointed(
    verdict: Verdict, wanted: Referent, book: Book, ids: Iterator[int], *, instead: bool
) -> Verdict:
    person = book.called(verdict.contact_id)
    chosen, before = _chosen(person, wanted, book), person.referent
    if chosen is not None and chosen is before:
        return verdict
    if before is not None and not instead:
        said = chosen.shown if chosen is not None else wanted.name
        return replace(verdict, referent_kept=(before.shown, said))
    made = None
    if chosen is None:
        made = Referent(wanted.name, _of_their_own(person, wanted))
        chosen = Known(next(ids), wanted.name, "", {}, {way.address for way in made.ways})
        book.add(chosen)
    person.referent = chosen
    fate = Fate.ADDED if verdict.fate is Fate.ADDED else Fate.CHANGED
    appointed = Appointed(chosen.id, chosen.shown, made, before.shown if before else "")
    return replace(verdict, fate=fate, referent=appointed)


def _chosen(person: Known, wanted: Referent, book: Book) -> Known | None:
    """Return who is meant, None for somebody to be made; raise `Refused` with the mend."""
    before = person.referent
    if not wanted.ways:
        if before is not None and _same_name(before, wanted):
            return before
        raise Refused(
            "« {name} » n'a ni téléphone ni courriel : ajoutez-le, ou cette personne n'aura pas de "
            "référent.",
            name=wanted.name,
        )
    named = [one for one in _others(person, wanted.ways, book) if _same_name(one, wanted)]
    ways = _of_their_own(person, wanted)
    if not named and not ways:
        raise Refused(
            "{number} est le numéro de la personne elle-même : mettez celui de son référent.",
            number=phone.shown(wanted.ways[0].address),
        )
    sharing = named or _others(person, ways, book)
    if before is not None and any(one is before for one in sharing):
        return before
    if named or len(sharing) == 1:
        return sharing[0]
    if not wanted.name:
        raise _unnamed(ways[0], sharing)
    return None


def _unnamed(way: Endpoint, sharing: Sequence[Known]) -> Refused:
    number = phone.shown(way.address)
    if not sharing:
        return Refused(
            "{number} n'est dans aucune fiche : ajoutez le nom du référent.", number=number
        )
    return Refused(
        "{number} est le numéro de plusieurs personnes ({names}) : ajoutez le nom du référent.",
        number=number,
        names=listed(", ", (one.shown for one in sharing[:3])),
    )


def _others(person: Known, ways: Sequence[Endpoint], book: Book) -> list[Known]:
    return [one for one in book.at(ways) if one is not person]


def _of_their_own(person: Known, wanted: Referent) -> tuple[Endpoint, ...]:
    return tuple(way for way in wanted.ways if way.address not in person.addresses)


def _same_name(one: Known, wanted: Referent) -> bool:
    """Tell whether the words of two names are the same: a list says « Icher Solène » as well."""
    words, others = _words(one.shown), _words(wanted.name)
    return words == others and bool(words)


def _words(name: str) -> list[str]:
    return sorted(re.findall(r"[^\W_]+", folded(name)))
