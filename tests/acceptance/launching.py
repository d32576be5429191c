"""What the tests of launching by telephone share: a mayor, a deputy, a flood made ready."""

from __future__ import annotations

from typing import Any

from gateway.services import Draft
from gateway.store import Connection
from gateway.telephones import LAUNCHER, TECHNICIAN
from modem.emulator import Network
from tests.acceptance.test_asked_by_sms import ANNE, DEPUTY, LIST, MAYOR, texts
from tests.harness import Town

TECH = "+33639980006"
PIN, OTHER_PIN = "482157", "915372"
TEXT = "L'Argent-Double monte. Gagnez la salle communale."


async def ready(town: Town, *, pins: bool = True, calls: bool = False) -> None:
    """Have a town whose mayor and deputy may launch, and whose technician may ask."""
    services, actor = town.services, town.actor
    await services.imports.take_file(actor, LIST.encode())
    groups = tuple(one.id for one in await services.directory.groups(actor))
    for name, text, word in (("Crue de l'Argent-Double", TEXT, "CRUE"), ("Feu", "Feu.", "")):
        ways = ("sms", "voice") if calls else ("sms",)
        draft = Draft(
            text, group_ids=groups, channels=ways, urgency="vital", order="advised" if calls else ""
        )
        number = await services.ready.keep(actor, name, draft)
        await services.launching.set_word(actor, number, word)
    for name, phone, role in (
        ("Mme le maire", MAYOR, LAUNCHER), ("Paul Adjoint", DEPUTY, LAUNCHER),
        ("Le technicien", TECH, TECHNICIAN),
    ):  # fmt: skip
        await services.telephones.trust(actor, name, phone)
        await services.launching.let(
            actor, phone, launcher=role == LAUNCHER, technician=role == TECHNICIAN
        )
    if pins:
        await services.launching.set_pin(actor, MAYOR, PIN)
        await services.launching.set_pin(actor, DEPUTY, OTHER_PIN)


async def says(
    town: Town, made: Network, number: str, said: str, wait: float = 20.0, modem: str = "m1"
) -> str:
    """Let somebody write to the town; return what they are answered meanwhile."""
    before = len(texts(made, number))
    made.send(number, made.modems[modem], said)
    await town.advance(wait)
    return "\n".join(texts(made, number)[before:])


def code_in(text: str) -> str:
    """Return the code a text asks for."""
    return text.split("OUI ")[1][:4]


async def alerts(town: Town) -> list[dict[str, Any]]:
    """Return the alerts there are, without what Tocsin says by itself."""

    def rows(db: Connection) -> list[dict[str, Any]]:
        return [
            dict(row)
            for row in db.execute(
                "SELECT * FROM broadcast WHERE urgency = 'vital' AND kind = '' ORDER BY id"
            )
        ]

    return await town.daemon.store.read(rows)


async def written(town: Town, like: str) -> list[str]:
    """Return which events of a kind were written down."""
    return await town.daemon.store.read(
        lambda db: [
            row["kind"] + row["payload"]
            for row in db.execute(
                "SELECT kind, payload FROM event WHERE kind LIKE ? ORDER BY seq", (like,)
            )
        ]
    )


async def moments(town: Town, query: str) -> list[float]:
    """Return the times a query finds (seconds since 1970)."""
    return await town.daemon.store.read(lambda db: [float(row[0]) for row in db.execute(query)])


__all__ = [
    "ANNE", "DEPUTY", "MAYOR", "OTHER_PIN", "PIN", "TECH", "TEXT", "alerts", "code_in", "moments",
    "ready",
    "says", "texts", "written",
]  # fmt: skip
