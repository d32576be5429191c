"""The ready-made orders of sends, and what makes an order of a town's own one that can be used.

Pure. `gateway.plan` says what a plan means for one person; this file says which there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from gateway.errors import Refused
from gateway.model import Channel, Urgency
from gateway.plan import Plan, Step, When, Whom

SMS, VOICE, EMAIL = Channel.SMS, Channel.VOICE, Channel.EMAIL

#: More steps than anybody can picture are a mistake.
MOST_STEPS: Final = 12
#: Seconds a step may wait: a day.
LONGEST_WAIT: Final = 86_400.0

#: Seconds between a call that rang in vain and the next, to everybody once before anybody twice.
_PAUSES: Final = (120.0, 300.0, 600.0)

ALERT: Final = Plan(
    (
        Step((SMS, EMAIL), otherwise=(VOICE,)),
        Step((VOICE,), when=When.UNCALLED),
        *(Step((VOICE,), pause, When.UNREACHED, Whom.SAME) for pause in _PAUSES),
        Step((VOICE,), 0.0, When.UNREACHED, Whom.NEXT),
        Step((VOICE,), 0.0, When.UNREACHED, Whom.NEXT),
        Step((SMS, VOICE), 0.0, When.UNREACHED, Whom.REFERENT),
    ),
    spare=True,
)
SERVICE: Final = Plan(
    (
        Step((SMS,), otherwise=(EMAIL, VOICE)),
        Step((EMAIL,), 0.0, When.FAILED, otherwise=(VOICE,)),
        Step((VOICE,), 0.0, When.FAILED),
        Step((VOICE,), 120.0, When.UNANSWERED, Whom.SAME),
    ),
    spare=True,
)
INFORMATION: Final = Plan(
    (
        Step((EMAIL,), otherwise=(SMS,)),
        Step((SMS,), 0.0, When.FAILED),
    ),
    spare=True,
)
ADVISED: Final = {
    Urgency.VITAL: ALERT,
    Urgency.SERVICE: SERVICE,
    Urgency.INFORMATION: INFORMATION,
}


def at_once(channels: Sequence[Channel], *, pause: float = 120.0) -> Plan:
    """Return the plain plan: all channels at once, and one more call where nobody answered."""
    steps = [Step(tuple(channels))]
    if VOICE in channels:
        steps.append(Step((VOICE,), pause, When.UNANSWERED, Whom.SAME))
    return Plan(tuple(steps))


def is_at_once(plan: Plan) -> bool:
    """Tell whether a plan sends by all its channels at the same time, as `at_once` does."""
    first, *rest = plan.steps
    return not first.otherwise and all(
        step.when is When.UNANSWERED and step.whom is Whom.SAME for step in rest
    )


def after(first: Plan, urgency: Urgency, channels: Sequence[Channel], kind: str) -> Plan:
    """Return the order of what follows a message that went by ``first``: as that one went.

    An end or a correction of what was sent by all channels at once takes the advised order, so
    that no telephone rings of somebody who has read it. It waits for nobody's answer, and an end
    sends no referent to anybody. Raises `Refused` where no channel is left.
    """
    again = kind == "resend"
    plan = _as_it_went(first, urgency, channels, again=again)
    if kind == "end":
        plan = replace(plan, steps=tuple(s for s in plan.steps if s.whom is not Whom.REFERENT))
    asks = again and {VOICE, SMS} & {*channels}  # nobody confirms by mail alone
    return replace(
        plan, confirm=bool(asks) and first.confirm, enough=first.enough if asks else 0,
        call_silent=first.call_silent,
    )  # fmt: skip


def _as_it_went(first: Plan, urgency: Urgency, channels: Sequence[Channel], *, again: bool) -> Plan:
    at_the_same_time = is_at_once(first)
    if channels and at_the_same_time and (again or len(channels) == 1):
        return at_once(channels)
    if not at_the_same_time and {*channels} <= _ways(first):
        return only(first, channels)
    return only(_advised(urgency, channels), channels)


def _advised(urgency: Urgency, channels: Sequence[Channel]) -> Plan:
    """Return the advised order, without referents: nobody asked for them."""
    plan = ADVISED[urgency] if {*channels} <= _ways(ADVISED[urgency]) else SERVICE
    return replace(plan, steps=tuple(s for s in plan.steps if s.whom is not Whom.REFERENT))


def _ways(plan: Plan) -> set[Channel]:
    return {channel for step in plan.steps for channel in (*step.channels, *step.otherwise)}


def only(plan: Plan, channels: Sequence[Channel]) -> Plan:
    """Return ``plan`` without the channels that are not wanted; a step left empty goes.

    Raises `Refused` when nothing is left.
    """
    kept = [
        replace(
            step,
            channels=tuple(c for c in step.channels if c in channels),
            otherwise=tuple(c for c in step.otherwise if c in channels),
        )
        for step in plan.steps
    ]
    steps = tuple(_begun(step) for step in kept if step.channels or step.otherwise)
    if not steps:
        raise Refused("Aucun des moyens choisis n'est dans cet ordre d'envoi.", "channels")
    first = steps[0]
    if first.when is not When.ALWAYS:
        # what was a fall-back is all there is: it goes first
        steps = (replace(first, when=When.ALWAYS, whom=Whom.FIRST, after=0.0), *steps[1:])
    return replace(plan, steps=steps)


def _begun(step: Step) -> Step:
    """Return a step that begins with what was its way out, where that is all there is."""
    if step.channels:
        return step
    return replace(step, channels=step.otherwise[:1], otherwise=step.otherwise[1:])


def check(plan: Plan, *, answers_read: bool = True) -> Plan:
    """Return ``plan``; raise `Refused`, with the mend, when it could not be carried out.

    ``answers_read``: whether somebody looks at what is answered to a mail.
    """
    if not plan.steps:
        raise Refused("Cet ordre d'envoi n'a aucune étape : ajoutez-en une.", "steps")
    if len(plan.steps) > MOST_STEPS:
        raise Refused("Pas plus de {most} étapes : personne ne suivrait.", "steps", most=MOST_STEPS)
    for number, step in enumerate(plan.steps, 1):
        if not step.channels:
            raise Refused("Étape {number} : choisissez au moins un moyen.", "steps", number=number)
        if not 0 <= step.after <= LONGEST_WAIT:
            raise Refused("Étape {number} : l'attente va de 0 à 24 heures.", "steps", number=number)
    _check_first(plan.steps[0])
    return check_answers(plan, answers_read=answers_read)


def _check_first(step: Step) -> None:
    if step.when is not When.ALWAYS or step.whom is not Whom.FIRST:
        raise Refused(
            "Étape 1 : rien ne l'a précédée, elle doit partir toujours, et vers la personne.",
            "steps",
        )


def check_answers(plan: Plan, *, answers_read: bool) -> Plan:
    """Return ``plan``; raise `Refused` when it asks for what nobody can answer.

    An order of the town's own can become one when a message takes only some of its ways.
    """
    by_mail_alone = (plan.confirm or plan.enough > 0) and not _ways(plan) & {VOICE, SMS}
    if by_mail_alone and not answers_read:
        raise Refused(
            "Personne ne peut confirmer par courriel tant que Tocsin ne relève pas les "
            "réponses : ajoutez un SMS ou un appel, ou demandez au technicien de régler [mailbox].",
            "confirm",
        )
    if plan.enough < 0:
        raise Refused("Le nombre de confirmations suffisant est 0 (toutes) ou plus.", "enough")
    return plan


def too_late(plan: Plan, seconds: float) -> int:
    """Return how many steps would leave after so many seconds, for who never answers."""
    return sum(moment.at > seconds for moment in timeline(plan))


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a plan's timeline: seconds from the start, and who is still waited for."""

    at: float
    step: Step
    number: int


def timeline(plan: Plan, *, call_seconds: float = 45.0) -> tuple[Moment, ...]:
    """Return when each step leaves for somebody who never answers: the plan's dry run."""
    moments, at = [], 0.0
    for number, step in enumerate(plan.steps, 1):
        if number > 1:
            before = plan.steps[number - 2]
            called = VOICE in before.channels
            if step.when in {When.UNREACHED, When.UNCALLED, When.FAILED} and not called:
                at += max(plan.report_wait, step.after)
            else:
                at += (call_seconds if called else 0.0) + step.after
        moments.append(Moment(at, step, number))
    return tuple(moments)
