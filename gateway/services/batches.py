"""A batch: many numbers, each with its own text. Whom it reaches, and what stands against it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gateway import orders
from gateway.errors import Refused
from gateway.model import Channel, Reason, Urgency
from gateway.services.before_leaving import batch_text
from gateway.services.compose import Compose, Prepared
from gateway.services.drafting import subject_as_exercise
from gateway.services.values import Actor, BatchLine
from gateway.store import people

MOST_BATCH: Final = 20_000


def check_batch(lines: Sequence[BatchLine], channel: str, urgency: str) -> tuple[Channel, Urgency]:
    """Return a batch's way and urgency; raise `Refused` for what is no batch."""
    if not lines:
        raise Refused("Ce lot est vide.")
    if len(lines) > MOST_BATCH:
        raise Refused("Ce lot dépasse {most} lignes : coupez-le en plusieurs.", most=MOST_BATCH)
    if channel not in set(Channel) or urgency not in set(Urgency):
        raise Refused(
            "Moyen ou urgence inconnus : {channel}, {urgency}.",
            channel=channel,
            urgency=urgency,
        )
    return Channel(channel), Urgency(urgency)


def as_one_text(lines: Sequence[BatchLine]) -> str:
    """Return all that a batch says, and to whom: what one batch differs from another by."""
    return "\n".join(f"{line.to}\t{line.text}" for line in lines)


async def prepared_batch(
    compose: Compose, actor: Actor, lines: Sequence[BatchLine], way: Channel, urgency: Urgency,
    title: str, *, exercise: bool = False,
) -> Prepared:  # fmt: skip
    """Return a batch made whole; its bad numbers are excluded. Raise `Refused` for a bad text.

    It keeps no draft that could wait: where a second person must agree it is refused.
    """
    found: list[people.Person] = []
    excluded: list[tuple[str, Reason]] = []
    for number, line in enumerate(lines, 1):
        body = batch_text(way, line, number, exercise=exercise)
        try:
            found.append(await compose.whom.person_at(actor, line.to, body))
        except Refused:
            excluded.append((line.to[:80], Reason.NUMBER_REFUSED))
    if not found:
        raise Refused("Aucun numéro de ce lot ne peut être appelé.")
    title = title or f"Lot de {len(lines)} messages"
    subject = subject_as_exercise(title, exercise=exercise)
    prepared = Prepared(
        tuple(found), tuple(excluded), (), {way: (subject, "")} if way is Channel.EMAIL else {},
        (way,), urgency, title, "", (), orders.at_once((way,)),
        any_sim=urgency is Urgency.VITAL or len(found) <= 5,
    )  # fmt: skip
    await compose.check_carried(prepared)
    if await compose.needs_approval(actor, prepared):
        raise Refused(
            "Ce lot a {n} destinataires : une seconde personne doit valider, et un lot ne peut "
            "pas l'attendre. Écrivez le message depuis la page : elle y sera demandée.",
            "to",
            n=len(found),
        )
    return prepared
