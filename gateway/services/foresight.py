"""How long a message takes, group by group, what it uses, and what would make it faster. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gateway import orders
from gateway.departure import Departure
from gateway.model import Channel
from gateway.near_days import near_day, true_until
from gateway.plan import Plan
from gateway.policy import MAIL_SECONDS, seconds_needed
from gateway.sentences import fr, fr_many, listed
from gateway.services import budget_words, words
from gateway.services.values import Draft
from gateway.store.budgets import State

#: Advice is worth reading when it saves this share, and this long (seconds).
_WORTH: Final = 0.2
_AT_LEAST: Final = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be carried, by how many modems, at which pace (seconds)."""

    texts: int
    segments: int  # of the dearest text
    calls: int
    mails: int
    sms_modems: int
    voice_modems: int
    part_seconds: float
    call_seconds: float
    spare_calls: int = 0  # to people who get a text or a mail at the same time
    mean_segments: float = 0.0  # of a text, where people get their own; 0: all as the dearest
    voice_only: int = 0  # modems that call and send no text
    waiting_parts: int = 0  # SMS queued before it
    waiting_calls: int = 0

    @property
    def parts(self) -> int:
        """How many SMS are to be sent."""
        return math.ceil(self.texts * (self.mean_segments or self.segments))

    @property
    def call_minutes(self) -> float:
        """How many minutes of calls there are to be."""
        return self.calls * self.call_seconds / 60

    @property
    def seconds(self) -> float:
        """How long it takes, from now on, behind what waits already."""
        return seconds_needed(
            max(self.parts, self.texts) + self.waiting_parts, self.calls + self.waiting_calls,
            self.mails, sms_modems=self.sms_modems, voice_modems=self.voice_modems,
            part_seconds=self.part_seconds, call_seconds=self.call_seconds,
        )  # fmt: skip

    def after(self, channel: Channel, done: int) -> float:
        """Return when (seconds from now) so many of those first told by a channel have been."""
        if channel is Channel.EMAIL:
            return done * MAIL_SECONDS
        each = self.part_seconds / max(self.sms_modems, 1)
        before = self.waiting_parts * each
        if channel is Channel.SMS:
            return before + done * each * max(self.parts, self.texts) / max(self.texts, 1)
        # on a modem that does both, no call begins while a text waits
        begins = 0.0 if self.voice_only else before + max(self.parts, self.texts) * each
        turns = math.ceil((self.waiting_calls + done) / max(self.voice_modems, 1))
        return begins + turns * self.call_seconds

    def shortened(self, segments: int) -> Load:
        """Return what is to be carried when the dearest text takes so many SMS only."""
        return replace(self, segments=segments, mean_segments=min(self.mean_segments, segments))


def by_group(
    order: Sequence[tuple[int | None, Channel]], groups: Mapping[str, Collection[int]], load: Load
) -> tuple[tuple[str, float], ...]:
    """Return when (seconds from the start) the last person of each group has had their turn.

    ``order``: the contacts as they are served, all groups mixed, each with how they are first
    told.
    """
    served: Counter[Channel] = Counter()
    turns: dict[int, float] = {}
    for number, channel in order:
        served[channel] += 1
        if number is not None:
            turns[number] = load.after(channel, served[channel])
    found = [
        (name, max((turns.get(number, 0.0) for number in members), default=0.0))
        for name, members in groups.items()
    ]
    return tuple(sorted(found, key=lambda pair: pair[1]))


def another_day(draft: Draft, departure: Departure, zone: str, now: float) -> list[str]:
    """Say that a text names its day by a word that is wrong when it leaves: « demain », at night.

    One for a time that was chosen is read as of that time.
    """
    asked = words.at(now if draft.at is None else draft.at.timestamp(), zone)
    leaves = words.at(departure.starts_at, zone)
    word = near_day(*draft.texts) if leaves.date() > asked.date() else ""
    if not word:
        return []
    return [
        fr(
            "Le texte dit « {word} », mais ce message ne partira que le {day} : écrivez plutôt "
            "le jour.", word=word, day=words.long_day(leaves),
        )
    ]  # fmt: skip


def taken_up(texts: Collection[str | None], written: float, leaves: float, zone: str) -> str:
    """Say that a text taken up again names its day by a word of when it was written; or "".

    Both moments are seconds since 1970.
    """
    day, then, word = words.at(written, zone), words.at(leaves, zone), near_day(*texts)
    if word and then.date() == day.date() and day.hour < true_until(word) <= then.hour:
        return fr(
            "Ce texte a été écrit {when} et dit « {word} » : écrivez plutôt l'heure.",
            when=words.at_time(written, zone, written), word=word,
        )  # fmt: skip
    if not word or then.date() <= day.date():
        return ""
    return fr(
        "Ce texte est du {day} et dit « {word} » : écrivez plutôt le jour.",
        day=words.long_day(day), word=word,
    )  # fmt: skip


def lacking(fields: Mapping[str, int]) -> list[str]:
    """Say how many people lack each field of the text, which they read without it."""
    return [
        fr_many(
            "Il manque {{{name}}} à {n} personne : son texte se lira sans.",
            "Il manque {{{name}}} à {n} personnes : leur texte se lira sans.",
            count,
            name=name,
        )
        for name, count in fields.items()
    ]


def cut_short(plan: Plan, departure: Departure, until: str) -> tuple[str, ...]:
    """Say that a message is of no use any more before the last steps of its order.

    ``until``: when it expires, in words.
    """
    late = orders.too_late(plan, departure.expires_at - departure.starts_at)
    if not late:
        return ()
    return (
        fr_many(
            "La dernière étape de l'ordre d'envoi ne partira pas : le message est inutile dès "
            "{until}. Raccourcissez les attentes, ou écrivez une heure plus tardive.",
            "Les {n} dernières étapes de l'ordre d'envoi ne partiront pas : le message est inutile "
            "dès {until}. Raccourcissez les attentes, ou écrivez une heure plus tardive.",
            late,
            until=until,
        ),
    )


def faster(load: Load, cheaper_segments: int, shown: Callable[[float], str]) -> tuple[str, ...]:
    """Return what would shorten the sending, each with how long it would then take.

    ``cheaper_segments``: SMS of the same text without its dear characters.
    """
    now = load.seconds
    ideas: list[tuple[str, Load]] = []
    if load.texts and 0 < cheaper_segments < load.segments:
        ideas.append((fr("Sans les caractères coûteux"), load.shortened(cheaper_segments)))
    if load.texts and load.segments > 1 and cheaper_segments >= load.segments:
        ideas.append(
            (
                fr(
                    "En {fewer} SMS au lieu de {segments}",
                    fewer=load.segments - 1,
                    segments=load.segments,
                ),
                load.shortened(load.segments - 1),
            )
        )
    if load.spare_calls:
        fewer = replace(load, calls=load.calls - load.spare_calls)
        ideas.append((fr("Sans appeler ceux qui reçoivent aussi un SMS ou un courriel"), fewer))
    if load.sms_modems or load.voice_modems:
        more = replace(load, sms_modems=load.sms_modems + 1, voice_modems=load.voice_modems + 1)
        ideas.append((fr("Avec un modem de plus"), more))
    return tuple(
        fr(
            "{said} : {less} au lieu de {more}.",
            said=said,
            less=shown(other.seconds),
            more=shown(now),
        )
        for said, other in ideas
        if now - other.seconds >= max(_AT_LEAST, _WORTH * now)
    )


def uses(
    sims: Sequence[tuple[str, State]], segments: int, call_minutes: float = 0.0
) -> tuple[str, ...]:
    """Return what a message uses of each SIM that has a budget."""
    found = []
    for name, state in sims:
        share, minutes = budget_words.shares(
            [one for _, one in sims], state, segments, call_minutes
        )
        parts = _texts_used(state, share) + _calls_used(state, math.ceil(minutes))
        if parts:
            found.append(fr("SIM de {name} : {uses}.", name=name, uses=listed(" ; ", parts)))
    return tuple(found)


def _texts_used(state: State, share: int) -> list[str]:
    if state.limits is None or not share:
        return []
    known = [
        fr("{used} sur {limit} {span}", used=used, limit=limit, span=span)
        for used, limit, span in (
            (state.used.segments_per_month, state.limits.segments_per_month, fr("ce mois-ci")),
            (state.used.segments_per_day, state.limits.segments_per_day, fr("aujourd'hui")),
        )
        if limit
    ]
    return (
        [fr("environ {share} SMS, déjà {known}", share=share, known=listed(", ", known))]
        if known
        else []
    )


def _calls_used(state: State, minutes: int) -> list[str]:
    if state.limits is None or not minutes or not state.limits.call_minutes_per_month:
        return []
    used = int(state.used.call_minutes_per_month)
    limit = state.limits.call_minutes_per_month
    return [
        fr(
            "environ {minutes} min d'appel, déjà {used} sur {limit} ce mois-ci",
            minutes=minutes,
            used=used,
            limit=limit,
        )
    ]


def duration(seconds: float) -> str:
    """Return a length of time as it is said."""
    minutes = max(1, math.ceil(seconds / 60))
    if minutes < 90:
        return fr("{n} min", n=minutes)
    return fr("{hours} h {minutes:02}", hours=minutes // 60, minutes=minutes % 60)
