"""The control socket's operations on modems: ports, probe, proof, USSD, console, resume.

The console is a conversation: after the first answer each line of the client is one command, and
the modem is given back when either side ends it, or an alert needs the modem.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from gateway.control.protocol import decode, encode
from gateway.errors import TocsinError
from gateway.services import Actor, ModemView, Services
from gateway.store.proofs import Proof
from modem.probe import Probe

#: Seconds a technician may think before the console gives the modem back.
SILENCE: Final = 300.0


def shown_modem(modem: ModemView) -> dict[str, Any]:
    """Return a modem ready for JSON."""
    return {
        "name": modem.name, "state": modem.state, "trouble": modem.trouble, "mend": modem.mend,
        "port": modem.port, "place": modem.place, "profile": modem.profile, "role": modem.role,
        "model": modem.model, "imei": modem.imei, "operator": modem.operator,
        "technology": modem.technology, "registration": modem.registration,
        "signal_dbm": modem.signal_dbm, "sim": modem.iccid_masked, "regime": modem.regime,
        "voice": modem.voice, "voice_unproved": modem.voice_unproved,
        "proved_at": modem.proved_at.isoformat() if modem.proved_at else "",
        "reports": modem.reports, "remedy": modem.remedy,
        "remedy_at": modem.remedy_at.isoformat() if modem.remedy_at else "",
        "warning": modem.warning, "stopped": modem.stopped, "queue": modem.queue,
        "last_error": modem.last_error,
    }  # fmt: skip


def shown_probe(found: Probe) -> dict[str, Any]:
    """Return a probe ready for JSON."""
    return {
        "port": found.address, "answers": found.answers, "manufacturer": found.manufacturer,
        "model": found.model, "revision": found.revision, "imei": found.imei,
        "iccid": found.iccid, "profile": found.profile, "transcript": list(found.transcript),
    }  # fmt: skip


def shown_proof(proof: Proof) -> dict[str, Any]:
    """Return a proof run ready for JSON."""
    return {
        "name": proof.modem, "operator": proof.operator, "technology": proof.technology,
        "voice_proved": proof.voice_at is not None,
        "findings": [
            {"step": f.step, "ok": f.ok, "said": f.said, "mend": f.mend} for f in proof.findings
        ],
    }  # fmt: skip


async def _modems(services: Services, actor: Actor, _: dict[str, Any]) -> Any:
    return [shown_modem(modem) for modem in await services.fleet.modems(actor)]


async def _notices(services: Services, actor: Actor, _: dict[str, Any]) -> Any:
    return list(await services.fleet.notices(actor))


async def _probe(services: Services, actor: Actor, request: dict[str, Any]) -> Any:
    return shown_probe(await services.workshop.probe(actor, str(request["port"])))


async def _check(services: Services, actor: Actor, request: dict[str, Any]) -> Any:
    numbers = {str(name): str(number) for name, number in request.get("numbers", {}).items()}
    proofs = await services.proving.check(
        actor, str(request.get("name", "")), str(request.get("phone", "")), numbers
    )
    return [shown_proof(proof) for proof in proofs]


async def _ussd(services: Services, actor: Actor, request: dict[str, Any]) -> Any:
    name, code = str(request["name"]), str(request["code"])
    text, wants_answer = await services.workshop.ussd(actor, name, code)
    return {"text": text, "wants_answer": wants_answer}


async def _resume(services: Services, actor: Actor, request: dict[str, Any]) -> Any:
    return await services.fleet.resume(actor, str(request["name"]))


OPERATIONS: Final[dict[str, Callable[[Services, Actor, dict[str, Any]], Awaitable[Any]]]] = {
    "modems": _modems, "modem_notices": _notices, "modem_probe": _probe, "modem_check": _check,
    "modem_ussd": _ussd, "modem_resume": _resume,
}  # fmt: skip


async def console(
    services: Services, actor: Actor, request: dict[str, Any], reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:  # fmt: skip
    """Lend a modem to the client while it stays; raise `TocsinError` before the first word.

    A client that says nothing for long has gone for coffee: the modem is needed.
    """
    async with services.workshop.talking(actor, str(request["name"])) as talk:
        await _tell(writer, {"ok": True, "result": "open"})
        recalled = asyncio.create_task(talk.recalled(), name="console:recall")
        try:
            while True:
                line = asyncio.create_task(reader.readline(), name="console:line")
                await asyncio.wait(
                    {line, recalled}, timeout=SILENCE, return_when=asyncio.FIRST_COMPLETED
                )
                if not line.done() or not line.result():
                    line.cancel()
                    return
                await _tell(writer, await _said(talk.say, line.result()))
        finally:
            recalled.cancel()


async def _said(say: Callable[[str], Awaitable[tuple[str, ...]]], line: bytes) -> dict[str, Any]:
    try:
        return {"ok": True, "result": list(await say(str(decode(line)["say"])))}
    except (TocsinError, KeyError) as error:
        return {"ok": False, "error": str(error)}


async def _tell(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    writer.write(encode(message))
    await writer.drain()


__all__ = ["OPERATIONS", "console", "shown_modem", "shown_probe", "shown_proof"]
