"""The services as the pages see them, with a small town in them: for tests of `web` alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

from gateway.services import (
    Actor,
    AlarmView,
    AttemptView,
    Board,
    BroadcastSummary,
    BroadcastView,
    Browser,
    ContactView,
    Draft,
    EndpointView,
    FileView,
    Forecast,
    GroupName,
    GroupView,
    JobView,
    Listening,
    ModemView,
    OrderView,
    Page,
    PronunciationView,
    RecipientView,
    RecordingView,
    Refused,
    Services,
    Session,
    SmsMeasureView,
    StateCount,
    Trial,
    UnfinishedView,
    WhomView,
    modem_cards,
)
from tests.web.fake_few import Councils, Duties, Imports, Outage, Persons
from tests.web.fake_live import Live

NOW = datetime(2026, 11, 24, 17, 30, tzinfo=ZoneInfo("Europe/Paris"))
CODE, PASSWORD = "ABCD-EFGH-JKLM", "crue de l'Argent-Double"
SECRET_NAME = "Jeanne Évrard"


def actor(role: str) -> Actor:
    return Actor(1, role, f"Camille ({role})", role, 1, "La Redorte", "Europe/Paris")


class Ready:
    async def broken(self, actor: Actor) -> list[object]:
        return []


class Inbox:
    def unread(self, actor: Actor) -> tuple[int, int]:
        return 0, 0

    async def about(self, actor: Actor, broadcast_id: int) -> list[object]:
        return []


class Watching:
    mended: AlarmView | None = None

    async def standing(self, actor: Actor) -> list[object]:
        return []

    async def repair(self, actor: Actor) -> AlarmView | None:
        return self.mended

    async def repair_seen(self, actor: Actor) -> None:
        self.mended = None


class StatusPage:
    """The real words over what the fleet and the watch say."""

    def __init__(self, fleet: Fleet, watching: Watching) -> None:
        self._fleet, self._watching = fleet, watching
        self.more: dict[str, dict[str, Any]] = {}  # by modem, what else its card says

    async def board(self, actor: Actor) -> Board:
        alarms: list[Any] = await self._watching.standing(actor)
        modems, cards = self._fleet.listed, []
        for one in modems:
            state = modem_cards.health(one)
            more = self.more.get(one.name, {})
            card = modem_cards.Card(one, state.said, state.mend, state.well, doing=one.doing)
            cards.append(replace(card, **more))
        told = [(alarm.sentence, alarm.mend) for alarm in alarms]
        return Board(
            modem_cards.headline(modems, told, self._fleet.said),
            modem_cards.summary(cards, [], 3), tuple(cards), tuple(alarms), self._fleet.said,
            NOW.timestamp(),
        )  # fmt: skip

    def call(self, actor: Actor, name: str) -> None:
        return None


@dataclass
class Bench:
    trials: dict[str, Trial] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    async def number_of(self, actor: Actor) -> str:
        return "+33639980001" if self.asked else ""

    async def begin(self, actor: Actor, name: str, kind: str, phone: str = "") -> None:
        if name == "sfr-1":
            raise Refused("« sfr-1 » porte une alerte en ce moment.")
        self.asked.append((name, kind, phone))
        self.trials[name] = Trial(kind, NOW)

    async def resume(self, actor: Actor, name: str) -> None:
        self.asked.append((name, "resume", ""))


class Metrics:
    def may_read(self, remote: str, token: str) -> bool:
        return token == "right"

    async def text(self) -> bytes:
        return b"tocsin_outage 0.0\n"


@dataclass
class Accounts:
    first: bool = False
    sessions: dict[str, Session] = field(default_factory=dict)

    async def needs_first_account(self) -> bool:
        return self.first

    async def create_first(
        self, code: str, login: str, name: str, password: str, browser: Browser
    ) -> Session:
        if code != CODE:
            raise Refused("Ce code n'est pas le bon.", "code")
        if len(password) < 10:
            raise Refused("Le mot de passe doit avoir dix caractères au moins.", "password")
        self.first = False
        return self.open("administrator")

    async def log_in(
        self, login: str, password: str, browser: Browser, *, stay: bool = False
    ) -> Session:
        if password != PASSWORD:
            raise Refused("Identifiant ou mot de passe incorrect.", "password")
        return self.open(login)

    def open(self, role: str) -> Session:
        token = f"token-{len(self.sessions)}-{role}"
        self.sessions[token] = Session(token, f"csrf-{token}", actor(role))
        return self.sessions[token]

    async def resume(self, token: str, origin: str = "") -> Session | None:
        return self.sessions.get(token)

    async def holds(self, session: Session) -> bool:
        return session.token in self.sessions

    async def log_out(self, token: str) -> None:
        self.sessions.pop(token, None)


GROUPS = [
    GroupView(1, "Élus", "alert", 8, {"sms": 8, "voice": 8, "email": 6}),
    GroupView(2, "Quartier inondable", "alert", 12, {"sms": 9, "voice": 12, "email": 3}),
    GroupView(3, "Cantine", "service", 24, {"sms": 22, "voice": 24, "email": 19}),
]
NAMES = [
    SECRET_NAME, "Marcel Puig", "Famille Bénézech", "Odette Roux", "Karim Haddad", "Luc Thérond",
    "Hélène Sicre", "Paul d'Hautpoul", "Yvette Cabanel", "André Gaïa", "Nadia Ferrand",
    "Rose Escande",
]  # fmt: skip


class Directory:
    async def groups(self, actor: Actor) -> list[GroupView]:
        return GROUPS

    async def groups_reached(self, actor: Actor) -> list[GroupView]:
        return await self.groups(actor)

    async def group_names(self, actor: Actor) -> list[GroupName]:
        return [GroupName(one.id, one.name, one.purpose) for one in GROUPS]

    async def contacts(
        self, actor: Actor, group_id: int | None = None, search: str = "", page: int = 1,
        size: int = 50,
    ) -> Page[ContactView]:  # fmt: skip
        found = [name for name in NAMES if search.casefold() in name.casefold()]
        items = tuple(
            ContactView(
                at,
                name,
                ("Quartier inondable",),
                (
                    EndpointView("mobile", "Portable", "06 39 98 00 01", "numéro inhabituel"),
                    EndpointView(
                        "email",
                        "Courriel",
                        "association-de-chasse-et-de-peche@commune-du-minervois.example",
                        "",
                    ),
                ),
            )
            for at, name in enumerate(found)
        )
        return Page(items, page, 3, len(items))


class Files:
    async def about(self, actor: Actor, ids: Sequence[int]) -> list[FileView]:
        return [FileView(number, f"fichier {number}", 1024) for number in ids]

    async def keep(self, actor: Actor, name: str, data: bytes) -> int:
        if name.endswith(".exe"):
            raise Refused("Un programme ne se joint pas.", "attached")
        return 1


class Compose:
    def measure(self, text: str) -> SmsMeasureView:
        costly = tuple(
            (char, name)
            for char, name in (("’", "apostrophe courbe"), ("ê", "e accent circonflexe"))
            if char in text
        )
        limit = 70 if costly else 160
        segments = max(1, -(-len(text) // limit))
        suggestion = text.replace("’", "'") if "’" in text else None
        encoding = "UCS2" if costly else "GSM7"
        too_long = "Texte trop long : 12 SMS, la limite est 10." if segments > 10 else None
        return SmsMeasureView(
            segments, encoding, len(text), limit, segments * limit - len(text), costly,
            suggestion, too_long,
        )  # fmt: skip

    async def foresee(self, actor: Actor, draft: Draft) -> Forecast:
        people = sum(group.people for group in GROUPS if group.id in draft.group_ids)
        by_channel = dict.fromkeys(draft.channels, people)
        problems = ("Groupe inconnu : 99.",) if 99 in draft.group_ids else ()
        segments = self.measure(draft.sms_text or draft.text).segments
        return Forecast(
            people, by_channel, 1, (("Famille Bénézech", "numéro surtaxé"),), 15.0 * people,
            NOW + timedelta(seconds=15 * people), tuple(NAMES[:3]), segments, problems,
            ("Dépassera le forfait de la SIM 2 de 3 correspondants.",),
        )  # fmt: skip


STATES = [
    ("acknowledged", "a confirmé", "reached", 3, ""),
    ("received", "reçu sur le téléphone", "reached", 4, ""),
    ("sent", "envoyé, sans accusé de réception", "doubtful", 1, ""),
    ("in_progress", "en cours", "waiting", 1, ""),
    ("pending", "en attente", "waiting", 1, "attend son tour"),
    ("uncertain", "incertain : peut-être reçu", "doubtful", 1, "le modem est tombé en panne"),
    ("failed", "échec", "unreached", 1, "ligne occupée"),
]


@dataclass
class Broadcasts:
    sent: list[Draft] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    reached: int = 7
    answered: str = ""

    def summary(self, number: int) -> BroadcastSummary:
        state = ("cancelled", "annulé") if self.cancelled else ("sending", "envoi en cours")
        return BroadcastSummary(
            number, "Crue de l'Argent-Double", "vital", "Alerte", *state, NOW, "Camille", 12,
            self.reached, None, "Quartier inondable", answered=self.answered,
        )  # fmt: skip

    async def list(self, actor: Actor, page: int = 1) -> Page[BroadcastSummary]:
        closed = replace(
            self.summary(2), title="Cantine fermée jeudi", urgency="service", state="closed",
            state_label="terminé", reached=24, recipients=24, closed_at=NOW,
        )  # fmt: skip
        return Page((self.summary(1), closed), page, 1, 2)

    async def view(self, actor: Actor, number: int) -> BroadcastView:
        if number not in (1, 2):
            raise Refused("Ce message n'existe pas.", "")
        counts = tuple(StateCount(code, label, n, kind) for code, label, kind, n, _ in STATES)
        texts = {"sms": "Crue : montez à l'étage.", "voice": "Crue : montez à l'étage."}
        return BroadcastView(
            self.summary(number), texts, counts, self.reached, 12, 11.6, 65.0,
            "Deux personnes attendent un modem.", not self.cancelled,
        )  # fmt: skip

    async def recipients(
        self, actor: Actor, number: int, state: str | None = None, page: int = 1
    ) -> Page[RecipientView]:
        flat = zip(NAMES, [one for one in STATES for _ in range(one[3])], strict=True)
        jobs = (
            JobView(
                "sms", "SMS", "06 39 98 00 01", "delivered", "reçu", None, "",
                (AttemptView(NOW, "orange-1", "accepté par le réseau, référence 12"),),
            ),
            JobView("voice", "appel", "06 39 98 00 01", "queued", "en attente", None,
                    "attend son tour", ()),
        )  # fmt: skip
        items = tuple(
            RecipientView(at, name, code, label, reason, "jusqu'à 23 h 30" if reason else None,
                          jobs, kind)
            for at, (name, (code, label, kind, _, reason)) in enumerate(flat)
            if state in (None, code)
        )  # fmt: skip
        return Page(items, page, 2, len(items))


@dataclass
class Sending:
    broadcasts: Broadcasts

    async def trial_number(self, actor: Actor) -> str:
        return ""

    async def send(self, actor: Actor, draft: Draft) -> int:
        if "interdit" in draft.text:
            raise Refused("Ce texte ne peut pas partir.", "text")
        known = [old.idempotency_key for old in self.broadcasts.sent]
        if draft.idempotency_key not in known:
            self.broadcasts.sent.append(draft)
        return 1

    async def cancel(self, actor: Actor, number: int) -> None:
        self.broadcasts.cancelled.append(number)


def modem(name: str, **changes: Any) -> ModemView:
    usual = ModemView(
        name, "ready", "en marche", "", "", f"/dev/serial/by-id/usb-{name}", "simcom", "SIM7600E",
        "Orange F", "LTE", "connecté au réseau", False, -73, 4, "… 1234", "automated",
        True, 3, "envoie un SMS", "", None,
    )  # fmt: skip
    return replace(usual, **changes)


@dataclass
class Fleet:
    ready_now: bool = True
    said: tuple[str, ...] = ()
    listed: list[ModemView] = field(
        default_factory=lambda: [
            modem("orange-1"),
            modem("sfr-1", roaming=True, signal_dbm=-101, signal_bars=1, queue=0, doing=""),
            modem(
                "bouygues-1", state="sick", state_label="en panne", voice=False, signal_dbm=None,
                signal_bars=0, operator="", technology="", registration="", iccid_masked="",
                trouble="La carte SIM est absente.", mend="Éteignez, remettez la carte, rallumez.",
                last_error="+CME ERROR: 10", last_error_at=NOW, queue=0, doing="",
            ),
        ]
    )  # fmt: skip

    async def modems(self, actor: Actor) -> list[ModemView]:
        return self.listed

    async def notices(self, actor: Actor) -> tuple[str, ...]:
        return self.said

    async def ready(self) -> tuple[bool, dict[str, Any]]:
        return self.ready_now, {
            "status": "ok",
            "modems": {"orange-1": "ready", "bouygues-1": "sick"},
        }


@dataclass
class Sounds:
    said: dict[str, str] = field(default_factory=lambda: {"Azille": "a zi ye"})
    kept: list[RecordingView] = field(
        default_factory=lambda: [RecordingView("a" * 40, "Le maire : crue", 12.4, NOW, "Camille")]
    )
    heard: list[str] = field(default_factory=list)

    async def pronunciations(self, actor: Actor) -> list[PronunciationView]:
        return [PronunciationView(*pair) for pair in self.said.items()]

    async def set_pronunciation(self, actor: Actor, written: str, spoken: str) -> None:
        if not spoken.strip():
            raise Refused("Écrivez le mot comme il se prononce.", "spoken")
        self.said[written] = spoken

    async def remove_pronunciation(self, actor: Actor, written: str) -> None:
        del self.said[written]

    async def recordings(self, actor: Actor) -> list[RecordingView]:
        return self.kept

    async def keep_recording(self, actor: Actor, title: str, data: bytes) -> RecordingView:
        if not data.startswith(b"RIFF"):
            raise Refused("Ce fichier n'est pas un son que Tocsin sait lire.", "sound")
        self.kept.append(RecordingView("b" * 40, title, 3.0, NOW, actor.name))
        return self.kept[-1]

    async def listen(
        self, actor: Actor, text: str, *, urgency: str, exercise: bool = False, recording: str = ""
    ) -> Listening:
        if not text and not recording:
            raise Refused("Écrivez le message à écouter.", "text")
        self.heard.append(f"{text}|{urgency}|{exercise}|{recording}")
        return Listening("jeton", 17.6)

    def sound(self, actor: Actor, token: str) -> bytes | None:
        return b"RIFFxxxxWAVE" if token == "jeton" else None


class Orders:
    async def list(self, actor: Actor) -> list[OrderView]:
        return []


class Tuning:
    async def versions(self, actor: Actor) -> dict[str, str]:
        return defaultdict(str)


class Choosing:
    async def offer(
        self, actor: Actor, looked_for: str, groups: Collection[int], picked: Sequence[int],
        zones: Sequence[str],
    ) -> WhomView:  # fmt: skip
        return WhomView(tuple(GROUPS), (), (), 0, nothing=False)


@dataclass
class Unfinished:
    begun: dict[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    longest: int = 10_000

    async def keep(
        self, actor: Actor, key: str, title: str, fields: Sequence[tuple[str, str]]
    ) -> datetime:
        if sum(len(value) for _, value in fields) > self.longest:
            raise Refused("Ce brouillon est trop long pour être gardé : raccourcissez le texte.")
        self.begun[key] = fields
        return NOW

    async def list(self, actor: Actor) -> list[UnfinishedView]:
        return [UnfinishedView(key, "Crue", NOW) for key in self.begun]

    async def fields(self, actor: Actor, key: str) -> Sequence[tuple[str, str]]:
        return self.begun[key]

    async def dated(
        self, actor: Actor, texts: Collection[str], *, key: str = "", stopped: int = 0
    ) -> str:
        return "Ce texte est d'hier." if key and "demain" in texts[0] else ""

    async def drop(self, actor: Actor, key: str) -> None:
        self.begun.pop(key, None)


class Town(SimpleNamespace):
    """All services, and the means to change what they say."""

    def __init__(self) -> None:
        broadcasts = Broadcasts()
        fleet, watching = Fleet(), Watching()
        super().__init__(
            clock=SimpleNamespace(now=NOW.timestamp), imports=Imports(), files=Files(),
            accounts=Accounts(), directory=Directory(), compose=Compose(),
            broadcasts=broadcasts, sending=Sending(broadcasts), fleet=fleet, live=Live(),
            inbox=Inbox(), watching=watching, metrics=Metrics(), sounds=Sounds(),
            orders=Orders(), duties=Duties(), outage=Outage(), ready=Ready(),
            choosing=Choosing(), tuning=Tuning(), unfinished=Unfinished(),
            councils=Councils(), bench=Bench(), status=StatusPage(fleet, watching),
            persons=Persons(),
        )  # fmt: skip

    @property
    def services(self) -> Services:
        """Return this, as `create_app` wants it."""
        return cast("Services", self)
