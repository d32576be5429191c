"""The daemon's end: who asks is the Unix user at the other end, told by the kernel."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import grp
import os
import pwd
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from gateway.control import modems
from gateway.control.protocol import MOST, ControlError, decode, encode
from gateway.errors import TocsinError
from gateway.log_levels import CURRENT
from gateway.logs import log_for
from gateway.model import Door
from gateway.services import (
    Actor,
    BatchLine,
    ClockView,
    Draft,
    ImportResult,
    LineProblem,
    Services,
    all_visible,
    at_wall_time,
)

_log = log_for(__name__)

Answer = Awaitable[Any]


class ControlServer:
    """Serves the command line."""

    def __init__(self, path: Path, services: Services, town: Callable[[], Actor]) -> None:
        self._path, self._services, self._town = path, services, town
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; only the socket's owner and the group ``tocsin`` may connect."""
        self._path.unlink(missing_ok=True)
        before = os.umask(0o117)
        try:
            self._server = await asyncio.start_unix_server(self._serve, self._path, limit=MOST)
        finally:
            os.umask(before)
        # on a workstation there is no such group: then the owner alone
        with contextlib.suppress(KeyError, PermissionError):
            os.chown(self._path, -1, grp.getgrnam("tocsin").gr_gid)

    async def close(self) -> None:
        """Stop listening and remove the socket."""
        if self._server is not None:
            self._server.close()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await self._answer(reader, writer)
            if answer is not None:
                writer.write(encode(answer))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass  # whoever asked has gone, or sends what no client of ours does
        finally:
            writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> dict[str, Any] | None:
        """Return the answer to one request; None after a conversation, which gave its own."""
        async with asyncio.timeout(60):
            line = await reader.readline()
        try:
            request = all_visible(decode(line))
            actor = self._actor(writer.get_extra_info("socket"))
            if request.get("op") == "modem_console":
                await modems.console(self._services, actor, request, reader, writer)
                return None
            handler = _OPERATIONS.get(str(request.get("op")), _unknown)
            return {"ok": True, "result": await handler(self._services, actor, request)}
        except TocsinError as error:
            return {"ok": False, "error": str(error)}
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            return {"ok": False, "error": f"demande mal formée : {error}"}
        except Exception:  # noqa: BLE001  a door's defect never stops the daemon
            _log.exception("control request failed")
            return {"ok": False, "error": "défaut interne : voyez le journal"}

    def _actor(self, peer: socket.socket) -> Actor:
        """Return the Unix user at the other end; the audit names them."""
        raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        _, uid, _ = struct.unpack("3i", raw)
        try:
            login = pwd.getpwuid(uid).pw_name
        except KeyError:
            login = f"uid {uid}"
        town = self._town()
        return Actor(None, login, login, "administrator", town.entity_id, town.entity_name,
                     town.timezone)  # fmt: skip


async def _unknown(_: Services, __: Actor, request: dict[str, Any]) -> Any:
    raise ControlError(f"opération inconnue : {request.get('op')}")


async def _send(services: Services, actor: Actor, request: dict[str, Any]) -> Any:
    names = tuple(str(name) for name in request.get("groups", ()))
    known = {
        group.name.casefold(): group.id for group in await services.directory.group_names(actor)
    }
    unknown = [name for name in names if name.casefold() not in known]
    if unknown:
        have = ", ".join(sorted(known)) or "aucun"
        raise ControlError(f"groupe inconnu : {', '.join(unknown)} (groupes : {have})")
    draft = Draft(
        text=str(request["text"]), title=str(request.get("title", "")),
        group_ids=tuple(known[name.casefold()] for name in names),
        to=tuple(str(to) for to in request.get("to", ())),
        channels=tuple(str(channel) for channel in request["channels"]),
        urgency=str(request["urgency"]),
        idempotency_key=request.get("idempotency_key"),
        at=at_wall_time(str(request.get("at", "")), actor.timezone),
        expires=at_wall_time(str(request.get("until", "")), actor.timezone, "until"),
        at_any_hour=bool(request.get("now")), order=str(request.get("order", "")),
        confirm=bool(request.get("confirm")), exercise=bool(request.get("exercise")),
    )  # fmt: skip
    return await services.sending.send(actor, draft, Door.COMMAND)


async def _batch(services: Services, actor: Actor, request: dict[str, Any]) -> Any:
    lines = [BatchLine(str(line["to"]), str(line["text"])) for line in request["lines"]]
    return await services.sending.send_batch(
        actor, lines, channel=str(request["channel"]), urgency=str(request["urgency"]),
        title=str(request.get("title", "")), at_any_hour=bool(request.get("now")),
        exercise=bool(request.get("exercise")), key=request.get("idempotency_key"),
    )  # fmt: skip


async def _departure(services: Services, actor: Actor, request: dict[str, Any]) -> Any:
    """Return how a message just sent stands, and what keeps it if anything does."""
    view = await services.broadcasts.view(actor, int(request["broadcast"]))
    return {"when": view.leaves or "en cours", "warning": view.waiting_for if view.blocked else ""}


async def _report(services: Services, actor: Actor, request: dict[str, Any]) -> Any:
    number = request["broadcast"]
    if number == "last":
        latest = await services.broadcasts.list(actor)
        if not latest.items:
            raise ControlError("aucun message n'a encore été envoyé")
        number = latest.items[0].id
    return await services.broadcasts.report(actor, int(number))


async def _wait(services: Services, actor: Actor, request: dict[str, Any]) -> Any:
    """Answer when the broadcast is over, or after a minute, so that a dead client is noticed."""
    number = int(request["broadcast"])
    try:
        async with asyncio.timeout(60):
            async for _ in services.live.watch(actor, f"broadcast:{number}"):
                view = await services.broadcasts.view(actor, number)
                if view.summary.closed_at is not None:
                    break
    except TimeoutError:
        view = await services.broadcasts.view(actor, number)
    return {
        "closed": view.summary.closed_at is not None, "reached": view.reached,
        "recipients": view.recipients_total, "answered": str(view.summary.answered),
    }  # fmt: skip


async def _import(services: Services, actor: Actor, request: dict[str, Any]) -> Any:
    data = base64.b64decode(request["data"], validate=True)
    groups = tuple(str(name) for name in request.get("groups", ()))
    result = await services.imports.take_file(
        actor, data, groups, str(request.get("file", "fichier"))
    )
    return imported(result)


def _told(problem: LineProblem) -> dict[str, Any]:
    return {"line": problem.line, "field": problem.field, "message": problem.message}


def imported(result: ImportResult) -> dict[str, Any]:
    """Return an import's result ready for JSON."""
    return {
        "added": result.added, "merged": result.merged, "unchanged": result.unchanged,
        "referents": result.referents,
        "refused": [_told(problem) for problem in result.refused],
        "warnings": [_told(problem) for problem in result.warnings],
    }  # fmt: skip


async def _user_add(services: Services, actor: Actor, request: dict[str, Any]) -> Any:
    return await services.accounts.add(
        str(request["login"]), str(request["name"]), str(request["password"]),
        str(request["role"]), by=actor.name,
    )  # fmt: skip


async def _user_code(services: Services, _: Actor, __: dict[str, Any]) -> Any:
    return await services.accounts.issue_first_code()


async def _user_password(services: Services, actor: Actor, request: dict[str, Any]) -> Any:
    care = services.account_care
    number = await care.number_of(actor, str(request["login"]))
    return await care.give_password(actor, number)


async def _user_two_factor(services: Services, actor: Actor, request: dict[str, Any]) -> Any:
    care = services.account_care
    await care.reset_two_factor(actor, await care.number_of(actor, str(request["login"])))


async def _cancel(services: Services, actor: Actor, request: dict[str, Any]) -> Any:
    return await services.sending.cancel(actor, int(request["broadcast"]))


async def _log_level(_: Services, actor: Actor, request: dict[str, Any]) -> Any:
    if "level" in request:
        part, level = str(request["part"]), str(request["level"])
        CURRENT.set(part, level)
        _log.info("journal level", part=part, level=level, by=actor.login)
    return dict(CURRENT.known)


async def _paper(services: Services, actor: Actor, _: dict[str, Any]) -> Any:
    made = await services.trees.file(actor)
    return {"name": made.name, "data": base64.b64encode(made.data).decode()}


async def _clock(services: Services, actor: Actor, _: dict[str, Any]) -> Any:
    return _told_clock(services.timing.view(actor)) | {"notice": services.fleet.about_clock()}


async def _clock_right(services: Services, actor: Actor, _: dict[str, Any]) -> Any:
    return _told_clock(await services.timing.vouch(actor))


def _told_clock(view: ClockView) -> dict[str, Any]:
    return {
        "held": view.held, "possible": view.possible, "machine": view.machine.isoformat(),
        "ours": view.ours.isoformat(),
        "followed": view.followed,
        "network": view.network.isoformat() if view.network else None,
    }  # fmt: skip


_OPERATIONS: Final[dict[str, Callable[[Services, Actor, dict[str, Any]], Answer]]] = {
    "send": _send, "batch": _batch, "departure": _departure, "report": _report,
    "wait": _wait, "import": _import, "user_add": _user_add, "user_code": _user_code,
    "user_password": _user_password, "user_two_factor": _user_two_factor,
    "cancel": _cancel, "log_level": _log_level, "paper": _paper, "clock": _clock,
    "clock_right": _clock_right, **modems.OPERATIONS,
}  # fmt: skip
