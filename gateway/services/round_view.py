"""A day of the round read from the disk: each person, where they stand, what was tried."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date
from typing import Final

from gateway import phone
from gateway import plan as plans
from gateway import rounds as policy
from gateway.model import JobFact
from gateway.rounds import Standing
from gateway.sentences import fr
from gateway.services import words
from gateway.services.round_begins import Town, hour_of, takes_part
from gateway.services.round_listing import standing_of
from gateway.services.round_values import (
    ORDER,
    STANDINGS,
    VISITS,
    WAYS,
    WHY_MISSED,
    DayPerson,
    RoundDay,
)
from gateway.store import people, progress, rounds
from gateway.store.rounds import Member

#: A call so long (seconds) after the hour is told as late.
_LATE: Final = 600.0


def of(db: sqlite3.Connection, town: Town, day: date, now: float) -> RoundDay:
    """Return a day of a town's round, those whose hour is still to come included."""
    today = words.at(now, town.zone).date()
    rows = rounds.of_day(db, town.id, day.isoformat())
    found = [_person(db, row, town, now) for row in rows]
    if day == today and town.known.covers(day):
        begun = {row["contact_id"] for row in rows}
        found += [
            _to_come(db, one, town, day)
            for one in rounds.members(db, town.id)
            if one.person.id not in begun and takes_part(db, town.id, one)
            and policy.due(day, hour_of(one, town.known), town.zone) > now
        ]  # fmt: skip
    found.sort(key=lambda one: ORDER.index(one.standing))  # by hour and name in each
    counts = tuple((one, STANDINGS[one], _count(found, one)) for one in ORDER)
    before = rounds.days(db, town.id, today.isoformat())
    return RoundDay(
        day, day == today, tuple(found), counts,
        tuple(date.fromisoformat(one) for one in before),
    )  # fmt: skip


def _count(people: Sequence[DayPerson], standing: Standing) -> int:
    return sum(one.standing is standing for one in people)


def _person(db: sqlite3.Connection, row: sqlite3.Row, town: Town, now: float) -> DayPerson:
    zone, standing = town.zone, standing_of(db, row, now)
    jobs = progress.facts(db, row["recipient_id"], now) if row["recipient_id"] else []
    own = [job for job in jobs if not job.to_referent]
    asked = any(job.to_referent and job.attempts for job in jobs)
    number = own[0].address if own else row["telephone"] or ""
    return DayPerson(
        row["id"], row["contact_id"], named(row), standing, STANDINGS[standing],
        words.at(row["due_at"], zone), phone.shown(number), people.place_of(db, row["contact_id"]),
        row["referent"] or "", phone.shown(row["referent_phone"] or ""), row["note"],
        bool(row["help_first"]), tuple(_tried(job, zone) for job in own if job.attempts), asked,
        VISITS[row["visit"]] if asked or row["visit"] else "", words.local(row["visit_at"], zone),
        words.local(row["word_at"], zone), WAYS.get(row["word_way"], ""), row["wrote"],
        _why(row, standing), words.local(row["listed_at"], zone),
        words.local(row["told_at"], zone), words.local(row["seen_at"] or row["met_at"], zone),
        row["seen_by"] or row["met_by"] or "",
    )  # fmt: skip


def _why(row: sqlite3.Row, standing: Standing) -> str:
    if standing is Standing.MISSED:
        return WHY_MISSED[row["missed"]]
    if not row["missed"] and row["began_at"] - row["due_at"] > _LATE:
        return fr("appelée en retard : Tocsin était arrêté à cette heure")
    return ""


def _tried(job: JobFact, zone: str) -> str:
    at = job.handed_over_at or job.ended_at
    what = words.outcome(job.outcome, policy.KIND) if job.outcome else words.JOB_STATES[job.state]
    tried = fr("{way}, {what}", way=words.CHANNELS[job.channel], what=what)
    if not at:
        return tried
    return fr("{what} : {said}", what=words.hour(words.at(at, zone)), said=tried)


def _to_come(db: sqlite3.Connection, one: Member, town: Town, day: date) -> DayPerson:
    card, minutes = one.card, hour_of(one, town.known)
    at = words.at(policy.due(day, minutes, town.zone), town.zone)
    return DayPerson(
        0, card["id"], named(card), Standing.WAITING, fr("heure à venir"), at, telephone(one),
        people.place_of(db, card["id"]), card["referent"] or "",
        phone.shown(card["referent_phone"] or ""), card["note"], bool(card["help_first"]),
    )  # fmt: skip


def telephone(one: Member) -> str:
    """Return the telephone that rings first, as it is written."""
    known = plans.telephones(one.person.addresses)
    return phone.shown(known[0].value) if known else ""


def named(row: sqlite3.Row) -> str:
    """Return somebody's name with their title, as a keeper reads it."""
    return " ".join(filter(None, (row["honorific"], row["given_name"], row["name"])))
