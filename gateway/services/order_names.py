"""How a message's order of sends is called: it keeps its own copy, and no name. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from gateway import orders
from gateway.errors import Refused
from gateway.model import Channel, Urgency
from gateway.plan import Plan
from gateway.sentences import fr

ADVISED = fr("conseillé")
AT_ONCE = fr("tous les moyens à la fois")
#: The town has changed or removed the order since.
OWN = "particulier"


def name_of(
    plan: Plan, urgency: Urgency, channels: Collection[Channel], town: Mapping[str, Plan]
) -> str:
    """Return the name of the order ``plan`` was made from; ``town`` are the town's by name."""
    ways = tuple(channels)
    known = {**town, ADVISED: orders.ADVISED[urgency], AT_ONCE: orders.at_once(ways)}
    for name, order in known.items():
        try:
            if _bare(orders.only(order, ways)) == _bare(plan):
                return name
        except Refused:  # none of its channels was wanted: it is another
            continue
    # the channels of an order of sends come in any order when they leave together
    return AT_ONCE if len(plan.steps) == 1 else OWN


def _bare(plan: Plan) -> Plan:
    """Return a plan without what is chosen for each message, its channels sorted."""
    steps = tuple(replace(step, channels=tuple(sorted(step.channels))) for step in plan.steps)
    return replace(plan, steps=steps, confirm=False, enough=0, call_silent=False)
