"""A box with its people, and what takes several steps to be done in it."""

from __future__ import annotations

import base64
import hmac
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from gateway.services import (
    Browser,
    Draft,
    GroupForm,
    Meeting,
    PersonForm,
    Session,
)
from gateway.services.convening import CouncilForm
from gateway.services.values import Actor
from gateway.store import enrolments, sims
from gateway.store.rounds import NewEntry, add
from tests.harness import NIGHT, Town

PASSWORD, OTHER = "crue de l'Argent-Double", "le canal gèle en janvier"
ANNE, BLAISE = "+33639980001", "+33639980002"
LIST = "Nom;Téléphone;Groupe\nAlibert;06 39 98 00 01;Élus\nBonnet;06 39 98 00 02;Élus\n"
LATER = NIGHT + timedelta(days=40)


@dataclass
class Scene:
    """A box, and what earlier acts left for later ones."""

    box: Town
    session: Session
    left: dict[str, Any] = field(default_factory=dict)

    @property
    def s(self) -> Any:
        return self.box.services

    @property
    def me(self) -> Actor:
        return replace(self.session.actor, keeper=True)

    async def keep(self, name: str, made: Awaitable[Any]) -> None:
        self.left[name] = await made


def draft(text: str = "La crue arrive.", **more: Any) -> Draft:
    return replace(Draft(text, group_ids=(1,), channels=("sms",), urgency="service"), **more)


async def waiting(scene: Scene, what: str) -> None:
    """Send something that waits, and do ``what`` to it."""
    number = await scene.s.sending.send(scene.me, draft(f"Pour {what}", at=LATER))
    await getattr(scene.s.sending, what)(scene.me, number)


async def paused(scene: Scene, what: str) -> None:
    number = await scene.s.sending.send(
        scene.me, draft(f"Pour {what}", urgency="vital", to=(), group_ids=(1,))
    )
    await scene.s.sending.pause(scene.me, number)
    if what == "resume":
        await scene.s.sending.resume(scene.me, number)
    await scene.s.sending.cancel(scene.me, number)


async def told(scene: Scene) -> None:
    number = await scene.s.sending.send(scene.me, draft("De vive voix", urgency="vital"))
    people = await scene.s.broadcasts.recipients(scene.me, number)
    scene.left["told"] = (number, people.items[0].id)
    await scene.s.sending.told_in_person(scene.me, [people.items[0].id], "Le garde")


async def approved(scene: Scene, what: str) -> None:
    await scene.s.tuning.set_rules(scene.me, take_back=0, approval_above=1, signature="Le maire")
    number = await scene.s.sending.send(scene.me, draft(f"À {what}"))
    other = replace(scene.me, user_id=99, login="luc", name="Luc")
    await getattr(scene.s.sending, what)(other, number)
    await scene.s.tuning.set_rules(scene.me, take_back=0, approval_above=0, signature="Le maire")


def code_of(secret: str, now: float) -> str:
    """Return what a telephone with this secret shows (RFC 6238)."""
    key = base64.b32decode(secret)
    digest = hmac.digest(key, struct.pack(">Q", int(now) // 30), "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


async def enrolment(scene: Scene, what: str) -> None:
    number = "+33639980077"

    def work(db: Any) -> int:
        db.execute(
            "INSERT INTO enrolment(entity_id, number, code, state, asked_at, confirmed_at, said,"
            " place) VALUES (1, ?, '1234', 'confirmed', 1.0, 2.0, 'ALERTE', '')", (number,)
        )  # fmt: skip
        return int(enrolments.waiting(db, 1)[-1]["id"])

    one = await scene.box.daemon.store.write(work)
    if what == "refuse":
        await scene.s.enrolling.refuse(scene.me, one)
    else:
        await scene.s.enrolling.approve(
            scene.me, one, name="Cros", given_name="", house="", street="", group_id=1
        )


async def convened(scene: Scene) -> None:
    meeting = Meeting(
        "conseil municipal", LATER, "mairie", "Budget", (), 5, False, 1200, "k",
        CouncilForm(1, 0, "half", 1, None, None),
    )  # fmt: skip
    number = await scene.s.convening.convene(scene.me, meeting)
    view = await scene.s.councils.view(scene.me, number)
    scene.left["council"] = (number, [one.id for one in view.members])


async def doubt(scene: Scene) -> None:
    number, (member, *_) = scene.left["council"]

    def work(db: Any) -> int:
        return int(db.execute(
            "INSERT INTO council_word(broadcast_id, member_id, answer, said, way, by, at, why)"
            " VALUES (?,?,'','bof','sms','',1.0,'unclear') RETURNING id", (number, member),
        ).fetchall()[0]["id"])  # fmt: skip

    await scene.s.councils.settle(scene.me, number, await scene.box.daemon.store.write(work))


async def seen(scene: Scene) -> None:
    def work(db: Any) -> int:
        add(db, NewEntry(1, "2026-11-23", scene.left["card"], 540, 0.0, 1800.0, None, "off"), 0.0)
        return int(db.execute("SELECT max(id) FROM round_entry").fetchone()[0])

    await scene.s.rounds.seen(scene.me, await scene.box.daemon.store.write(work))


async def read(scene: Scene) -> None:
    def work(db: Any) -> None:
        db.execute(
            "INSERT INTO inbox(id, entity_id, sim, number, text, at, kind, detail, effect, to_read)"
            " VALUES (900, 1, '', ?, 'Bonjour', 1.0, 'free', '', '', 1)", (ANNE,)
        )  # fmt: skip

    await scene.box.daemon.store.write(work)
    await scene.s.inbox.read(scene.me, ANNE, 900)


async def stopped(scene: Scene) -> None:
    one = await sim(scene)
    await scene.box.daemon.store.write(lambda db: sims.stop(db, one, "refus", 1.0))
    scene.s.fleet.lane("orange-1").stopped.stop(one, "refus")
    await scene.s.fleet.resume(scene.me, "orange-1")


async def trial(scene: Scene) -> None:
    await scene.box.advance(3600)  # until nothing is under way
    await scene.s.bench.begin(scene.me, "orange-1", "sms", "06 39 98 00 01")


async def sim(scene: Scene) -> str:
    return str((await scene.s.tuning.sims(scene.me))[0].sim)


async def sessions(scene: Scene, what: str) -> None:
    await scene.s.accounts.log_in("camille", PASSWORD, Browser("ailleurs"))
    if what == "others":
        await scene.s.own_account.end_others(scene.session)
        return
    view = await scene.s.own_account.view(scene.session)
    which = next(one.number for one in view.sessions if not one.own)
    await scene.s.own_account.end_session(scene.session, which)


async def two_factor(scene: Scene) -> None:
    proposed = await scene.s.own_account.propose(scene.session)
    code = code_of(proposed.secret, scene.s.clock.now())
    scene.session, _ = await scene.s.own_account.turn_on(scene.session, code)


async def password(scene: Scene) -> None:
    scene.session = await scene.s.own_account.change_password(scene.session, PASSWORD, OTHER, OTHER)


async def one_factor(scene: Scene) -> None:
    scene.session = await scene.s.own_account.turn_off(scene.session, OTHER)


async def reset(scene: Scene) -> None:
    def work(db: Any) -> None:
        db.execute("UPDATE account SET totp_secret = 'x' WHERE id = ?", (scene.left["luc"],))

    await scene.box.daemon.store.write(work)
    await scene.s.account_care.reset_two_factor(scene.me, scene.left["luc"])


def person(name: str, phone: str, *, card: int = 0) -> PersonForm:
    return PersonForm({"name": name}, endpoints=((card, phone, ""),), group_ids=(1,))


async def of_register(scene: Scene) -> None:
    group = await scene.s.groupings.save(scene.me, None, GroupForm("Fragiles", "registre"))
    form = PersonForm({"name": "Évrard"}, endpoints=((0, "06 39 98 00 31", ""),),
                      group_ids=(group,))  # fmt: skip
    card = await scene.s.persons.save(scene.me, None, form)
    scene.left["card"] = card
    await scene.s.rounds.set_person(scene.me, card, hour="10:00", way="", out_why="")


async def erase(scene: Scene) -> None:
    card = await scene.s.persons.save(scene.me, None, person("Gilles", "06 39 98 00 41"))
    await scene.s.persons.erase(scene.me, card)


async def called(scene: Scene) -> None:
    number = await scene.s.sending.send(scene.me, draft("Pour appeler", urgency="vital"))
    await scene.s.sending.call_everybody(scene.me, number)


async def with_sim(scene: Scene, do: Callable[[str], Awaitable[Any]]) -> None:
    await do(await sim(scene))


async def put_back(scene: Scene) -> None:
    changes = await scene.s.history.changes(scene.me)
    one = next(one for one in changes if one.what == "signature" and one.can_go_back)
    await scene.s.history.put_back(scene.me, one.id)


def sound() -> bytes:
    import io
    import math
    import wave

    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        tone = (int(9000 * math.sin(n / 3)) for n in range(16000))
        file.writeframes(b"".join(one.to_bytes(2, "little", signed=True) for one in tone))
    return made.getvalue()
