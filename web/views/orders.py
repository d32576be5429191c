"""Orders of sends: ours drawn, the town's own made and drawn."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web
from multidict import MultiDict, MultiMapping

from gateway.services import Changed, OrderView, Refused, Right, StepForm, choices
from web.forms import CHANNELS, is_number
from web.keys import SERVICES
from web.replies import allowed, elsewhere, identifier, page

ROUTES = web.RouteTableDef()

#: Steps the form offers, as many as an order may have; an empty one is left out.
_OFFERED: Final = 12
#: Steps that stand open in an empty form; the others are folded.
_OPEN: Final = 3


async def _show(
    request: web.Request, filled: MultiMapping[Any], editing: OrderView | None,
    problem: Refused | None = None,
) -> web.Response:  # fmt: skip
    actor, orders = allowed(request, Right.WRITE).actor, request.app[SERVICES].orders
    whens, whoms = choices()
    taken = [
        n for n in range(1, _OFFERED + 1)
        if any(filled.getall(f"channel-{n}", ())) or any(filled.getall(f"otherwise-{n}", ()))
    ]  # fmt: skip
    return page(
        request, "orders.html", status=400 if problem else 200, problem=problem,
        advised=orders.advised(), own=await orders.list(actor), offered=_OFFERED, whens=whens,
        whoms=whoms, filled=filled, editing=editing, shown=max(_OPEN, *taken, 0),
    )  # fmt: skip


@ROUTES.get("/ordres")
async def orders(request: web.Request) -> web.Response:
    """Show every order of sends with its timeline; the form starts from the one asked for."""
    code = request.query.get("depuis", "")
    if not code:
        return await _show(request, MultiDict(), None)
    actor = allowed(request, Right.WRITE).actor
    start = await request.app[SERVICES].orders.one(actor, code[:20])
    return await _show(request, _as_form(start), start)


@ROUTES.post("/ordres")
async def save(request: web.Request) -> web.Response:
    """Keep an order of the town's own: a new one, or in place of the one that was opened."""
    actor = allowed(request, Right.WRITE).actor
    form: MultiMapping[Any] = await request.post()
    enough, editing = str(form.get("enough", "") or "0"), str(form.get("editing", ""))
    services = request.app[SERVICES].orders
    try:
        await services.save(
            actor, str(form.get("name", "")), _steps(form), confirm=form.get("confirm") == "1",
            enough=int(enough) if is_number(enough) else -1,
            editing=int(editing) if is_number(editing) else 0,
            version=str(form.get("version", "")),
        )  # fmt: skip
    except Refused as refusal:
        own = [one for one in await services.list(actor) if one.code == editing]
        if isinstance(refusal, Changed) and own:
            form = _taken_over(form, _as_form(own[0]), refusal)
        return await _show(request, form, own[0] if own else None, refusal)
    raise elsewhere("/ordres")


@ROUTES.post(r"/ordres/{id:\d+}/supprimer")
async def delete(request: web.Request) -> web.Response:
    """Remove an order of the town's own."""
    actor = allowed(request, Right.WRITE).actor
    await request.app[SERVICES].orders.delete(actor, identifier(request))
    raise elsewhere("/ordres")


def _steps(form: MultiMapping[Any]) -> list[StepForm]:
    steps = []
    for number in range(1, _OFFERED + 1):
        chosen = tuple(c for c in CHANNELS if c in form.getall(f"channel-{number}", ()))
        # in the order chosen: the first that a person has is used
        asked = map(str, form.getall(f"otherwise-{number}", ()))
        otherwise = tuple(dict.fromkeys(c for c in asked if c in CHANNELS))
        if not chosen and not otherwise:
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


def _as_form(order: OrderView) -> MultiDict[str]:
    """Return an order's steps as the form posts them; one of ours comes without a name."""
    fields = MultiDict({"name": order.name if order.id else "", "enough": str(order.enough)})
    if order.confirm:
        fields["confirm"] = "1"
    for step in order.steps:
        number = step.number
        for channel in step.channels:
            fields.add(f"channel-{number}", channel)
        for channel in step.otherwise:
            fields.add(f"otherwise-{number}", channel)
        fields[f"minutes-{number}"] = f"{step.after / 60:g}".replace(".", ",")
        fields[f"when-{number}"], fields[f"whom-{number}"] = step.when, step.whom
    return fields


def _taken_over(
    typed: MultiMapping[Any], stands: MultiMapping[Any], changed: Changed
) -> MultiDict[Any]:
    """Return what was typed, with what is there now where only somebody else changed it."""
    kept = [(name, value) for name, value in typed.items() if not changed.takes(name)]
    return MultiDict(
        [*kept, *((name, value) for name, value in stands.items() if changed.takes(name))]
    )


def _is_wait(text: str) -> bool:
    whole, _, part = text.partition(".")
    return is_number(whole) and (not part or is_number(part))
