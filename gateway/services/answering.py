"""What is done with each kind of reply: confirmed, declined, stopped, begun again, in danger.

Every function here is a taker (`gateway.services.correspondence`): it runs inside the transaction
that writes the reply down.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from gateway import matching, phone
from gateway import plan as plans
from gateway.model import Outcome, Purpose, Urgency
from gateway.replies import Kind
from gateway.services.asked import Asked, on_duty, tell, trusted
from gateway.services.correspondence import Heard, NotYet, asked_by_hand, unread
from gateway.services.council_replies import meeting
from gateway.services.enrolling import confirmed_enrolment, enrol
from gateway.services.inbox import by_rule
from gateway.services.round_replies import asked_how, beside_the_round
from gateway.services.turns import taken_in_hand
from gateway.store import answers, consent, entities, inbox, people, volunteers
from gateway.store.inbox import Done

#: Said to whoever is in danger. 18 and 112 are the numbers of the fire brigade and of Europe.
NO_RESCUE: Final = (
    "{town} : ce numéro n'est PAS un service de secours. En danger, appelez le 18 ou le 112. "
    "Votre message est transmis à la mairie."
)
#: Messages of distress of one number that are told on within an hour; all are on the page.
MOST_TOLD: Final = 5
_HOUR: Final = 3600.0

_OUTCOMES: Final = {
    Kind.YES: Outcome.ACKNOWLEDGED, Kind.ACK: Outcome.ACKNOWLEDGED, Kind.NO: Outcome.DECLINED,
}  # fmt: skip
_PURPOSES: Final = {
    "SERVICE": (Purpose.SERVICE,), "INFORMATION": (Purpose.INFORMATION,),
    "": consent.ROUTINE, "ALERTE": (Purpose.ALERT,),
}  # fmt: skip


def distress(db: sqlite3.Connection, heard: Heard) -> Done | None:
    """Tell whoever launched the alert and those on duty that somebody may be in danger."""
    if heard.reply.kind is not Kind.DISTRESS or heard.entity_id is None:
        return None
    before = unread(heard, "distress")
    told = inbox.told_of(db, heard.number, heard.now - _HOUR)
    effect = "distress"
    if told < MOST_TOLD:
        whom = _helpers(db, heard)
        if not whom:
            effect = "distress_untold"
        else:
            number = tell(
                db, heard.entity_id, Urgency.VITAL, "DÉTRESSE", _cry(db, heard), whom,
                heard.now, heard.now + _HOUR,
            )  # fmt: skip
            heard.made.append((number, Urgency.VITAL))
    town = entities.name_of(db, heard.entity_id)
    return Done(
        effect, heard.entity_id, before.broadcast_id, before.recipient_id, to_read=True,
        answer=NO_RESCUE.format(town=town),
    )  # fmt: skip


def _helpers(db: sqlite3.Connection, heard: Heard) -> list[Asked]:
    """Return who launched an open alert, and those on duty; all trusted telephones else."""
    entity = heard.entity_id or 0
    known = trusted(db, entity)
    authors = inbox.authors_of_alerts(db, entity, heard.now)
    launchers = [one for one in known if one.name in authors]
    whom = [*launchers, *on_duty(db, entity, heard.now)] or known or _neighbours(db, heard)
    return list({one.number: one for one in whom if one.number != heard.number}.values())


def _neighbours(db: sqlite3.Connection, heard: Heard) -> list[Asked]:
    """Return who can be told in the other towns of this box, where this one has nobody."""
    towns = [row["id"] for row in entities.every(db) if row["id"] != heard.entity_id]
    return [one for town in towns for one in on_duty(db, town, heard.now) or trusted(db, town)]


def _cry(db: sqlite3.Connection, heard: Heard) -> str:
    """Return the words for those who help: who, where, which number, what they wrote."""
    row = people.by_address(db, heard.entity_id or 0, heard.number)
    name = people.full_name(row) if row else "Numéro inconnu"
    where = people.place_of(db, row["id"]) if row else ""
    place = f", {where}" if where else ""
    said = " ".join(heard.text.split())[:160]
    return (
        f"DÉTRESSE ? {name}{place}, {phone.shown(heard.number)} : « {said} ». "
        "Appelez, ou prévenez le 18 ou le 112."
    )


def confirmed_stop(db: sqlite3.Connection, heard: Heard) -> Done | None:
    """Take the word of whoever was asked whether they want no alert either."""
    if heard.reply.kind is not Kind.YES or not heard.reply.detail:
        return None
    row = answers.stop_confirmed(db, heard.number, heard.reply.detail, heard.now)
    if row is None:
        return None
    said = f"{row['said']} / {heard.text}"
    _withdraw(db, heard, row["entity_id"], (Purpose.ALERT,), said)
    return Done(
        "stopped_alerts", row["entity_id"], moved=True,
        answer="C'est noté : plus AUCUNE alerte à ce numéro, même en danger. Pour revenir : DEBUT.",
    )  # fmt: skip


def stop(db: sqlite3.Connection, heard: Heard) -> Done | None:
    """Honour a STOP: what is routine at once, the alerts once it is confirmed."""
    if heard.reply.kind is not Kind.STOP or heard.entity_id is None:
        return None
    entity, purposes = heard.entity_id, _PURPOSES.get(heard.reply.detail)
    if purposes is None:  # « STOP cantine »: a list, which only the town hall knows by that name
        return unread(heard, "stop_list")
    last = heard.last
    to_alert = last is not None and last["urgency"] == Urgency.VITAL
    if purposes == (Purpose.ALERT,):
        return _ask_stop(db, heard, entity, "")
    fresh = _withdraw(db, heard, entity, purposes, heard.text)
    told = f"C'est noté : plus de messages {_whose(db, entity)} à ce numéro."
    if to_alert and not heard.reply.detail:
        return _ask_stop(db, heard, entity, f"{told} ")
    return Done(
        "stopped", entity, moved=fresh,
        answer=f"{told} Les alertes de danger continuent (les arrêter aussi : STOP ALERTE). "
        "Pour revenir : DEBUT.",
    )  # fmt: skip


def _whose(db: sqlite3.Connection, entity: int) -> str:
    """Return which messages end: in a box of several towns those of one, and no other's."""
    return f"de {entities.name_of(db, entity)}" if len(entities.every(db)) > 1 else "d'information"


def _ask_stop(db: sqlite3.Connection, heard: Heard, entity: int, told: str) -> Done:
    code, fresh = answers.ask_stop(db, heard.number, entity, heard.text, heard.now)
    return Done(
        "stop_asked", entity, moved=fresh,
        answer=f"{told}Ne plus recevoir NON PLUS les alertes (crue, incendie) ? "
        f"Pour confirmer, répondez OUI {code}.",
    )  # fmt: skip


def _withdraw(
    db: sqlite3.Connection, heard: Heard, entity: int, purposes: tuple[Purpose, ...], said: str
) -> bool:
    fresh = [
        consent.withdraw(
            db, entity, channel=None, address=heard.number, purpose=purpose, source="SMS", by="",
            now=heard.now, text=said,
        )
        for purpose in purposes
    ]  # fmt: skip
    wanted = frozenset(purposes)
    heard.changed += answers.withdraw_queued(db, entity, heard.number, wanted, heard.now)
    return any(fresh)


def start(db: sqlite3.Connection, heard: Heard) -> Done | None:
    """Take every STOP of a number back."""
    if heard.reply.kind is not Kind.START or heard.entity_id is None:
        return None
    here = heard.entity_id
    stopped = consent.stopped_in(db, heard.number)
    towns = [here] if here in stopped else stopped  # where another town's STOP is meant
    for town in towns:
        for purpose in sorted({row["purpose"] for row in consent.in_force(db, town, heard.number)}):
            consent.restore(
                db, town, channel=None, address=heard.number, purpose=Purpose(purpose),
                source="SMS", by="", now=heard.now, text=heard.text,
            )  # fmt: skip
    if towns:
        told = "C'est noté : vous recevrez de nouveau nos messages. Pour arrêter : STOP."
    elif people.by_address(db, here, heard.number):
        told = "Vous recevez déjà nos messages. Pour arrêter : STOP."
    else:
        told = "Ce numéro n'est pas inscrit. Pour l'être, envoyez ALERTE et votre adresse."
    return Done("started", here, moved=bool(towns), answer=told)


def answer(db: sqlite3.Connection, heard: Heard) -> Done | None:
    """Let a yes, a no or a « reçu » count for the message it is about."""
    outcome = _OUTCOMES.get(heard.reply.kind)
    if outcome is None:
        return None
    if asked_by_hand(heard):
        return None
    rows = {row["id"]: row for row in heard.sent}
    found = matching.match(
        inbox.candidates(heard.sent, heard.now), heard.message.sim, heard.reply.detail
    )
    if found.between:
        return _which(db, heard, [rows[one.job_id] for one in found.between])
    row = rows[found.found.job_id] if found.found else None
    if row is None or (outcome is Outcome.DECLINED and not _may_decline(row)):
        return None
    changed = answers.settle(db, row["id"], outcome, heard.now)
    if changed is None:
        raise NotYet
    heard.changed.append(row["broadcast_id"])
    effect = "confirmed" if outcome is Outcome.ACKNOWLEDGED else "declined"
    return Done(
        effect, row["entity_id"], row["broadcast_id"], row["recipient_id"], moved=changed,
        answer=_thanks(db, row, outcome) if changed else "",
    )  # fmt: skip


def _may_decline(row: sqlite3.Row) -> bool:
    """Whether a no answers anything: elsewhere it is for a human to read."""
    plan = plans.from_json(row["plan"])
    return bool(row["to_referent"] or plan.enough or plan.confirm)


def _which(db: sqlite3.Connection, heard: Heard, rows: list[sqlite3.Row]) -> Done:
    """Ask which of several messages a reply is about."""
    said = {Kind.YES: "OUI", Kind.NO: "NON"}.get(heard.reply.kind, "1")
    choices = [
        f"{said} {answers.code_of(db, row['broadcast_id'], heard.now)} : {row['title'][:40]}"
        for row in rows[:4]
    ]
    told = "Plusieurs messages attendent votre réponse. Répondez "
    before = unread(heard, "which")
    return Done(
        "which", before.entity_id, before.broadcast_id, before.recipient_id, to_read=True,
        answer=told + " ; ou ".join(choices),
    )  # fmt: skip


def _thanks(db: sqlite3.Connection, row: sqlite3.Row, outcome: Outcome) -> str:
    """Return what a volunteer hears: whether they are wanted. Others are not written to."""
    plan = plans.from_json(row["plan"])
    if not plan.enough or outcome is not Outcome.ACKNOWLEDGED:
        return ""
    if volunteers.yes_so_far(db, row["broadcast_id"]) > plan.enough:
        return f"Merci. L'effectif est déjà complet pour « {row['title'][:60]} »."
    return f"Merci, nous comptons sur vous : « {row['title'][:60]} »."


#: In this order: danger first, then what a person may always ask, then the answers.
TAKERS: Final = (
    beside_the_round, distress, confirmed_stop, confirmed_enrolment, stop, start, enrol,
    taken_in_hand, asked_how, meeting, answer, by_rule,
)  # fmt: skip
