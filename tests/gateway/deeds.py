"""Everything somebody can write through a service, done once, and what the record says of it.

The order matters: what is made first is changed and taken away later.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.services import (
    AuditFilter,
    GroupForm,
)
from gateway.services.orders import StepForm
from gateway.services.round_values import RoundForm
from gateway.services.values import BatchLine
from tests.gateway import scene
from tests.gateway.scene import ANNE, BLAISE, LATER, LIST, OTHER, PASSWORD
from tests.harness import NIGHT


@dataclass
class Act:
    """One writing: what is done, the kind of its event, and what the record says of it."""

    do: Callable[[scene.Scene], Awaitable[Any]]
    kind: str
    says: str = ""
    by: str = "Camille"


ACTS: dict[str, Act] = {
    # accounts
    "Accounts.add": Act(
        lambda x: x.keep(
            "luc", x.s.accounts.open_for(x.me, "luc", "Luc Thérond", PASSWORD, "auditor")
        ),
        "account.created", "luc, rôle contrôle",
    ),
    "AccountCare.change_role": Act(
        lambda x: x.s.account_care.change_role(x.me, x.left["luc"], "sender"), "account.role",
        "avant : contrôle",
    ),
    "AccountCare.ask_roles": Act(
        lambda x: x.s.account_care.ask_roles(x.me, ["auditor"]), "setting.changed",
        "qui se vérifie en deux étapes, contrôle",
    ),
    "AccountCare.give_password": Act(
        lambda x: x.s.account_care.give_password(x.me, x.left["luc"]), "account.password_given",
        "luc",
    ),
    "AccountCare.end_sessions": Act(
        lambda x: x.s.account_care.end_sessions(x.me, x.left["luc"]), "account.sessions_ended",
        "luc",
    ),
    "AccountCare.reset_two_factor": Act(scene.reset, "account.two_factor_off", "luc"),
    "Groupings.name_keeper": Act(
        lambda x: x.s.groupings.name_keeper(x.me, x.left["luc"], on=True),
        "register.keeper_named", "luc",
    ),
    "Accounts.disable": Act(
        lambda x: x.s.accounts.disable(x.me, x.left["luc"]), "account.disabled", "luc"
    ),
    "Accounts.add_town": Act(
        lambda x: x.s.accounts.add_town(x.session, "Azille"), "entity.created", "Azille"
    ),
    "OwnAccount.end_session": Act(
        lambda x: scene.sessions(x, "one"), "account.sessions_ended", "camille"
    ),
    "OwnAccount.end_others": Act(
        lambda x: scene.sessions(x, "others"), "account.sessions_ended", "camille"
    ),
    "OwnAccount.change_password": Act(scene.password, "account.password_changed", "camille"),
    "OwnAccount.turn_on": Act(scene.two_factor, "account.two_factor_on", "camille"),
    "OwnAccount.new_codes": Act(
        lambda x: x.s.own_account.new_codes(x.session, OTHER), "account.codes_renewed", "camille"
    ),
    "OwnAccount.turn_off": Act(scene.one_factor, "account.two_factor_off", "camille"),
    # the directory
    "Imports.take_file": Act(
        lambda x: x.s.imports.take_file(x.me, LIST.replace("Élus", "Autres").encode(),
                                        filename="liste.csv"),
        "contacts.imported", "liste.csv",
    ),
    "Imports.add": Act(
        lambda x: x.s.imports.add(x.me, name="Denat", phones=["06 39 98 00 04"]),
        "contacts.imported", "un contact",
    ),
    "Imports.undo": Act(
        lambda x: x.s.imports.undo(x.me, 2), "contacts.import_undone", "liste.csv"
    ),
    "Groupings.save": Act(
        lambda x: x.keep("group", x.s.groupings.save(x.me, None, GroupForm("Boules"))),
        "group.created", "Boules",
    ),
    "Groupings.move": Act(
        lambda x: x.s.groupings.move(x.me, x.left["group"], [1], into=True), "group.joined",
        "« Boules », personnes : 1",
    ),
    "Tuning.allow_groups": Act(
        lambda x: x.s.tuning.allow_groups(x.me, {x.left["group"]}), "group.allowed",
        "Boules",
    ),
    "Groupings.remove": Act(
        lambda x: x.s.groupings.remove(x.me, x.left["group"]), "group.removed", "Boules"
    ),
    "Persons.save": Act(
        lambda x: x.keep(
            "card", x.s.persons.save(x.me, None, scene.person("Fabre", "06 39 98 00 21"))
        ),
        "contact.added", "fiche n°",
    ),
    "Persons.keep_apart": Act(
        lambda x: x.s.persons.keep_apart(x.me, 1, 2), "contact.kept_apart", "n° 2"
    ),
    "Persons.file": Act(
        lambda x: x.s.persons.file(x.me, 1), "contact.file_handed_out", "fiche n° 1"
    ),
    "Consents.say": Act(
        lambda x: x.s.consents.say(x.me, 1, ANNE, "information", given=False, source="au guichet"),
        "consent.withdrawn", "+33 *** 01",
    ),
    "Exports.contacts": Act(
        lambda x: x.s.exports.contacts(x.me, "csv"), "contacts.exported"
    ),
    "Enrolling.refuse": Act(
        lambda x: scene.enrolment(x, "refuse"), "enrolment.refused", "demande n°"
    ),
    "Enrolling.approve": Act(
        lambda x: scene.enrolment(x, "approve"), "enrolment.approved", "demande n°"
    ),
    # the register's round
    "Rounds.set_person": Act(
        scene.of_register, "round.person_set", "fiche n°"
    ),
    "Rounds.switch": Act(
        lambda x: x.s.rounds.switch(
            x.me, RoundForm("2026-11-25", "2026-11-26", "09:00", "30", "06 39 98 00 90", on=True)
        ),
        "setting.changed", "tournée du registre",
    ),
    "Rounds.seen": Act(scene.seen, "round.seen"),
    "RoundSheet.file": Act(
        lambda x: x.s.round_sheet.file(x.me, datetime(2026, 11, 23, tzinfo=UTC).date()),
        "round.sheet",
    ),
    "Persons.merge": Act(
        lambda x: x.s.persons.merge(x.me, 1, 2), "contact.merged", "fiche n° 1"
    ),
    "Persons.erase": Act(
        scene.erase, "contact.erased", "fiche n°"
    ),
    # messages
    "Sending.send": Act(
        lambda x: x.s.sending.send(x.me, scene.draft("Essai de sirène", urgency="vital")),
        "broadcast.created", "Essai de sirène",
    ),
    "Sending.try_out": Act(
        lambda x: x.s.sending.try_out(x.me, scene.draft(), "06 39 98 00 01"), "broadcast.created",
        "Essai",
    ),
    "Sending.send_batch": Act(
        lambda x: x.s.sending.send_batch(x.me, [BatchLine(to=ANNE, text="Un")], channel="sms",
                                         urgency="vital", title="Un lot"),
        "broadcast.created",
    ),
    "FirstTry.send": Act(
        lambda x: x.s.first_try.send(x.me, "06 39 98 00 01", "Premier essai"),
        "broadcast.created", "exercice",
    ),
    "Sending.cancel": Act(lambda x: scene.waiting(x, "cancel"), "broadcast.cancelled"),
    "Sending.send_now": Act(lambda x: scene.waiting(x, "send_now"), "broadcast.released"),
    "Sending.pause": Act(lambda x: scene.paused(x, "pause"), "broadcast.paused"),
    "Sending.resume": Act(lambda x: scene.paused(x, "resume"), "broadcast.resumed"),
    "Sending.call_everybody": Act(
        scene.called, "broadcast.call_everybody"
    ),
    "Sending.told_in_person": Act(scene.told, "recipient.told", "prévenue par Le garde"),
    "Sending.take_back_tick": Act(
        lambda x: x.s.sending.take_back_tick(x.me, *x.left["told"]), "recipient.tick_taken_back"
    ),
    "Sending.approve": Act(
        lambda x: scene.approved(x, "approve"), "approval.answered", "réponse oui", "Luc"
    ),
    "Sending.refuse": Act(
        lambda x: scene.approved(x, "refuse"), "approval.answered", "réponse non", "Luc"
    ),
    "Reports.file": Act(lambda x: x.s.reports.file(x.me, 1, "csv"), "report.made"),
    "Agenda.repeat": Act(
        lambda x: x.keep("series", x.s.agenda.repeat(x.me, scene.draft(title="Marché", at=LATER),
                                                     "weekly")),
        "series.begun", "Marché",
    ),
    "Agenda.move_series": Act(
        lambda x: x.s.agenda.move_series(x.me, x.left["series"], LATER + timedelta(hours=1)),
        "series.moved", "Marché",
    ),
    "Agenda.end_series": Act(
        lambda x: x.s.agenda.end_series(x.me, x.left["series"]), "series.ended", "Marché"
    ),
    "Convening.convene": Act(scene.convened, "broadcast.created", "conseil municipal"),
    "Councils.write_down": Act(
        lambda x: x.s.councils.write_down(x.me, x.left["council"][0], x.left["council"][1][0],
                                          "excused"),
        "council.answered", "absent excusé",
    ),
    "Councils.settle": Act(scene.doubt, "council.settled"),
    "Councils.hand_over": Act(
        lambda x: x.s.councils.hand_over(x.me, x.left["council"][0], x.left["council"][1][:1]),
        "council.handed_over",
    ),
    # what is made ready
    "Ready.keep": Act(
        lambda x: x.keep("ready", x.s.ready.keep(x.me, "Incendie", scene.draft(urgency="vital"))),
        "scenario.saved", "Incendie",
    ),
    "LaunchRights.set_word": Act(
        lambda x: x.s.launching.set_word(x.me, x.left["ready"], "feu"), "scenario.word",
        "« Incendie », mot feu",
    ),
    "Warnings.add_rule": Act(
        lambda x: x.s.warnings.add_rule(x.me, "Vigicrues", "@vigicrues.example", "orange",
                                        x.left["ready"]),
        "warning_rule.added", "Vigicrues",
    ),
    "Warnings.remove_rule": Act(
        lambda x: x.s.warnings.remove_rule(x.me, 1), "warning_rule.removed", "Vigicrues"
    ),
    "Ready.drop": Act(
        lambda x: x.s.ready.drop(x.me, x.left["ready"]), "scenario.deleted", "Incendie"
    ),
    "Orders.save": Act(
        lambda x: x.keep("order", x.s.orders.save(
            x.me, "Tout", [StepForm(("sms",), 0, "always", "first")], confirm=False, enough=0)),
        "plan.saved", "Tout",
    ),
    "Orders.delete": Act(
        lambda x: x.s.orders.delete(x.me, x.left["order"]), "plan.deleted", "Tout"
    ),
    "Duties.add_turn": Act(
        lambda x: x.s.duties.add_turn(x.me, "Astreinte", ANNE, NIGHT, LATER - timedelta(days=35)),
        "duty.added", "garde « Astreinte », fiche n° 1",
    ),
    "Duties.remove_turn": Act(
        lambda x: x.s.duties.remove_turn(x.me, 1), "duty.removed", "garde « Astreinte »"
    ),
    "Sounds.set_pronunciation": Act(
        lambda x: x.s.sounds.set_pronunciation(x.me, "Azille", "a zi ye"), "pronunciation.set",
        "« Azille », se dit « a zi ye »",
    ),
    "Sounds.remove_pronunciation": Act(
        lambda x: x.s.sounds.remove_pronunciation(x.me, "Azille"), "pronunciation.removed",
        "« Azille »",
    ),
    "Sounds.keep_recording": Act(
        lambda x: x.s.sounds.keep_recording(x.me, "Sirène", scene.sound()), "recording.kept",
        "« Sirène »",
    ),
    # what comes in
    "Inbox.read": Act(scene.read, "inbox.read", "+33 *** 01"),
    "Inbox.answer": Act(
        lambda x: x.s.inbox.answer(x.me, ANNE, "Bien reçu", "k"), "broadcast.created"
    ),
    "Inbox.add_rule": Act(
        lambda x: x.s.inbox.add_rule(x.me, "horaires", "Ouvert le matin."), "reply_rule.added",
        "« horaires »",
    ),
    "Inbox.remove_rule": Act(
        lambda x: x.s.inbox.remove_rule(x.me, 1), "reply_rule.removed", "« horaires »"
    ),
    # settings
    "Tuning.set_hours": Act(
        lambda x: x.s.tuning.set_hours(x.me, "service", {0: ("09:00", "12:00")}, holidays=False),
        "setting.changed", "lundi 09:00–12:00",
    ),
    "Tuning.set_rules": Act(
        lambda x: x.s.tuning.set_rules(x.me, take_back=30, approval_above=0, signature="Mairie"),
        "setting.changed", "Mairie",
    ),
    "Tuning.set_retention": Act(
        lambda x: x.s.tuning.set_retention(x.me, names=6, received=12), "setting.changed",
        "6 mois",
    ),
    "Tuning.set_limits": Act(
        lambda x: scene.with_sim(x, lambda sim: x.s.tuning.set_limits(x.me, sim,
                                                                  {"segments_per_day": 9})),
        "sim.limits", "modem orange-1",
    ),
    "Tuning.set_route": Act(
        lambda x: scene.with_sim(x, lambda sim: x.s.tuning.set_route(x.me, sim, "06 39")),
        "sim.route", "commençant par +33639",
    ),
    "Tuning.set_regime": Act(
        lambda x: scene.with_sim(x, lambda sim: x.s.tuning.set_regime(x.me, sim, "ordinary", "")),
        "sim.regime", "régime ordinaire, modem orange-1",
    ),
    "Fleet.resume": Act(scene.stopped, "sim.resumed", "modem orange-1"),
    "Mailing.set_told": Act(
        lambda x: x.s.mailing.set_told(x.me, "", "mairie@la-redorte.example", "07:00"),
        "setting.changed", "résumé du jour",
    ),
    "Mailing.add_sender": Act(
        lambda x: x.s.mailing.add_sender(x.me, "Garderie", "garderie@la-redorte.example"),
        "mail_sender.added", "Garderie",
    ),
    "Mailing.remove_sender": Act(
        lambda x: x.s.mailing.remove_sender(x.me, 1), "mail_sender.removed", "Garderie"
    ),
    "CallTrees.set": Act(
        lambda x: x.s.trees.set(x.me, to="", place="", owner="Mme Roux", chosen=[1]),
        "setting.changed", "tenu par Mme Roux",
    ),
    "Telephones.trust": Act(
        lambda x: x.s.telephones.trust(x.me, "Luc Thérond", BLAISE), "setting.changed",
        "Luc Thérond +33 *** 02",
    ),
    "LaunchRights.let": Act(
        lambda x: x.s.launching.let(x.me, BLAISE, launcher=True, technician=False),
        "setting.changed", "(peut lancer)",
    ),
    "LaunchRights.set_pin": Act(
        lambda x: x.s.launching.set_pin(x.me, BLAISE, "739214"), "launch.pin_set", "+33 *** 02"
    ),
    "LaunchRights.remove_pin": Act(
        lambda x: x.s.launching.remove_pin(x.me, BLAISE), "launch.pin_removed", "+33 *** 02"
    ),
    "Telephones.distrust": Act(
        lambda x: x.s.telephones.distrust(x.me, BLAISE), "setting.changed", "aucun"
    ),
    "LaunchRights.set_numbers": Act(
        lambda x: x.s.launching.set_numbers(x.me, "06 39 98 00 50"), "setting.changed",
        "+33 *** 50",
    ),
    "SoftwareDoor.issue": Act(
        lambda x: x.s.software.issue(x.me, "Panneau"), "software.added", "Panneau"
    ),
    "SoftwareDoor.revoke": Act(
        lambda x: x.s.software.revoke(x.me, 1), "software.revoked", "Panneau"
    ),
    "Proving.check": Act(
        lambda x: x.s.proving.check(x.me, "orange-1"), "modem.proved", "modem orange-1"
    ),
    "Bench.begin": Act(scene.trial, "modem.trial", "SMS d’essai, modem orange-1"),
    "Audit.file": Act(lambda x: x.s.audit.file(x.me, AuditFilter(), "csv"), "audit.exported"),
    "SettingHistory.put_back": Act(
        scene.put_back, "setting.changed", "signature"
    ),
}  # fmt: skip
