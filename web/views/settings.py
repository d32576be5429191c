"""What an administrator sets: hours, second thoughts, second persons, SIM budgets; its past."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web
from multidict import MultiMapping

from gateway.services import Refused, Right, Tuning
from web import roles
from web.forms import is_number
from web.keys import SERVICES
from web.replies import allowed, elsewhere, page
from web.texts import N_

ROUTES = web.RouteTableDef()


#: The pages, and which of them shows what is set by each address.
_PAGES: Final = {
    "heures": "heures", "regles": "regles", "garde": "garde", "sim": "forfaits",
    "route": "forfaits", "regime": "forfaits", "groupes": "forfaits", "compte": "comptes",
    "fermer": "comptes", "commune": "communes", "changements": "changements",
}  # fmt: skip


@ROUTES.get("/reglages")
async def settings(request: web.Request) -> web.Response:
    """Show what there is to set, and how it stands."""
    actor, services = allowed(request, Right.SETTINGS).actor, request.app[SERVICES]
    return page(
        request, "settings.html", settings=await services.tuning.view(actor),
        backups=await services.safekeeping.view(actor), broken=await services.ready.broken(actor),
    )  # fmt: skip


async def _show(request: web.Request, part: str, problem: Refused | None = None) -> web.Response:
    session, services = allowed(request, Right.SETTINGS), request.app[SERVICES]
    actor = session.actor
    found: dict[str, Any] = {}
    if part == "forfaits":
        found["sims"] = await services.tuning.sims(actor)
        found["theirs"] = services.tuning.theirs(actor)
        found["groups"] = await services.directory.group_names(actor)
    elif part == "comptes":
        found["accounts"], found["roles"] = await services.accounts.list(actor), roles.NAMES
    elif part == "communes":
        found["towns"] = await services.accounts.towns(session)
    elif part == "sauvegardes":
        found["backups"] = await services.safekeeping.view(actor)
    elif part == "changements":
        found["changes"] = await services.history.changes(actor)
    else:
        found["settings"] = await services.tuning.view(actor)
    return page(
        request, f"settings_{part}.html", status=400 if problem else 200, problem=problem,
        versions=await services.tuning.versions(actor),
        done=problem is None and request.query.get("fait") == "1", **found,
    )  # fmt: skip


def _tuning(request: web.Request) -> Tuning:
    return request.app[SERVICES].tuning


@ROUTES.get("/reglages/{page:" + "|".join([*dict.fromkeys(_PAGES.values()), "sauvegardes"]) + "}")
async def part(request: web.Request) -> web.Response:
    """Show one part of what is set."""
    return await _show(request, request.match_info["page"])


@ROUTES.post("/reglages/{what:" + "|".join(_PAGES) + "}")
async def change(request: web.Request) -> web.Response:
    """Set one part, or show again what stands against it."""
    allowed(request, Right.SETTINGS)
    form, what = await request.post(), request.match_info["what"]
    try:
        await _PARTS[what](request, form)
    except Refused as refusal:
        return await _show(request, _PAGES[what], refusal)
    raise elsewhere(f"/reglages/{_PAGES[what]}?fait=1")


async def _back(request: web.Request, form: MultiMapping[Any]) -> None:
    await request.app[SERVICES].history.put_back(
        allowed(request, Right.SETTINGS).actor, _number(form, "change"), _number(form, "seen")
    )


async def _hours(request: web.Request, form: MultiMapping[Any]) -> None:
    days = {
        day: (str(form.get(f"opens-{day}", "")), str(form.get(f"closes-{day}", "")))
        for day in range(7)
    }
    await _tuning(request).set_hours(
        allowed(request, Right.SETTINGS).actor, str(form.get("urgency", "")), days,
        holidays=form.get("holidays") == "1", version=_version(form),
    )  # fmt: skip


async def _rules(request: web.Request, form: MultiMapping[Any]) -> None:
    await _tuning(request).set_rules(
        allowed(request, Right.SETTINGS).actor, take_back=_number(form, "take_back"),
        approval_above=_number(form, "approval_above"), signature=str(form.get("signature", "")),
        version=_version(form),
    )  # fmt: skip


async def _retention(request: web.Request, form: MultiMapping[Any]) -> None:
    await _tuning(request).set_retention(
        allowed(request, Right.SETTINGS).actor, names=_number(form, "names_months"),
        received=_number(form, "received_months"), rounds=_number(form, "round_months"),
        version=_version(form),
    )  # fmt: skip


async def _limits(request: web.Request, form: MultiMapping[Any]) -> None:
    limits = {name: _number(form, name) for name in form if name not in {"csrf", "sim", "version"}}
    await _tuning(request).set_limits(
        allowed(request, Right.SETTINGS).actor, str(form.get("sim", "")), limits, _version(form)
    )


async def _route(request: web.Request, form: MultiMapping[Any]) -> None:
    await _tuning(request).set_route(
        allowed(request, Right.SETTINGS).actor, str(form.get("sim", "")),
        str(form.get("prefixes", ""))[:400],
    )  # fmt: skip


async def _regime(request: web.Request, form: MultiMapping[Any]) -> None:
    await _tuning(request).set_regime(
        allowed(request, Right.SETTINGS).actor, str(form.get("sim", "")),
        str(form.get("regime", "")), str(form.get("why", "")),
    )  # fmt: skip


async def _groups(request: web.Request, form: MultiMapping[Any]) -> None:
    chosen = {int(one) for one in map(str, form.getall("group", ())) if is_number(one)}
    actor = allowed(request, Right.SETTINGS).actor
    await _tuning(request).allow_groups(actor, chosen, _version(form))


async def _account(request: web.Request, form: MultiMapping[Any]) -> None:
    login, name = str(form.get("login", "")), str(form.get("name", ""))
    await request.app[SERVICES].accounts.open_for(
        allowed(request, Right.SETTINGS).actor, login, name, str(form.get("password", "")),
        str(form.get("role", "")),
    )  # fmt: skip


async def _close(request: web.Request, form: MultiMapping[Any]) -> None:
    await request.app[SERVICES].accounts.disable(
        allowed(request, Right.SETTINGS).actor, _number(form, "account")
    )


async def _town(request: web.Request, form: MultiMapping[Any]) -> None:
    await request.app[SERVICES].accounts.add_town(
        allowed(request, Right.SETTINGS), str(form.get("town", ""))
    )


_PARTS = {
    "compte": _account, "fermer": _close, "commune": _town, "heures": _hours, "regles": _rules,
    "changements": _back, "garde": _retention, "sim": _limits, "regime": _regime,
    "groupes": _groups, "route": _route,
}  # fmt: skip


def _version(form: MultiMapping[Any]) -> str:
    return str(form.get("version", ""))


def _number(form: MultiMapping[Any], name: str) -> int:
    value = str(form.get(name, "")).strip() or "0"
    if not is_number(value):
        raise Refused(N_("« {value} » n'est pas un nombre."), name, value=value)
    return int(value)
