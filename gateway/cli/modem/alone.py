"""Work on modems while no daemon runs: its modems without its queue, page and doors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from gateway.config import Config
from gateway.control.modems import shown_proof
from gateway.daemon import Daemon
from gateway.errors import Refused
from gateway.services import Actor

T = TypeVar("T")


def check_alone(
    config: Config, name: str, phone: str, numbers: dict[str, str]
) -> list[dict[str, Any]]:
    """Run the proof without a daemon; raise Refused or AlreadyRunning."""

    async def work(box: Daemon, actor: Actor) -> list[dict[str, Any]]:
        proofs = await box.services.proving.check(actor, name, phone, numbers)
        return [shown_proof(proof) for proof in proofs]

    return _on_the_bench(config, work)


def ask_ussd(config: Config, name: str, code: str) -> dict[str, Any]:
    """Ask the network a code without a daemon; raise Refused or AlreadyRunning."""

    async def work(box: Daemon, actor: Actor) -> dict[str, Any]:
        text, wants_answer = await box.services.workshop.ussd(actor, name, code)
        return {"text": text, "wants_answer": wants_answer}

    return _on_the_bench(config, work)


def port_of(config: Config, name: str) -> str:
    """Return the port of a configured modem, or ``name`` itself where it is a port."""
    for modem in config.modem:
        if modem.name == name:
            if not modem.port:
                raise Refused(f"« {name} » n’a pas de port fixe : donnez le port lui-même.")
            return modem.port
    if "/" in name or ":" in name:
        return name
    known = ", ".join(modem.name for modem in config.modem) or "aucun"
    raise Refused(f"Aucun modem ne s’appelle « {name} » (modems : {known}).")


def _on_the_bench(config: Config, work: Callable[[Daemon, Actor], Awaitable[T]]) -> T:
    async def run() -> T:
        box = Daemon(config, page=False)
        async with box.on_the_bench() as actor:
            return await work(box, actor)

    try:
        return asyncio.run(run())
    except BaseExceptionGroup as group:
        raise _only(group) from None


def _only(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return what a task group wrapped, where it is one thing."""
    inner: BaseException = group
    while isinstance(inner, BaseExceptionGroup) and len(inner.exceptions) == 1:
        inner = inner.exceptions[0]
    return inner
