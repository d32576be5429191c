"""The French a person reads for each code: on the page, in reports, on the command line.

A secretary's words, not ours: what happened, to whom, until when.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateway.model import BroadcastState, Channel, JobState, Outcome, Purpose, Reason, Urgency
from gateway.model import RecipientState as R
from gateway.rounds import KIND as ROUND
from gateway.sentences import Sentence, fr, fr_all, fr_many, glued, listed

CHANNELS: Final = fr_all({Channel.SMS: "SMS", Channel.VOICE: "appel", Channel.EMAIL: "courriel"})
URGENCIES: Final = fr_all({
    Urgency.VITAL: "Alerte", Urgency.SERVICE: "Service", Urgency.INFORMATION: "Information",
})  # fmt: skip
PURPOSES: Final = fr_all({
    Purpose.ALERT: "alerte", Purpose.SERVICE: "service", Purpose.INFORMATION: "information",
    Purpose.VULNERABLE: "personnes fragiles",
})  # fmt: skip
#: What each role of an account is for.
ROLES: Final = fr_all({
    "administrator": "administration",
    "sender": "envoi de messages",
    "approver": "élu ou astreinte : lance, valide, suit",
    "keeper": "registre des personnes fragiles",
    "technician": "technique (sans les noms ni les textes)",
    "auditor": "contrôle (lit tout ce qui a été fait, ne change rien)",
})  # fmt: skip
#: What a SIM's operator allows.
REGIMES: Final = fr_all({
    "ordinary": "ordinaire", "automated": "automatisé, l'opérateur l'a accepté par écrit",
})  # fmt: skip
#: To whoever asks for the register and is not named among its keepers.
KEEPERS_ONLY: Final = fr(
    "Le registre des personnes fragiles est réservé à ses gardiens, nommés par un administrateur."
)
#: Where nobody would see a mail come back.
UNWATCHED: Final = fr(
    "Retours de courriel non surveillés : un courriel qui n’arrive pas restera « envoyé, sans "
    "accusé »."
)
BROADCAST_STATES: Final = fr_all({
    BroadcastState.DRAFT: "brouillon", BroadcastState.AWAITING_APPROVAL: "à valider",
    BroadcastState.SCHEDULED: "programmé", BroadcastState.SENDING: "envoi en cours",
    BroadcastState.PAUSED: "en pause", BroadcastState.CLOSED: "terminé",
    BroadcastState.CANCELLED: "annulé",
})  # fmt: skip
STATES: Final = fr_all({
    R.PENDING: "en attente", R.IN_PROGRESS: "en cours",
    R.SENT: "envoyé, sans accusé de réception", R.RECEIVED: "reçu sur le téléphone",
    R.ANSWERED: "a répondu, n’a pas tout écouté", R.LISTENED: "a écouté sans confirmer",
    R.ACKNOWLEDGED: "a confirmé", R.DECLINED: "a répondu non",
    R.UNCERTAIN: "incertain : peut-être reçu",
    R.TOLD_IN_PERSON: "prévenu de vive voix", R.FAILED: "échec",
    R.EXPIRED: "non envoyé : trop tard", R.CANCELLED: "annulé", R.EXCLUDED: "écarté",
})  # fmt: skip
#: Where a state's reason says it better: nothing rings when a mail is opened.
_BY_REASON: Final = fr_all({
    (R.RECEIVED, Reason.MAIL_READ): "courriel lu",
    (R.SENT, Reason.IN_MAILBOX): "déposé dans sa boîte aux lettres",
})  # fmt: skip


#: In the daily round, where « 2 » or a cry for help is no refusal.
_CALL_ME: Final = fr("demande de l’aide ou un rappel")


def state(code: R, reason: Reason = Reason.NONE, kind: str = "") -> str:
    """Return what a person lived, in words; ``kind``: of which broadcast."""
    if kind == ROUND and code is R.DECLINED:
        return _CALL_ME
    return _BY_REASON.get((code, reason), STATES[code])


#: How a state is counted: reached, waiting, doubtful or unreached.
KINDS: Final = {
    R.PENDING: "waiting", R.IN_PROGRESS: "waiting", R.SENT: "doubtful", R.RECEIVED: "reached",
    R.ANSWERED: "doubtful", R.LISTENED: "reached", R.ACKNOWLEDGED: "reached",
    R.DECLINED: "reached",
    R.UNCERTAIN: "doubtful", R.TOLD_IN_PERSON: "reached", R.FAILED: "unreached",
    R.EXPIRED: "unreached", R.CANCELLED: "unreached", R.EXCLUDED: "unreached",
}  # fmt: skip


def kind(code: R, reached: Collection[R]) -> str:
    """Return how a state is counted where these are *joint* (`gateway.plan.reached`)."""
    found = KINDS[code]
    return "doubtful" if found == "reached" and code not in reached else found


def answered(confirmed: int, reached: int, people: int) -> str:
    """Say how many confirmed a message that asks for it, were told otherwise, and did neither."""
    otherwise, left = reached - confirmed, people - reached
    parts: list[str] = [fr_many("{n} a confirmé", "{n} ont confirmé", confirmed)]
    if otherwise:
        parts.append(
            fr_many(
                "{n} a répondu non ou a été prévenu de vive voix",
                "{n} ont répondu non ou ont été prévenus de vive voix",
                otherwise,
            )
        )
    if left:
        parts.append(fr("{n} pas encore", n=left))
    return listed(", ", parts)


JOB_STATES: Final = fr_all({
    JobState.QUEUED: "en attente", JobState.RUNNING: "en cours",
    JobState.HANDED_OVER: "transmis", JobState.DELIVERED: "reçu", JobState.FAILED: "échec",
    JobState.EXPIRED: "non envoyé : trop tard", JobState.CANCELLED: "annulé",
    JobState.UNCERTAIN: "incertain",
})  # fmt: skip
OUTCOMES: Final = fr_all({
    Outcome.NO_ANSWER: "pas de réponse", Outcome.BUSY: "occupé", Outcome.REFUSED: "appel refusé",
    Outcome.UNREACHABLE: "injoignable", Outcome.ANSWERED: "a répondu, n’a pas tout écouté",
    Outcome.LISTENED: "a écouté sans confirmer", Outcome.ACKNOWLEDGED: "a confirmé",
    Outcome.DECLINED: "a répondu non",
    Outcome.INTERRUPTED: "appel interrompu",
})  # fmt: skip


def outcome(code: Outcome, kind: str = "", *, to_referent: bool = False) -> str:
    """Return how a job ended, in words; a referent who cannot go did answer no."""
    if kind == ROUND and code is Outcome.DECLINED and not to_referent:
        return _CALL_ME
    return OUTCOMES[code]


#: What `gateway.daemon` calls the connections to the mail relay.
_MAIL_LANE: Final = re.compile(r"courriel(?: (\d+))?")


def lane(name: str) -> str:
    """Return by which modem an attempt went, or by which connection to the mail relay."""
    mail = _MAIL_LANE.fullmatch(name or "")
    if mail is None:
        return name
    return fr("courriel {number}", number=mail[1]) if mail[1] else fr("courriel")


REASONS: Final = fr_all({
    Reason.NONE: "",
    Reason.IN_QUEUE: "attend son tour",
    Reason.NO_MODEM: "attend qu’un modem soit prêt",
    Reason.ALERTS_ONLY: "attend : seules les alertes partent (disque ou onduleur, page Modems)",
    Reason.PAUSE_BETWEEN_CALLS: "attend avant un second appel",
    Reason.TRY_AGAIN: "attend avant un nouvel essai",
    Reason.TAKE_BACK: "peut encore être repris",
    Reason.HOURS: "attend l’heure où ces messages peuvent partir",
    Reason.BUDGET: "attend que le forfait de la carte SIM le permette",
    Reason.REGIME: "attend une carte SIM qui puisse servir ce groupe",
    Reason.TOO_LONG: "texte plus long que les cartes SIM n’en permettent : ne partira pas",
    Reason.SCHEDULED: "programmé",
    Reason.APPROVAL: "attend qu’une seconde personne valide",
    Reason.RESTART: "attend la réponse des personnes de garde, après un arrêt",
    Reason.WAITING_FOR_REPORT: "attend l’accusé de réception du réseau",
    Reason.NO_WAY: "aucun numéro ni adresse pour les moyens choisis",
    Reason.KEY_MISSING: "fiche du registre illisible : la clé manque",
    Reason.DUPLICATE: "même numéro qu’une autre personne : un seul message est parti",
    Reason.OPTED_OUT: "ne veut plus recevoir ces messages",
    Reason.NUMBER_REFUSED: "numéro refusé",
    Reason.NUMBER_UNKNOWN: "le réseau ne connaît pas ce numéro : vérifiez-le",
    Reason.PHONE_UNREACHABLE: "téléphone éteint ou hors réseau",
    Reason.NETWORK_REFUSED: "le réseau n’a pas pu le prendre",
    Reason.SIM_REFUSED: "l’opérateur refuse cette carte SIM : prévenez le technicien",
    Reason.MODEM_FAULT: "le modem est tombé en panne pendant l’envoi",
    Reason.NOT_DELIVERED: "le réseau n’a pas pu le remettre au téléphone",
    Reason.RELAY_REFUSED: "le serveur de courriel l’a refusé",
    Reason.ADDRESS_REFUSED: "adresse refusée par le serveur de courriel : vérifiez-la",
    Reason.RELAY_UNREACHABLE: "le serveur de courriel ne répond pas",
    Reason.RELAY_BUSY: "le serveur de courriel demande d’attendre",
    Reason.MAILBOX_LATER: "sa boîte aux lettres ne prend rien pour le moment",
    Reason.BOUNCED: "le courriel est revenu : vérifiez l’adresse",
    Reason.SPEECH_FAILED: "la voix n’a pas pu être préparée : prévenez le technicien",
    Reason.DEFECT: "défaut de Tocsin : prévenez le technicien",
    Reason.NO_ANSWER: "n’a pas décroché",
    Reason.BUSY: "ligne occupée",
    Reason.CALL_REFUSED: "a refusé l’appel",
    Reason.HUNG_UP: "a raccroché avant la fin",
    Reason.CALL_INTERRUPTED: "appel interrompu, sera repris",
    Reason.MACHINE: "répondeur probable : rien ne dit que quelqu’un l’a entendu",
    Reason.CALLED_BACK: "a rappelé la mairie",
    Reason.ANSWER_LOST: "la réponse du modem s’est perdue : peut-être parti",
    Reason.RELAY_ANSWER_LOST: "le serveur de courriel n’a pas confirmé : peut-être parti",
    Reason.RESENT_AFTER_DOUBT: "envoyé une seconde fois (rappel) après un doute",
    Reason.STOPPED_MEANWHILE: "Tocsin s’est arrêté pendant l’envoi : peut-être parti",
    Reason.NO_REPORT: "aucun accusé n’est venu",
    Reason.RELAYED: "confié au serveur de courriel, dont les retours ne sont pas surveillés",
    Reason.RETURNS_WATCHED: "confié au serveur de courriel ; les retours sont surveillés",
    Reason.IN_MAILBOX: "déposé dans sa boîte aux lettres, on ne sait pas s’il a été lu",
    Reason.MAIL_READ: "courriel ouvert",
    Reason.MAIL_ANSWERED: "a répondu au courriel",
    Reason.SMS_ANSWERED: "a répondu par SMS",
    Reason.TOO_LATE: "le message n’était plus d’actualité",
    Reason.TOO_LATE_BUDGET: "le forfait de la carte SIM ne l’a pas permis à temps",
    Reason.TOO_LATE_REGIME: "aucune carte SIM n’a pu servir ce groupe à temps",
    Reason.TOO_LATE_HOURS: "l’heure des envois était passée",
    Reason.TOO_LATE_NO_MODEM: "aucun modem n’a été prêt à temps",
    Reason.BY_SOMEBODY: "arrêté par la mairie",
    Reason.ALREADY_REACHED: "la personne était déjà prévenue",
    Reason.ENOUGH: "assez de personnes avaient répondu",
    Reason.BY_REFERENT: "son référent y va",
    Reason.IN_PERSON: "",
    Reason.TICK_TAKEN_BACK: "arrêté par un pointage de vive voix, retiré depuis",
})  # fmt: skip

#: What troubles a modem, and what to do about it, by `modem.status.Trouble`'s words.
TROUBLES: Final = fr_all({
    "no_sim": ("aucune carte SIM", "Vérifiez que la carte est bien enfoncée dans le modem."),
    "pin_needed": ("la carte SIM demande son code PIN",
                   "Écrivez le code dans le fichier indiqué par pin_file."),
    "puk_needed": ("la carte SIM est bloquée (code PUK)",
                   "Débloquez-la dans un téléphone avec le code PUK de l’opérateur."),
    "pin_refused": ("le code PIN est refusé",
                    "Corrigez le code ; il ne sera pas réessayé, pour ne pas bloquer la carte."),
    "pin_unreadable": ("code PIN illisible",
                       ("Écrivez le code dans le fichier indiqué par pin_file, lisible par "
                        "Tocsin ; il est relu toutes les dix minutes.")),
    "sim_failure": ("la carte SIM ne répond pas", "Retirez-la, essuyez-la, remettez-la."),
    "operator_lock": ("le modem est verrouillé sur un autre opérateur",
                      "Faites-le déverrouiller, ou mettez une carte de cet opérateur."),
    "refuses": ("le modem refuse d’envoyer des SMS", "Essayez un autre modem ou profil."),
    "unstable": ("le modem retombe sans cesse en panne",
                 "Vérifiez son alimentation : un hub alimenté est souvent le remède."),
    "not_registered": ("pas de réseau", "Déplacez l’antenne, ou vérifiez l’abonnement."),
    "denied": ("le réseau refuse cette carte SIM", "Appelez l’opérateur : ligne peut-être coupée."),
    "port_busy": ("un autre programme tient le port",
                  "Arrêtez ce programme (souvent ModemManager)."),
    "port_missing": ("modem débranché", "Rebranchez-le ; Tocsin le reprendra de lui-même."),
    "no_answer": ("le modem ne répond plus", "Débranchez-le dix secondes, puis rebranchez-le."),
    "garbage": ("ce port n’est pas celui d’un modem", "Essayez l’autre port du même modem."),
    "voice_missing": ("ce modem ne sait pas parler", 'Réservez-le aux SMS (role = "sms").'),
})  # fmt: skip


def rival_mend(vendor: str) -> Sentence:
    """Return how to keep ModemManager, the usual rival, off a USB vendor (four digits)."""
    rule = f'SUBSYSTEM=="usb", ATTR{{idVendor}}=="{vendor}", ENV{{ID_MM_DEVICE_IGNORE}}="1"'
    return fr(
        "ModemManager prend tous les modems pour lui. Installez la règle udev livrée "
        "(systemd/77-tocsin-modems.rules) dans /etc/udev/rules.d/, ou ajoutez-y "
        "« {rule} », puis "
        "« sudo udevadm control --reload » et rebranchez le modem.",
        rule=rule,
    )


#: When all remedies were tried, by trouble: what is left for a human.
LAST_RESORT: Final = fr(
    "Tocsin a tout essayé. Débranchez le modem dix secondes et rebranchez-le sur un hub "
    "alimenté ; s’il ne revient pas, changez le câble, puis le modem."
)
#: What Tocsin tries by itself, by the words of `modem.recovery.Rung`.
REMEDIES: Final = fr_all(
    {
        "sync": "dialogue repris",
        "reopen": "port fermé puis rouvert",
        "other_port": "essai par l’autre port du modem",
        "radio": "radio coupée puis rallumée",
        "reset": "modem redémarré",
        "usb": "modem débranché puis rebranché par le système",
        "human": "plus rien à essayer : il faut quelqu’un",
    }
)
#: Why a remedy had no effect or was left out, in the modem package's words.
_REMEDY_NOTES: Final = fr_all({
    "no effect": "sans effet", "usb: not permitted": "prise USB : pas le droit de l’éteindre",
    "other_port: not there": "", "usb: not there": "",
})  # fmt: skip


def remedy(rung: str, note: str) -> str:
    """Return what was tried on a modem last, and what came of it."""
    told = (_REMEDY_NOTES.get(part, "") for part in note.split(", "))
    extra, tried = listed(", ", filter(None, told)), REMEDIES.get(rung, rung)
    return glued("{tried} ({extra})", tried=tried, extra=extra) if extra else tried


_MONTHS: Final = fr_all((
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
))  # fmt: skip
_DAYS: Final = fr_all(("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"))


def long_day(day: date) -> str:
    """Return a day as it is written: « mardi 24 novembre 2026 », the first being « 1er »."""
    return glued(
        "{weekday} {number} {month} {year}",
        weekday=_DAYS[day.weekday()],
        number=fr("1er") if day.day == 1 else day.day,
        month=_MONTHS[day.month - 1],
        year=day.year,
    )


def hour(at: datetime) -> str:
    """Return a time of day as it is written: « 18 h 30 », « 8 h »."""
    return _to_the_minute(at) if at.minute else fr("{hour} h", hour=at.hour)


def _to_the_minute(when: datetime) -> str:
    return fr("{hour} h {minute:02}", hour=when.hour, minute=when.minute)


def local(at: float | None, zone: str) -> datetime | None:
    """Return a stored time as an aware one in the town's zone."""
    return None if at is None else datetime.fromtimestamp(at, ZoneInfo(zone))


def at(moment: float, zone: str) -> datetime:
    """Return a moment (seconds since 1970) as a town's local time."""
    return datetime.fromtimestamp(moment, ZoneInfo(zone))


def clock_time(moment: float, zone: str, now: float) -> str:
    """Return « 8 h 05 », with the day when it is not today's: what follows *avant* or *dès*."""
    when = at(moment, zone)
    shown = _to_the_minute(when)
    today = at(now, zone).date()
    return shown if when.date() == today else _with_day(when, shown, today)


def at_time(moment: float, zone: str, now: float) -> str:
    """Return « à 8 h 05 », « demain à 8 h 05 », « le 8 décembre à 8 h 05 »."""
    when = at(moment, zone)
    shown = _to_the_minute(when)
    today = at(now, zone).date()
    away = (when.date() - today).days
    return fr(_NEAR[away], hour=shown) if away in _NEAR else _with_day(when, shown, today)


def until(moment: float, zone: str, now: float) -> str:
    """Return « jusqu'à 8 h 05 », « jusqu'au 8 décembre à 8 h 05 »."""
    when = at(moment, zone)
    hour = _to_the_minute(when)
    if when.date() == at(now, zone).date():
        return fr("jusqu'à {hour}", hour=hour)
    number = fr("1er") if when.day == 1 else when.day
    return fr(
        "jusqu'au {day} {month} à {hour}", day=number, month=_MONTHS[when.month - 1], hour=hour
    )


#: Further away a date has its year.
_DAYS_WITHOUT_YEAR: Final = 300
_NEAR: Final = {-1: fr("hier à {hour}"), 0: fr("à {hour}"), 1: fr("demain à {hour}")}


def _with_day(when: datetime, shown: str, today: date) -> str:
    """Return the day with its hour, and its year where the day alone would mean a nearer one."""
    number = fr("1er") if when.day == 1 else when.day
    if abs((when.date() - today).days) > _DAYS_WITHOUT_YEAR:
        return fr(
            "le {day} {month} {year} à {hour}",
            day=number, month=_MONTHS[when.month - 1], year=when.year, hour=shown,
        )  # fmt: skip
    return fr("le {day} {month} à {hour}", day=number, month=_MONTHS[when.month - 1], hour=shown)


def ended(result: str, kind: str = "", *, to_referent: bool = False) -> str:
    """Return the French of whatever code an attempt ended with; ``kind``: of which broadcast."""
    if not result:
        return fr("en cours")
    if result in set(Outcome):
        return outcome(Outcome(result), kind, to_referent=to_referent)
    if result in set(Reason):
        return REASONS[Reason(result)]
    return JOB_STATES[JobState(result)]
