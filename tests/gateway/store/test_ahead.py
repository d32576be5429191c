"""What stands before a message in the queue: counted in SMS, town by town."""

from __future__ import annotations

from gateway.model import Channel, Urgency
from gateway.services.pace import before
from gateway.store import ahead, entities
from gateway.store.ahead import Queued
from tests.gateway.store.ledger import NIGHT, Ledger

THREE_SMS = "L'eau sera coupée jeudi. " * 16
SERVICE, INFORMATION = Urgency.SERVICE, Urgency.INFORMATION


def crowd(many: int, first: int = 0) -> list[str]:
    return [f"+336399810{n:02}" for n in range(first, first + many)]


def neighbour(ledger: Ledger) -> int:
    made = entities.add(ledger.db, ledger.entity, "Azille", "Europe/Paris", "Essai", NIGHT)
    assert made
    return made


def waits(ledger: Ledger, urgency: Urgency, jobs: int = 1, town: int = 0) -> int:
    """Return how many SMS leave before so many of a town that are written now."""
    queues = ahead.of_new(ledger.db, urgency, ledger.now)
    return before(queues, town or ledger.entity, Channel.SMS, jobs)


def test_a_queue_is_counted_in_sms() -> None:
    """Twenty texts of three SMS take as long as sixty, not as twenty."""
    ledger = Ledger()
    ledger.send(*crowd(20), urgency=SERVICE, text=THREE_SMS)

    assert 60 == waits(ledger, SERVICE)


def test_what_is_less_urgent_does_not_stand_before() -> None:
    """A service message passes the town's information; an alert passes both."""
    ledger = Ledger()
    ledger.send(*crowd(20), urgency=INFORMATION)
    ledger.send(*crowd(5, 50), urgency=SERVICE)

    assert (0, 5, 25) == (
        waits(ledger, Urgency.VITAL), waits(ledger, SERVICE), waits(ledger, INFORMATION),
    )  # fmt: skip


def test_another_town_takes_turns_and_no_more() -> None:
    """Ten texts wait for ten of the neighbour's two hundred, three SMS each."""
    ledger = Ledger()
    other = neighbour(ledger)
    ledger.send(*crowd(40), urgency=SERVICE, text=THREE_SMS, entity=other)

    assert 30 == waits(ledger, SERVICE, 10)
    assert 120 == waits(ledger, SERVICE, 10, other), "its own go in their order"


def test_what_is_more_urgent_of_another_town_takes_no_turns() -> None:
    """Their alert goes first, all of it."""
    ledger = Ledger()
    other = neighbour(ledger)
    ledger.send(*crowd(40), entity=other)

    assert 40 == waits(ledger, SERVICE, 1)


def test_own_queue_gives_the_neighbour_as_many_turns() -> None:
    """Pure: five of one's own before it, and its one, meet six of theirs."""
    queues = [Queued(1, Channel.SMS, 5, 5.0), Queued(2, Channel.SMS, 100, 200.0)]

    assert 5 + 12 == before(queues, 1, Channel.SMS, 1)
    assert 0 == before(queues, 1, Channel.SMS, 0), "nothing to send, nothing to wait for"


def test_a_message_under_way_counts_what_was_written_before_it() -> None:
    """Not what came after, which goes behind."""
    ledger = Ledger()
    ledger.send(*crowd(4), urgency=SERVICE, text=THREE_SMS)
    own = ledger.send(*crowd(5, 20), urgency=SERVICE)
    ledger.send(*crowd(9, 40), urgency=SERVICE)
    (row,) = ledger.rows("SELECT * FROM broadcast WHERE id = ?", own)

    queues = ahead.of_sending(ledger.db, row, ledger.now)

    assert 12 == before(queues, ledger.entity, Channel.SMS, 5)
    assert 5.0 == ahead.left(ledger.db, own, 5)
