"""Ticks on the door-to-door sheet, and those taken back."""

from __future__ import annotations

import json

from gateway.model import Channel, JobState, Outcome
from gateway.policy import Settlement
from gateway.store import doors, jobs, progress
from tests.gateway.store.ledger import ANNE, BRUNO, NIGHT, Ledger


def recipient(ledger: Ledger, name: str = ANNE) -> int:
    row = ledger.db.execute("SELECT id FROM recipient WHERE name = ?", (name,)).fetchone()
    return int(row["id"])


def state(ledger: Ledger, number: int) -> tuple[str, str]:
    row = ledger.db.execute(
        "SELECT state, reason FROM recipient WHERE id = ?", (number,)
    ).fetchone()
    return row["state"], row["reason"]


def test_what_a_tick_stopped_stays_stopped_and_says_why() -> None:
    """Nobody is surprised by a call an hour later; and the line is not *already warned*."""
    ledger = Ledger()
    sent = ledger.send(ANNE, BRUNO)
    anne = recipient(ledger)
    progress.told_in_person(ledger.db, anne, "Camille", NIGHT + 10)
    told = state(ledger, anne)
    done = doors.take_back(ledger.db, sent, anne, "Denis", NIGHT + 60)
    again = doors.take_back(ledger.db, sent, anne, "Denis", NIGHT + 61)
    taken = [job.address for job in iter(ledger.claim, None)]
    (event,) = ledger.db.execute(
        "SELECT payload FROM event WHERE kind = 'recipient.tick_taken_back'"
    ).fetchall()

    assert ("told_in_person", "in_person") == told
    assert done
    assert not again
    assert ("cancelled", "tick_taken_back") == state(ledger, anne)
    assert [BRUNO] == taken
    assert {"by": "Denis", "told_by": "Camille"} == json.loads(event["payload"])
    assert anne in {row["id"] for row in doors.unreached(ledger.db, sent, register=False)}


def test_a_report_that_is_on_its_way_is_not_waited_for_but_still_counts() -> None:
    """Nobody looks again at a plan that has ended: it must never say *in progress* for ever."""
    ledger = Ledger()
    sent = ledger.send(ANNE)
    anne, job = recipient(ledger), ledger.take()
    jobs.settle(ledger.db, job, Settlement(JobState.HANDED_OVER), NIGHT + 5)
    progress.told_in_person(ledger.db, anne, "Camille", NIGHT + 10)
    doors.take_back(ledger.db, sent, anne, "Denis", NIGHT + 20)

    assert "sent" == state(ledger, anne)[0]


def test_a_call_under_way_during_the_tick_ends_as_it_ends() -> None:
    """They were ringing when the wrong line was ticked, and pressed 1."""
    ledger = Ledger()
    sent = ledger.send(ANNE, channels=(Channel.VOICE,))
    anne, job = recipient(ledger), ledger.take(Channel.VOICE)
    progress.told_in_person(ledger.db, anne, "Camille", NIGHT + 10)
    doors.take_back(ledger.db, sent, anne, "Denis", NIGHT + 20)
    ringing = state(ledger, anne)[0]
    settled = Settlement(JobState.DELIVERED, outcome=Outcome.ACKNOWLEDGED)
    jobs.settle(ledger.db, job, settled, NIGHT + 40)

    assert "in_progress" == ringing
    assert "acknowledged" == state(ledger, anne)[0]


def test_a_tick_of_another_message_is_not_taken_back() -> None:
    """The address in the form is not trusted."""
    ledger = Ledger()
    ledger.send(ANNE)
    other = ledger.send(BRUNO)
    progress.told_in_person(ledger.db, recipient(ledger), "Camille", NIGHT + 10)

    assert not doors.take_back(ledger.db, other, recipient(ledger), "Denis", NIGHT + 20)
    assert "told_in_person" == state(ledger, recipient(ledger))[0]
