"""Who may launch an alert by telephone, with which PIN and word; the sheet they keep at home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from gateway.services import NotHere, Refused, Right
from web.forms import is_number
from web.keys import SERVICES
from web.replies import allowed, elsewhere, handed, page
from web.texts import N_

ROUTES = web.RouteTableDef()
_HERE = "/appels/lancement"


@dataclass(frozen=True, slots=True)
class _Pin:
    """A PIN that is shown this once, and whose."""

    name: str
    digits: str


async def _show(
    request: web.Request, problem: Refused | None = None, *, at: str = "", pin: _Pin | None = None
) -> web.Response:
    actor, launching = allowed(request, Right.WRITE).actor, request.app[SERVICES].launching
    answer = page(
        request, "launching.html", status=400 if problem else 200, problem=problem, at=at, pin=pin,
        telephones=await launching.telephones(actor), scenarios=await launching.scenarios(actor),
        numbers=await launching.numbers(actor), filled=await request.post() if problem else {},
    )  # fmt: skip
    if pin is not None:
        answer.headers["Cache-Control"] = "no-store"
    return answer


@ROUTES.get(_HERE)
async def launching(request: web.Request) -> web.Response:
    """Show who may launch, and what."""
    return await _show(request)


@ROUTES.post(_HERE + "/{what:role|pin|sans-pin|mot|numeros}")
async def change(request: web.Request) -> web.Response:
    """Change one thing; a new PIN is shown this once."""
    form = await request.post()
    at = str(form.get("number", "") or form.get("id", ""))[:40]
    try:
        pin = await _changed(request, request.match_info["what"], at, form)
    except Refused as refusal:
        return await _show(request, refusal, at=at)
    if pin is not None:
        return await _show(request, pin=pin)
    raise elsewhere(_HERE)


async def _changed(request: web.Request, what: str, at: str, form: Any) -> _Pin | None:
    actor, services = allowed(request, Right.WRITE).actor, request.app[SERVICES].launching
    match what:
        case "role":
            on = {name: form.get(name) == "1" for name in ("launcher", "technician")}
            await services.let(actor, at, **on)
        case "pin":
            digits = await services.set_pin(actor, at, str(form.get("pin", ""))[:20])
            known = await services.telephones(actor)
            return _Pin(next(one.name for one in known if one.number == at), digits)
        case "sans-pin":
            await services.remove_pin(actor, at)
        case "mot":
            if not is_number(at):
                raise NotHere(N_("Ce message prêt n'existe plus."))
            await services.set_word(actor, int(at), str(form.get("word", ""))[:40])
        case _:
            await services.set_numbers(actor, str(form.get("numbers", ""))[:600])
    return None


@ROUTES.get(_HERE + r"/fiche/{number:\+?\d{6,20}}.pdf")
async def sheet(request: web.Request) -> web.Response:
    """Hand out the page that whoever may launch keeps at home."""
    actor = allowed(request, Right.WRITE).actor
    return handed(await request.app[SERVICES].launching.sheet(actor, request.match_info["number"]))
