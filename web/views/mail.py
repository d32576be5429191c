"""Mail: how to send by it and who may, which mailboxes are told what, what warnings propose."""

from __future__ import annotations

from aiohttp import web

from gateway.services import Changed, Refused, Right
from web.forms import is_number
from web.keys import SERVICES
from web.replies import allowed, elsewhere, page

ROUTES = web.RouteTableDef()


async def _show(
    request: web.Request, problem: Refused | None = None, code: str = "", name: str = ""
) -> web.Response:
    actor, services = allowed(request, Right.SETTINGS).actor, request.app[SERVICES]
    return page(
        request, "mail.html", status=400 if problem else 200, problem=problem, code=code,
        code_of=name, ways=services.mailing.ways, senders=await services.mailing.senders(actor),
        told=await services.mailing.told(actor), gets_sms=await services.mailing.gets_sms(actor),
        rules=await services.warnings.rules(actor),
        ready=[one for one in await services.ready.list(actor) if one.complete],
        received=await services.warnings.received(actor),
        turned_away=await services.mailing.turned_away(actor),
        filled={} if problem is None or isinstance(problem, Changed) else await request.post(),
        versions=await services.tuning.versions(actor),
    )  # fmt: skip


@ROUTES.get("/courriel")
async def mail(request: web.Request) -> web.Response:
    """Show all that is set about mail."""
    return await _show(request)


@ROUTES.post("/courriel/{what:personne|retirer|regle|oublier|boites}")
async def change(request: web.Request) -> web.Response:
    """Set one part, or show again what stands against it."""
    actor, form = allowed(request, Right.SETTINGS).actor, await request.post()
    mailing, warnings = request.app[SERVICES].mailing, request.app[SERVICES].warnings
    told = {name: str(form.get(name, ""))[:2000] for name in _FIELDS}
    try:
        match request.match_info["what"]:
            case "personne":
                code = await mailing.add_sender(actor, told["name"], told["address"])
                return await _show(request, code=code, name=told["name"])
            case "retirer":
                await mailing.remove_sender(actor, _number(told["id"]))
            case "regle":
                scenario = _number(told["scenario"])
                await warnings.add_rule(actor, told["rule"], told["from"], told["words"], scenario)
            case "oublier":
                await warnings.remove_rule(actor, _number(told["id"]))
            case _:
                await mailing.set_told(
                    actor, told["forward"], told["summary"], told["summary_at"], told["version"]
                )
    except Refused as refusal:
        return await _show(request, refusal)
    raise elsewhere("/courriel")


_FIELDS = (
    "name", "address", "id", "rule", "from", "words", "scenario", "forward", "summary",
    "summary_at", "version",
)  # fmt: skip


def _number(typed: str) -> int:
    return int(typed) if is_number(typed) else 0
