"""What the SIMs hold back of a routine message, in words: why, until when, and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from gateway.model import Channel, Reason
from gateway.sentences import fr_many
from gateway.services import words
from gateway.store.holding import Hold, soonest


def said(
    held: Mapping[Channel, Hold], unfinished: Mapping[str, int], message: sqlite3.Row, zone: str,
    now: float,
) -> str:  # fmt: skip
    """Say what waits for a SIM, until when, and what to do; empty where something leaves."""
    if not held or not _all_held(held, unfinished):
        return ""
    count = sum(unfinished.values())
    first = min(held.values(), key=soonest)
    if first.reason is Reason.TOO_LONG:
        return fr_many(
            "{n} envoi ne partira pas : son texte fait plus de SMS que les cartes SIM n'en "
            "permettent par jour ou par mois. Relevez la limite (Réglages), ou prévenez autrement.",
            "{n} envois ne partiront pas : leur texte fait plus de SMS que les cartes SIM n'en "
            "permettent par jour ou par mois. Relevez la limite (Réglages), ou prévenez autrement.",
            count,
        )  # fmt: skip
    if first.reason is Reason.ALERTS_ONLY:
        return fr_many(
            "{n} envoi attend : seules les alertes partent, le disque est presque plein ou "
            "l'onduleur presque vide. La page Modems dit quoi faire.",
            "{n} envois attendent : seules les alertes partent, le disque est presque plein ou "
            "l'onduleur presque vide. La page Modems dit quoi faire.",
            count,
        )  # fmt: skip
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
