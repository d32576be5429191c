"""A report that nobody awaits, where another text to that number may be the one it speaks of."""

from __future__ import annotations

from gateway.model import Reason, Urgency
from gateway.store import parts
from gateway.store.jobs import ClaimedJob, in_doubt
from tests.gateway.store.ledger import ANNE, BRUNO, Ledger

LONG = "Crue de l'Ornaise : quittez les rez-de-chaussée et gagnez la salle communale. " * 3


def doubted(ledger: Ledger, *, sim: str = "sim1") -> ClaimedJob:
    """Let a SIM begin the next text, and nobody know whether it has left; return its job."""
    job = ledger.take(sim=sim)
    first = next(
        part for part in parts.of_job(ledger.db, job.id, sim) or ledger.prepare(job, sim)
        if part.state in {"prepared", "submitting"}
    )  # fmt: skip
    parts.submitting(ledger.db, first.id, ledger.now)
    ledger.settle(job, in_doubt(job.urgency, Reason.ANSWER_LOST))
    return job


def accepted_again(ledger: Ledger, reference: int, sim: str = "sim1") -> None:
    """Let the network take what is sent again, under this reference."""
    job = ledger.take(sim=sim)
    for part in parts.of_job(ledger.db, job.id, sim) or ledger.prepare(job, sim):
        parts.submitting(ledger.db, part.id, ledger.now)
        parts.accepted(ledger.db, part.id, reference, ledger.now)
    ledger.settle(job)


def test_the_first_copy_of_an_alert_sent_again_settles_no_later_doubt() -> None:
    """Its reference was never known; the later text may not have left at all."""
    ledger = Ledger()
    ledger.send(ANNE)
    doubted(ledger)
    accepted_again(ledger, 8)
    ledger.send(ANNE)
    doubted(ledger)
    ledger.report(ANNE, 7)

    assert "queued" == ledger.states()[1]
    assert ledger.claim() is not None


def test_what_another_sim_began_anew_settles_no_later_doubt() -> None:
    """The parts of the first are forgotten, and their reports come all the same."""
    ledger = Ledger()
    ledger.send(ANNE, text=LONG)
    doubted(ledger)
    accepted_again(ledger, 8, "sim2")
    ledger.send(ANNE, urgency=Urgency.SERVICE)
    doubted(ledger)
    ledger.report(ANNE, 7)

    assert "uncertain" == ledger.states()[1]


def test_any_copy_of_one_text_says_that_it_has_arrived() -> None:
    """Sent again in a doubt, and in doubt again: whichever it was, the phone has it."""
    ledger = Ledger()
    ledger.send(ANNE)
    doubted(ledger)
    doubted(ledger)
    ledger.report(ANNE, 7)

    assert (["delivered"], None) == (ledger.states(), ledger.claim())


def test_a_doubt_about_somebody_else_keeps_no_report_from_its_own() -> None:
    """References are counted by SIM, doubts by number."""
    ledger = Ledger()
    ledger.send(BRUNO)
    doubted(ledger)
    accepted_again(ledger, 8)
    ledger.send(ANNE)
    doubted(ledger)
    ledger.report(ANNE, 9)

    assert "delivered" == ledger.states()[1]
