"""The clear days of a convocation: told before it leaves, and when it was late after all."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway import council
from gateway.calendar import holidays_of
from gateway.hours import Hours, from_json, last_close
from gateway.model import BroadcastState
from gateway.sentences import fr, fr_many
from gateway.services import words
from gateway.store import convoked
from gateway.store.holding import Hold


@dataclass(frozen=True, slots=True)
class Term:
    """Until when a convocation may leave: its last day, for so many clear days, in a town."""

    last_day: date
    clear_days: int
    zone: str

    @property
    def ends(self) -> float:
        """When the last day is over (seconds since 1970)."""
        tomorrow = self.last_day + timedelta(days=1)
        return datetime.combine(tomorrow, time(), ZoneInfo(self.zone)).timestamp()


def term_of(row: sqlite3.Row, zone: str) -> Term | None:
    """Return until when the convocation ``row`` may leave; None for another message.

    None too for a second convocation, which has its own rule, and once its draft is forgotten.
    """
    if not row["draft"] or row["kind"] not in {"convocation", "council"}:
        return None
    kept = json.loads(row["draft"]).get("meeting")
    meeting = json.loads(kept) if kept else {}
    if not meeting or (meeting["council"] or {}).get("after_id") is not None:
        return None
    days = council.clear_days_needed(meeting["inhabitants"])
    at = datetime.fromisoformat(meeting["at"]).astimezone(ZoneInfo(zone))
    return Term(council.last_day(at.date(), days), days, zone)


def cut(plan: council.Convocation, sent: datetime, done: datetime) -> str:
    """Say before it leaves that the last of a convocation would be too late, the first in time."""
    if plan.late or max(sent.date(), plan.last_day) >= done.date():
        return ""
    return fr(
        "Il faut {clear_days} jours francs : les envois ferment avant la fin de celui-ci, les "
        "derniers ne partiraient que le {done}, et le dernier jour est le {last_day}. Convoquez, "
        "puis choisissez aussitôt « Envoyer maintenant » sur la page qui s'ouvre.",
        clear_days=plan.clear_days, done=words.long_day(done),
        last_day=words.long_day(plan.last_day),
    )  # fmt: skip


def yes_by(
    plan: council.Convocation, hours: Hours | None, seconds: float, zone: str, now: float
) -> str:
    """Say until when a second person must agree to a convocation that takes so many ``seconds``."""
    if plan.late:
        return ""
    by = _latest(Term(plan.last_day, plan.clear_days, zone), hours, seconds)
    if by <= now:
        return fr(
            "Même validée aussitôt, la convocation ne serait pas toute partie à temps pour les "
            "{days} jours francs.", days=plan.clear_days,
        )  # fmt: skip
    return _until(plan.clear_days, by, zone, now)


def lateness(
    db: sqlite3.Connection, row: sqlite3.Row, zone: str, now: float, held: Hold | None = None
) -> str:
    """Say of a convocation that is stored whom it reaches, or reached, too late; else nothing.

    ``held``: what the SIMs here hold its texts back by.
    """
    term, state = term_of(row, zone), BroadcastState(row["state"])
    if term is None or state is BroadcastState.CANCELLED:
        return ""
    if state is BroadcastState.AWAITING_APPROVAL:
        by = _latest(term, from_json(row["hours"]), row["forecast"])
        return _until(term.clear_days, by, zone, now) if now < by else _too_late(term)
    if state is BroadcastState.SCHEDULED:
        return _to_leave(term, row["starts_at"], now) if row["starts_at"] >= term.ends else ""
    sms_opens = held.until if held and held.until else now
    return _under_way(term, convoked.late(db, row["id"], term.ends, now, sms_opens), now)


def _latest(term: Term, hours: Hours | None, seconds: float) -> float:
    """Return the last moment at which all that takes so many ``seconds`` still leaves in time."""
    if hours is None:
        return term.ends - seconds
    return last_close(hours, term.zone, term.last_day, holidays_of(term.zone)) - seconds


def _until(days: int, by: float, zone: str, now: float) -> str:
    return fr(
        "Pour les {days} jours francs, la convocation doit être validée avant {when}.",
        days=days, when=words.clock_time(by, zone, now),
    )  # fmt: skip


def _too_late(term: Term) -> str:
    return fr(
        "Trop tard pour que tout parte à temps : il faut {days} jours francs, et le dernier jour "
        "d'envoi est le {last_day}. Reportez la réunion, ou faites constater l'urgence par le "
        "conseil.", days=term.clear_days, last_day=words.long_day(term.last_day),
    )  # fmt: skip


def _to_leave(term: Term, leaves: float, now: float) -> str:
    if now >= term.ends:
        return _too_late(term)
    return fr(
        "Cette convocation ne partira que {when}, et il faut {days} jours francs : choisissez "
        "« Envoyer maintenant » avant la fin du {last_day}.",
        when=words.at_time(leaves, term.zone, now), days=term.clear_days,
        last_day=words.long_day(term.last_day),
    )  # fmt: skip


def _under_way(term: Term, late: convoked.Late, now: float) -> str:
    """Say who was, or will be, convened after the last day by a message that has begun to leave."""
    if not late.people:
        return ""
    if now < term.ends and late.opens is not None:
        return fr_many(
            "{n} personne ne serait convoquée que {when}, trop tard pour les {days} jours francs : "
            "choisissez « Envoyer maintenant », ou remettez-lui la convocation avant la fin du "
            "{last_day}.",
            "{n} personnes ne seraient convoquées que {when}, trop tard pour les {days} jours "
            "francs : choisissez « Envoyer maintenant », ou remettez-leur la convocation avant la "
            "fin du {last_day}.",
            late.people, when=words.at_time(late.opens, term.zone, now), days=term.clear_days,
            last_day=words.long_day(term.last_day),
        )  # fmt: skip
    return fr_many(
        "{n} personne n'a pas été convoquée à temps pour les {days} jours francs : le dernier jour "
        "d'envoi était le {last_day}. Reportez la réunion, ou faites constater l'urgence par le "
        "conseil.",
        "{n} personnes n'ont pas été convoquées à temps pour les {days} jours francs : le dernier "
        "jour d'envoi était le {last_day}. Reportez la réunion, ou faites constater l'urgence par "
        "le conseil.",
        late.people, days=term.clear_days, last_day=words.long_day(term.last_day),
    )  # fmt: skip
