"""Changes of what has a table of its own: what each was and is, and how it is put back.

Job: one entry for each such key of the history (`gateway.store.settings`). Going back is offered
where it is whole and safe: never for what only its hash was kept of, nor for an account that was
closed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway import plan as plans
from gateway.errors import Refused
from gateway.model import Urgency
from gateway.sentences import fr, fr_all, listed
from gateway.services import drafts, words
from gateway.services.account_care import give_role
from gateway.services.gone import without_gone
from gateway.services.orders import view_of
from gateway.services.setting_words import SIM_LIMITS, said_limits
from gateway.services.tuning import limit_sim, put_regime, route_sim
from gateway.services.values import Actor
from gateway.services.whom import said_whom
from gateway.store import (
    accounts,
    budgets,
    groups,
    routes,
    scenarios,
    settings,
    sims,
    sounds,
    town_plans,
)

#: What is noted of one change: ``id``, ``of`` (its name) or ``sim``, ``before``, ``after``.
Told = Mapping[str, Any]
#: Enough of a text to know it again.
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """How changes under one key are told and undone.

    ``said`` puts a value in words, ``now`` returns the one in force. ``back`` puts the value from
    before in force, for whoever asks and at a moment; ``why_not`` says why there is no way back
    from this change, empty where there is.
    """

    said: Callable[[sqlite3.Connection, Actor, Told, Any], str]
    now: Callable[[sqlite3.Connection, Actor, Told], Any]
    back: Callable[[sqlite3.Connection, Actor, Told, float], None]
    why_not: Callable[[Told], str] = lambda _: ""


def object_of(told: Told) -> str:
    """Return which thing a change is about."""
    if name := told.get("of", ""):
        return f"…{name[-4:]}" if told.get("sim") else f"« {name} »"
    return f"…{told['sim'][-4:]}"


# ready messages


def _draft_said(db: sqlite3.Connection, actor: Actor, _: Told, kept: str | None) -> str:
    if kept is None:
        return fr("aucun")
    draft = drafts.from_json(kept)
    left, missing = without_gone(db, actor.entity_id, draft, keeper=actor.keeper)
    known = groups.named(db, actor.entity_id, register=actor.keeper)
    whom = [
        *said_whom(left, [row for row in known if row["id"] in left.group_ids]), *draft.to,
        *(fr("de garde : {one}", one=one) for one in draft.duties),
    ]  # fmt: skip
    text = f"« {draft.text[:_SHOWN]}{'…' * (len(draft.text) > _SHOWN)} »"
    said: list[str] = [words.URGENCIES[Urgency(draft.urgency)], text]
    said += [fr("à {whom}", whom=listed(", ", whom))] * bool(whom)
    return listed(", ", [*said, *([missing] if missing else [])])


def _draft_now(db: sqlite3.Connection, actor: Actor, told: Told) -> str | None:
    row = scenarios.get(db, actor.entity_id, told["id"])
    return str(row["draft"]) if row else None


def _draft_back(db: sqlite3.Connection, actor: Actor, told: Told, moment: float) -> None:
    row = scenarios.get(db, actor.entity_id, told["id"])
    if row is not None:
        scenarios.save(db, actor.entity_id, row["name"], told["before"], actor.name, moment)
        return
    place = (int(told.get("position", 1)), str(told.get("word", "")))
    if not scenarios.bring_back(
        db, actor.entity_id, told["id"], told["of"], told["before"], place, actor.name, moment
    ):
        raise Refused(
            "Un autre message prêt porte maintenant ce nom, ou ce mot pour le téléphone : "
            "« {name} » ne peut pas revenir tant qu'il est là.",
            name=told["of"],
        )


# pronunciations


def _spoken_said(_: sqlite3.Connection, __: Actor, ___: Told, spoken: str | None) -> str:
    return f"« {spoken} »" if spoken else fr("lu comme il s'écrit")


def _spoken_now(db: sqlite3.Connection, actor: Actor, told: Told) -> str | None:
    rows = sounds.pronunciations(db, actor.entity_id)
    known = {row["written"].casefold(): row["spoken"] for row in rows}
    return known.get(told["of"].casefold())


def _spoken_back(db: sqlite3.Connection, actor: Actor, told: Told, moment: float) -> None:
    what = (db, actor.entity_id, told["of"])
    if told["before"] is None:
        sounds.remove_pronunciation(*what, actor.name, moment)
    else:
        sounds.set_pronunciation(*what, told["before"], actor.name, moment)


# accounts, and the accesses of programs


def _role_said(_: sqlite3.Connection, __: Actor, told: Told, role: str | None) -> str:
    if role is not None:
        return words.ROLES.get(role, role)
    return fr("pas de compte") if told["before"] is None else fr("compte fermé")


def _role_now(db: sqlite3.Connection, actor: Actor, told: Told) -> str | None:
    for row in accounts.of_town(db, actor.entity_id):
        if row["id"] == told["id"] and row["disabled_at"] is None:
            return str(row["role"])
    return None


def _role_back(db: sqlite3.Connection, actor: Actor, told: Told, moment: float) -> None:
    give_role(db, actor, told["id"], told["before"], moment)


def _role_fixed(told: Told) -> str:
    if told["before"] is None:
        return fr("Un compte se ferme sur la page Comptes.")
    if told["after"] is None:
        return fr("Un compte fermé ne se rouvre pas d'ici : créez-en un autre.")
    return ""


def _access_said(_: sqlite3.Connection, __: Actor, ___: Told, on: Any) -> str:
    return fr("a accès") if on else fr("pas d'accès")


def _nothing_back(_: sqlite3.Connection, __: Actor, ___: Told, ____: float) -> None:
    raise Refused("Ce réglage ne se remet pas d'ici : changez-le sur sa page.")


# orders of sends


def _steps_said(_: sqlite3.Connection, __: Actor, told: Told, steps: str | None) -> str:
    if steps is None:
        return fr("aucun")
    view = view_of(0, told["of"], plans.from_json(steps))
    said: list[str] = [one.sentence for one in view.steps]
    said += [fr("confirmation demandée")] * view.confirm
    return listed(" ; ", said)


def _steps_now(db: sqlite3.Connection, actor: Actor, told: Told) -> str | None:
    return town_plans.get(db, actor.entity_id, str(told["id"]))


def _steps_back(db: sqlite3.Connection, actor: Actor, told: Told, moment: float) -> None:
    of, town = (told["id"], told["of"]), actor.entity_id
    done = town_plans.replace(db, town, *of, told["before"], actor.name, moment)
    if not done and not town_plans.put(db, town, of, told["before"], actor.name, moment):
        raise Refused(
            "Un autre ordre d'envoi porte maintenant le nom « {name} » : il ne peut pas revenir "
            "tant qu'il est là.",
            name=told["of"],
        )


# SIM cards, and the groups they may serve


def _allowed_said(_: sqlite3.Connection, __: Actor, ___: Told, on: Any) -> str:
    return fr("permis") if on else fr("pas permis")


def _allowed_now(db: sqlite3.Connection, actor: Actor, told: Told) -> bool | None:
    row = groups.get(db, actor.entity_id, told["id"])
    return bool(row["any_sim"]) if row else None


def _allowed_back(db: sqlite3.Connection, actor: Actor, told: Told, moment: float) -> None:
    if not groups.allow(db, actor.entity_id, told["id"], told["before"], actor.name, moment):
        raise Refused("Ce groupe n'existe plus.")


def _prefixes_said(_: sqlite3.Connection, __: Actor, ___: Told, prefixes: Any) -> str:
    shown = ", ".join(one.replace("+33", "0") for one in prefixes or ())
    return shown or fr("aucun en particulier")


def _prefixes_now(db: sqlite3.Connection, _: Actor, told: Told) -> list[str]:
    return list(routes.route_of(db, told["sim"]))


def _prefixes_back(db: sqlite3.Connection, actor: Actor, told: Told, moment: float) -> None:
    route_sim(db, actor, told["sim"], tuple(told["before"]), moment)


def _regime_said(_: sqlite3.Connection, __: Actor, told: Told, regime: str | None) -> str:
    said = words.REGIMES.get(regime or "ordinary", str(regime))
    if regime == told["after"] and told.get("why"):
        return fr("{said} ({why})", said=said, why=told["why"])
    return said


def _regime_now(db: sqlite3.Connection, _: Actor, told: Told) -> str | None:
    return sims.regimes(db).get(told["sim"])


def _regime_back(db: sqlite3.Connection, actor: Actor, told: Told, moment: float) -> None:
    put_regime(db, actor, told["sim"], told["before"] or "ordinary", "", moment)


def _regime_fixed(told: Told) -> str:
    if told["before"] != "automated":
        return ""
    return fr("L'accord de l'opérateur s'inscrit, avec sa référence, sur la page des forfaits.")


def _limits_said(_: sqlite3.Connection, __: Actor, told: Told, limits: Any) -> str:
    return said_limits(told["sim"], limits)


def _limits_now(db: sqlite3.Connection, _: Actor, told: Told) -> budgets.Limits:
    return budgets.limits_of(db, told["sim"]) or budgets.Limits()


def _limits_back(db: sqlite3.Connection, actor: Actor, told: Told, moment: float) -> None:
    """Give a SIM the limits it had before a change, whether or not it is in a modem now."""
    limit_sim(db, actor, told["sim"], _limits(told["before"]), moment)


def _limits(before: Mapping[str, int] | None) -> budgets.Limits:
    return budgets.Limits(**(before or {}))


def wanted(key: str, told: Told) -> Any:
    """Return the value before a change, as `Kind.now` returns the one in force."""
    return _limits(told["before"]) if key == SIM_LIMITS else told["before"]


def stands(db: sqlite3.Connection, actor: Actor, key: str, told: Told) -> bool:
    """Tell whether a change is undone already, or what it changed is gone."""
    now = KINDS[key].now(db, actor, told)
    return bool(now == wanted(key, told)) or (now is None and key in _NEEDED)


def fixed(key: str, told: Told) -> str:
    """Return why a change is not put back from the history, empty where it is."""
    if told.get("forgotten"):
        return fr("effacé à sa date")
    if key in _MADE and told["before"] is None:
        return _MADE[key]
    return KINDS[key].why_not(told)


#: What all communes of a box share.
OF_SIMS: Final = frozenset({settings.SIM_ROUTE, settings.SIM_REGIME, SIM_LIMITS})
#: What must be there for its change to be undone.
_NEEDED: Final = frozenset({settings.ACCOUNT, settings.ANY_SIM})
#: What was new is taken away on its own page: other things may use it by now.
_MADE: Final = fr_all({
    settings.SCENARIO: "Un message prêt se supprime sur la page Messages prêts.",
    settings.PLAN: "Un ordre d'envoi se supprime sur sa page.",
})  # fmt: skip
KINDS: Final[Mapping[str, Kind]] = {
    settings.SCENARIO: Kind(_draft_said, _draft_now, _draft_back),
    settings.PRONUNCIATION: Kind(_spoken_said, _spoken_now, _spoken_back),
    settings.ACCOUNT: Kind(_role_said, _role_now, _role_back, _role_fixed),
    settings.SOFTWARE: Kind(
        _access_said, lambda _, __, ___: None, _nothing_back,
        lambda _: fr("La clé d'un logiciel n'est gardée nulle part : donnez-lui un nouvel accès."),
    ),
    settings.PLAN: Kind(_steps_said, _steps_now, _steps_back),
    settings.ANY_SIM: Kind(_allowed_said, _allowed_now, _allowed_back),
    settings.SIM_ROUTE: Kind(_prefixes_said, _prefixes_now, _prefixes_back),
    settings.SIM_REGIME: Kind(_regime_said, _regime_now, _regime_back, _regime_fixed),
    SIM_LIMITS: Kind(_limits_said, _limits_now, _limits_back),
}  # fmt: skip
