"""What an event of the record is called, by family; only what a person did or should know. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from gateway.logs import masked
from gateway.sentences import Sentence, fr, fr_all, listed
from gateway.services.council_words import ANSWERS
from gateway.services.setting_words import KEYS
from gateway.services.setting_words import said as said_setting
from gateway.services.words import PURPOSES, REGIMES, ROLES, URGENCIES

#: Families of events, as the page offers them: code, words, and each kind with what it says.
FAMILIES: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = fr_all({
    "messages": ("Messages", {
        "broadcast.created": "a préparé ou envoyé un message",
        "broadcast.cancelled": "a arrêté un message",
        "broadcast.paused": "a mis un message en pause",
        "broadcast.resumed": "a repris un message",
        "broadcast.released": "a fait partir un message sans attendre",
        "broadcast.call_everybody": "a fait appeler tout le monde",
        "broadcast.given_up": "message qui n'a pas pu partir",
        "broadcast.forgotten": "noms d'un message effacés à leur date",
        "approval.asked": "message qui demande un accord, car son groupe a grandi",
        "approval.answered": "a répondu à une demande d'accord",
        "recipient.told": "a pointé une personne prévenue de vive voix",
        "recipient.tick_taken_back": "a retiré un pointage",
        "report.made": "a tiré un rapport",
        "launch.launched": "a lancé une alerte par téléphone",
        "launch.pin_set": "a donné un code de lancement",
        "launch.pin_removed": "a retiré un code de lancement",
        "launch.lifted": "a levé ce qui était retenu contre un téléphone",
        "question.answered": "a répondu à une question de Tocsin",
        "warning.received": "bulletin d'avertissement reçu",
        "scenario.saved": "a gardé un message prêt",
        "scenario.deleted": "a supprimé un message prêt",
        "scenario.word": "a changé le mot d'un message prêt",
        "series.begun": "a commencé une série",
        "series.ended": "a arrêté une série",
        "series.moved": "a déplacé une série",
        "broadcast.moved": "a déplacé un message",
        "series.skipped": "envoi d'une série laissé de côté : pas d'envois ce jour-là",
        "series.failed": "envoi d'une série qui n'a pas pu partir",
        "mail.received": "message arrivé par courriel",
        "inbox.read": "a lu des réponses",
        "council.answered": "réponse d'un membre du conseil",
        "council.settled": "a traité la réponse d'un membre du conseil",
        "council.handed_over": "a noté des convocations remises en main propre",
        "council.not_handed_over": "a retiré des remises en main propre",
        "council.sheet": "a tiré la feuille du conseil",
    }),
    "contacts": ("Carnet", {
        "contacts.imported": "a importé une liste",
        "contacts.import_undone": "a annulé un import",
        "contacts.exported": "a emporté le carnet",
        "paper.made": "a fait l'arbre d'appel",
        "contact.file_handed_out": "a remis à une personne son dossier",
        "contact.erased": "a effacé une personne",
        "contact.merged": "a réuni deux fiches",
        "contact.kept_apart": "a noté que deux fiches sont deux personnes",
        "contact.added": "a ajouté une fiche",
        "contact.changed": "a changé une fiche",
        "consent.given": "accord noté",
        "consent.withdrawn": "refus noté",
        "group.created": "a créé un groupe",
        "group.changed": "a changé un groupe",
        "group.removed": "a supprimé un groupe",
        "group.joined": "a mis des personnes dans un groupe",
        "group.left": "a retiré des personnes d'un groupe",
        "enrolment.confirmed": "inscription confirmée",
        "enrolment.approved": "a accepté une inscription",
        "enrolment.refused": "a refusé une inscription",
    }),
    "register": ("Registre", {
        "register.keeper_named": "a nommé un gardien du registre",
        "register.keeper_released": "a retiré un gardien du registre",
        "register.sealed": "registre chiffré par une nouvelle clé",
        "round.person_set": "a changé l'appel quotidien d'une personne",
        "round.seen": "a noté une visite",
        "round.sheet": "a tiré la feuille de la tournée",
        "round.missed": "tournée qui n'a pas eu lieu",
    }),
    "settings": ("Réglages", {
        "setting.changed": "a changé un réglage",
        "sim.limits": "a changé le forfait d'une carte",
        "sim.regime": "a changé le régime d'une carte",
        "sim.route": "a changé les numéros qu'une carte sert d'abord",
        "group.allowed": "a permis un groupe aux cartes ordinaires",
        "group.not_allowed": "a retiré un groupe aux cartes ordinaires",
        "plan.saved": "a gardé un ordre d'envoi",
        "plan.deleted": "a supprimé un ordre d'envoi",
        "sim.resumed": "a remis une carte en service",
        "sim.stopped": "carte arrêtée après des refus",
        "mail_sender.added": "a autorisé une adresse à envoyer",
        "mail_sender.removed": "a retiré une adresse",
        "reply_rule.added": "a ajouté une réponse automatique",
        "reply_rule.removed": "a retiré une réponse automatique",
        "warning_rule.added": "a ajouté une règle d'avertissement",
        "warning_rule.removed": "a retiré une règle d'avertissement",
        "pronunciation.set": "a changé une prononciation",
        "pronunciation.removed": "a retiré une prononciation",
        "recording.kept": "a gardé un enregistrement",
        "duty.added": "a ajouté une garde",
        "duty.removed": "a retiré une garde",
    }),
    "accounts": ("Comptes et accès", {
        "account.created": "a créé un compte",
        "account.disabled": "a fermé un compte",
        "account.entered": "s'est connecté",
        "account.role": "a changé le rôle d'un compte",
        "account.password_changed": "a changé son mot de passe",
        "account.password_given": "a donné un mot de passe provisoire",
        "account.sessions_ended": "a terminé les connexions d'un compte",
        "account.two_factor_on": "a mis en service la vérification en deux étapes",
        "account.two_factor_off": "a retiré une vérification en deux étapes",
        "account.codes_renewed": "a renouvelé ses codes de secours",
        "account.recovery_code_used": "est entré avec un code de secours",
        "account.code_refused": "mot de passe juste, mais second code faux",
        "entity.created": "a ajouté une commune",
        "entity.renamed": "a donné un autre nom à la commune (configuration du boîtier)",
        "software.added": "a donné un accès à un logiciel",
        "software.revoked": "a retiré l'accès d'un logiciel",
        "audit.exported": "a emporté le journal",
    }),
    "box": ("Boîtier", {
        "box.started": "Tocsin a démarré",
        "clock.vouched": "a dit que l'heure de la machine est juste",
        "box.backup": "sauvegarde",
        "box.mended": "base de données réparée",
        "box.lost": "base de données perdue : recommence vide",
        "box.rewound": "base revenue à une copie plus ancienne",
        "box.repair_seen": "a vu que la base a été réparée",
        "modem.trial": "a essayé un modem",
        "modem.console": "a parlé à un modem (console)",
        "modem.proved": "vérification d'un modem",
        "modem.remedy": "remède essayé sur un modem",
        "outage.began": "panne commencée",
        "outage.ended": "panne finie",
        "sim.first_seen": "nouvelle carte SIM",
    }),
})  # fmt: skip
#: The words of every kind.
SAID: Final[Mapping[str, str]] = {
    kind: said for _, kinds in FAMILIES.values() for kind, said in kinds.items()
}
#: What of an event's facts is shown, in this order; ``{fact}`` is the fact itself.
_FACTS: Final[Mapping[str, str]] = fr_all({
    "title": "« {fact} »", "name": "« {fact} »", "login": "{fact}", "key": "{fact}",
    "value": "{fact}", "written": "« {fact} »", "spoken": "se dit « {fact} »",
    "word": "mot {fact}", "words": "à « {fact} »", "list": "garde « {fact} »",
    "rule": "« {fact} »", "contact": "fiche n° {fact}", "other": "et n° {fact}",
    "kept": "fiche n° {fact}", "gone": "où est passée la n° {fact}",
    "enrolment": "demande n° {fact}", "number": "{fact}", "address": "{fact}",
    "trial": "{fact}", "teller": "prévenue par {fact}", "command": "« {fact} »",
    "urgency": "{fact}", "role": "rôle {fact}", "before": "avant : {fact}",
    "prefixes": "commençant par {fact}", "people": "personnes : {fact}",
    "file": "fichier {fact}", "kind": "{fact}", "added": "ajouts : {fact}",
    "changed": "changements : {fact}", "messages": "{fact} SMS", "purpose": "liste {fact}",
    "sim": "carte finissant par {fact}", "regime": "régime {fact}", "modem": "modem {fact}",
    "lane": "{fact}", "remedy": "{fact}", "what": "{fact}", "group": "groupe {fact}",
    "answer": "réponse {fact}", "why": "« {fact} »", "exercise": "exercice",
    "events": "lignes : {fact}",
})  # fmt: skip
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "key": KEYS, "urgency": {code.value: said for code, said in URGENCIES.items()},
    "role": ROLES, "before": ROLES, "regime": REGIMES,
    "purpose": {code.value: said for code, said in PURPOSES.items()},
    "trial": fr_all({"sms": "SMS d’essai", "appel": "appel d’essai", "verifier": "vérification"}),
    "answer": {
        **fr_all({"yes": "oui", "no": "non"}),
        **{code.value: said for code, said in ANSWERS.items()},
    },
}  # fmt: skip


_REWOUND: Final[Mapping[str, str]] = fr_all({
    "damage": "base abîmée", "restore": "sauvegarde rendue",
    "upgrade undone": "mise à jour défaite",
})  # fmt: skip


def lost_hours(payload: Mapping[str, Any], since: datetime, until: datetime) -> str:
    """Return why a database went back to a copy, and from when until when all is lost."""
    return fr(
        "{why} ; perdu : du {since:%d/%m/%Y à %H h %M} au {until:%d/%m/%Y à %H h %M}",
        why=_REWOUND.get(payload["why"], payload["why"]),
        since=since,
        until=until,
    )


def facts(payload: Mapping[str, Any]) -> str:
    """Return what an event tells beside who and what: a few facts, in words."""
    said: list[str] = []
    for name, form in _FACTS.items():
        value = payload.get(name)
        if name == "value" and payload.get("key") in KEYS:
            shown: str = said_setting(payload["key"], value)
        elif isinstance(value, dict) or value in (None, "", False, []):
            continue
        else:
            shown = _shown(name, value)
        if not shown:
            continue
        said.append(fr(form, fact=shown if isinstance(shown, Sentence) else shown[:120]))
    return listed(", ", said)


def _shown(name: str, value: Any) -> str:
    if isinstance(value, list):
        return listed(", ", [_shown(name, one) for one in value])
    if name == "address":
        return masked(str(value))
    return _WORDS.get(name, {}).get(str(value), str(value))
