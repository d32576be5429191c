"""Each person's own words put into the texts of a draft. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway import merge
from gateway.model import Channel
from gateway.services import words
from gateway.store.people import Person
from modem.sms import count_segments

Texts = dict[Channel, tuple[str, str]]


def fields_of(texts: Texts) -> tuple[str, ...]:
    """Return the fields the texts use, each once; raise `Refused` for one that is none.

    A subject has none, see `drafting.against_subject`.
    """
    found: dict[str, None] = {}
    for _, body in texts.values():
        found.update(dict.fromkeys(merge.used(body)))
    return tuple(found)


def common(town: str, when: datetime) -> dict[str, str]:
    """Return the fields that are the same for everybody; ``when`` in the town's zone."""
    return {"commune": town, "date": words.long_day(when), "heure": words.hour(when)}


def personal(
    texts: Texts, known: Sequence[Person], own: Mapping[int, Mapping[str, str]],
    shared: Mapping[str, str], lacking: Counter[str], *, few: bool = False,
) -> tuple[Person, ...]:  # fmt: skip
    """Return the people with their texts filled in; ``lacking`` counts who has no such words.

    Raise `Refused` for a field that nobody of them has, unless they are only a few of all.
    """
    fields = fields_of(texts)
    all_values = [_values(person, own, shared) for person in known]
    lacking.update(merge.lacking(fields, all_values, few=few))
    return tuple(
        person._replace(bodies={c: merge.fill(body, mine) for c, (_, body) in texts.items()})
        for person, mine in zip(known, all_values, strict=True)
    )


def _values(
    person: Person, own: Mapping[int, Mapping[str, str]], shared: Mapping[str, str]
) -> dict[str, str]:
    return {**shared, **(own.get(person.id, {}) if person.id is not None else {})}


def in_other_language(texts: Texts, known: Sequence[Person]) -> tuple[Person, ...]:
    """Return the people with these texts as their own, in their own language."""
    return tuple(
        person._replace(
            other_language=True,
            bodies=person.bodies or {channel: body for channel, (_, body) in texts.items()},
        )
        for person in known
    )  # fmt: skip


def longest(people: Sequence[Person], channel: Channel, text: str) -> str:
    """Return the longest text anybody gets by a channel: the one that costs most.

    By SMS, that of a François may cost two where that of a Maximilienne costs one.
    """
    sms = channel is Channel.SMS
    return max(
        _all_of(people, channel, text),
        key=lambda one: (count_segments(one) if sms else 0, len(one)),
    )


def mean_segments(people: Sequence[Person], text: str) -> float:
    """Return how many SMS a text takes of those people get, 0 where all get the same."""
    own = [one for one in people if Channel.SMS in one.bodies]
    if not own:
        return 0.0
    rest = len(people) - len(own)
    return (
        sum(count_segments(one.bodies[Channel.SMS]) for one in own) + rest * count_segments(text)
    ) / len(people)


def _all_of(people: Sequence[Person], channel: Channel, text: str) -> set[str]:
    own = [person.bodies.get(channel, text) for person in people if person.bodies]
    return {*own, text} if len(own) < len(people) or not own else set(own)
