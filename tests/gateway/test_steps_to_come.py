"""What may follow of an order of sends, and until when: said while its first step leaves. Pure."""

from __future__ import annotations

from gateway import orders
from gateway.model import Channel
from gateway.plan import Plan
from gateway.services import steps_to_come

NOON = 1_795_518_000.0  # 24 November 2026, 12 h in Paris
HOUR = 3600.0


def said(plan: Plan, standing: dict[int, int], *, call: float = 60.0, lasts: float = HOUR) -> str:
    """Return what follows what will have left in ten minutes."""
    return steps_to_come.said(
        plan, standing, NOON + 600, call, NOON + lasts, "Europe/Paris", NOON
    )  # fmt: skip


def test_the_calls_after_a_text_are_said_with_their_end() -> None:
    """Three minutes for the reports, then ten calls of a minute."""
    plan = orders.only(orders.ALERT, (Channel.SMS, Channel.VOICE))
    plan = Plan(plan.steps[:2], spare=True)

    assert "Puis, si besoin, des appels, jusque vers 12 h 23 au plus tard." == said(plan, {0: 10})


def test_nothing_is_said_to_follow_where_nothing_does() -> None:
    """A single step, all of them over, or nobody who is still waited for."""
    one = orders.at_once((Channel.SMS,))

    assert ["", "", ""] == [
        said(one, {0: 10}), said(orders.ALERT, {}), said(orders.ALERT, {7: 3}),
    ]  # fmt: skip


def test_no_step_is_promised_after_the_message_is_of_no_use() -> None:
    """A thousand people who never answer would take days; it ends with its message."""
    assert "jusque vers 13 h 00 au plus tard" in said(orders.ALERT, {0: 1000})


def test_what_is_for_those_few_whose_message_fails_has_no_end_that_anybody_knows() -> None:
    """It is said that it may come, and no time that would be an invention."""
    assert "Puis, si besoin, des appels et des courriels." == said(orders.SERVICE, {0: 300})


def test_no_call_is_announced_by_a_box_that_does_not_call() -> None:
    """Its modems may be for texts only."""
    plan = orders.only(orders.ALERT, (Channel.SMS, Channel.VOICE))

    assert "appel" not in said(plan, {0: 10}, call=0.0)
