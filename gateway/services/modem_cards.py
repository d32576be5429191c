"""What the modem page says of each modem and of them all, in a technician's words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.sentences import fr, fr_all, fr_many, glued
from gateway.services import words
from gateway.services.call_now import CallNow
from gateway.services.values import ModemView
from gateway.store.budgets import Limits, State
from gateway.store.modem_past import Fault, Remedy, Sample

#: What each limit of a SIM counts, and in which span.
_LIMITS: Final = (
    ("segments_per_minute", fr("SMS cette minute")), ("segments_per_hour", fr("SMS cette heure")),
    ("segments_per_day", fr("SMS aujourd’hui")), ("segments_per_month", fr("SMS ce mois-ci")),
    ("recipients_per_month", fr("correspondants ce mois-ci")),
    ("call_minutes_per_month", fr("minutes d’appel ce mois-ci")),
)  # fmt: skip
#: What to do about an attempt that was the modem's, its SIM's or ours to mend, by its reason.
FAULT_MENDS: Final = fr_all(
    {
        "modem_fault": "Tocsin l’a repris ou confié à un autre modem. Si cela revient, voyez le "
        "journal des remèdes et l’alimentation du modem.",
        "network_refused": "Passager le plus souvent : Tocsin réessaie. Si cela dure, regardez le "
        "signal.",
        "sim_refused": "Appelez l’opérateur : carte suspendue, forfait épuisé ou envoi bloqué.",
        "answer_lost": "Regardez le câble USB et l’alimentation.",
        "speech_failed": "Lancez « tocsin doctor » : la voix n’est pas installée en entier.",
        "defect": "Envoyez le fichier de diagnostic à qui vous a fourni Tocsin.",
    }
)
_RESULTS: Final = fr_all({"served": "remis en marche", "none": "sans effet", "": "pas encore su"})


@dataclass(frozen=True, slots=True)
class Gauge:
    """How much of a limit is used."""

    said: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class FaultView:
    """An error a modem met, what it means, and its mend."""

    at: datetime
    said: str
    mend: str


@dataclass(frozen=True, slots=True)
class RemedyView:
    """A line of the diary: what was tried, for what, and what came of it."""

    at: datetime
    tried: str
    because: str
    result: str
    worked: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A modem on the page. The samples are of the last 24 hours and 30 days, oldest first."""

    modem: ModemView
    health: str
    mend: str = ""
    well: bool = True
    day: tuple[Sample, ...] = ()
    month: tuple[Sample, ...] = ()
    gauges: tuple[Gauge, ...] = ()
    pace: int = 0  # SMS taken by the network in the last minute
    doing: str = ""
    faults: tuple[FaultView, ...] = ()
    diary: tuple[RemedyView, ...] = ()
    call: CallNow | None = None  # the call it is in


@dataclass(frozen=True, slots=True)
class Headline:
    """The first sentence of the page, and what to do."""

    well: bool
    said: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """The fleet in a line; ``left`` SMS may still leave today, None: no SIM's budget says."""

    ready: int
    count: int
    pace: int
    waiting: int
    left: int | None
    stopped: int = 0  # of ``ready``, those whose SIM sends nothing but alerts
    able: bool = True  # whether any modem may send an ordinary SMS


def health(modem: ModemView) -> Headline:
    """Say how one modem is in one sentence, and what to do."""
    if modem.trouble:
        return Headline(False, _sentence(modem.trouble), modem.mend)
    if modem.stopped:
        return Headline(
            False,
            fr("Carte SIM arrêtée, elle ne porte plus que les alertes : {why}.", why=modem.stopped),
            fr("Appelez l’opérateur, puis remettez-la en service."),
        )  # fmt: skip
    if modem.state == "starting":
        return Headline(True, fr("Il démarre."), fr("Attendez une minute."))
    if modem.state == "lent":
        return Headline(True, fr("Un technicien s’en sert ; une alerte le reprend aussitôt."))
    if modem.state != "ready":
        return Headline(False, _sentence(modem.state_label), modem.mend)
    return Headline(True, fr("Il fonctionne."))


def headline(
    modems: Sequence[ModemView], alarms: Sequence[tuple[str, str]], notices: Sequence[str]
) -> Headline:
    """Say in one sentence that all is well, or the first thing that is not and how many more.

    ``alarms`` are (sentence, mend) of the box itself.
    """
    if not modems:
        return Headline(
            False, fr("Aucun modem n’est déclaré."), fr("Lancez « tocsin init --modems »."),
        )  # fmt: skip
    found = [Headline(False, _sentence(said), mend) for said, mend in alarms]
    told = " ".join(said for said, _ in alarms)
    for modem in modems:
        state = health(modem)
        if not state.well and modem.name not in told:
            found.append(
                Headline(
                    False,
                    fr("{name} : {said}", name=modem.name, said=state.said),
                    state.mend,
                )
            )
    found += [Headline(False, _sentence(notice)) for notice in notices]
    if not found:
        return _well(modems)
    first, more = found[0], len(found) - 1
    if not more:
        return first
    others = fr_many("une autre chose ne va pas", "{n} autres choses ne vont pas", more)
    said = fr("{first} Et {others}, plus bas.", first=first.said, others=others)
    return Headline(False, said, first.mend)


def _well(modems: Sequence[ModemView]) -> Headline:
    """Say that all is well; voices that nobody has heard yet are no fault, and to be looked at."""
    unproved = [modem.name for modem in modems if modem.voice_unproved]
    if not unproved:
        return Headline(True, fr("Tout va bien."))
    return Headline(
        True,
        fr("Tout marche, mais aucun appel n’a encore été vérifié sur {names}.",
           names=", ".join(unproved)),
        fr(
            "Au bas de cette page, choisissez le modem, écrivez votre numéro, puis « Vérifier ce "
            "modem » : il vous appelle, appuyez sur 1."
        ),
    )  # fmt: skip


def summary(cards: Sequence[Card], states: Sequence[State], waiting: int) -> Summary:
    """Sum up the fleet; ``states`` are those of the SIMs that can send."""
    left = [_left(state) for state in states]
    known = [one for one in left if one is not None]
    return Summary(
        sum(card.modem.state == "ready" for card in cards), len(cards),
        sum(card.pace for card in cards), waiting,
        sum(known) if len(known) == len(left) else None,
        sum(card.modem.state == "ready" and bool(card.modem.stopped) for card in cards),
        any(card.well for card in cards),
    )  # fmt: skip


def _left(state: State) -> int | None:
    """Return how many SMS a SIM may still send today; None: no limit is known."""
    if state.limits is None:
        return None
    open_to = [
        max(0, getattr(state.limits, name) - int(getattr(state.used, name)))
        for name in ("segments_per_day", "segments_per_month")
        if getattr(state.limits, name)
    ]
    return min(open_to) if open_to else None


def gauges(state: State) -> tuple[Gauge, ...]:
    """Return how much of each limit of a SIM is used."""
    limits: Limits | None = state.limits
    if limits is None:
        return ()
    return tuple(
        Gauge(said, int(getattr(state.used, name)), getattr(limits, name))
        for name, said in _LIMITS
        if getattr(limits, name)
    )


def diary(remedies: Sequence[Remedy], zone: str) -> tuple[RemedyView, ...]:
    """Return the diary of a modem in words."""
    return tuple(
        RemedyView(
            words.at(one.at, zone), words.remedy(one.rung, one.note),
            words.TROUBLES.get(one.trouble, (one.trouble, ""))[0],
            fr("attend quelqu’un") if one.rung == "human" and not one.result
            else _RESULTS.get(one.result, one.result),
            one.result == "served",
        )
        for one in remedies
    )  # fmt: skip


def faults(found: Sequence[Fault], zone: str) -> tuple[FaultView, ...]:
    """Return the last errors of a modem with their meaning and mend; no name is in them."""
    return tuple(
        FaultView(words.at(one.at, zone), _sentence(words.ended(one.result)),
                  FAULT_MENDS.get(one.result, ""))
        for one in found
    )  # fmt: skip


def _sentence(said: str) -> str:
    ended = said.endswith((".", "!", "…"))
    return glued("{said!c}" if ended else "{said!c}.", said=said)
