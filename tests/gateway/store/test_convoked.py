"""Who was convened in time: what came back convened nobody, and paper in their hand did."""

from __future__ import annotations

import pytest

from gateway.model import Channel
from gateway.store import convoked
from tests.gateway.store.ledger import ANNE, BRUNO, Ledger

HOUR = 3600.0
MAIL = "anne@example.org"


def convened(ledger: Ledger, *, bounced: bool) -> int:
    """Send a mail to Anne and an SMS to Bruno an hour before the last moment."""
    number = ledger.send((MAIL, ANNE), BRUNO, channels=(Channel.EMAIL, Channel.SMS))
    ledger.db.execute(
        "UPDATE job SET state = 'handed_over', handed_over_at = ? WHERE broadcast_id = ?"
        " AND address IN (?, ?)",
        (ledger.now - HOUR, number, MAIL, BRUNO),
    )
    if bounced:
        ledger.db.execute("UPDATE job SET state = 'failed' WHERE address = ?", (MAIL,))
    return number


def late(ledger: Ledger, number: int, now: float) -> int:
    return convoked.late(ledger.db, number, ledger.now, now, now).people


@pytest.mark.parametrize(("bounced", "people"), [(False, 0), (True, 1)])
def test_the_text_that_follows_a_mail_that_came_back_is_what_counts(
    bounced: bool, people: int
) -> None:
    """A council can be annulled for one member of it."""
    ledger = Ledger()
    number = convened(ledger, bounced=bounced)
    ledger.db.execute(
        "UPDATE job SET state = 'handed_over', handed_over_at = ? WHERE address = ?",
        (ledger.now + HOUR, ANNE),
    )

    assert people == late(ledger, number, ledger.now + 2 * HOUR)


def test_whom_nothing_reached_is_late_once_the_last_day_is_over() -> None:
    """Until then they may be handed it; told face to face, somebody has dealt with them."""
    ledger = Ledger()
    number = convened(ledger, bounced=True)
    ledger.db.execute("UPDATE job SET state = 'failed' WHERE address = ?", (ANNE,))
    before, after = (late(ledger, number, ledger.now + h * HOUR) for h in (-0.5, 1))
    ledger.db.execute("UPDATE recipient SET told_at = ?", (ledger.now,))

    assert (0, 1, 0) == (before, after, late(ledger, number, ledger.now + HOUR))


@pytest.mark.parametrize(("handed", "people"), [(-HOUR, 0), (HOUR, 1)])
def test_whoever_was_handed_it_in_time_is_convened_in_time(handed: float, people: int) -> None:
    """It is what the page told the secretary to do."""
    ledger = Ledger()
    number, at = convened(ledger, bounced=True), ledger.now
    contact = ledger.db.execute(
        "INSERT INTO main.contact(entity_id, name, created_at, updated_at) VALUES (?, 'Anne', 0, 0)"
        " RETURNING id", (ledger.entity,),
    ).fetchone()["id"]  # fmt: skip
    ledger.db.execute("UPDATE recipient SET contact_id = ? WHERE name = ?", (contact, MAIL))
    ledger.db.execute(
        "INSERT INTO council(broadcast_id, entity_id, what, place, at, members, rule, proxies_each)"
        " VALUES (?, ?, '', '', ?, 1, '', 1)", (number, ledger.entity, at),
    )  # fmt: skip
    ledger.db.execute(
        "INSERT INTO council_member(broadcast_id, contact_id, given_name, name, paper, handed_at)"
        " VALUES (?, ?, '', 'Anne', 0, ?)", (number, contact, at + handed),
    )  # fmt: skip
    ledger.db.execute(
        "UPDATE job SET state = 'handed_over', handed_over_at = ? WHERE address = ?",
        (at + 2 * HOUR, ANNE),
    )

    assert people == late(ledger, number, at + 3 * HOUR)
