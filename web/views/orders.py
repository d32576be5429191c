"""Orders of sends: ours drawn, the town's own made and drawn."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web
from multidict import MultiMapping

from gateway.services import Refused, StepForm, choices
from web.forms import CHANNELS, is_number
from web.keys import SERVICES
from web.replies import allowed, elsewhere, identifier, page

ROUTES = web.RouteTableDef()

#: Steps the form offers; an empty one is left out.
_OFFERED: Final = 6


async def _show(request: web.Request, problem: Refused | None = None) -> web.Response:
    actor, orders = allowed(request, "messages").actor, request.app[SERVICES].orders
    whens, whoms = choices()
    return page(
        request, "orders.html", status=400 if problem else 200, problem=problem,
        advised=orders.advised(), own=await orders.list(actor), offered=_OFFERED, whens=whens,
        whoms=whoms, filled=await request.post() if problem else {},
    )  # fmt: skip


@ROUTES.get("/ordres")
async def orders(request: web.Request) -> web.Response:
    """Show every order of sends with its timeline."""
    return await _show(request)


@ROUTES.post("/ordres")
async def save(request: web.Request) -> web.Response:
    """Keep an order of the town's own."""
    actor, form = allowed(request, "messages").actor, await request.post()
    enough = str(form.get("enough", "") or "0")
    try:
        await request.app[SERVICES].orders.save(
            actor, str(form.get("name", "")), _steps(form), confirm=form.get("confirm") == "1",
            enough=int(enough) if is_number(enough) else -1,
        )  # fmt: skip
    except Refused as refusal:
        return await _show(request, refusal)
    raise elsewhere("/ordres")


@ROUTES.post(r"/ordres/{id:\d+}/supprimer")
async def delete(request: web.Request) -> web.Response:
    """Remove an order of the town's own."""
    actor = allowed(request, "messages").actor
    await request.app[SERVICES].orders.delete(actor, identifier(request))
    raise elsewhere("/ordres")


def _steps(form: MultiMapping[Any]) -> list[StepForm]:
    steps = []
    for number in range(1, _OFFERED + 1):
        chosen = tuple(c for c in CHANNELS if c in form.getall(f"channel-{number}", ()))
        otherwise = tuple(c for c in CHANNELS if c in form.getall(f"otherwise-{number}", ()))
        if not chosen:
            continue
        wait = str(form.get(f"minutes-{number}", "") or "0").replace(",", ".")
        steps.append(
            StepForm(
                chosen, float(wait) if _is_wait(wait) else -1.0,
                str(form.get(f"when-{number}", "always")),
                str(form.get(f"whom-{number}", "first")), otherwise,
            )
        )  # fmt: skip
    return steps


def _is_wait(text: str) -> bool:
    whole, _, part = text.partition(".")
    return is_number(whole) and (not part or is_number(part))
