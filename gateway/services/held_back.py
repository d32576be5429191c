"""What the SIMs hold back of a routine message: used up, or not allowed to carry it; until when."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from gateway.lanes import Lane
from gateway.model import Channel, Reason, Urgency
from gateway.sentences import fr_many
from gateway.services import words
from gateway.store import budgets, windows


class Hold(NamedTuple):
    """Why nothing of a channel leaves, until when (seconds since 1970), None where nobody knows."""

    reason: Reason
    until: float | None = None


class Carrier(NamedTuple):
    """A modem as it is at a moment, to be looked at in a thread of the store."""

    sim: str
    regime: str
    channels: frozenset[Channel]


def carriers(lanes: Iterable[Lane]) -> tuple[Carrier, ...]:
    """Return the modems among the lanes, to be looked at elsewhere."""
    return tuple(
        Carrier(lane.sim, lane.regime, frozenset(lane.able))
        for lane in lanes
        if lane.modem is not None
    )


def holds(
    db: sqlite3.Connection, message: sqlite3.Row, lanes: Sequence[Carrier], now: float
) -> dict[Channel, Hold]:
    """Return the channels of a message that no SIM here carries for it now; none of an alert."""
    if message["urgency"] == Urgency.VITAL:
        return {}
    found = {}
    for channel in (Channel.SMS, Channel.VOICE):
        able = [lane for lane in lanes if channel in lane.channels]
        known = [hold for lane in able if (hold := _of(db, message, lane, channel, now))]
        if known and len(known) == len(able):
            found[channel] = min(known, key=_soonest)
    return found


def _of(
    db: sqlite3.Connection, message: sqlite3.Row, lane: Carrier, channel: Channel, now: float
) -> Hold | None:
    opens = budgets.reopens(db, lane.sim, channel, now, message["id"])
    if opens is not None:
        return Hold(Reason.BUDGET, windows.opens_for(db, message["id"], opens))
    if not message["any_sim"] and budgets.is_ordinary(db, lane.sim, lane.regime):
        return Hold(Reason.REGIME)
    return None


def _soonest(hold: Hold) -> float:
    return float("inf") if hold.until is None else hold.until


def said(
    held: Mapping[Channel, Hold], unfinished: Mapping[str, int], message: sqlite3.Row, zone: str,
    now: float,
) -> str:  # fmt: skip
    """Say what waits for a SIM, until when, and what to do; empty where something leaves."""
    if not held or not _all_held(held, unfinished):
        return ""
    count = sum(unfinished.values())
    first = min(held.values(), key=_soonest)
    if first.until is None:
        return fr_many(
            "{n} envoi attend : la carte SIM est au régime ordinaire et ne sert pas ce groupe. "
            "Faites-le désigner par un administrateur (Réglages), ou prévenez autrement.",
            "{n} envois attendent : la carte SIM est au régime ordinaire et ne sert pas ce groupe. "
            "Faites-le désigner par un administrateur (Réglages), ou prévenez autrement.", count,
        )  # fmt: skip
    when = words.at_time(first.until, zone, now)
    if first.until >= message["expires_at"]:
        return fr_many(
            "Forfait de la carte SIM épuisé, rouvert {when} seulement : le message sera périmé "
            "avant, {n} envoi ne partira pas. Relevez la limite (Réglages), ou prévenez autrement.",
            "Forfait de la carte SIM épuisé, rouvert {when} seulement : le message sera périmé "
            "avant, {n} envois ne partiront pas. Relevez la limite (Réglages), ou prévenez "
            "autrement.",
            count, when=when,
        )  # fmt: skip
    return fr_many(
        "Forfait de la carte SIM épuisé : {n} envoi attend, et repart {when}.",
        "Forfait de la carte SIM épuisé : {n} envois attendent, et repartent {when}.", count,
        when=when,
    )  # fmt: skip


def _all_held(held: Mapping[Channel, Hold], unfinished: Iterable[str]) -> bool:
    return all(Channel(one) in held for one in unfinished)
